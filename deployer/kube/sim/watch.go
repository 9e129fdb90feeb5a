package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/watch"
)

// watchTimeout ends a watch whose client set no timeoutSeconds.
const watchTimeout = 30 * time.Minute

// A watchStream is one watch that is being answered.
type watchStream struct {
	api       *apiServer
	w         http.ResponseWriter
	sel       selection
	position  int64 // everything up to this version has been sent
	initial   bool  // begin with what is there
	marked    bool  // and say where that ends
	bookmarks bool
	buf       bytes.Buffer
}

func (a *apiServer) serveWatch(w http.ResponseWriter, r *http.Request, t target) {
	q := r.URL.Query()
	s, err := a.newWatchStream(w, t, q)
	if err != nil {
		fail(w, err)
		return
	}
	timeout := watchTimeout
	if n, err := strconv.Atoi(q.Get("timeoutSeconds")); err == nil && n > 0 {
		timeout = time.Duration(n) * time.Second
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	s.run(ctx)
}

func (a *apiServer) newWatchStream(w http.ResponseWriter, t target, q url.Values) (*watchStream, error) {
	sel, err := newSelection(t.res, t.namespace, q)
	if err != nil {
		return nil, err
	}
	s := &watchStream{api: a, w: w, sel: sel, bookmarks: isTrue(q.Get("allowWatchBookmarks"))}
	if s.position, err = position(q); err != nil {
		return nil, err
	}
	s.initial = s.position < 0
	if v := q.Get("sendInitialEvents"); v != "" {
		if q.Get("resourceVersionMatch") != string(metav1.ResourceVersionMatchNotOlderThan) {
			return nil, errors.NewInvalid(metav1.SchemeGroupVersion.WithKind("ListOptions").GroupKind(), "",
				field.ErrorList{field.Forbidden(field.NewPath("resourceVersionMatch"),
					`sendInitialEvents requires setting resourceVersionMatch to "NotOlderThan"`)})
		}
		s.initial = isTrue(v)
		s.marked = s.initial && s.bookmarks
	}
	return s, nil
}

// run sends what happens until the client goes, the time is up, the cluster is
// closed or the position has expired.
func (s *watchStream) run(ctx context.Context) {
	me := &watcher{wake: make(chan struct{}, 1)}
	s.begin(me)
	defer s.end(me)
	tick := time.NewTicker(max(s.api.cfg.scale(bookmarkEvery), time.Millisecond))
	defer tick.Stop()
	for s.flush() {
		select {
		case <-me.wake:
			if !s.catchUp() {
				s.flush()
				return
			}
		case <-tick.C:
			if s.bookmarks {
				s.bookmark(nil)
			}
		case <-ctx.Done():
			return
		case <-s.api.done:
			return
		}
	}
}

// begin registers the watcher and writes what is there already, in one step,
// so that nothing falls between.
func (s *watchStream) begin(me *watcher) {
	s.api.mu.Lock()
	defer s.api.mu.Unlock()
	col := s.api.store.all[s.sel.res]
	col.watchers[me] = struct{}{}
	if s.initial || s.position < 0 {
		s.position = s.api.store.version
	}
	me.notify() // what came after position, or that it has expired
	if !s.initial {
		return
	}
	for _, it := range s.sel.filter(s.api.store.list(s.sel.res, s.sel.namespace)) {
		s.write(watch.Added, it)
	}
	if s.marked {
		s.bookmark(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
}

func (s *watchStream) end(me *watcher) {
	s.api.mu.Lock()
	defer s.api.mu.Unlock()
	delete(s.api.store.all[s.sel.res].watchers, me)
}

// catchUp writes the changes since position, or the error that they are
// forgotten, and reports whether the watch can go on.
func (s *watchStream) catchUp() bool {
	s.api.mu.Lock()
	changes, err := s.api.store.all[s.sel.res].history.since(s.position)
	now := s.api.store.version
	s.api.mu.Unlock()
	if err != nil {
		b, _ := json.Marshal(statusOf(err)) // a Status can always be encoded
		s.writeRaw(watch.Error, b)
		return false
	}
	for _, e := range changes {
		switch typ := s.sel.see(e); {
		case typ == watch.Deleted && e.typ != watch.Deleted:
			s.write(typ, s.asItWas(e))
		case typ != "":
			s.write(typ, e.item)
		}
	}
	s.position = max(now, s.position)
	return true
}

// asItWas is an object that left the selection: in its last state within, with
// the version at which it left.
func (s *watchStream) asItWas(e event) *item {
	was := clone(e.old.obj)
	was.SetResourceVersion(e.item.obj.GetResourceVersion())
	return &item{obj: was, json: s.sel.res.encode(was)}
}

func (s *watchStream) write(typ watch.EventType, it *item) {
	s.writeRaw(typ, it.json)
}

// bookmark tells the client how far it has got.
func (s *watchStream) bookmark(annotations map[string]string) {
	o := s.sel.res.empty()
	o.SetResourceVersion(strconv.FormatInt(s.position, 10))
	o.SetAnnotations(annotations)
	s.writeRaw(watch.Bookmark, s.sel.res.encode(o))
}

func (s *watchStream) writeRaw(typ watch.EventType, object []byte) {
	fmt.Fprintf(&s.buf, `{"type":%q,"object":`, typ)
	s.buf.Write(object)
	s.buf.WriteString("}\n")
}

// flush sends what was written and reports whether somebody is there to read.
func (s *watchStream) flush() bool {
	_, err := s.buf.WriteTo(s.w)
	return err == nil && http.NewResponseController(s.w).Flush() == nil
}
