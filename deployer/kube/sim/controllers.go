package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// controllers are the Deployment and ReplicaSet controllers and the garbage
// collector. The cluster's lock guards them.
type controllers struct {
	cfg     Config
	store   *store
	queue   *queue
	events  *recorder
	kubelet *kubelet

	progress map[types.UID]time.Time // when a Deployment was last seen to progress
	failures map[types.UID]int       // ReplicaSets' creations that failed in a row
}

func newControllers(cfg Config, s *store, q *queue, events *recorder, k *kubelet) *controllers {
	return &controllers{cfg: cfg, store: s, queue: q, events: events, kubelet: k,
		progress: map[types.UID]time.Time{}, failures: map[types.UID]int{}}
}

// changed is told of every change of the store and wakes whom it concerns. old
// is nil when the object is new, now when it is gone.
func (c *controllers) changed(r *resource, old, now *item) {
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
		c.queue.after(syncDelay, func() { c.store.collectGarbage(old.obj.GetUID()) })
	}
}

// podChanged tells the node of a pod that is new, is to end, or is gone.
func (c *controllers) podChanged(old, now *item) {
	switch {
	case now == nil:
		delete(c.kubelet.runs, old.obj.GetUID())
	case old == nil:
		c.kubelet.startPod(now.obj.(*corev1.Pod))
	case old.obj.GetDeletionTimestamp() == nil && now.obj.GetDeletionTimestamp() != nil:
		c.kubelet.stopPod(now.obj.(*corev1.Pod))
	}
}

func (c *controllers) kickOwner(o object, r *resource, kick func(key string)) {
	if owner := metav1.GetControllerOf(o); owner != nil && owner.Kind == r.kind {
		kick(key(o.GetNamespace(), owner.Name))
	}
}

func (c *controllers) kickDeployment(key string) {
	c.queue.kick("deployment "+key, func() { c.syncDeployment(key) })
}

func (c *controllers) kickReplicaSet(key string) {
	c.queue.kick("replicaset "+key, func() { c.syncReplicaSet(key) })
}

// ownerRef makes owner the controller of what carries the reference.
func ownerRef(r *resource, owner metav1.Object) []metav1.OwnerReference {
	return []metav1.OwnerReference{*metav1.NewControllerRef(owner, r.groupVersion().WithKind(r.kind))}
}
