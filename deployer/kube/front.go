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
type front struct {
	services, slices *mirror
	stop             context.CancelFunc
	users            int // guarded by System.mu

	mu      sync.Mutex
	seen    map[string]bool   // by kind: all of it was seen
	denied  map[string]string // by kind: why it is not shown, in words
	trouble map[string]error  // by kind: why nothing new is heard of it
}

const byService = "service"

// open has the feed show its front too, until what it returns is called.
func (s *System) open(f *feed, namespace string) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	fr := f.front.Load()
	if fr == nil {
		fr = newFront(f)
		f.front.Store(fr)
		s.show(f, fr, namespace)
	}
	fr.users++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if fr.users--; fr.users == 0 {
			f.front.Store(nil)
			fr.stop()
		}
	}
}

func newFront(f *feed) *front {
	fr := &front{seen: map[string]bool{}, denied: map[string]string{}, trouble: map[string]error{}}
	changed := func(any) { f.wakeAll() }
	seen := func(what string) func() {
		return func() {
			fr.mu.Lock()
			fr.seen[what] = true
			fr.mu.Unlock()
			f.wakeAll()
		}
	}
	fr.services = newMirror(nil, stripService, changed, seen(kindServices))
	fr.slices = newMirror(cache.Indexers{byService: serviceOf}, stripSlice, changed, seen(kindSlices))
	return fr
}

// show starts the watches. They end with the front, the feed or the System.
func (s *System) show(f *feed, fr *front, namespace string) {
	ctx, stop := context.WithCancel(f.ctx)
	fr.stop = stop
	for m, src := range fr.sources(f.cluster, namespace) {
		s.work.Go(func() {
			ctx, enough := context.WithCancel(ctx)
			defer enough()
			m.run(ctx, f.cluster.client, src, func(err error) {
				if fr.told(src.what, f.cluster.problem(err)) {
					f.wakeAll()
				}
				if denial(src.what, err) != "" {
					enough()
				}
			})
		})
	}
}

func (fr *front) sources(c *cluster, namespace string) map[*mirror]source {
	services, slices := c.client.CoreV1().Services(namespace), c.client.DiscoveryV1().EndpointSlices(namespace)
	return map[*mirror]source{
		fr.services: {kindServices, &corev1.Service{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return services.List(ctx, o) },
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return services.Watch(ctx, o)
			}},
		fr.slices: {kindSlices, &discoveryv1.EndpointSlice{},
			func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return slices.List(ctx, o) },
			func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return slices.Watch(ctx, o) }},
	}
}

// told notes what the watch of a kind met with, and reports whether that is
// new.
func (fr *front) told(what string, err error) bool {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	if fr.denied[what] != "" {
		return false // what comes after it is the end of the watch
	}
	if why := denial(what, err); why != "" {
		fr.denied[what], fr.trouble[what] = why, nil
		return true
	}
	news := (fr.trouble[what] == nil) != (err == nil)
	fr.trouble[what] = err
	return news
}

// problem is why the front may be out of date, or nil.
func (fr *front) problem() error {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	return cmp.Or(fr.trouble[kindServices], fr.trouble[kindSlices])
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
