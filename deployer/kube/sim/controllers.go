package sim

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// changed is told of every change of the store and wakes whom it concerns. old
// is nil when the object is new, now when it is gone.
func (c *Cluster) changed(r *resource, old, now *item) {
	o := old
	if now != nil {
		o = now
	}
	switch r {
	case deployments:
		if now != nil {
			c.kickDeployment(keyOf(now.obj))
		} else {
			delete(c.progress, old.obj.GetUID())
		}
	case replicaSets:
		if now != nil {
			c.kickReplicaSet(keyOf(now.obj))
		} else {
			delete(c.failures, old.obj.GetUID())
		}
		c.kickOwner(o.obj, deployments, c.kickDeployment)
	case pods:
		c.podChanged(old, now)
		c.kickOwner(o.obj, replicaSets, c.kickReplicaSet)
	}
	if now == nil && len(c.store.owned[old.obj.GetUID()]) > 0 {
		c.after(syncDelay, func() { c.collect(old.obj.GetUID()) })
	}
}

// podChanged tells the node of a pod that is new, is to end, or is gone.
func (c *Cluster) podChanged(old, now *item) {
	switch {
	case now == nil:
		delete(c.runs, old.obj.GetUID())
	case old == nil:
		c.startPod(now.obj.(*corev1.Pod))
	case old.obj.GetDeletionTimestamp() == nil && now.obj.GetDeletionTimestamp() != nil:
		c.stopPod(now.obj.(*corev1.Pod))
	}
}

func (c *Cluster) kickOwner(o object, r *resource, kick func(key string)) {
	if owner := metav1.GetControllerOf(o); owner != nil && owner.Kind == r.kind {
		kick(key(o.GetNamespace(), owner.Name))
	}
}

func (c *Cluster) kickDeployment(key string) {
	c.kick("deployment "+key, func() { c.syncDeployment(key) })
}

func (c *Cluster) kickReplicaSet(key string) {
	c.kick("replicaset "+key, func() { c.syncReplicaSet(key) })
}

// ownerRef makes owner the controller of what carries the reference.
func ownerRef(r *resource, owner metav1.Object) []metav1.OwnerReference {
	return []metav1.OwnerReference{*metav1.NewControllerRef(owner, r.groupVersion().WithKind(r.kind))}
}
