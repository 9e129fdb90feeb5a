package sim

import (
	"fmt"
	"math"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// A rollout is one look of the deployment controller at one deployment. The
// steps, their order and their arithmetic are those of Kubernetes'
// pkg/controller/deployment.
type rollout struct {
	c       *controllers
	d       *appsv1.Deployment // a copy; its status and revision are written at the end
	before  appsv1.DeploymentStatus
	current *appsv1.ReplicaSet   // whose template is the deployment's; may be nil
	old     []*appsv1.ReplicaSet // the others, oldest first
}

func (c *controllers) syncDeployment(key string) {
	it := c.store.all[deployments].items[key]
	if it == nil {
		return
	}
	d := clone(it.obj.(*appsv1.Deployment))
	r := &rollout{c: c, d: d, before: *d.Status.DeepCopy()}
	r.notePause()
	r.findReplicaSets()
	switch {
	case d.Spec.Paused:
		r.resize()
		r.dropHistory()
		r.countStatus()
	case d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		r.recreate()
		r.estimateProgress()
	default:
		r.roll()
		r.estimateProgress()
	}
	c.store.put(deployments, d)
	r.watchDeadline()
}

// all is every ReplicaSet that there is.
func (r *rollout) all() []*appsv1.ReplicaSet {
	if r.current == nil {
		return r.old
	}
	return append(r.old[:len(r.old):len(r.old)], r.current)
}

// notePause makes a condition of it, so that a pause does not count against
// the progress deadline.
func (r *rollout) notePause() {
	if !r.hasDeadline() {
		return
	}
	cond := condition(r.d.Status, appsv1.DeploymentProgressing)
	noted := cond != nil && cond.Reason == "DeploymentPaused"
	switch {
	case cond != nil && cond.Reason == reasonTimedOut:
	case r.d.Spec.Paused && !noted:
		r.setProgressing(corev1.ConditionUnknown, "DeploymentPaused", "Deployment is paused")
	case !r.d.Spec.Paused && noted:
		r.setProgressing(corev1.ConditionUnknown, "DeploymentResumed", "Deployment is resumed")
	}
}

// roll takes one step of a rolling update: up if there is room, or else down.
func (r *rollout) roll() {
	r.ensureCurrent()
	if r.growCurrent() || r.shrinkOld() {
		return
	}
	if r.isComplete(r.d.Status) {
		r.dropHistory()
	}
}

// recreate takes one step of replacing all old pods by new ones.
func (r *rollout) recreate() {
	shrunk := false
	for i := range r.old {
		if *r.old[i].Spec.Replicas > 0 {
			shrunk = r.setReplicas(&r.old[i], 0) || shrunk
		}
	}
	if shrunk || r.oldPodsRun() {
		return
	}
	r.ensureCurrent()
	r.setReplicas(&r.current, *r.d.Spec.Replicas)
	if r.isComplete(r.d.Status) {
		r.dropHistory()
	}
}

func (r *rollout) oldPodsRun() bool {
	for _, rs := range r.old {
		if len(r.c.store.owned[rs.UID]) > 0 {
			return true
		}
	}
	return false
}

// growCurrent gives the current ReplicaSet as many pods as maxSurge allows.
func (r *rollout) growCurrent() bool {
	if want := *r.d.Spec.Replicas; *r.current.Spec.Replicas > want {
		return r.setReplicas(&r.current, want)
	}
	return r.setReplicas(&r.current, r.room())
}

// room is how many replicas the current ReplicaSet may have now.
func (r *rollout) room() int32 {
	want, have := *r.d.Spec.Replicas, int32(0)
	if r.current != nil {
		have = *r.current.Spec.Replicas
	}
	if r.d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return want
	}
	surge, _ := r.limits()
	spare := want + surge - replicas(r.all())
	return have + max(0, min(spare, want-have))
}

// shrinkOld takes pods from old ReplicaSets as far as maxUnavailable allows:
// first those that do not work anyway.
func (r *rollout) shrinkOld() bool {
	oldest := r.old
	if replicas(oldest) == 0 {
		return false
	}
	_, unavailable := r.limits()
	least := *r.d.Spec.Replicas - unavailable
	spare := replicas(r.all()) - least - (*r.current.Spec.Replicas - r.current.Status.AvailableReplicas)
	if spare <= 0 {
		return false
	}
	shrunk := false
	for i := range oldest {
		broken := *oldest[i].Spec.Replicas - oldest[i].Status.AvailableReplicas
		if n := min(spare, broken); n > 0 {
			shrunk = r.setReplicas(&oldest[i], *oldest[i].Spec.Replicas-n) || shrunk
			spare -= n
		}
	}
	left := available(r.all()) - least
	for i := range oldest {
		if n := min(left, *oldest[i].Spec.Replicas); n > 0 {
			shrunk = r.setReplicas(&oldest[i], *oldest[i].Spec.Replicas-n) || shrunk
			left -= n
		}
	}
	return shrunk
}

// limits are maxSurge and maxUnavailable as numbers.
func (r *rollout) limits() (surge, unavailable int32) {
	u := r.d.Spec.Strategy.RollingUpdate
	if u == nil {
		return 0, 0
	}
	surge = share(u.MaxSurge, *r.d.Spec.Replicas, true)
	unavailable = share(u.MaxUnavailable, *r.d.Spec.Replicas, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1 // or percentages of few replicas would stop everything
	}
	return surge, min(unavailable, *r.d.Spec.Replicas)
}

// setReplicas scales a ReplicaSet, and points rs at it as it is then.
func (r *rollout) setReplicas(rs **appsv1.ReplicaSet, n int32) bool {
	was := *(*rs).Spec.Replicas
	if was == n {
		return false
	}
	next := clone(*rs)
	next.Spec.Replicas = &n
	next.Generation++
	*rs = r.c.store.put(replicaSets, next).obj.(*appsv1.ReplicaSet)
	way := "up"
	if n < was {
		way = "down"
	}
	r.c.events.report(r.d, deployments, corev1.EventTypeNormal, "ScalingReplicaSet", "deployment-controller",
		fmt.Sprintf("Scaled %s replica set %s from %d to %d", way, next.Name, was, n))
	return true
}

func (r *rollout) hasDeadline() bool {
	return *r.d.Spec.ProgressDeadlineSeconds != math.MaxInt32
}
