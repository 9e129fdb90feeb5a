package kube

import (
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/podtemplate"
)

const (
	revisionKey        = "deployment.kubernetes.io/revision"
	revisionHistoryKey = "deployment.kubernetes.io/revision-history" // of a ReplicaSet: the numbers that it had before
	hashKey            = appsv1.DefaultDeploymentUniqueLabelKey
)

// A view is one workload as it is seen at one moment. What it points to is
// shared and must not be changed.
type view struct {
	deployment *appsv1.Deployment // nil: there is none
	sets       []*appsv1.ReplicaSet
	pods       []*corev1.Pod     // those that the workload owns
	endpoints  *endpointCoverage // nil where nobody asked
}

// owns reports whether the pod belongs to the workload. The ReplicaSet of a
// pod that is still stopping may be gone already; its name tells then.
func (v view) owns(p *corev1.Pod) bool {
	o := metav1.GetControllerOf(p)
	if o == nil || o.Kind != "ReplicaSet" {
		return false
	}
	for _, s := range v.sets {
		if s.Name == o.Name {
			return s.UID == o.UID
		}
	}
	return inferDeployment(p, o) == v.deployment.Name
}

// inferDeployment is the name of the Deployment that a pod is from, going by the names
// that the Deployment controller gives.
func inferDeployment(p *corev1.Pod, owner *metav1.OwnerReference) string {
	name, ok := strings.CutSuffix(owner.Name, "-"+p.Labels[hashKey])
	if !ok || p.Labels[hashKey] == "" {
		return ""
	}
	return name
}

// image is the image of the container in the template, or "".
func (v view) image(container string) string {
	image, _ := imageOf(v.deployment.Spec.Template, container)
	return image
}

// imageOf returns the container's image and index in the template, or "" and -1.
func imageOf(t corev1.PodTemplateSpec, container string) (string, int) {
	i := slices.IndexFunc(t.Spec.Containers, func(c corev1.Container) bool { return c.Name == container })
	if i < 0 {
		return "", -1
	}
	return t.Spec.Containers[i].Image, i
}

// current is the ReplicaSet of the template as it is, or nil while the
// controller has not seen the template yet.
func (v view) current() *appsv1.ReplicaSet {
	if !v.observed() {
		return nil
	}
	return v.revision(v.deployment.Annotations[revisionKey])
}

// revision returns the ReplicaSet of the revision, or nil.
func (v view) revision(number string) *appsv1.ReplicaSet {
	for _, s := range v.sets {
		if number != "" && s.Annotations[revisionKey] == number {
			return s
		}
	}
	return nil
}

// revision is the ReplicaSet's number in the history; 0 before it has one.
func revision(s *appsv1.ReplicaSet) int64 {
	n, err := strconv.ParseInt(s.Annotations[revisionKey], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// observed reports whether the status is about the spec as it is.
func (v view) observed() bool {
	return v.deployment.Status.ObservedGeneration >= v.deployment.Generation
}

// wanted is how many pods there should be.
func (v view) wanted() int {
	if n := v.deployment.Spec.Replicas; n != nil {
		return int(*n)
	}
	return 1
}

// complete reports what kubectl rollout status waits for, which says nothing
// of old pods that are still stopping.
func (v view) complete() bool {
	s, n := v.deployment.Status, int32(v.wanted())
	return v.observed() && s.UpdatedReplicas == n && s.Replicas == n && s.AvailableReplicas == n
}

// state is what the workload runs.
func (v view) state(container string) deployer.State {
	image := v.image(container)
	s := deployer.State{Version: version(image), Image: image}
	if set := v.current(); set != nil {
		s.Revision = set.Annotations[revisionKey]
	}
	return s
}

// fullState is state with the template's fingerprint. The view must have been read,
// for what a watch keeps has not all of the template.
func (v view) fullState(container string) deployer.State {
	s := v.state(container)
	s.Template = templateOf(v.deployment.Spec.Template, container)
	return s
}

// templateOf is the fingerprint of a template, whose own marks it leaves out.
func templateOf(t corev1.PodTemplateSpec, container string) string {
	return podtemplate.Fingerprint(t, container, Annotation)
}

// of returns the pods of the ReplicaSet that are not stopping or over.
func (v view) of(set *appsv1.ReplicaSet) []*corev1.Pod {
	var pods []*corev1.Pod
	for _, p := range v.pods {
		if belongs(p, set) && p.DeletionTimestamp == nil && !over(p) {
			pods = append(pods, p)
		}
	}
	return pods
}

// old returns the pods of other revisions that may still serve. One that is
// stopping may.
func (v view) old(set *appsv1.ReplicaSet) []*corev1.Pod {
	var pods []*corev1.Pod
	for _, p := range v.pods {
		if !belongs(p, set) && !over(p) {
			pods = append(pods, p)
		}
	}
	return pods
}

// ending returns the pods of the ReplicaSet that are stopping.
func (v view) ending(set *appsv1.ReplicaSet) []*corev1.Pod {
	var pods []*corev1.Pod
	for _, p := range v.pods {
		if belongs(p, set) && p.DeletionTimestamp != nil && !over(p) {
			pods = append(pods, p)
		}
	}
	return pods
}

func belongs(p *corev1.Pod, set *appsv1.ReplicaSet) bool {
	return set != nil && metav1.IsControlledBy(p, set)
}

// over reports whether the pod has ended and only its record is left, as of an
// evicted one.
func over(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
}

func ready(p *corev1.Pod) bool {
	c := condition(p, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

func condition(p *corev1.Pod, t corev1.PodConditionType) *corev1.PodCondition {
	for i := range p.Status.Conditions {
		if p.Status.Conditions[i].Type == t {
			return &p.Status.Conditions[i]
		}
	}
	return nil
}

// progress is how far the revision of the ReplicaSet has come.
func (v view) progress(set *appsv1.ReplicaSet) deployer.Progress {
	p := deployer.Progress{Total: v.wanted(), Old: len(v.old(set))}
	if set == nil {
		return p
	}
	for _, pod := range v.of(set) {
		p.Updated++
		if ready(pod) {
			p.Ready++
		}
	}
	p.Updated, p.Ready = min(p.Updated, p.Total), min(p.Ready, p.Total) // after a scaling down there are more for a moment
	p.Available = min(int(set.Status.AvailableReplicas), p.Ready)
	return p
}

// serves reports whether what the workload wants has been rolled out as a whole
// and half of it or more is there for clients: a pod that a node has just lost
// does not speak against it.
func (v view) serves() bool {
	s, n := v.deployment.Status, v.wanted()
	return v.observed() && int(s.UpdatedReplicas) >= n && int(s.Replicas) == int(s.UpdatedReplicas) && n > 0 && 2*int(s.AvailableReplicas) >= n
}

// outdated is the progress while the watch does not show yet what a read has
// shown: an API server may list from a memory that lags behind.
func (v view) outdated() deployer.Progress {
	return deployer.Progress{Total: v.wanted(), Note: "Waiting until the cluster shows the change."}
}
