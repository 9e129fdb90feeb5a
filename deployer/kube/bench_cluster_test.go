package kube

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// rolloutStatus waits as kubectl rollout status does: the same watch (a list,
// then a watch by name) and the same conditions (k8s.io/kubectl, cmd/rollout
// and polymorphichelpers). It returns when it would print "successfully rolled
// out".
func rolloutStatus(ctx context.Context, client kubernetes.Interface, namespace, name string, generation int64) error {
	return watched(ctx, client, namespace, fields.OneTermEqualSelector("metadata.name", name), func(d *appsv1.Deployment) bool {
		return d.Generation >= generation && statusDone(d)
	})
}

// watched shows the namespace's selected Deployments to until, from one watch,
// until that is satisfied.
func watched(ctx context.Context, client kubernetes.Interface, namespace string, which fields.Selector, until func(*appsv1.Deployment) bool) error {
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (kruntime.Object, error) {
			o.FieldSelector = which.String()
			return client.AppsV1().Deployments(namespace).List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = which.String()
			return client.AppsV1().Deployments(namespace).Watch(ctx, o)
		},
	}
	_, err := toolswatch.UntilWithSync(ctx, lw, &appsv1.Deployment{}, nil, func(e watch.Event) (bool, error) {
		d, ok := e.Object.(*appsv1.Deployment)
		return ok && until(d), nil
	})
	return err
}

// statusDone is DeploymentStatusViewer.Status.
func statusDone(d *appsv1.Deployment) bool {
	if d.Generation > d.Status.ObservedGeneration {
		return false
	}
	return d.Status.UpdatedReplicas >= *d.Spec.Replicas &&
		d.Status.Replicas <= d.Status.UpdatedReplicas &&
		d.Status.AvailableReplicas >= d.Status.UpdatedReplicas
}

// From the patch to the moment when Follow returns, against kubectl rollout
// status on the same rollout at the same time.
func BenchmarkClusterFollow(b *testing.B) {
	f := clusterFixture(b)
	f.deploy("web", "0", 4)
	var ours, kubectl, later []float64
	n := 0
	for b.Loop() {
		n++
		in := f.intent(fmt.Sprint("tangerine-", n), "web", fmt.Sprint(n))
		ref := f.act(f.rollout(), in)
		began := time.Now()
		var theirs time.Duration
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := rolloutStatus(b.Context(), f.client, f.namespace, "web", parseFollowRef(ref).generation); err != nil {
				b.Error(err)
			}
			theirs = time.Since(began)
		})
		o, err := f.rollout().Follow(b.Context(), in, ref, nil)
		took := time.Since(began)
		wg.Wait()
		if err != nil || o.Result != deployer.OK {
			b.Fatalf("%+v, %v", o, err)
		}
		ours, kubectl = append(ours, took.Seconds()), append(kubectl, theirs.Seconds())
		later = append(later, (took - theirs).Seconds())
	}
	b.ReportMetric(median(ours)*1000, "follow-ms")
	b.ReportMetric(median(kubectl)*1000, "kubectl-ms")
	b.ReportMetric(median(later)*1000, "later-ms")
	b.ReportMetric(median(ours)/median(kubectl), "ratio")
}

func median(all []float64) float64 {
	s := slices.Sorted(slices.Values(all))
	return s[len(s)/2]
}

// The way back after a crash at the first of 12 pods, from the first look to the
// moment when Follow returns, against kubectl rollout undo and kubectl rollout
// status. Ours also lets go of the pause and waits until the crashing pods are gone.
func BenchmarkClusterRollBack(b *testing.B) {
	for name, tag := range map[string]string{"ready at once": "1.0", "ready after 2 s": "1.0-slow2s"} {
		b.Run(name, func(b *testing.B) { rollBack(b, tag) })
	}
}

