package sim

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
)

const (
	hashLabel       = appsv1.DefaultDeploymentUniqueLabelKey
	annRevision     = "deployment.kubernetes.io/revision"
	annHistory      = "deployment.kubernetes.io/revision-history"
	annLastApplied  = corev1.LastAppliedConfigAnnotation
	annotationOfOld = "deprecated.deployment.rollback.to"
)

// findReplicaSets sorts the deployment's ReplicaSets into the current one and
// the old ones, and numbers the current one. A template that was there before
// finds the ReplicaSet that it had.
func (r *rollout) findReplicaSets() {
	for _, o := range r.c.store.children(r.d.UID) {
		rs := o.(*appsv1.ReplicaSet)
		if r.current == nil && sameTemplate(rs.Spec.Template, r.d.Spec.Template) {
			r.current = rs
		} else {
			r.old = append(r.old, rs)
		}
	}
	if r.current == nil {
		return
	}
	next := clone(r.current)
	r.annotate(next)
	if next.Spec.MinReadySeconds != r.d.Spec.MinReadySeconds {
		next.Spec.MinReadySeconds = r.d.Spec.MinReadySeconds
		next.Generation++
	}
	r.current = r.c.store.put(replicaSets, next).obj.(*appsv1.ReplicaSet)
	r.setRevision(r.current)
	if r.hasDeadline() && condition(r.d.Status, appsv1.DeploymentProgressing) == nil {
		r.setProgressing(corev1.ConditionTrue, "FoundNewReplicaSet", fmt.Sprintf("Found new replica set %q", r.current.Name))
	}
}

// ensureCurrent creates the current ReplicaSet unless it is there.
func (r *rollout) ensureCurrent() {
	if r.current != nil {
		return
	}
	hash := r.freeHash()
	template := *r.d.Spec.Template.DeepCopy()
	template.Labels = with(template.Labels, hash)
	selector := r.d.Spec.Selector.DeepCopy()
	selector.MatchLabels = with(selector.MatchLabels, hash)
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name: r.d.Name + "-" + hash, Namespace: r.d.Namespace, Labels: template.Labels,
			OwnerReferences: ownerRef(deployments, r.d),
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: new(r.room()), MinReadySeconds: r.d.Spec.MinReadySeconds,
			Selector: selector, Template: template,
		},
	}
	r.annotate(rs)
	r.c.store.stamp(replicaSets, rs)
	r.current = r.c.store.put(replicaSets, rs).obj.(*appsv1.ReplicaSet)
	r.setRevision(rs)
	if *rs.Spec.Replicas > 0 {
		r.c.events.report(r.d, deployments, corev1.EventTypeNormal, "ScalingReplicaSet", "deployment-controller",
			fmt.Sprintf("Scaled up replica set %s from 0 to %d", rs.Name, *rs.Spec.Replicas))
	}
	if r.hasDeadline() {
		r.setProgressing(corev1.ConditionTrue, "NewReplicaSetCreated", fmt.Sprintf("Created new replica set %q", rs.Name))
	}
}

// freeHash is the template's hash, changed as long as another template has it.
func (r *rollout) freeHash() string {
	for {
		hash := templateHash(r.d.Spec.Template, r.d.Status.CollisionCount)
		if r.c.store.get(replicaSets, r.d.Namespace, r.d.Name+"-"+hash) == nil {
			return hash
		}
		n := int32(1)
		if old := r.d.Status.CollisionCount; old != nil {
			n = *old + 1
		}
		r.d.Status.CollisionCount = &n
	}
}

func templateHash(t corev1.PodTemplateSpec, collisions *int32) string {
	h := fnv.New32a()
	b, _ := json.Marshal(t) // a template can always be encoded
	h.Write(b)
	if collisions != nil {
		_, _ = fmt.Fprint(h, *collisions) // a hash takes everything
	}
	return rand.SafeEncodeString(strconv.FormatUint(uint64(h.Sum32()), 10))
}

func sameTemplate(a, b corev1.PodTemplateSpec) bool {
	a.Labels, b.Labels = maps.Clone(a.Labels), maps.Clone(b.Labels)
	delete(a.Labels, hashLabel)
	delete(b.Labels, hashLabel)
	return equality.Semantic.DeepEqual(a, b)
}

func with(labels map[string]string, hash string) map[string]string {
	labels = maps.Clone(labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[hashLabel] = hash
	return labels
}

// annotate gives a ReplicaSet the deployment's annotations and, when there is
// an old one with its number or a higher one, the next number.
func (r *rollout) annotate(rs *appsv1.ReplicaSet) {
	if rs.Annotations == nil {
		rs.Annotations = map[string]string{}
	}
	for k, v := range r.d.Annotations {
		switch k {
		case annRevision, annHistory, annLastApplied, annotationOfOld:
		default:
			rs.Annotations[k] = v
		}
	}
	next := int64(1)
	for _, old := range r.old {
		next = max(next, revision(old)+1)
	}
	was := rs.Annotations[annRevision]
	if revision(rs) >= next {
		return
	}
	rs.Annotations[annRevision] = strconv.FormatInt(next, 10)
	if was != "" {
		history := append(strings.FieldsFunc(rs.Annotations[annHistory], func(c rune) bool { return c == ',' }), was)
		rs.Annotations[annHistory] = strings.Join(history, ",")
	}
}

func (r *rollout) setRevision(rs *appsv1.ReplicaSet) {
	if r.d.Annotations == nil {
		r.d.Annotations = map[string]string{}
	}
	r.d.Annotations[annRevision] = rs.Annotations[annRevision]
}

// revision is 0 when there is none.
func revision(o metav1.Object) int64 {
	n, err := strconv.ParseInt(o.GetAnnotations()[annRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// dropHistory deletes the oldest of the old ReplicaSets without pods, down to
// revisionHistoryLimit.
func (r *rollout) dropHistory() {
	surplus := len(r.old) - int(*r.d.Spec.RevisionHistoryLimit)
	if surplus <= 0 {
		return
	}
	byRevision := slices.SortedFunc(slices.Values(r.old), func(a, b *appsv1.ReplicaSet) int {
		return int(revision(a) - revision(b))
	})
	for _, rs := range byRevision[:surplus] {
		if *rs.Spec.Replicas != 0 || rs.Status.Replicas != 0 || rs.Generation > rs.Status.ObservedGeneration {
			continue
		}
		r.c.store.remove(replicaSets, r.c.store.get(replicaSets, rs.Namespace, rs.Name))
		r.old = slices.DeleteFunc(r.old, func(o *appsv1.ReplicaSet) bool { return o.UID == rs.UID })
	}
}
