package sim

import (
	"fmt"
	"slices"
	"sort"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
)

// An event is one change of one object.
type event struct {
	version int64
	typ     watch.EventType
	item    *item // as it became, or last was
	old     *item // as it was before; nil when it was added
}

// A history holds the last changes of one collection: at least keep of them,
// and never twice as many.
type history struct {
	keep   int
	events []event
	floor  int64 // changes up to this version are forgotten
}

func (h *history) add(e event) {
	h.events = append(h.events, e)
	if len(h.events) < 2*h.keep {
		return
	}
	cut := len(h.events) - h.keep
	h.floor = h.events[cut-1].version
	h.events = slices.Clone(h.events[cut:])
}

// since returns the changes after version, or 410 when some are forgotten.
func (h *history) since(version int64) ([]event, error) {
	if version < h.floor {
		return nil, errors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", version, h.floor+1))
	}
	first := sort.Search(len(h.events), func(i int) bool { return h.events[i].version > version })
	return h.events[first:len(h.events):len(h.events)], nil
}

// A watcher is woken when its collection has changed.
type watcher struct{ wake chan struct{} }

func (w *watcher) notify() {
	select {
	case w.wake <- struct{}{}:
	default: // it is to look already
	}
}
