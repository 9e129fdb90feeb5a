// Package kubetest starts a real Kubernetes control plane for tests: etcd, kube-apiserver with RBAC,
// kube-controller-manager and kube-scheduler, with kwok in the place of the nodes. What a test sees is
// therefore Kubernetes' own behaviour (revisions, rollouts, conflicts, watches, garbage collection); only
// the containers are played, and they do what their image's tag says (see [Behave]).
//
// The control plane is built from the nested module controlplane, once for each change of it, into the
// user's cache folder. That takes about five minutes, so its tests are skipped, unless
// STATIONMASTER_SLOW=1 or CI=true is set:
//
//	STATIONMASTER_SLOW=1 go test -timeout 30m ./deployer/kube/...
//
// A package whose tests share a cluster, which is the usual way, says
//
//	func TestMain(m *testing.M) { os.Exit(kubetest.Main(m)) }
//
// and gets it from [Shared], with a namespace of its own for each test from [Cluster.Namespace]. A test that
// stops the API server or compacts its history takes a cluster of its own from [Start].
package kubetest
