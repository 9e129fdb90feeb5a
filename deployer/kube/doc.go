// Package kube rolls out, verifies, pauses and rolls back Kubernetes
// Deployments.
//
// # How a repeat is made harmless
//
// What stationmaster sets carries its mark: an annotation of the pod template
// ([Annotation]) that holds the deployment's id, with "/rollback" behind it for
// the way back, and never the attempt. So the mark is part of the revision: it
// is seen on the workload while that revision is the current one, in the
// revision history afterwards, and nowhere if the change was never made. Whoever
// changes the template by hand leaves the mark, so that of the revisions that bear
// it only the first, and what is the same, was made under it.
//
// What goes back puts the template of a ReplicaSet that is there in place exactly
// as it was, so that the controller takes that one up: no pod of it is touched, and
// no room, registry or new object is needed. So the mark can't be a part of that
// template. It is an annotation of the workload itself ([RolledBackBy]), which
// survives somebody else's change: it counts only as long as the workload has the
// image of that template, what is changed beside it is said, and every later rollout
// of ours removes it. Where only the template is another one than before, all of it
// counts, or the generation that our patch has made. Where the ReplicaSet is gone the
// image alone is set, with the mark in the template.
//
// A pause is ours only where it is noted ([PausedBy]) and is that very pause: the
// API server's account of managers says that we hold it, or, where somebody has
// cleaned that away, the generation is still that of our pause.
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
