package sim

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// A journal remembers the events that the cluster itself records: those that
// say the same become one with a count, and old ones go.
type journal struct {
	byKey map[eventKey]string // the event's key in the store
	order []eventKey          // oldest first
	count int64
}

type eventKey struct {
	about                            types.UID
	field, reason, message, reporter string
}

// report records an event about an object.
func (c *Cluster) report(o object, r *resource, typ, reason, reporter, message string) {
	c.record(corev1.Event{
		InvolvedObject: reference(o, r, ""),
		Type:           typ, Reason: reason, Message: message,
		Source: corev1.EventSource{Component: reporter}, ReportingController: reporter,
	})
}

func (c *Cluster) record(e corev1.Event) {
	about := e.InvolvedObject
	k := eventKey{about.UID, about.FieldPath, e.Reason, e.Message, e.ReportingController}
	c.sweepEvents()
	now := c.now()
	if it := c.store.all[events].items[c.journal.byKey[k]]; it != nil {
		again := clone(it.obj.(*corev1.Event))
		again.Count++
		again.LastTimestamp = now
		c.store.put(events, again)
		return
	}
	c.journal.count++
	e.Namespace = about.Namespace
	e.Name = fmt.Sprintf("%s.%x%04x", about.Name, time.Now().UnixNano(), c.journal.count&0xffff)
	e.UID, e.CreationTimestamp = uuid.NewUUID(), now
	e.FirstTimestamp, e.LastTimestamp, e.Count = now, now, 1
	c.store.put(events, &e)
	c.journal.byKey[k] = keyOf(&e)
	c.journal.order = append(c.journal.order, k)
}

// sweepEvents drops events that have not recurred for an hour of the simulation.
func (c *Cluster) sweepEvents() {
	life := c.scale(eventLifetime)
	for len(c.journal.order) > 0 {
		k := c.journal.order[0]
		it := c.store.all[events].items[c.journal.byKey[k]]
		if it != nil {
			if time.Since(it.obj.(*corev1.Event).LastTimestamp.Time) < life {
				return
			}
			c.store.remove(events, it)
		}
		delete(c.journal.byKey, k)
		c.journal.order = c.journal.order[1:]
	}
}

func reference(o object, r *resource, fieldPath string) corev1.ObjectReference {
	return corev1.ObjectReference{
		Kind: r.kind, APIVersion: r.groupVersion().String(), Namespace: o.GetNamespace(), Name: o.GetName(),
		UID: o.GetUID(), ResourceVersion: o.GetResourceVersion(), FieldPath: fieldPath,
	}
}
