package sim

import (
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
)

var (
	nameColumn = column{name: "Name", typ: "string", cell: func(o object) any { return o.GetName() }}
	ageColumn  = column{name: "Age", typ: "string", cell: func(o object) any { return age(o.GetCreationTimestamp()) }}

	namespaceColumns = []column{nameColumn, {name: "Status", typ: "string", cell: func(object) any { return "Active" }}, ageColumn}

	nodeColumns = []column{nameColumn,
		{name: "Status", typ: "string", cell: func(object) any { return "Ready" }},
		{name: "Roles", typ: "string", cell: func(object) any { return "<none>" }},
		ageColumn,
		{name: "Version", typ: "string", cell: func(o object) any { return o.(*corev1.Node).Status.NodeInfo.KubeletVersion }},
	}

	deploymentColumns = []column{nameColumn,
		{name: "Ready", typ: "string", cell: ofDeployment(func(d *appsv1.Deployment) any {
			return fmt.Sprintf("%d/%d", d.Status.ReadyReplicas, *d.Spec.Replicas)
		})},
		{name: "Up-to-date", typ: "integer", cell: ofDeployment(func(d *appsv1.Deployment) any { return d.Status.UpdatedReplicas })},
		{name: "Available", typ: "integer", cell: ofDeployment(func(d *appsv1.Deployment) any { return d.Status.AvailableReplicas })},
		ageColumn,
		{name: "Containers", typ: "string", wide: true, cell: ofDeployment(func(d *appsv1.Deployment) any { return names(d.Spec.Template.Spec) })},
		{name: "Images", typ: "string", wide: true, cell: ofDeployment(func(d *appsv1.Deployment) any { return images(d.Spec.Template.Spec) })},
		{name: "Selector", typ: "string", wide: true, cell: ofDeployment(func(d *appsv1.Deployment) any {
			return metav1.FormatLabelSelector(d.Spec.Selector)
		})},
	}

	replicaSetColumns = []column{nameColumn,
		{name: "Desired", typ: "integer", cell: ofReplicaSet(func(rs *appsv1.ReplicaSet) any { return *rs.Spec.Replicas })},
		{name: "Current", typ: "integer", cell: ofReplicaSet(func(rs *appsv1.ReplicaSet) any { return rs.Status.Replicas })},
		{name: "Ready", typ: "integer", cell: ofReplicaSet(func(rs *appsv1.ReplicaSet) any { return rs.Status.ReadyReplicas })},
		ageColumn,
		{name: "Images", typ: "string", wide: true, cell: ofReplicaSet(func(rs *appsv1.ReplicaSet) any { return images(rs.Spec.Template.Spec) })},
	}

	podColumns = []column{nameColumn,
		{name: "Ready", typ: "string", cell: ofPod(readyCell)},
		{name: "Status", typ: "string", cell: ofPod(statusCell)},
		{name: "Restarts", typ: "string", cell: ofPod(restartsCell)},
		ageColumn,
		{name: "IP", typ: "string", wide: true, cell: ofPod(func(p *corev1.Pod) any { return orNone(p.Status.PodIP) })},
		{name: "Node", typ: "string", wide: true, cell: ofPod(func(p *corev1.Pod) any { return orNone(p.Spec.NodeName) })},
	}

	eventColumns = []column{
		{name: "Last Seen", typ: "string", cell: ofEvent(func(e *corev1.Event) any { return age(e.LastTimestamp) })},
		{name: "Type", typ: "string", cell: ofEvent(func(e *corev1.Event) any { return e.Type })},
		{name: "Reason", typ: "string", cell: ofEvent(func(e *corev1.Event) any { return e.Reason })},
		{name: "Object", typ: "string", cell: ofEvent(func(e *corev1.Event) any {
			return strings.ToLower(e.InvolvedObject.Kind) + "/" + e.InvolvedObject.Name
		})},
		{name: "Message", typ: "string", cell: ofEvent(func(e *corev1.Event) any { return strings.TrimSpace(e.Message) })},
	}
)

func ofDeployment(f func(*appsv1.Deployment) any) func(object) any {
	return func(o object) any { return f(o.(*appsv1.Deployment)) }
}

func ofReplicaSet(f func(*appsv1.ReplicaSet) any) func(object) any {
	return func(o object) any { return f(o.(*appsv1.ReplicaSet)) }
}

func ofPod(f func(*corev1.Pod) any) func(object) any {
	return func(o object) any { return f(o.(*corev1.Pod)) }
}

func ofEvent(f func(*corev1.Event) any) func(object) any {
	return func(o object) any { return f(o.(*corev1.Event)) }
}

func readyCell(p *corev1.Pod) any {
	ready := 0
	for _, s := range p.Status.ContainerStatuses {
		if s.Ready {
			ready++
		}
	}
	return fmt.Sprintf("%d/%d", ready, len(p.Spec.Containers))
}

// statusCell is why a pod does not run, or else its phase.
func statusCell(p *corev1.Pod) any {
	if p.DeletionTimestamp != nil {
		return "Terminating"
	}
	for _, s := range p.Status.ContainerStatuses {
		switch {
		case s.State.Waiting != nil:
			return s.State.Waiting.Reason
		case s.State.Terminated != nil:
			return s.State.Terminated.Reason
		}
	}
	return string(p.Status.Phase)
}

func restartsCell(p *corev1.Pod) any {
	n, last := int32(0), metav1.Time{}
	for _, s := range p.Status.ContainerStatuses {
		n += s.RestartCount
		if t := s.LastTerminationState.Terminated; t != nil && last.Before(&t.FinishedAt) {
			last = t.FinishedAt
		}
	}
	if last.IsZero() {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d (%s ago)", n, age(last))
}

func names(s corev1.PodSpec) string {
	var all []string
	for _, ctr := range s.Containers {
		all = append(all, ctr.Name)
	}
	return strings.Join(all, ",")
}

func images(s corev1.PodSpec) string {
	var all []string
	for _, ctr := range s.Containers {
		all = append(all, ctr.Image)
	}
	return strings.Join(all, ",")
}

func orNone(s string) string {
	if s == "" {
		return "<none>"
	}
	return s
}

func age(t metav1.Time) string {
	if t.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(time.Since(t.Time))
}
