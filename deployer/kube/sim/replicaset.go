package sim

import (
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// syncReplicaSet is one look of the ReplicaSet controller: as many pods as
// wanted, and the status. It counts the pods as they were when it looked; the
// change that it makes brings it back.
func (c *controllers) syncReplicaSet(key string) {
	it := c.store.all[replicaSets].items[key]
	if it == nil {
		return
	}
	rs := clone(it.obj.(*appsv1.ReplicaSet))
	var active []*corev1.Pod
	terminating := int32(0)
	for _, o := range c.store.children(rs.UID) {
		if p := o.(*corev1.Pod); p.DeletionTimestamp == nil {
			active = append(active, p)
		} else {
			terminating++
		}
	}
	failure := c.fitPods(rs, active)
	c.countPods(rs, active, terminating)
	noteFailure(&rs.Status, failure, now())
	c.store.put(replicaSets, rs)
}

// fitPods creates or deletes pods until there are as many as wanted.
func (c *controllers) fitPods(rs *appsv1.ReplicaSet, active []*corev1.Pod) error {
	surplus := len(active) - int(*rs.Spec.Replicas)
	if surplus > 0 {
		c.deletePods(rs, active, surplus)
	}
	for ; surplus < 0; surplus++ {
		if err := c.createPod(rs); err != nil {
			c.retryCreation(rs, err)
			return err
		}
	}
	delete(c.failures, rs.UID)
	return nil
}

// deletePods deletes the pods that are worth the least.
func (c *controllers) deletePods(rs *appsv1.ReplicaSet, active []*corev1.Pod, n int) {
	ranked := slices.SortedStableFunc(slices.Values(active), func(a, b *corev1.Pod) int { return c.deletionRank(a) - c.deletionRank(b) })
	for _, p := range ranked[:n] {
		c.events.report(rs, replicaSets, corev1.EventTypeNormal, "SuccessfulDelete", "replicaset-controller", "Deleted pod: "+p.Name)
		c.store.delete(pods, c.store.get(pods, p.Namespace, p.Name), nil)
	}
}

// deletionRank ranks pods by what they are worth: with a node, running, ready, and
// without restarts is worth more. The lowest is deleted first.
func (c *controllers) deletionRank(p *corev1.Pod) int {
	n := 0
	if p.Spec.NodeName != "" {
		n += 1000
	}
	if p.Status.Phase == corev1.PodRunning {
		n += 1000
	}
	if run := c.kubelet.runs[p.UID]; run != nil && run.isReady() {
		n += 1000
	}
	for _, s := range p.Status.ContainerStatuses {
		n -= min(int(s.RestartCount), 100)
	}
	return n
}

func (c *controllers) createPod(rs *appsv1.ReplicaSet) error {
	t := rs.Spec.Template.DeepCopy()
	p := &corev1.Pod{ObjectMeta: t.ObjectMeta, Spec: t.Spec}
	p.GenerateName = rs.Name + "-"
	p.Name = p.GenerateName + rand.String(5)
	p.Namespace = rs.Namespace
	p.OwnerReferences = ownerRef(replicaSets, rs)
	p.Spec.ServiceAccountName = "default"
	for _, ctr := range p.Spec.Containers {
		if why := c.cfg.Behave(ctr.Image).Quota; why != "" {
			return fmt.Errorf("pods %q is forbidden: %s", p.Name, why)
		}
	}
	if errs := c.admitPod(p); len(errs) > 0 {
		return errs.ToAggregate()
	}
	c.store.put(pods, p)
	c.events.report(rs, replicaSets, corev1.EventTypeNormal, "SuccessfulCreate", "replicaset-controller", "Created pod: "+p.Name)
	return nil
}

func (c *controllers) admitPod(p *corev1.Pod) field.ErrorList {
	c.store.stamp(pods, p)
	return preparePod(p, nil)
}

// retryCreation tries again after a while, longer each time.
func (c *controllers) retryCreation(rs *appsv1.ReplicaSet, err error) {
	c.events.report(rs, replicaSets, corev1.EventTypeWarning, "FailedCreate", "replicaset-controller", "Error creating: "+err.Error())
	wait := min(time.Second<<min(c.failures[rs.UID], 10), backoffMax)
	c.failures[rs.UID]++
	key := keyOf(rs)
	c.queue.alarm("replicaset "+key, wait, func() { c.kickReplicaSet(key) })
}

// countPods fills in the status. A pod is available when it has been ready for
// minReadySeconds; the controller comes back when the next one will be.
func (c *controllers) countPods(rs *appsv1.ReplicaSet, active []*corev1.Pod, terminating int32) {
	s := &rs.Status
	s.ObservedGeneration = rs.Generation
	s.Replicas = int32(len(active))
	s.FullyLabeledReplicas = s.Replicas
	s.TerminatingReplicas = &terminating
	s.ReadyReplicas, s.AvailableReplicas = 0, 0
	soak := c.cfg.scale(time.Duration(rs.Spec.MinReadySeconds) * time.Second)
	next := time.Duration(0)
	for _, p := range active {
		run := c.kubelet.runs[p.UID]
		if run == nil || !run.isReady() {
			continue
		}
		s.ReadyReplicas++
		if left := soak - time.Since(run.readySince); left <= 0 {
			s.AvailableReplicas++
		} else if next == 0 || left < next {
			next = left
		}
	}
	if next > 0 {
		key := keyOf(rs)
		c.queue.alarm("replicaset "+key, time.Duration(float64(next)*c.cfg.Speed), func() { c.kickReplicaSet(key) })
	}
}

func noteFailure(s *appsv1.ReplicaSetStatus, failure error, now metav1.Time) {
	is := func(c appsv1.ReplicaSetCondition) bool { return c.Type == appsv1.ReplicaSetReplicaFailure }
	switch {
	case failure == nil:
		s.Conditions = slices.DeleteFunc(s.Conditions, is)
	case !slices.ContainsFunc(s.Conditions, is):
		s.Conditions = append(s.Conditions, appsv1.ReplicaSetCondition{Type: appsv1.ReplicaSetReplicaFailure,
			Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: failure.Error(), LastTransitionTime: now})
	}
}
