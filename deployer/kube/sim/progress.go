package sim

import (
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

const (
	reasonAvailable = "NewReplicaSetAvailable"
	reasonTimedOut  = "ProgressDeadlineExceeded"
)

// countStatus fills in the deployment's numbers from its ReplicaSets, and
// whether it is available.
func (r *rollout) countStatus() {
	s := &r.d.Status
	s.ObservedGeneration = r.d.Generation
	s.Replicas, s.ReadyReplicas, s.UpdatedReplicas = 0, 0, 0
	terminating := int32(0)
	for _, rs := range r.all() {
		s.Replicas += rs.Status.Replicas
		s.ReadyReplicas += rs.Status.ReadyReplicas
		if t := rs.Status.TerminatingReplicas; t != nil {
			terminating += *t
		}
	}
	if r.current != nil {
		s.UpdatedReplicas = r.current.Status.Replicas
	}
	s.TerminatingReplicas = &terminating
	s.AvailableReplicas = available(r.all())
	s.UnavailableReplicas = max(0, replicas(r.all())-s.AvailableReplicas)
	_, unavailable := r.limits()
	if s.AvailableReplicas >= *r.d.Spec.Replicas-unavailable {
		r.set(appsv1.DeploymentAvailable, corev1.ConditionTrue, "MinimumReplicasAvailable", "Deployment has minimum availability.")
	} else {
		r.set(appsv1.DeploymentAvailable, corev1.ConditionFalse, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
	}
}

// estimateProgress counts, and says how the rollout fares.
func (r *rollout) estimateProgress() {
	r.countStatus()
	s := r.d.Status
	cond := condition(s, appsv1.DeploymentProgressing)
	done := s.Replicas == s.UpdatedReplicas && cond != nil && cond.Reason == reasonAvailable
	name := fmt.Sprintf("Deployment %q", r.d.Name)
	if r.current != nil {
		name = fmt.Sprintf("ReplicaSet %q", r.current.Name)
	}
	switch {
	case !r.hasDeadline():
		r.drop(appsv1.DeploymentProgressing)
	case done:
	case r.isComplete(s):
		r.setProgressing(corev1.ConditionTrue, reasonAvailable, name+" has successfully progressed.")
	case r.hasProgressed():
		r.progressed(name + " is progressing.")
	case r.isTimedOut():
		r.setProgressing(corev1.ConditionFalse, reasonTimedOut, name+" has timed out progressing.")
	}
	r.noteFailures()
}

// isComplete reports whether all replicas are updated and available, and no
// old one is left.
func (r *rollout) isComplete(s appsv1.DeploymentStatus) bool {
	want := *r.d.Spec.Replicas
	return s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want &&
		s.ObservedGeneration >= r.d.Generation
}

// hasProgressed reports whether there are more new pods, fewer old ones, or
// more that work than there were.
func (r *rollout) hasProgressed() bool {
	was, is := r.before, r.d.Status
	return is.UpdatedReplicas > was.UpdatedReplicas ||
		is.Replicas-is.UpdatedReplicas < was.Replicas-was.UpdatedReplicas ||
		is.ReadyReplicas > was.ReadyReplicas || is.AvailableReplicas > was.AvailableReplicas
}

// progressed renews the condition even if it says the same, because the
// deadline counts from its last update.
func (r *rollout) progressed(message string) {
	was := condition(r.d.Status, appsv1.DeploymentProgressing)
	if was != nil {
		was = was.DeepCopy()
	}
	r.drop(appsv1.DeploymentProgressing)
	r.setProgressing(corev1.ConditionTrue, "ReplicaSetUpdated", message)
	if was != nil && was.Status == corev1.ConditionTrue {
		condition(r.d.Status, appsv1.DeploymentProgressing).LastTransitionTime = was.LastTransitionTime
	}
}

func (r *rollout) deadline() time.Duration {
	return r.c.cfg.scale(time.Duration(*r.d.Spec.ProgressDeadlineSeconds) * time.Second)
}

func (r *rollout) isTimedOut() bool {
	cond := condition(r.d.Status, appsv1.DeploymentProgressing)
	if cond == nil || cond.Reason == reasonAvailable {
		return false
	}
	return cond.Reason == reasonTimedOut || time.Since(r.c.progress[r.d.UID]) >= r.deadline()
}

// watchDeadline lets the controller look again when the deadline is over.
func (r *rollout) watchDeadline() {
	cond := condition(r.d.Status, appsv1.DeploymentProgressing)
	if !r.hasDeadline() || cond == nil || cond.Reason == reasonTimedOut || r.d.Spec.Paused || r.isComplete(r.d.Status) {
		return
	}
	left := time.Until(r.c.progress[r.d.UID].Add(r.deadline()))
	key := keyOf(r.d)
	r.c.queue.alarm("deployment "+key, max(0, time.Duration(float64(left)*r.c.cfg.Speed))+syncDelay,
		func() { r.c.kickDeployment(key) })
}

// noteFailures passes on why pods cannot be created.
func (r *rollout) noteFailures() {
	for _, rs := range slices.Backward(r.all()) {
		for _, c := range rs.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure {
				r.set(appsv1.DeploymentReplicaFailure, c.Status, c.Reason, c.Message)
				return
			}
		}
	}
	r.drop(appsv1.DeploymentReplicaFailure)
}

// condition points into s, or is nil.
func condition(s appsv1.DeploymentStatus, typ appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == typ {
			return &s.Conditions[i]
		}
	}
	return nil
}

func (r *rollout) drop(typ appsv1.DeploymentConditionType) {
	r.d.Status.Conditions = slices.DeleteFunc(r.d.Status.Conditions,
		func(c appsv1.DeploymentCondition) bool { return c.Type == typ })
}

// set sets a condition unless it says the same already, and reports whether it did.
func (r *rollout) set(typ appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string) bool {
	at := now()
	next := appsv1.DeploymentCondition{Type: typ, Status: status, Reason: reason, Message: message,
		LastUpdateTime: at, LastTransitionTime: at}
	if was := condition(r.d.Status, typ); was != nil {
		if was.Status == status && was.Reason == reason {
			return false
		}
		if was.Status == status {
			next.LastTransitionTime = was.LastTransitionTime
		}
		r.drop(typ)
	}
	r.d.Status.Conditions = append(r.d.Status.Conditions, next)
	return true
}

// setProgressing also remembers when, more exactly than the condition can.
func (r *rollout) setProgressing(status corev1.ConditionStatus, reason, message string) {
	if r.set(appsv1.DeploymentProgressing, status, reason, message) {
		r.c.progress[r.d.UID] = time.Now()
	}
}
