package kube

import (
	"context"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// A mirror holds all objects of one kind in one namespace, as a watch shows
// them, without what nobody here reads. It is what client-go calls a store of a
// reflector.
type mirror struct {
	cache.Indexer
	strip   func(any) any // makes an object small; twice is the same
	changed func(any)     // is told of every change, after it can be seen
	once    sync.Once
	synced  func() // called once, when all objects were seen
}

func newMirror(index cache.Indexers, strip func(any) any, changed func(any), synced func()) *mirror {
	return &mirror{
		Indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, index),
		strip:   strip, changed: changed, synced: synced,
	}
}

// Add, Update, Delete and Replace are called by the reflector.
func (m *mirror) Add(obj any) error {
	obj = m.strip(obj)
	err := m.Indexer.Add(obj)
	m.changed(obj)
	return err
}

// Update stores a changed object.
func (m *mirror) Update(obj any) error { return m.Add(obj) }

// Delete forgets an object.
func (m *mirror) Delete(obj any) error {
	err := m.Indexer.Delete(obj)
	m.changed(obj)
	return err
}

// Replace takes a whole list, at first and after a gap in the watch.
func (m *mirror) Replace(list []any, version string) error {
	before := m.List()
	for i := range list {
		list[i] = m.strip(list[i])
	}
	err := m.Indexer.Replace(list, version)
	m.once.Do(m.synced)
	for _, obj := range before {
		m.changed(obj)
	}
	for _, obj := range list {
		m.changed(obj)
	}
	return err
}

// Transformer strips objects already while a list streams in.
func (m *mirror) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) { return m.strip(obj), nil }
}

// A source lists and watches one kind.
type source struct {
	what  string
	kind  runtime.Object
	list  func(context.Context, metav1.ListOptions) (runtime.Object, error)
	watch func(context.Context, metav1.ListOptions) (watch.Interface, error)
}

// run keeps the mirror true to the source until the context ends. Whatever goes
// wrong is tried again; told hears of it, and of nil when it has passed.
func (m *mirror) run(ctx context.Context, client any, src source, told func(error)) {
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			list, err := src.list(ctx, o)
			told(err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			w, err := src.watch(ctx, o)
			told(err)
			return w, err
		},
	}
	r := cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(lw, client), src.kind, m, cache.ReflectorOptions{
		Name: src.what,
		// People wait for what is followed, so an API server that comes back is
		// noticed within seconds; the default grows to a minute.
		Backoff: &wait.Backoff{Duration: 200 * time.Millisecond, Cap: 5 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5},
	})
	r.RunWithContext(ctx)
}