func rollBack(b *testing.B, tag string) {
	f := clusterFixture(b)
	f.deploy("web", tag, 12)
	var ours, kubectl []float64
	replaced, n := 0, 0
	for b.Loop() {
		n++
		_, stood := f.crashAtFirst(b, tag, fmt.Sprint("kubectl-", n))
		began := time.Now()
		f.undo("web", f.revisionOf(tag))
		if err := rolloutStatus(b.Context(), f.client, f.namespace, "web", f.get("web").Generation); err != nil {
			b.Fatal(err)
		}
		kubectl = append(kubectl, time.Since(began).Seconds())
		f.settle(b, tag, stood)

		in, stood := f.crashAtFirst(b, tag, fmt.Sprint("tangerine-", n))
		f.act(f.pause(), in)
		undo := rollbackOf(in)
		began = time.Now()
		if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedAbsent {
			b.Fatalf("%+v", s)
		}
		o, err := f.rollout().Follow(b.Context(), undo, f.act(f.rollout(), undo), nil)
		ours = append(ours, time.Since(began).Seconds())
		if err != nil || o.Result != deployer.OK {
			b.Fatalf("%+v, %v", o, err)
		}
		replaced += f.settle(b, tag, stood)
	}
	b.ReportMetric(median(ours)*1000, "rollback-ms")
	b.ReportMetric(median(kubectl)*1000, "kubectl-ms")
	b.ReportMetric(median(ours)/median(kubectl), "ratio")
	b.ReportMetric(float64(replaced), "replaced-pods")
}

// crashAtFirst rolls out a crashing version until it stands still, and returns the
// pods that it has left.
func (f *fixture) crashAtFirst(b *testing.B, tag, id string) (deployer.Intent, map[types.UID]bool) {
	b.Helper()
	in := f.intent(id, "web", id+"-crash")
	f.act(f.rollout(), in)
	f.eventually("it stands still", func() bool {
		s := f.get("web").Status
		return s.ObservedGeneration >= f.get("web").Generation && s.UpdatedReplicas == 6 && s.Replicas == 15 && s.ReadyReplicas == 9
	})
	return in, f.pods("web", tag)
}

// settle waits until only the good pods are left, and returns how many of those
// that stood are not among them.
func (f *fixture) settle(b *testing.B, tag string, stood map[types.UID]bool) int {
	b.Helper()
	f.awaitComplete("web")
	f.eventually("the others are gone", func() bool {
		list, err := f.client.CoreV1().Pods(f.namespace).List(b.Context(), metav1.ListOptions{})
		return err == nil && len(list.Items) == 12
	})
	return f.replaced(stood, "web", tag)
}

// revisionOf is the newest revision of web with that tag.
func (f *fixture) revisionOf(tag string) string {
	newest := ""
	for number, s := range f.sets("web") {
		if strings.HasSuffix(s.Spec.Template.Spec.Containers[0].Image, ":"+tag) && (newest == "" || revision(s) > revision(f.sets("web")[newest])) {
			newest = number
		}
	}
	return newest
}

const fleet = 200

// 200 deployments at once: how long it takes against the control plane alone,
// how many watches there are, and what each one costs in memory.
func BenchmarkClusterFleet(b *testing.B) {
	c := kubetest.Shared(b)
	c.AddNodes(b, 6)
	f := fixtureOn(b, c)
	f.timeout = 5 * time.Minute
	watches := &watchCounter{open: map[string]int{}, most: map[string]int{}}
	f.wrap = watches.wrap
	names := make([]string, fleet)
	for i := range names {
		names[i] = fmt.Sprint("web-", i)
	}
	f.deployAll(names, "0")
	var alone, followed []float64
	round := 0
	for b.Loop() {
		round++
		for turn := range 2 { // each goes first every other time: the cluster slows down
			if (turn+round)%2 == 0 {
				alone = append(alone, f.patchAll(b, names, fmt.Sprint(round, "-alone")).Seconds())
				continue
			}
			took, _ := f.followAll(b, names, fmt.Sprint(round, "-followed"), nil)
			followed = append(followed, took.Seconds())
		}
	}
	b.ReportMetric(median(alone), "alone-s")
	b.ReportMetric(median(followed), "followed-s")
	b.ReportMetric(median(followed)/median(alone), "ratio")

	_, heap := f.followAll(b, names, "0-hang", func(p deployer.Progress) bool { return p.Updated > 0 && p.Old > 0 })
	b.ReportMetric(float64(heap)/fleet/1024, "KiB/deployment")
	for _, kind := range []string{"deployments", "replicasets", "pods"} {
		b.ReportMetric(float64(watches.of(kind)), kind+"-watches")
	}
}

