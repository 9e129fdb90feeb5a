package sim

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// A recorder writes the events that the cluster itself reports: those that say
// the same become one with a count, and old ones go. The cluster's lock guards it.
type recorder struct {
	cfg   Config
	store *store
	byKey map[eventKey]string // the event's key in the store
	order []eventKey          // oldest first
	count int64
}

func newRecorder(cfg Config, s *store) *recorder {
	return &recorder{cfg: cfg, store: s, byKey: map[eventKey]string{}}
}

type eventKey struct {
	about                            types.UID
	field, reason, message, reporter string
}

// report records an event about an object.
func (r *recorder) report(o object, of *resource, typ, reason, reporter, message string) {
	r.record(corev1.Event{
		InvolvedObject: reference(o, of, ""),
		Type:           typ, Reason: reason, Message: message,
		Source: corev1.EventSource{Component: reporter}, ReportingController: reporter,
	})
}

func (r *recorder) record(e corev1.Event) {
	about := e.InvolvedObject
	k := eventKey{about.UID, about.FieldPath, e.Reason, e.Message, e.ReportingController}
	r.sweep()
	at := now()
	if it := r.store.all[events].items[r.byKey[k]]; it != nil {
		again := clone(it.obj.(*corev1.Event))
		again.Count++
		again.LastTimestamp = at
		r.store.put(events, again)
		return
	}
	r.count++
	e.Namespace = about.Namespace
	e.Name = fmt.Sprintf("%s.%x%04x", about.Name, time.Now().UnixNano(), r.count&0xffff)
	e.UID, e.CreationTimestamp = uuid.NewUUID(), at
	e.FirstTimestamp, e.LastTimestamp, e.Count = at, at, 1
	r.store.put(events, &e)
	r.byKey[k] = keyOf(&e)
	r.order = append(r.order, k)
}

// sweep drops events that have not recurred for an hour of the simulation.
func (r *recorder) sweep() {
	life := r.cfg.scale(eventLifetime)
	for len(r.order) > 0 {
		k := r.order[0]
		it := r.store.all[events].items[r.byKey[k]]
		if it != nil {
			if time.Since(it.obj.(*corev1.Event).LastTimestamp.Time) < life {
				return
			}
			r.store.remove(events, it)
		}
		delete(r.byKey, k)
		r.order = r.order[1:]
	}
}

func reference(o object, r *resource, fieldPath string) corev1.ObjectReference {
	return corev1.ObjectReference{
		Kind: r.kind, APIVersion: r.groupVersion().String(), Namespace: o.GetNamespace(), Name: o.GetName(),
		UID: o.GetUID(), ResourceVersion: o.GetResourceVersion(), FieldPath: fieldPath,
	}
}
