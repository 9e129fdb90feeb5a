package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

func TestMain(m *testing.M) {
	slowtest.Parallel(slowtest.Runs(8, 2)) // they wait for pods
	os.Exit(kubetest.Main(m))
}

const repository = "registry.example/web"

// A fixture is a System and a cluster, known to it as prod-1, with a client of
// somebody else who changes things there.
type fixture struct {
	*System
	t          testing.TB
	client     kubernetes.Interface // somebody else's
	kubeconfig string
	namespace  string
	timeout    time.Duration // how long anything may take
	grace      Grace         // of each System that reopen takes; zero: little of all
}

// simFixture is a fixture on a simulated cluster.
func simFixture(t testing.TB, cfg sim.Config) (*fixture, *sim.Cluster) {
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
	f := &fixture{t: t, client: kubernetes.NewForConfigOrDie(rc), kubeconfig: path, namespace: "prod", timeout: time.Minute}
	f.reopen()
	return f, c
}

// reopen takes a new System, as a process does that starts again.
func (f *fixture) reopen() {
	f.System = New(Config{
		Clusters: map[string]Cluster{"prod-1": {Kubeconfig: f.kubeconfig}},
		Grace:    cmp.Or(f.grace, evenGrace(300*time.Millisecond)),
	})
	f.t.Cleanup(f.System.Close)
}

// evenGrace gives every cause of a rollout as much.
func evenGrace(d time.Duration) Grace {
	return Grace{Image: d, Start: d, Quota: d, Webhook: d, Schedule: d, Endpoints: d, Stopping: d, Controllers: d}
}

// run adds a Deployment to the simulated cluster and waits until it runs.
func (f *fixture) run(c *sim.Cluster, name, tag string, replicas int) {
	f.t.Helper()
	if err := c.AddDeployment(f.namespace, name, "app", repository+":"+tag, replicas); err != nil {
		f.t.Fatal(err)
	}
	f.awaitComplete(name)
}

// awaitComplete waits until the Deployment is complete.
func (f *fixture) awaitComplete(name string) {
	f.t.Helper()
	f.eventually("the rollout of "+name+" is complete", func() bool {
		return view{deployment: f.get(name)}.complete()
	})
}

func (f *fixture) eventually(what string, ok func() bool) {
	f.t.Helper()
	for end := time.Now().Add(f.timeout); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatalf("after %s it is not so that %s", f.timeout, what)
		}
	}
}

