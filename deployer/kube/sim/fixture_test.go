package sim

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func TestMain(m *testing.M) {
	slowtest.Parallel(slowtest.Runs(8, 2)) // they wait for pods
	goleak.VerifyTestMain(m)
}

// fast is a speed at which a pod is ready after some ten milliseconds.
const fast = 200

// A fixture is a cluster, served, with a client as the program makes it: from
// the kubeconfig.
type fixture struct {
	*Cluster
	*kubernetes.Clientset
	server *httptest.Server
	ctx    context.Context
	t      testing.TB
}

func newFixture(t testing.TB, cfg Config) *fixture {
	t.Helper()
	if cfg.Speed == 0 {
		cfg.Speed = fast
	}
	c := New(cfg)
	server := httptest.NewServer(c.Handler())
	t.Cleanup(func() {
		c.Close()
		server.Close()
	})
	rest, err := clientcmd.RESTConfigFromKubeConfig(c.Kubeconfig(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	rest.QPS = -1
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return &fixture{Cluster: c, Clientset: client, server: server, ctx: ctx, t: t}
}

// addWeb creates deployment prod/web and waits until it runs.
func (f *fixture) addWeb(image string, n int) *appsv1.Deployment {
	f.t.Helper()
	if err := f.AddDeployment("prod", "web", "app", image, n); err != nil {
		f.t.Fatal(err)
	}
	return f.await("runs", complete)
}

func (f *fixture) patch(typ types.PatchType, patch string) error {
	_, err := f.AppsV1().Deployments("prod").Patch(f.ctx, "web", typ, []byte(patch), metav1.PatchOptions{})
	return err
}

func (f *fixture) setImage(image string) {
	f.t.Helper()
	if err := f.patch(types.JSONPatchType,
		fmt.Sprintf(`[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":%q}]`, image)); err != nil {
		f.t.Fatal(err)
	}
}

// await watches prod/web until it is as wanted.
func (f *fixture) await(what string, ok func(*appsv1.Deployment) bool) *appsv1.Deployment {
	f.t.Helper()
	var seen *appsv1.Deployment
	f.watchUntil(what, func(factory informers.SharedInformerFactory) cache.SharedIndexInformer {
		return factory.Apps().V1().Deployments().Informer()
	}, func(o any) bool {
		seen = o.(*appsv1.Deployment)
		return seen.Name == "web" && ok(seen)
	})
	return seen
}

// awaitPod watches until a pod is as wanted.
func (f *fixture) awaitPod(what string, ok func(*corev1.Pod) bool) *corev1.Pod {
	f.t.Helper()
	var seen *corev1.Pod
	f.watchUntil(what, func(factory informers.SharedInformerFactory) cache.SharedIndexInformer {
		return factory.Core().V1().Pods().Informer()
	}, func(o any) bool {
		seen = o.(*corev1.Pod)
		return ok(seen)
	})
	return seen
}

// watchUntil runs a shared informer until an object that it hands out is wanted.
func (f *fixture) watchUntil(what string, informer func(informers.SharedInformerFactory) cache.SharedIndexInformer, wanted func(any) bool) {
	f.t.Helper()
	found, stop := make(chan struct{}), make(chan struct{})
	done := false
	see := func(o any) {
		if !done && wanted(o) {
			done = true
			close(found)
		}
	}
	factory := informers.NewSharedInformerFactoryWithOptions(f.Clientset, 0, informers.WithNamespace("prod"))
	defer factory.Shutdown()
	defer close(stop)
	if _, err := informer(factory).AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: see, UpdateFunc: func(_, o any) { see(o) }}); err != nil {
		f.t.Fatal(err)
	}
	factory.Start(stop)
	select {
	case <-found:
	case <-f.ctx.Done():
		d, _ := f.AppsV1().Deployments("prod").Get(context.Background(), "web", metav1.GetOptions{})
		f.t.Fatalf("deployment never %s; its status is %+v", what, d.Status)
	}
}

// complete is how kubectl rollout status decides.
func complete(d *appsv1.Deployment) bool {
	want, s := *d.Spec.Replicas, d.Status
	return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want
}

func hasReason(typ appsv1.DeploymentConditionType, reason string) func(*appsv1.Deployment) bool {
	return func(d *appsv1.Deployment) bool {
		c := condition(d.Status, typ)
		return c != nil && c.Reason == reason && d.Status.ObservedGeneration >= d.Generation
	}
}

func (f *fixture) podsOf(d *appsv1.Deployment) []corev1.Pod {
	f.t.Helper()
	l, err := f.CoreV1().Pods(d.Namespace).List(f.ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(d.Spec.Selector)})
	if err != nil {
		f.t.Fatal(err)
	}
	return l.Items
}

func (f *fixture) replicaSets() []appsv1.ReplicaSet {
	f.t.Helper()
	l, err := f.AppsV1().ReplicaSets("prod").List(f.ctx, metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return l.Items
}

// hasEvent waits for an event by reason and part of its message.
func (f *fixture) hasEvent(reason string) corev1.Event {
	f.t.Helper()
	var seen corev1.Event
	f.watchUntil("had event "+reason, func(factory informers.SharedInformerFactory) cache.SharedIndexInformer {
		return factory.Core().V1().Events().Informer()
	}, func(o any) bool {
		seen = *o.(*corev1.Event)
		return seen.Reason == reason
	})
	return seen
}

// phase is why a pod does not run, or else its phase, as kubectl shows it.
func phase(p *corev1.Pod) string {
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

// readyContainers is how many containers of a pod are ready, of how many.
func readyContainers(p *corev1.Pod) string {
	ready := 0
	for _, s := range p.Status.ContainerStatuses {
		if s.Ready {
			ready++
		}
	}
	return fmt.Sprintf("%d/%d", ready, len(p.Spec.Containers))
}
