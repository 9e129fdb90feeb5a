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

	"github.com/stationmaster/stationmaster/deployer/kube/objectcache"
)

// A namespaceKey names a namespace of a cluster.
type namespaceKey struct{ cluster, namespace string }

// A namespaceWatch holds all workloads of one namespace, by one watch of each kind,
// for everybody who follows one there.
type namespaceWatch struct {
	cluster                        *cluster
	deployments, replicaSets, pods *objectcache.Cache
	ctx                            context.Context // ends with stop
	stop                           context.CancelFunc
	services                       atomic.Pointer[serviceWatch] // nil while nobody verifies here
	refs                           int                          // guarded by System.mu
	missing                        atomic.Int32                 // caches that were not filled yet
	synced                         chan struct{}                // closed when none is missing

	mu          sync.Mutex
	subs        map[string][]chan struct{} // by workload
	watchErrors map[string]error           // by kind: why nothing new is heard of it
}

// acquireWatch returns the namespace's watch, started if need be, and what to call
// when it is not needed any more. The last one ends it.
func (s *System) acquireWatch(c *cluster, namespace string) (*namespaceWatch, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := namespaceKey{c.name, namespace}
	w := s.watches[at]
	if w == nil {
		w = newNamespaceWatch(c)
		s.watches[at] = w
		s.startWatch(w, namespace)
	}
	w.refs++
	return w, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if w.refs--; w.refs == 0 {
			delete(s.watches, at)
			w.stop()
		}
	}
}

const byWorkload, byReplicaSet = "workload", "set"

func newNamespaceWatch(c *cluster) *namespaceWatch {
	w := &namespaceWatch{cluster: c, subs: map[string][]chan struct{}{}, watchErrors: map[string]error{}, synced: make(chan struct{})}
	w.missing.Store(3)
	done := func() {
		if w.missing.Add(-1) == 0 {
			close(w.synced)
		}
	}
	w.deployments = objectcache.New(nil, trimDeployment, func(obj any) { w.wake(obj.(*appsv1.Deployment).Name) }, done)
	w.replicaSets = objectcache.New(cache.Indexers{byWorkload: ownerNames("Deployment")}, trimReplicaSet, w.replicaSetChanged, done)
	w.pods = objectcache.New(cache.Indexers{byReplicaSet: ownerNames("ReplicaSet"), byWorkload: inferredDeployment}, trimPod, w.podChanged, done)
	return w
}

// startWatch starts the watch of each kind. They end with w or the System.
func (s *System) startWatch(w *namespaceWatch, namespace string) {
	w.ctx, w.stop = context.WithCancel(s.ctx)
	for c, src := range w.sources(namespace) {
		s.work.Go(func() {
			c.Run(w.ctx, w.cluster.client, src, func(err error) { w.noteError(src.What, err) })
		})
	}
}

func (w *namespaceWatch) sources(namespace string) map[*objectcache.Cache]objectcache.Source {
	apps, core := w.cluster.client.AppsV1(), w.cluster.client.CoreV1()
	return map[*objectcache.Cache]objectcache.Source{
		w.deployments: {What: "deployments", Kind: &appsv1.Deployment{},
			List: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				return apps.Deployments(namespace).List(ctx, o)
			},
			Watch: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return apps.Deployments(namespace).Watch(ctx, o)
			}},
		w.replicaSets: {What: "replicasets", Kind: &appsv1.ReplicaSet{},
			List: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				return apps.ReplicaSets(namespace).List(ctx, o)
			},
			Watch: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return apps.ReplicaSets(namespace).Watch(ctx, o)
			}},
		w.pods: {What: "pods", Kind: &corev1.Pod{},
			List: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				return core.Pods(namespace).List(ctx, o)
			},
			Watch: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return core.Pods(namespace).Watch(ctx, o)
			}},
	}
}

// subscribe returns a channel that has something in it after the workload has
// changed, and what to call when nobody listens any more.
func (w *namespaceWatch) subscribe(workload string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs[workload] = append(w.subs[workload], ch)
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.subs[workload] = slices.DeleteFunc(w.subs[workload], func(c chan struct{}) bool { return c == ch })
		if len(w.subs[workload]) == 0 {
			delete(w.subs, workload)
		}
	}
}

