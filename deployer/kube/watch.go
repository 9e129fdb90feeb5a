package kube

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// A place is a namespace of a cluster.
type place struct{ cluster, namespace string }

// A feed shows all workloads of one place, by one watch of each kind, to
// everybody who follows one there.
type feed struct {
	cluster                 *cluster
	deployments, sets, pods *mirror
	ctx                     context.Context // ends with stop
	stop                    context.CancelFunc
	front                   atomic.Pointer[front] // nil while nobody verifies here
	users                   int                   // guarded by System.mu
	missing                 atomic.Int32          // mirrors that have not seen everything yet
	synced                  chan struct{}         // closed when none is missing

	mu      sync.Mutex
	subs    map[string][]chan struct{} // by workload
	trouble map[string]error           // by kind: why nothing new is heard of it
}

// join returns the place's feed, begun if need be, and what to call when it is
// not needed any more. The last one out ends the watches.
func (s *System) join(c *cluster, namespace string) (*feed, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := place{c.name, namespace}
	f := s.feeds[at]
	if f == nil {
		f = newFeed(c)
		s.feeds[at] = f
		s.begin(f, namespace)
	}
	f.users++
	return f, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if f.users--; f.users == 0 {
			delete(s.feeds, at)
			f.stop()
		}
	}
}

const byWorkload, bySet = "workload", "set"

func newFeed(c *cluster) *feed {
	f := &feed{cluster: c, subs: map[string][]chan struct{}{}, trouble: map[string]error{}, synced: make(chan struct{})}
	f.missing.Store(3)
	done := func() {
		if f.missing.Add(-1) == 0 {
			close(f.synced)
		}
	}
	f.deployments = newMirror(nil, stripDeployment, func(obj any) { f.wake(obj.(*appsv1.Deployment).Name) }, done)
	f.sets = newMirror(cache.Indexers{byWorkload: ownerNames("Deployment")}, stripSet, f.setChanged, done)
	f.pods = newMirror(cache.Indexers{bySet: ownerNames("ReplicaSet"), byWorkload: guesses}, stripPod, f.podChanged, done)
	return f
}

// begin starts the watches. They end with the feed or the System.
func (s *System) begin(f *feed, namespace string) {
	f.ctx, f.stop = context.WithCancel(s.ctx)
	for m, src := range f.sources(namespace) {
		s.work.Go(func() {
			m.run(f.ctx, f.cluster.client, src, func(err error) { f.told(src.what, err) })
		})
	}
}

func (f *feed) sources(namespace string) map[*mirror]source {
	apps, core := f.cluster.client.AppsV1(), f.cluster.client.CoreV1()
	return map[*mirror]source{
		f.deployments: {"deployments", &appsv1.Deployment{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				return apps.Deployments(namespace).List(ctx, o)
			},
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return apps.Deployments(namespace).Watch(ctx, o)
			}},
		f.sets: {"replicasets", &appsv1.ReplicaSet{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				return apps.ReplicaSets(namespace).List(ctx, o)
			},
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return apps.ReplicaSets(namespace).Watch(ctx, o)
			}},
		f.pods: {"pods", &corev1.Pod{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				return core.Pods(namespace).List(ctx, o)
			},
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return core.Pods(namespace).Watch(ctx, o)
			}},
	}
}

// subscribe returns a channel that has something in it after the workload has
// changed, and what to call when nobody listens any more.
func (f *feed) subscribe(workload string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subs[workload] = append(f.subs[workload], ch)
	return ch, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.subs[workload] = slices.DeleteFunc(f.subs[workload], func(c chan struct{}) bool { return c == ch })
		if len(f.subs[workload]) == 0 {
			delete(f.subs, workload)
		}
	}
}

func (f *feed) wake(workload string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ch := range f.subs[workload] {
		poke(ch)
	}
}

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // it is to look already
	}
}

// told notes what the watch of a kind met with, and tells everybody when that
// is new.
func (f *feed) told(what string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if (f.trouble[what] == nil) == (err == nil) {
		return
	}
	f.trouble[what] = f.cluster.problem(err)
	f.pokeAll()
}

// wakeAll wakes everybody who follows something here.
func (f *feed) wakeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pokeAll()
}

// pokeAll is wakeAll for a caller that holds f.mu.
func (f *feed) pokeAll() {
	for _, subs := range f.subs {
		for _, ch := range subs {
			poke(ch)
		}
	}
}

// problem is why the feed may be out of date, or nil.
func (f *feed) problem() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, what := range []string{"deployments", "replicasets", "pods"} {
		if err := f.trouble[what]; err != nil {
			return err
		}
	}
	if fr := f.front.Load(); fr != nil {
		return fr.problem()
	}
	return nil
}

func (f *feed) setChanged(obj any) {
	if o := metav1.GetControllerOf(obj.(*appsv1.ReplicaSet)); o != nil {
		f.wake(o.Name)
	}
}

func (f *feed) podChanged(obj any) {
	p := obj.(*corev1.Pod)
	o := metav1.GetControllerOf(p)
	if o == nil {
		return
	}
	name := guess(p, o)
	if set, ok, _ := f.sets.GetByKey(p.Namespace + "/" + o.Name); ok {
		if owner := metav1.GetControllerOf(set.(*appsv1.ReplicaSet)); owner != nil {
			name = owner.Name
		}
	}
	f.wake(name)
}

func ownerNames(kind string) cache.IndexFunc {
	return func(obj any) ([]string, error) {
		if o := metav1.GetControllerOf(obj.(metav1.Object)); o != nil && o.Kind == kind {
			return []string{o.Name}, nil
		}
		return nil, nil
	}
}

func guesses(obj any) ([]string, error) {
	p := obj.(*corev1.Pod)
	if o := metav1.GetControllerOf(p); o != nil {
		if name := guess(p, o); name != "" {
			return []string{name}, nil
		}
	}
	return nil, nil
}

// view is the workload as it is shown now.
func (f *feed) view(namespace, name string) view {
	var v view
	obj, ok, _ := f.deployments.GetByKey(namespace + "/" + name)
	if !ok {
		return v
	}
	v.deployment = obj.(*appsv1.Deployment)
	sets, _ := f.sets.ByIndex(byWorkload, name) // an index that exists has no error
	seen := map[*corev1.Pod]bool{}
	add := func(pods []any) {
		for _, obj := range pods {
			if p := obj.(*corev1.Pod); !seen[p] && v.owns(p) {
				seen[p] = true
				v.pods = append(v.pods, p)
			}
		}
	}
	for _, obj := range sets {
		if s := obj.(*appsv1.ReplicaSet); metav1.IsControlledBy(s, v.deployment) {
			v.sets = append(v.sets, s)
		}
	}
	for _, s := range v.sets {
		pods, _ := f.pods.ByIndex(bySet, s.Name)
		add(pods)
	}
	pods, _ := f.pods.ByIndex(byWorkload, name)
	add(pods)
	if fr := f.front.Load(); fr != nil {
		v.exposure = fr.before(v.deployment.Spec.Template.Labels)
	}
	return v
}