func (f *fixture) get(name string) *appsv1.Deployment {
	f.t.Helper()
	d, err := f.client.AppsV1().Deployments(f.namespace).Get(f.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func (f *fixture) want(name, tag string) WorkloadSpec {
	return WorkloadSpec{
		Service: name, Cluster: "prod-1", Namespace: f.namespace, Workload: "deployment/" + name,
		Container: "app", Image: repository + ":" + tag,
	}
}

// intent resolves what a deployment with that id would do.
func (f *fixture) intent(id, name, tag string) deployer.Intent {
	f.t.Helper()
	target, err := f.Resolve(f.t.Context(), f.want(name, tag))
	if err != nil {
		f.t.Fatalf("resolve: %v", err)
	}
	return intentOf(id, target)
}

func intentOf(id string, target deployer.Target) deployer.Intent {
	return deployer.Intent{
		Deployment: id, Step: "rollout", Service: target.Service, Attempt: 1, Mark: id,
		Where: target.Where, From: target.Before, To: target.After, At: time.Now(),
	}
}

// rollbackOf is the intent to roll back what in has brought.
func rollbackOf(in deployer.Intent) deployer.Intent {
	in.Back, in.Mark, in.Step = true, in.Deployment+"/rollback", "back"
	in.From, in.To, in.At = in.To, in.From, time.Now()
	return in
}

// nextAttempt is the intent of the next attempt.
func nextAttempt(in deployer.Intent) deployer.Intent {
	in.Attempt++
	in.At = time.Now()
	return in
}

func (f *fixture) rollout() deployer.Runner { return f.Runners()["kubernetes.rollout"] }
func (f *fixture) pause() deployer.Runner   { return f.Runners()["kubernetes.pause"] }
func (f *fixture) verify() deployer.Runner  { return f.Runners()["kubernetes.verify"] }

func (f *fixture) look(r deployer.Runner, in deployer.Intent) deployer.Observation {
	f.t.Helper()
	s, err := r.Look(f.t.Context(), in)
	if err != nil {
		f.t.Fatalf("look: %v", err)
	}
	return s
}

func (f *fixture) act(r deployer.Runner, in deployer.Intent) string {
	f.t.Helper()
	ref, err := r.Act(f.t.Context(), in)
	if err != nil {
		f.t.Fatalf("act: %v", err)
	}
	return ref
}

// A followRun is a Follow under way.
type followRun struct {
	f    *fixture
	end  chan struct{}
	stop context.CancelFunc

	mu       sync.Mutex
	progress []deployer.Progress
	outcome  deployer.Outcome
	err      error
}

func (f *fixture) follow(r deployer.Runner, in deployer.Intent, ref string) *followRun {
	ctx, stop := context.WithTimeout(context.Background(), 4*f.timeout)
	run := &followRun{f: f, end: make(chan struct{}), stop: stop}
	f.t.Cleanup(stop)
	go func() {
		defer close(run.end)
		o, err := r.Follow(ctx, in, ref, func(p deployer.Progress) {
			run.mu.Lock()
			defer run.mu.Unlock()
			run.progress = append(run.progress, p)
		})
		run.mu.Lock()
		defer run.mu.Unlock()
		run.outcome, run.err = o, err
	}()
	return run
}

// seen reports whether some progress was like that.
func (r *followRun) seen(like func(deployer.Progress) bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.progress {
		if like(p) {
			return true
		}
	}
	return false
}

// await waits until progress is like that.
func (r *followRun) await(what string, like func(deployer.Progress) bool) {
	r.f.t.Helper()
	r.f.eventually(what, func() bool {
		select {
		case <-r.end:
			if !r.seen(like) {
				r.f.t.Fatalf("it ended before %s: %+v, %v", what, r.outcome, r.err)
			}
		default:
		}
		return r.seen(like)
	})
}

// ends waits for the outcome.
func (r *followRun) ends(want deployer.Result) deployer.Outcome {
	r.f.t.Helper()
	select {
	case <-r.end:
	case <-time.After(2 * r.f.timeout):
		r.f.t.Fatalf("it goes on after %s; progress %+v", 2*r.f.timeout, r.progress)
	}
	if r.err != nil || r.outcome.Result != want {
		r.f.t.Fatalf("it ended %+v, %v; want %s; progress %+v", r.outcome, r.err, want, r.progress)
	}
	return r.outcome
}

// do acts and follows to the end.
func (f *fixture) do(r deployer.Runner, in deployer.Intent, want deployer.Result) deployer.Outcome {
	f.t.Helper()
	return f.follow(r, in, f.act(r, in)).ends(want)
}

// revisions is how many revisions the history has seen.
func (f *fixture) revisions(name string) int {
	f.t.Helper()
	var n int
	if _, err := fmt.Sscan(f.get(name).Annotations[revisionKey], &n); err != nil {
		f.t.Fatalf("read the revision of %s: %v", name, err)
	}
	return n
}

// patchAs changes the workload as somebody else.
func (f *fixture) patchAs(name, who, patch string) {
	f.t.Helper()
	_, err := f.client.AppsV1().Deployments(f.namespace).Patch(f.t.Context(), name, types.JSONPatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: who})
	if err != nil {
		f.t.Fatalf("%s changes %s: %v", who, name, err)
	}
}

const imagePath = "/spec/template/spec/containers/0/image"

func setImage(tag string) string {
	return fmt.Sprintf(`[{"op":"replace","path":%q,"value":%q}]`, imagePath, repository+":"+tag)
}

func mustRefuse(t testing.TB, err error) *deployer.Refusal {
	t.Helper()
	var r *deployer.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return r
}

// pods are the UIDs of the pods of that version that are not stopping.
func (f *fixture) pods(name, tag string) map[types.UID]bool {
	f.t.Helper()
	list, err := f.client.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		f.t.Fatal(err)
	}
	all := map[types.UID]bool{}
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil && strings.HasSuffix(p.Spec.Containers[0].Image, ":"+tag) {
			all[p.UID] = true
		}
	}
	return all
}

// sets are the workload's ReplicaSets by their revision.
func (f *fixture) sets(name string) map[string]*appsv1.ReplicaSet {
	f.t.Helper()
	list, err := f.client.AppsV1().ReplicaSets(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		f.t.Fatal(err)
	}
	all := map[string]*appsv1.ReplicaSet{}
	for i := range list.Items {
		all[list.Items[i].Annotations[revisionKey]] = &list.Items[i]
	}
	return all
}

// replaced is how many of the pods of that version are not there any more.
func (f *fixture) replaced(stood map[types.UID]bool, name, tag string) int {
	f.t.Helper()
	now, n := f.pods(name, tag), 0
	for uid := range stood {
		if !now[uid] {
			n++
		}
	}
	return n
}

// failAndHold rolls out a version that fails, and holds it.
func (f *fixture) failAndHold(in deployer.Intent) {
	f.t.Helper()
	f.do(f.rollout(), in, deployer.Failed)
	f.do(f.pause(), in, deployer.OK)
}
