package kube

import (
	"context"
	"net/http"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
)

// Annotation is the key of the mark on the pod template. Its value is the id
// of the deployment that made the revision.
const Annotation = "stationmaster.dev/deployment"

// RolledBackBy is the key of an annotation of the workload: the mark of the
// rollout that has put back a template of the history as it was, and the
// generation in which it did. It counts only as long as the workload has the image
// of that template.
const RolledBackBy = "stationmaster.dev/rolled-back-by"

// PausedBy is the key of an annotation of the workload: the id of the
// deployment that paused it, and the generation in which it did. Without it, a
// pause is somebody else's; it may outlive the pause.
const PausedBy = "stationmaster.dev/paused-by"

// fieldManager is the name under which the API server lists what we have set.
const fieldManager = "stationmaster"

// Config says which clusters there are.
type Config struct {
	Clusters map[string]Cluster // by the name that people use
	Store    string             // the id of the store, by which its own marks are told from another one's

	// Grace is how long what may pass by itself may last before it fails a step.
	Grace Grace

	// Manifests lists the digests of the manifests of an image with a digest, which
	// is an index for several platforms; for another image there are none. It is asked
	// where a node reports a digest that is not the wanted one. nil: there is nobody
	// to ask, and what differs is another image.
	Manifests func(ctx context.Context, image string) ([]string, error)
}

// A Cluster says how to reach a cluster. With neither field it is the one that
// this process runs in.
type Cluster struct {
	Kubeconfig string // a file; "" with a Context: kubectl's usual ones
	Context    string // in that file; "" means its current one
}

// A System works on the clusters of its Config. It is safe for concurrent use.
type System struct {
	cfg  Config
	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup // the watches

	wrap func(http.RoundTripper) http.RoundTripper // tests listen to the wire

	mu       sync.Mutex
	clusters map[string]*cluster
	watches  map[namespaceKey]*namespaceWatch
}

// New returns a System. It connects nothing; a cluster is connected when it is
// first needed.
func New(cfg Config) *System {
	cfg.Grace = cfg.Grace.orDefault()
	s := &System{cfg: cfg, clusters: map[string]*cluster{}, watches: map[namespaceKey]*namespaceWatch{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// manifests is Config.Manifests within ctx, or nil.
func (s *System) manifests(ctx context.Context) func(image string) ([]string, error) {
	if s.cfg.Manifests == nil {
		return nil
	}
	return func(image string) ([]string, error) { return s.cfg.Manifests(ctx, image) }
}

// Close ends every watch, and with it every Follow, and waits for the former.
func (s *System) Close() {
	s.stop()
	s.work.Wait()
}

// Kinds are the step kinds of this package.
func Kinds() []deployer.Kind {
	return []deployer.Kind{{
		Name:   "kubernetes.verify",
		Expect: "Every pod runs what was approved and is ready, the old ones are gone, and the Services lead to them.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Doc: "every pod runs what was approved, is ready and stays so, the old ones are gone, Services lead to them",
		Params: []deployer.Param{
			{Name: "for", Type: deployer.TypeDuration, Default: "10s", Doc: "how long they must stay so"},
			{Name: "errors", Type: deployer.TypePattern, Doc: "what no line of their logs may match"},
		},
		Fails: []string{"crash-loop", "image-pull", "wrong-version", "not-ready", "restarted", "no-endpoints", "errors-in-logs"},
	}}
}

// Runners are the runners of this package, by name.
func (s *System) Runners() map[string]deployer.Runner {
	return map[string]deployer.Runner{
		"kubernetes.rollout": rollout{s},
		"kubernetes.pause":   pause{s},
		"kubernetes.verify":  verify{s},
	}
}
