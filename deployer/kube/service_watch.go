package kube

import (
	"cmp"
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

const (
	kindServices = "services"
	kindSlices   = "endpointslices"
)

// A front shows what stands before the pods of one place: its Services and
// the EndpointSlices behind them. It is held while something is verified there.
// To see them is welcome and not needed: a kind that may not be seen is denied,
// and the front does without.
type serviceWatch struct {
	services, slices *objectCache
	stop             context.CancelFunc
	refs            int // guarded by System.mu

	mu      sync.Mutex
	seen    map[string]bool   // by kind: all of it was seen
	denied  map[string]string // by kind: why it is not shown, in words
	trouble map[string]error  // by kind: why nothing new is heard of it
}

const byService = "service"

// open has the feed show its front too, until what it returns is called.
func (s *System) acquireServiceWatch(w *namespaceWatch, namespace string) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	sw := w.services.Load()
	if sw == nil {
		sw = newServiceWatch(w)
		w.services.Store(sw)
		s.startServiceWatch(w, sw, namespace)
	}
	sw.refs++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if sw.refs--; sw.refs == 0 {
			w.services.Store(nil)
			sw.stop()
		}
	}
}

func newServiceWatch(w *namespaceWatch) *serviceWatch {
	sw := &serviceWatch{seen: map[string]bool{}, denied: map[string]string{}, trouble: map[string]error{}}
	changed := func(any) { w.wakeAll() }
	seen := func(what string) func() {
		return func() {
			sw.mu.Lock()
			sw.seen[what] = true
			sw.mu.Unlock()
			w.wakeAll()
		}
	}
	sw.services = newObjectCache(nil, trimService, changed, seen(kindServices))
	sw.slices = newObjectCache(cache.Indexers{byService: serviceOf}, trimEndpointSlice, changed, seen(kindSlices))
	return sw
}

// show starts the watches. They end with the front, the feed or the System.
func (s *System) startServiceWatch(w *namespaceWatch, sw *serviceWatch, namespace string) {
	ctx, stop := context.WithCancel(w.ctx)
	sw.stop = stop
	for c, src := range sw.sources(w.cluster, namespace) {
		s.work.Go(func() {
			ctx, enough := context.WithCancel(ctx)
			defer enough()
			c.run(ctx, w.cluster.client, src, func(err error) {
				if sw.noteError(src.what, w.cluster.problem(err)) {
					w.wakeAll()
				}
				if denial(src.what, err) != "" {
					enough()
				}
			})
		})
	}
}

func (sw *serviceWatch) sources(c *cluster, namespace string) map[*objectCache]source {
	services, slices := c.client.CoreV1().Services(namespace), c.client.DiscoveryV1().EndpointSlices(namespace)
	return map[*objectCache]source{
		sw.services: {kindServices, &corev1.Service{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return services.List(ctx, o) },
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return services.Watch(ctx, o)
			}},
		sw.slices: {kindSlices, &discoveryv1.EndpointSlice{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return slices.List(ctx, o) },
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return slices.Watch(ctx, o) }},
	}
}

// told notes what the watch of a kind met with, and reports whether that is
// new.
func (sw *serviceWatch) noteError(what string, err error) bool {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	if sw.denied[what] != "" {
		return false // what comes after it is the end of the watch
	}
	if why := denial(what, err); why != "" {
		sw.denied[what], sw.trouble[what] = why, nil
		return true
	}
	news := (sw.trouble[what] == nil) != (err == nil)
	sw.trouble[what] = err
	return news
}

// problem is why the front may be out of date, or nil.
func (sw *serviceWatch) problem() error {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	return cmp.Or(sw.trouble[kindServices], sw.trouble[kindSlices])
}

// denial is why a kind will not be shown however often one asks, or "".
func denial(what string, err error) string {
	switch {
	case apierrors.IsForbidden(err):
		return "stationmaster may not list and watch " + what
	case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
		return "the cluster does not show " + what
	}
	return ""
}

// serviceOf is the index of EndpointSlices by their Service.
func serviceOf(obj any) ([]string, error) {
	if name := obj.(*discoveryv1.EndpointSlice).Labels[discoveryv1.LabelServiceName]; name != "" {
		return []string{name}, nil
	}
	return nil, nil
}
