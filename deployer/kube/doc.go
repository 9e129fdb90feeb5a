// Package kube rolls out, verifies, pauses and rolls back Kubernetes
// Deployments.
//
// # How a repeat is made harmless
//
// What stationmaster sets carries its mark: an annotation of the pod template
// ([Annotation]) that holds the deployment's id, with "/rollback" behind it for
// the way back, and never the attempt. So the mark is part of the revision: it
// is seen on the workload while that revision is the current one, in the
// revision history afterwards, and nowhere if the change was never made. An
// annotation of the workload itself would survive somebody else's change.
//
// A change is one JSON Patch that tests everything it rests on, the UID, the
// container's name and image and the mark that was there, and then sets image
// and mark together. A second one finds a test failing (422) and changes
// nothing. A strategic merge patch would add a container whose name is
// mistyped, and a test of the resourceVersion would fail on every change of
// status.
//
// # How a rollout is followed
//
// One watch for each of deployments, replicasets and pods serves all that is
// followed in a namespace of a cluster. It is held while somebody follows
// something there. Nothing is polled: whoever follows is woken by a change of
// their own workload, looks at the whole of it, and decides anew. So a gap in
// the watch, a restarted API server or an expired resource version loses
// nothing. Services and EndpointSlices are watched in the same way, while
// something is verified there.
//
// # What may pass by itself
//
// Trouble that may pass is borne for the [Grace] of its cause. Its clock belongs to
// one pod, or one other object, and counts from the later of two times: when the
// trouble began, and when the rollout last came on, which is when a new pod became
// ready or an old one went away. Where room is missing it stands still while an old
// pod is stopping that may free it. What was there when a Follow begins counts from
// when the cluster says that it began, so that our own restart costs no time; what
// comes later counts from when it is seen, for clocks differ.
package kube
