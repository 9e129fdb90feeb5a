package sim

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

// An item is one version of an object, with its JSON, which all readers share.
type item struct {
	obj  object
	json []byte
}

// A store holds every object and the recent changes. The cluster's lock guards it.
type store struct {
	version int64 // of the last change, whatever it was about
	all     map[*resource]*collection
	owned   map[types.UID]map[types.UID]*item // by controller's UID and own
	changed func(r *resource, old, new *item) // told of every change; set before the first
}

type collection struct {
	items    map[string]*item
	history  history
	watchers map[*watcher]struct{}
}

func newStore(keep int) *store {
	s := &store{
		// Begin with the time, so that a resource version from an earlier run
		// has expired instead of meaning something else.
		version: time.Now().Unix(),
		all:     map[*resource]*collection{},
		owned:   map[types.UID]map[types.UID]*item{},
	}
	for _, r := range resources {
		s.all[r] = &collection{
			items:    map[string]*item{},
			history:  history{keep: keep, floor: s.version},
			watchers: map[*watcher]struct{}{},
		}
	}
	return s
}

// get returns nil when there is no such object.
func (s *store) get(r *resource, namespace, name string) *item {
	return s.all[r].items[key(namespace, name)]
}

// list returns the items of a namespace, or of all when it is empty, in the
// order of their keys.
func (s *store) list(r *resource, namespace string) []*item {
	items := s.all[r].items
	var found []*item
	for _, key := range slices.Sorted(maps.Keys(items)) {
		if it := items[key]; namespace == "" || it.obj.GetNamespace() == namespace {
			found = append(found, it)
		}
	}
	return found
}

// children are the objects whose controller is owner, oldest first.
func (s *store) children(owner types.UID) []object {
	found := make([]object, 0, len(s.owned[owner]))
	for _, it := range s.owned[owner] {
		found = append(found, it.obj)
	}
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp(); !at.Equal(&bt) {
			return at.Before(&bt)
		}
		return a.GetName() < b.GetName()
	})
	return found
}

// put stores an object under a new resource version and returns what is stored
// then. As on the real server a write that changes nothing is none. The object
// is the store's from now on.
func (s *store) put(r *resource, o object) *item {
	col := s.all[r]
	old := col.items[keyOf(o)]
	typ := watch.Added
	if old != nil {
		typ = watch.Modified
		o.SetResourceVersion(old.obj.GetResourceVersion())
		o.GetObjectKind().SetGroupVersionKind(r.groupVersion().WithKind(r.kind))
		if equality.Semantic.DeepEqual(old.obj, o) {
			return old
		}
	}
	new := s.next(r, o)
	col.items[keyOf(o)] = new
	s.own(new)
	s.record(r, event{typ: typ, item: new, old: old})
	return new
}

// remove deletes an object, which gets a last resource version for that.
func (s *store) remove(r *resource, it *item) {
	last := s.next(r, clone(it.obj))
	delete(s.all[r].items, keyOf(it.obj))
	if owner := metav1.GetControllerOf(it.obj); owner != nil {
		delete(s.owned[owner.UID], it.obj.GetUID())
		if len(s.owned[owner.UID]) == 0 {
			delete(s.owned, owner.UID)
		}
	}
	s.record(r, event{typ: watch.Deleted, item: last, old: it})
}

func (s *store) next(r *resource, o object) *item {
	s.version++
	o.SetResourceVersion(strconv.FormatInt(s.version, 10))
	return &item{obj: o, json: r.encode(o)}
}

func (s *store) own(it *item) {
	owner := metav1.GetControllerOf(it.obj)
	if owner == nil {
		return
	}
	if s.owned[owner.UID] == nil {
		s.owned[owner.UID] = map[types.UID]*item{}
	}
	s.owned[owner.UID][it.obj.GetUID()] = it
}

func (s *store) record(r *resource, e event) {
	e.version = s.version
	col := s.all[r]
	col.history.add(e)
	for w := range col.watchers {
		w.notify()
	}
	if e.typ == watch.Deleted {
		s.changed(r, e.old, nil)
	} else {
		s.changed(r, e.old, e.item)
	}
}

// expire makes every resource version up to now too old to watch from.
func (s *store) expire() {
	s.version++
	for _, col := range s.all {
		col.history.events, col.history.floor = nil, s.version
		for w := range col.watchers {
			w.notify()
		}
	}
}
