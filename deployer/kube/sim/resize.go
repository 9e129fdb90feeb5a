package sim

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// resize brings a paused deployment to a new number of replicas, unless it was
// paused in the middle of a rollout: the real controller then shares the change
// among its ReplicaSets, and this one leaves it for later.
func (r *rollout) resize() {
	sets := r.pointers()
	var active []**appsv1.ReplicaSet
	for _, p := range sets {
		if *(*p).Spec.Replicas > 0 {
			active = append(active, p)
		}
	}
	want := *r.d.Spec.Replicas
	switch {
	case len(sets) == 0:
	case len(active) == 0:
		r.setReplicas(sets[len(sets)-1], want) // the current, or else the latest
	case len(active) == 1:
		r.setReplicas(active[0], want)
	}
}

func (r *rollout) pointers() []**appsv1.ReplicaSet {
	var sets []**appsv1.ReplicaSet
	for i := range r.old {
		sets = append(sets, &r.old[i])
	}
	if r.current != nil {
		sets = append(sets, &r.current)
	}
	return sets
}

// share is a number, or so much per cent of total.
func share(v *intstr.IntOrString, total int32, up bool) int32 {
	n, err := intstr.GetScaledValueFromIntOrPercent(v, int(total), up)
	if err != nil {
		return 0
	}
	return int32(n)
}

func replicas(sets []*appsv1.ReplicaSet) (n int32) {
	for _, rs := range sets {
		n += *rs.Spec.Replicas
	}
	return n
}

func available(sets []*appsv1.ReplicaSet) (n int32) {
	for _, rs := range sets {
		n += rs.Status.AvailableReplicas
	}
	return n
}
