// Package objectcache holds the objects of one kind in one namespace, kept up to date
// by a watch. Nothing is polled, and whatever fails is tried again.
package objectcache

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

// A Cache holds all objects of one kind in one namespace, kept up to date by
// a watch, without the fields that nobody here reads. It is what client-go calls
// the store of a reflector.
type Cache struct {
	cache.Indexer
	trim    func(any) any // makes an object small; twice is the same
	changed func(any)     // is told of every change, after it can be seen
	once    sync.Once
	synced  func() // called once, when all objects were seen
}

// New returns a cache that nothing is in. trim makes an object small, and twice is the
// same; changed is told of every change, after it can be seen; synced is called once, when
// all objects were seen.
func New(index cache.Indexers, trim func(any) any, changed func(any), synced func()) *Cache {
	return &Cache{
		Indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, index),
		trim:    trim, changed: changed, synced: synced,
	}
}

// Add, Update, Delete and Replace are called by the reflector.
func (c *Cache) Add(obj any) error {
	obj = c.trim(obj)
	err := c.Indexer.Add(obj)
	c.changed(obj)
	return err
}

// Update stores a changed object.
func (c *Cache) Update(obj any) error { return c.Add(obj) }

// Delete forgets an object.
func (c *Cache) Delete(obj any) error {
	err := c.Indexer.Delete(obj)
	c.changed(obj)
	return err
}

// Replace takes a whole list, at first and after a gap in the watch.
func (c *Cache) Replace(list []any, version string) error {
	before := c.List()
	for i := range list {
		list[i] = c.trim(list[i])
	}
	err := c.Indexer.Replace(list, version)
	c.once.Do(c.synced)
	for _, obj := range before {
		c.changed(obj)
	}
	for _, obj := range list {
		c.changed(obj)
	}
	return err
}

// Transformer trims objects already while a list streams in.
func (c *Cache) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) { return c.trim(obj), nil }
}

// A Source lists and watches one kind.
type Source struct {
	What  string // the resource
	Kind  runtime.Object
	List  func(context.Context, metav1.ListOptions) (runtime.Object, error)
	Watch func(context.Context, metav1.ListOptions) (watch.Interface, error)
}

// Run keeps the cache up to date until the context ends. Whatever fails is tried
// again; onError is called with the error, and with nil once it is over.
func (c *Cache) Run(ctx context.Context, client any, src Source, onError func(error)) {
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			list, err := src.List(ctx, o)
			onError(err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			w, err := src.Watch(ctx, o)
			onError(err)
			return w, err
		},
	}
	r := cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(lw, client), src.Kind, c, cache.ReflectorOptions{
		Name: src.What,
		// People wait for what is followed, so an API server that comes back is
		// noticed within seconds; the default grows to a minute.
		Backoff: &wait.Backoff{Duration: 200 * time.Millisecond, Cap: 5 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5},
	})
	r.RunWithContext(ctx)
}
