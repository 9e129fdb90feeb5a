package sim

import (
	"math"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// isScaling reports whether the deployment's replicas were changed since its
// ReplicaSets were last sized.
func (r *rollout) isScaling() bool {
	for _, rs := range r.all() {
		desired, err := strconv.ParseInt(rs.Annotations[annDesired], 10, 32)
		if *rs.Spec.Replicas > 0 && err == nil && int32(desired) != *r.d.Spec.Replicas {
			return true
		}
	}
	return false
}

// resize brings the ReplicaSets to a new number of replicas without going on
// with a rollout: one that is under way keeps its proportions.
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
	case r.isSaturated():
		for i := range r.old {
			r.setReplicas(&r.old[i], 0)
		}
	case r.d.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType:
		r.spread(active)
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

// isSaturated reports whether the current ReplicaSet has all the pods it needs.
func (r *rollout) isSaturated() bool {
	if r.current == nil {
		return false
	}
	desired, err := strconv.ParseInt(r.current.Annotations[annDesired], 10, 32)
	want := *r.d.Spec.Replicas
	return err == nil && *r.current.Spec.Replicas == want && int32(desired) == want && r.current.Status.AvailableReplicas == want
}

// spread shares a change of replicas among the active ReplicaSets in
// proportion to their sizes; what rounding leaves goes to the largest.
func (r *rollout) spread(active []**appsv1.ReplicaSet) {
	want := *r.d.Spec.Replicas
	allowed := int32(0)
	if want > 0 {
		surge, _ := r.limits()
		allowed = want + surge
	}
	total := replicas(r.all())
	add := allowed - total
	slices.SortStableFunc(active, func(a, b **appsv1.ReplicaSet) int { return int(*(*b).Spec.Replicas - *(*a).Spec.Replicas) })
	sizes, added := make([]int32, len(active)), int32(0)
	for i, p := range active {
		size := *(*p).Spec.Replicas
		part := int32(math.Round(float64(size)*float64(allowed)/float64(maxReplicas(*p, total)))) - size
		if add > 0 {
			part = min(max(part, 0), add-added)
		} else {
			part = max(min(part, 0), add-added)
		}
		sizes[i], added = size+part, added+part
	}
	sizes[0] = max(0, sizes[0]+add-added)
	for i, p := range active {
		r.setReplicas(p, sizes[i])
	}
}

// maxReplicas is what the deployment was allowed when rs was last sized.
func maxReplicas(rs *appsv1.ReplicaSet, otherwise int32) int32 {
	n, err := strconv.ParseInt(rs.Annotations[annMaxReplicas], 10, 32)
	if err != nil || n <= 0 {
		return otherwise
	}
	return int32(n)
}

// setSizes notes on a ReplicaSet what its deployment wants and allows, and
// reports whether that is new.
func setSizes(rs *appsv1.ReplicaSet, desired, most int32) bool {
	d, m := strconv.Itoa(int(desired)), strconv.Itoa(int(most))
	if rs.Annotations[annDesired] == d && rs.Annotations[annMaxReplicas] == m {
		return false
	}
	if rs.Annotations == nil {
		rs.Annotations = map[string]string{}
	}
	rs.Annotations[annDesired], rs.Annotations[annMaxReplicas] = d, m
	return true
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
