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

	"github.com/stationmaster/stationmaster/deployer/kube/objectcache"
)

const (
	kindServices = "services"
	kindSlices   = "endpointslices"
)

// A serviceWatch holds the Services of one namespace and their EndpointSlices. It
// is held while something is verified there. The right to see them is optional: a
// kind that may not be listed is denied, and the verification does without.
type serviceWatch struct {
	services, slices *objectcache.Cache
	stop             context.CancelFunc
	refs             int // guarded by System.mu

	mu          sync.Mutex
	listed      map[string]bool   // by kind: all of it was seen
	denied      map[string]string // by kind: why it is not shown, in words
	watchErrors map[string]error  // by kind: why nothing new is heard of it
}

const byService = "service"

// acquireServiceWatch has the namespace's Services watched too, until what it
// returns is called.
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
	sw := &serviceWatch{listed: map[string]bool{}, denied: map[string]string{}, watchErrors: map[string]error{}}
	changed := func(any) { w.wakeAll() }
	seen := func(what string) func() {
		return func() {
			sw.mu.Lock()
			sw.listed[what] = true
			sw.mu.Unlock()
			w.wakeAll()
		}
	}
	sw.services = objectcache.New(nil, trimService, changed, seen(kindServices))
	sw.slices = objectcache.New(cache.Indexers{byService: serviceOf}, trimEndpointSlice, changed, seen(kindSlices))
	return sw
}

// startServiceWatch starts the watches. They end with sw, w or the System.
func (s *System) startServiceWatch(w *namespaceWatch, sw *serviceWatch, namespace string) {
	ctx, stop := context.WithCancel(w.ctx)
	sw.stop = stop
	for c, src := range sw.sources(w.cluster, namespace) {
		s.work.Go(func() {
			ctx, enough := context.WithCancel(ctx)
			defer enough()
			c.Run(ctx, w.cluster.client, src, func(err error) {
				if sw.noteError(src.What, w.cluster.problem(err)) {
					w.wakeAll()
				}
				if denial(src.What, err) != "" {
					enough()
				}
			})
		})
	}
}

func (sw *serviceWatch) sources(c *cluster, namespace string) map[*objectcache.Cache]objectcache.Source {
	services, slices := c.client.CoreV1().Services(namespace), c.client.DiscoveryV1().EndpointSlices(namespace)
	return map[*objectcache.Cache]objectcache.Source{
		sw.services: {What: kindServices, Kind: &corev1.Service{},
			List: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return services.List(ctx, o) },
			Watch: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return services.Watch(ctx, o)
			}},
		sw.slices: {What: kindSlices, Kind: &discoveryv1.EndpointSlice{},
			List:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return slices.List(ctx, o) },
			Watch: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return slices.Watch(ctx, o) }},
	}
}

// noteError notes whether the watch of a kind fails, and reports whether that has
// changed.
func (sw *serviceWatch) noteError(what string, err error) bool {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	if sw.denied[what] != "" {
		return false // what comes after it is the end of the watch
	}
	if why := denial(what, err); why != "" {
		sw.denied[what], sw.watchErrors[what] = why, nil
		return true
	}
	news := (sw.watchErrors[what] == nil) != (err == nil)
	sw.watchErrors[what] = err
	return news
}

// problem is why the caches may be out of date, or nil.
func (sw *serviceWatch) problem() error {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	return cmp.Or(sw.watchErrors[kindServices], sw.watchErrors[kindSlices])
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
