package sim

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// An object is one of the API's types. In the store it never changes: a change
// is another object.
type object interface {
	metav1.Object
	runtime.Object
}

func clone[T object](o T) T { return o.DeepCopyObject().(T) }

// A resource is a collection that the server knows.
type resource struct {
	group, plural, singular, kind string
	short                         []string
	namespaced                    bool
	readOnly                      bool
	empty                         func() object

	// prepare is what the server does with an object that a client sends: fill
	// in defaults, keep what is not the client's to change, and say what is
	// wrong. old is nil on creation. Nil: nothing.
	prepare func(obj, old object) field.ErrorList

	// fields are what a field selector can select by, besides name and namespace.
	fields func(object) fields.Set
}

var (
	namespaces = &resource{
		plural: "namespaces", singular: "namespace", kind: "Namespace", short: []string{"ns"},
		empty:   func() object { return new(corev1.Namespace) },
		prepare: prepareNamespace,
	}
	nodes = &resource{
		plural: "nodes", singular: "node", kind: "Node", short: []string{"no"}, readOnly: true,
		empty: func() object { return new(corev1.Node) },
	}
	pods = &resource{
		plural: "pods", singular: "pod", kind: "Pod", short: []string{"po"}, namespaced: true,
		empty:   func() object { return new(corev1.Pod) },
		prepare: preparePod,
		fields:  podFields,
	}
	events = &resource{
		plural: "events", singular: "event", kind: "Event", short: []string{"ev"}, namespaced: true,
		empty:  func() object { return new(corev1.Event) },
		fields: eventFields,
	}
	deployments = &resource{
		group: "apps", plural: "deployments", singular: "deployment", kind: "Deployment",
		short: []string{"deploy"}, namespaced: true,
		empty:   func() object { return new(appsv1.Deployment) },
		prepare: prepareDeployment,
	}
	replicaSets = &resource{
		group: "apps", plural: "replicasets", singular: "replicaset", kind: "ReplicaSet",
		short: []string{"rs"}, namespaced: true,
		empty:   func() object { return new(appsv1.ReplicaSet) },
		prepare: prepareReplicaSet,
	}

	services = &resource{
		plural: "services", singular: "service", kind: "Service", short: []string{"svc"}, namespaced: true,
		empty: func() object { return new(corev1.Service) },
	}
	endpointSlices = &resource{
		group: discoveryv1.GroupName, plural: "endpointslices", singular: "endpointslice", kind: "EndpointSlice", namespaced: true,
		empty: func() object { return new(discoveryv1.EndpointSlice) },
	}

	resources = []*resource{namespaces, nodes, pods, events, deployments, replicaSets, services, endpointSlices}
)

func (r *resource) groupVersion() schema.GroupVersion {
	return schema.GroupVersion{Group: r.group, Version: "v1"}
}

func (r *resource) groupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.group, Resource: r.plural}
}

func (r *resource) groupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.group, Kind: r.kind}
}

// head is how the JSON of every object of the resource begins.
func (r *resource) head() string {
	return fmt.Sprintf(`{"kind":%q,"apiVersion":%q,`, r.kind, r.groupVersion())
}

// encode is the object's JSON, with kind and version.
func (r *resource) encode(o object) []byte {
	o.GetObjectKind().SetGroupVersionKind(r.groupVersion().WithKind(r.kind))
	b, err := json.Marshal(o)
	if err != nil { // the API's types have no value that JSON cannot hold
		panic(fmt.Sprintf("encode %s: %v", r.kind, err))
	}
	return b
}

// key is where an object stands in its collection.
func key(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

func keyOf(o metav1.Object) string { return key(o.GetNamespace(), o.GetName()) }

func podFields(o object) fields.Set {
	p := o.(*corev1.Pod)
	return fields.Set{
		"spec.nodeName":           p.Spec.NodeName,
		"spec.restartPolicy":      string(p.Spec.RestartPolicy),
		"spec.serviceAccountName": p.Spec.ServiceAccountName,
		"status.phase":            string(p.Status.Phase),
		"status.podIP":            p.Status.PodIP,
	}
}

func eventFields(o object) fields.Set {
	e := o.(*corev1.Event)
	return fields.Set{
		"involvedObject.kind":            e.InvolvedObject.Kind,
		"involvedObject.namespace":       e.InvolvedObject.Namespace,
		"involvedObject.name":            e.InvolvedObject.Name,
		"involvedObject.uid":             string(e.InvolvedObject.UID),
		"involvedObject.apiVersion":      e.InvolvedObject.APIVersion,
		"involvedObject.resourceVersion": e.InvolvedObject.ResourceVersion,
		"involvedObject.fieldPath":       e.InvolvedObject.FieldPath,
		"reason":                         e.Reason,
		"reportingComponent":             e.ReportingController,
		"source":                         e.Source.Component,
		"type":                           e.Type,
	}
}
