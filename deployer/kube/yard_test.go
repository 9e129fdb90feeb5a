package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

func TestMain(m *testing.M) { os.Exit(kubetest.Main(m)) }

const repository = "registry.example/web"

// A yard is a cluster, known to a System as prod-1, where somebody else is at
// work too.
type yard struct {
	*System
	t          testing.TB
	client     kubernetes.Interface // somebody else's
	kubeconfig string
	namespace  string
	patience   time.Duration // how long anything may take
}

// simYard is a yard in this process.
func simYard(t testing.TB, cfg sim.Config) (*yard, *sim.Cluster) {
	t.Helper()
	if cfg.Speed == 0 {
		cfg.Speed = 50
	}
	c := sim.New(cfg)
	t.Cleanup(c.Close)
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, c.Kubeconfig(server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	rc, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	rc.QPS = -1
	y := &yard{t: t, client: kubernetes.NewForConfigOrDie(rc), kubeconfig: path, namespace: "prod", patience: time.Minute}
	y.reopen()
	return y, c
}

// reopen takes a new System, as a process does that starts again.
func (y *yard) reopen() {
	y.System = New(Config{
		Clusters: map[string]Cluster{"prod-1": {Kubeconfig: y.kubeconfig}},
		Grace:    300 * time.Millisecond, SchedulingGrace: 300 * time.Millisecond,
	})
	y.t.Cleanup(y.System.Close)
}

// sim adds a Deployment to the simulated cluster and waits until it runs.
func (y *yard) run(c *sim.Cluster, name, tag string, replicas int) {
	y.t.Helper()
	if err := c.AddDeployment(y.namespace, name, "app", repository+":"+tag, replicas); err != nil {
		y.t.Fatal(err)
	}
	y.settled(name)
}

// settled waits until the Deployment is complete.
func (y *yard) settled(name string) {
	y.t.Helper()
	y.eventually("the rollout of "+name+" is complete", func() bool {
		return view{deployment: y.get(name)}.complete()
	})
}

func (y *yard) eventually(what string, ok func() bool) {
	y.t.Helper()
	for end := time.Now().Add(y.patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			y.t.Fatalf("after %s it is not so that %s", y.patience, what)
		}
	}
}

func (y *yard) get(name string) *appsv1.Deployment {
	y.t.Helper()
	d, err := y.client.AppsV1().Deployments(y.namespace).Get(y.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		y.t.Fatal(err)
	}
	return d
}

func (y *yard) want(name, tag string) Want {
	return Want{
		Service: name, Cluster: "prod-1", Namespace: y.namespace, Workload: "deployment/" + name,
		Container: "app", Image: repository + ":" + tag,
	}
}

// intent resolves what a deployment with that id would do.
func (y *yard) intent(id, name, tag string) deployer.Intent {
	y.t.Helper()
	target, err := y.Resolve(y.t.Context(), y.want(name, tag))
	if err != nil {
		y.t.Fatalf("resolve: %v", err)
	}
	return intentOf(id, target)
}

func intentOf(id string, target deployer.Target) deployer.Intent {
	return deployer.Intent{
		Deployment: id, Step: "rollout", Service: target.Service, Attempt: 1, Mark: id,
		Where: target.Where, From: target.Before, To: target.After, At: time.Now(),
	}
}

// back is the intent to roll back what in has brought.
func back(in deployer.Intent) deployer.Intent {
	in.Back, in.Mark, in.Step = true, in.Deployment+"/rollback", "back"
	in.From, in.To, in.At = in.To, in.From, time.Now()
	return in
}

// again is the intent of the next attempt.
func again(in deployer.Intent) deployer.Intent {
	in.Attempt++
	in.At = time.Now()
	return in
}

func (y *yard) rollout() deployer.Runner { return y.Runners()["kubernetes.rollout"] }
func (y *yard) pause() deployer.Runner   { return y.Runners()["kubernetes.pause"] }
func (y *yard) verify() deployer.Runner  { return y.Runners()["kubernetes.verify"] }

func (y *yard) look(r deployer.Runner, in deployer.Intent) deployer.Observation {
	y.t.Helper()
	s, err := r.Look(y.t.Context(), in)
	if err != nil {
		y.t.Fatalf("look: %v", err)
	}
	return s
}

func (y *yard) act(r deployer.Runner, in deployer.Intent) string {
	y.t.Helper()
	ref, err := r.Act(y.t.Context(), in)
	if err != nil {
		y.t.Fatalf("act: %v", err)
	}
	return ref
}

// A course is a Follow under way.
type course struct {
	y    *yard
	end  chan struct{}
	stop context.CancelFunc

	mu       sync.Mutex
	progress []deployer.Progress
	outcome  deployer.Outcome
	err      error
}

func (y *yard) follow(r deployer.Runner, in deployer.Intent, ref string) *course {
	ctx, stop := context.WithTimeout(context.Background(), 4*y.patience)
	c := &course{y: y, end: make(chan struct{}), stop: stop}
	y.t.Cleanup(stop)
	go func() {
		defer close(c.end)
		o, err := r.Follow(ctx, in, ref, func(p deployer.Progress) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.progress = append(c.progress, p)
		})
		c.mu.Lock()
		defer c.mu.Unlock()
		c.outcome, c.err = o, err
	}()
	return c
}

// seen reports whether some progress was like that.
func (c *course) seen(like func(deployer.Progress) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.progress {
		if like(p) {
			return true
		}
	}
	return false
}

// await waits until progress is like that.
func (c *course) await(what string, like func(deployer.Progress) bool) {
	c.y.t.Helper()
	c.y.eventually(what, func() bool {
		select {
		case <-c.end:
			if !c.seen(like) {
				c.y.t.Fatalf("it ended before %s: %+v, %v", what, c.outcome, c.err)
			}
		default:
		}
		return c.seen(like)
	})
}

// ends waits for the outcome.
func (c *course) ends(want deployer.Result) deployer.Outcome {
	c.y.t.Helper()
	select {
	case <-c.end:
	case <-time.After(2 * c.y.patience):
		c.y.t.Fatalf("it goes on after %s; progress %+v", 2*c.y.patience, c.progress)
	}
	if c.err != nil || c.outcome.Result != want {
		c.y.t.Fatalf("it ended %+v, %v; want %s; progress %+v", c.outcome, c.err, want, c.progress)
	}
	return c.outcome
}

// do acts and follows to the end.
func (y *yard) do(r deployer.Runner, in deployer.Intent, want deployer.Result) deployer.Outcome {
	y.t.Helper()
	return y.follow(r, in, y.act(r, in)).ends(want)
}

// revisions is how many revisions the history has seen.
func (y *yard) revisions(name string) int {
	y.t.Helper()
	var n int
	if _, err := fmt.Sscan(y.get(name).Annotations[revisionKey], &n); err != nil {
		y.t.Fatalf("read the revision of %s: %v", name, err)
	}
	return n
}

// elsewhere is a change of the workload by somebody else.
func (y *yard) elsewhere(name, who, patch string) {
	y.t.Helper()
	_, err := y.client.AppsV1().Deployments(y.namespace).Patch(y.t.Context(), name, types.JSONPatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: who})
	if err != nil {
		y.t.Fatalf("%s changes %s: %v", who, name, err)
	}
}

const imagePath = "/spec/template/spec/containers/0/image"

func setImage(tag string) string {
	return fmt.Sprintf(`[{"op":"replace","path":%q,"value":%q}]`, imagePath, repository+":"+tag)
}

func refused(t testing.TB, err error) *deployer.Refusal {
	t.Helper()
	var r *deployer.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return r
}
