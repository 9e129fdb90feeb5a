package kube

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The trim functions copy the fields that are read here, and leave the rest to the
// garbage collector: nine tenths of a pod are never looked at.

func trimDeployment(obj any) any {
	d, ok := obj.(*appsv1.Deployment)
	if !ok {
		return obj
	}
	template := trimTemplate(d.Spec.Template)
	template.Labels = d.Spec.Template.Labels // which Services select by
	meta := trimMeta(d.ObjectMeta, revisionKey, PausedBy, RolledBackBy)
	meta.ManagedFields = trimPausers(d)
	return &appsv1.Deployment{
		ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{
			Replicas: d.Spec.Replicas, Paused: d.Spec.Paused,
			ProgressDeadlineSeconds: d.Spec.ProgressDeadlineSeconds, MinReadySeconds: d.Spec.MinReadySeconds, Template: template,
		},
		Status: d.Status,
	}
}

// trimPausers keeps of the account of managers who holds a pause.
func trimPausers(d *appsv1.Deployment) []metav1.ManagedFieldsEntry {
	if !d.Spec.Paused {
		return nil
	}
	var kept []metav1.ManagedFieldsEntry
	for _, manager := range pausers(d) {
		kept = append(kept, metav1.ManagedFieldsEntry{
			Manager: manager, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:paused":{}}}`),
		})
	}
	return kept
}

func trimReplicaSet(obj any) any {
	s, ok := obj.(*appsv1.ReplicaSet)
	if !ok {
		return obj
	}
	return &appsv1.ReplicaSet{
		ObjectMeta: trimMeta(s.ObjectMeta, revisionKey, revisionHistoryKey, RolledBackBy),
		Spec:       appsv1.ReplicaSetSpec{Template: trimTemplate(s.Spec.Template)},
		Status:     s.Status,
	}
}

func trimPod(obj any) any {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return obj
	}
	meta := trimMeta(p.ObjectMeta)
	meta.DeletionGracePeriodSeconds, meta.Finalizers = p.DeletionGracePeriodSeconds, p.Finalizers // why one does not end
	return &corev1.Pod{
		ObjectMeta: meta,
		Spec:       corev1.PodSpec{NodeName: p.Spec.NodeName, Containers: trimContainers(p.Spec.Containers)},
		Status: corev1.PodStatus{
			Phase: p.Status.Phase, Reason: p.Status.Reason, Message: p.Status.Message, Conditions: trimConditions(p.Status.Conditions),
			ContainerStatuses:     trimStatuses(p.Status.ContainerStatuses),
			InitContainerStatuses: trimStatuses(p.Status.InitContainerStatuses),
		},
	}
}

func trimService(obj any) any {
	s, ok := obj.(*corev1.Service)
	if !ok {
		return obj
	}
	ports := make([]corev1.ServicePort, len(s.Spec.Ports))
	for i, p := range s.Spec.Ports {
		ports[i] = corev1.ServicePort{Name: p.Name}
	}
	return &corev1.Service{
		ObjectMeta: trimMeta(s.ObjectMeta),
		Spec:       corev1.ServiceSpec{Type: s.Spec.Type, Selector: s.Spec.Selector, Ports: ports},
	}
}

func trimEndpointSlice(obj any) any {
	s, ok := obj.(*discoveryv1.EndpointSlice)
	if !ok {
		return obj
	}
	out := &discoveryv1.EndpointSlice{ObjectMeta: trimMeta(s.ObjectMeta)}
	out.Labels = only(s.Labels, discoveryv1.LabelServiceName)
	for _, p := range s.Ports {
		out.Ports = append(out.Ports, discoveryv1.EndpointPort{Name: p.Name})
	}
	for _, e := range s.Endpoints {
		if e.TargetRef != nil {
			out.Endpoints = append(out.Endpoints, discoveryv1.Endpoint{
				TargetRef: &corev1.ObjectReference{UID: e.TargetRef.UID}, Conditions: e.Conditions,
			})
		}
	}
	return out
}

// trimMeta keeps the named annotations, and of the labels the hash.
func trimMeta(m metav1.ObjectMeta, annotations ...string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: m.Namespace, Name: m.Name, UID: m.UID, ResourceVersion: m.ResourceVersion, Generation: m.Generation,
		CreationTimestamp: m.CreationTimestamp, DeletionTimestamp: m.DeletionTimestamp, OwnerReferences: m.OwnerReferences,
		Annotations: only(m.Annotations, annotations...), Labels: only(m.Labels, hashKey),
	}
}

func only(all map[string]string, keys ...string) map[string]string {
	var kept map[string]string
	for _, k := range keys {
		if v, ok := all[k]; ok {
			if kept == nil {
				kept = make(map[string]string, len(keys))
			}
			kept[k] = v
		}
	}
	return kept
}

func trimTemplate(t corev1.PodTemplateSpec) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Annotations: only(t.Annotations, Annotation)},
		Spec:       corev1.PodSpec{Containers: trimContainers(t.Spec.Containers)},
	}
}

func trimContainers(all []corev1.Container) []corev1.Container {
	out := make([]corev1.Container, len(all))
	for i, c := range all {
		out[i] = corev1.Container{Name: c.Name, Image: c.Image}
	}
	return out
}

func trimConditions(all []corev1.PodCondition) []corev1.PodCondition {
	var out []corev1.PodCondition
	for _, c := range all {
		if c.Type == corev1.PodReady || c.Type == corev1.PodScheduled || c.Type == corev1.DisruptionTarget {
			out = append(out, c)
		}
	}
	return out
}

func trimStatuses(all []corev1.ContainerStatus) []corev1.ContainerStatus {
	out := make([]corev1.ContainerStatus, len(all))
	for i, c := range all {
		out[i] = corev1.ContainerStatus{
			Name: c.Name, State: c.State, LastTerminationState: c.LastTerminationState,
			Ready: c.Ready, RestartCount: c.RestartCount, ImageID: c.ImageID,
		}
	}
	return out
}
