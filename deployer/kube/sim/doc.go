// Package sim is a Kubernetes cluster that runs inside one process: an HTTP API
// server, the Deployment and ReplicaSet controllers, a scheduler and the nodes'
// kubelets. The demo runs against it, and tests that need a cluster in
// milliseconds.
//
// client-go (typed clients, informers, JSON Patch) and kubectl work with it
// unchanged, because what they rely on is enforced as the real server does it:
// one resource version for the whole store, conditional updates, watches that
// resume and expire, defaults, validation, and metav1.Status errors with their
// reasons. It answers in JSON only, holds everything in memory, and starts no
// container: a [Behaviour], chosen by image, says how the containers fare.
//
// Left out: server-side apply and managed fields, but for who has paused a
// Deployment; OpenAPI (so that kubectl apply and create -f need --validate=false),
// other workloads than Deployments and bare pods, init containers, scaling in
// proportion during a rollout, what Services do (they and EndpointSlices are kept as
// they are written), quotas as objects, tables (kubectl get prints names and ages),
// paging of lists, log following, and deletion that waits for, or orphans, what is
// owned.
//
// # How it works
//
// A Cluster has the parts of a real one: the apiServer answers requests out of the
// store, the controllers make ReplicaSets and pods, the kubelet schedules and runs
// those, and the recorder writes events.
//
// One mutex guards all of it. Requests take it for the length of one read or
// write. Everything that happens by itself is a task on one queue, ordered by time
// and run by one goroutine ([Cluster.Close] ends it); between tasks it sleeps. A
// write to the store wakes the controllers that care about the object and the
// watches that see it. Controllers are level-triggered, as the real ones are: each
// looks at the present state, takes one step, and is woken again by the change
// that it made.
package sim