func (w *namespaceWatch) wake(workload string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.subs[workload] {
		notify(ch)
	}
}

func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // it is to look already
	}
}

// noteError notes whether the watch of a kind fails, and wakes everybody when that,
// or why, has changed.
func (w *namespaceWatch) noteError(what string, err error) {
	err = w.cluster.problem(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if was := w.watchErrors[what]; was == nil && err == nil || was != nil && err != nil && was.Error() == err.Error() {
		return
	}
	w.watchErrors[what] = err
	w.notifyAll()
}

// wakeAll wakes everybody who follows something here.
func (w *namespaceWatch) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notifyAll()
}

// notifyAll is wakeAll for a caller that holds f.mu.
func (w *namespaceWatch) notifyAll() {
	for _, subs := range w.subs {
		for _, ch := range subs {
			notify(ch)
		}
	}
}

// problem is why the caches may be out of date, or nil.
func (w *namespaceWatch) problem() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, what := range []string{"deployments", "replicasets", "pods"} {
		if err := w.watchErrors[what]; err != nil {
			return err
		}
	}
	if sw := w.services.Load(); sw != nil {
		return sw.problem()
	}
	return nil
}

func (w *namespaceWatch) replicaSetChanged(obj any) {
	if o := metav1.GetControllerOf(obj.(*appsv1.ReplicaSet)); o != nil {
		w.wake(o.Name)
	}
}

func (w *namespaceWatch) podChanged(obj any) {
	p := obj.(*corev1.Pod)
	o := metav1.GetControllerOf(p)
	if o == nil {
		return
	}
	name := inferDeployment(p, o)
	if set, ok, _ := w.replicaSets.GetByKey(p.Namespace + "/" + o.Name); ok {
		if owner := metav1.GetControllerOf(set.(*appsv1.ReplicaSet)); owner != nil {
			name = owner.Name
		}
	}
	w.wake(name)
}

// ofAnother reports whether the pod's ReplicaSet is there and is not the Deployment's,
// whatever it is called: one of before, whose Deployment was deleted without it.
func (w *namespaceWatch) ofAnother(p *corev1.Pod, d *appsv1.Deployment) bool {
	o := metav1.GetControllerOf(p)
	set, ok, _ := w.replicaSets.GetByKey(p.Namespace + "/" + o.Name)
	return ok && set.(*appsv1.ReplicaSet).UID == o.UID && !metav1.IsControlledBy(set.(*appsv1.ReplicaSet), d)
}

func ownerNames(kind string) cache.IndexFunc {
	return func(obj any) ([]string, error) {
		if o := metav1.GetControllerOf(obj.(metav1.Object)); o != nil && o.Kind == kind {
			return []string{o.Name}, nil
		}
		return nil, nil
	}
}

func inferredDeployment(obj any) ([]string, error) {
	p := obj.(*corev1.Pod)
	if o := metav1.GetControllerOf(p); o != nil {
		if name := inferDeployment(p, o); name != "" {
			return []string{name}, nil
		}
	}
	return nil, nil
}

// view is the workload as it is shown now.
func (w *namespaceWatch) view(namespace, name string) view {
	var v view
	obj, ok, _ := w.deployments.GetByKey(namespace + "/" + name)
	if !ok {
		return v
	}
	v.deployment = obj.(*appsv1.Deployment)
	sets, _ := w.replicaSets.ByIndex(byWorkload, name) // an index that exists has no error
	seen := map[*corev1.Pod]bool{}
	add := func(pods []any) {
		for _, obj := range pods {
			if p := obj.(*corev1.Pod); !seen[p] && v.owns(p) && !w.ofAnother(p, v.deployment) {
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
		pods, _ := w.pods.ByIndex(byReplicaSet, s.Name)
		add(pods)
	}
	pods, _ := w.pods.ByIndex(byWorkload, name)
	add(pods)
	if sw := w.services.Load(); sw != nil {
		v.endpoints = sw.coverageOf(v.deployment.Spec.Template.Labels)
	}
	return v
}