// deployAll creates the deployments and waits until all run.
func (f *fixture) deployAll(names []string, tag string) {
	f.t.Helper()
	var wg sync.WaitGroup
	for part := range slices.Chunk(names, 20) {
		wg.Go(func() {
			for _, name := range part {
				f.deploy(name, tag, 2)
			}
		})
	}
	wg.Wait()
}

// patchAll changes all images and waits until all rollouts are complete, by
// one watch and nothing else.
func (f *fixture) patchAll(b *testing.B, names []string, tag string) time.Duration {
	ctx, stop := context.WithTimeout(b.Context(), f.timeout)
	defer stop()
	began := time.Now()
	for _, name := range names {
		go func() {
			patch := fmt.Appendf(nil, `[{"op":"replace","path":%q,"value":%q}]`, imagePath, repository+":"+tag)
			if _, err := f.client.AppsV1().Deployments(f.namespace).Patch(ctx, name, types.JSONPatchType, patch, metav1.PatchOptions{}); err != nil {
				b.Error(err)
			}
		}()
	}
	done := map[string]bool{}
	err := watched(ctx, f.client, f.namespace, fields.Everything(), func(d *appsv1.Deployment) bool {
		if strings.HasSuffix(d.Spec.Template.Spec.Containers[0].Image, ":"+tag) && statusDone(d) {
			done[d.Name] = true
		}
		return len(done) == len(names)
	})
	if err != nil {
		b.Fatalf("%d of %d are done: %v", len(done), len(names), err)
	}
	return time.Since(began)
}

// followAll rolls out all and follows them to the end, or, given until, to that
// progress of each; it returns how much memory is held then.
func (f *fixture) followAll(b *testing.B, names []string, tag string, until func(deployer.Progress) bool) (time.Duration, uint64) {
	intents := make([]deployer.Intent, len(names))
	for i, name := range names {
		intents[i] = f.intent("tangerine-"+tag, name, tag)
	}
	before := heap()
	ctx, stop := context.WithTimeout(b.Context(), f.timeout)
	defer stop()
	began := time.Now()
	var all, reached sync.WaitGroup
	reached.Add(len(names))
	for i := range names {
		all.Go(func() {
			var once sync.Once
			ref, err := f.rollout().Act(ctx, intents[i])
			if err != nil {
				b.Errorf("%s: %v", names[i], err)
			}
			o, err := f.rollout().Follow(ctx, intents[i], ref, func(p deployer.Progress) {
				if until != nil && until(p) {
					once.Do(reached.Done)
				}
			})
			if until == nil && (err != nil || o.Result != deployer.OK) {
				b.Errorf("%s: %+v, %v", names[i], o, err)
			}
		})
	}
	if until == nil {
		all.Wait()
		return time.Since(began), 0
	}
	reached.Wait()
	held := heap()
	stop()
	all.Wait()
	return 0, held - min(before, held)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A watchCounter counts the watches that are open at once, by resource.
type watchCounter struct {
	mu         sync.Mutex
	open, most map[string]int
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (c *watchCounter) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripFunc(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil && r.URL.Query().Get("watch") != "" {
			resource := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
			c.add(resource, 1)
			response.Body = &watchBody{response.Body, sync.OnceFunc(func() { c.add(resource, -1) })}
		}
		return response, err
	})
}

func (c *watchCounter) add(resource string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[resource] += n
	c.most[resource] = max(c.most[resource], c.open[resource])
}

func (c *watchCounter) of(resource string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most[resource]
}

type watchBody struct {
	io.ReadCloser
	closed func()
}

func (b *watchBody) Close() error {
	b.closed()
	return b.ReadCloser.Close()
}
