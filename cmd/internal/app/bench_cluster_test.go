package app

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// repository is what the control plane's nodes, which pull nothing, believe in.
const repository = "registry.example"

// A clusterFixture is a namespace of a real control plane, seen past the app.
type clusterFixture struct {
	*kubetest.Cluster
	b         *testing.B
	client    kubernetes.Interface
	namespace string
}

// newClusterFixture skips the benchmark where there is no control plane; see package
// kubetest.
func newClusterFixture(b *testing.B) *clusterFixture {
	b.Helper()
	c := kubetest.Shared(b)
	return &clusterFixture{Cluster: c, b: b, client: c.Client(), namespace: c.Namespace(b)}
}

// on is the fixture for a part of the benchmark.
func (y clusterFixture) on(b *testing.B) *clusterFixture {
	y.b = b
	return &y
}

// scene is the fixture's for an app that follows one procedure.
func (y *clusterFixture) scene(retailers, services []string, id, procedure string) scene {
	s := scene{
		kubeconfig: y.Kubeconfig(), namespace: y.namespace, image: repository, retailers: retailers,
		services: map[string]string{}, procedures: map[string]string{id + ".yaml": procedure},
	}
	for _, name := range services {
		s.services[name] = id
	}
	return s
}

// create makes the workloads and waits until all run.
func (y *clusterFixture) create(workloads []string, pods int) {
	y.b.Helper()
	for _, name := range workloads {
		labels := map[string]string{"app": name}
		d := &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: appsv1.DeploymentSpec{
				Replicas: new(int32(pods)),
				Selector: &metav1.LabelSelector{MatchLabels: labels},
				Template: corev1.PodTemplateSpec{
					ObjectMeta: metav1.ObjectMeta{Labels: labels},
					Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: repository + "/" + name + ":0"}}},
				},
			},
		}
		if _, err := y.client.AppsV1().Deployments(y.namespace).Create(y.b.Context(), d, metav1.CreateOptions{}); err != nil {
			y.b.Fatal(err)
		}
	}
	y.rolledOut(y.b.Context(), fields.Everything(), len(workloads), "0")
}

// rolledOut waits as kubectl rollout status does, until so many of the selected
// Deployments run a tag: the same watch (a list, then a watch) and the same
// conditions (k8s.io/kubectl, cmd/rollout and polymorphichelpers). For one
// name it returns when kubectl would print "successfully rolled out".
func (y *clusterFixture) rolledOut(ctx context.Context, which fields.Selector, n int, tag string) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	api := y.client.AppsV1().Deployments(y.namespace)
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = which.String()
			return api.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = which.String()
			return api.Watch(ctx, o)
		},
	}
	done := map[string]bool{}
	_, err := toolswatch.UntilWithSync(ctx, lw, &appsv1.Deployment{}, nil, func(e watch.Event) (bool, error) {
		if d, ok := e.Object.(*appsv1.Deployment); ok && runs(d, tag) {
			done[d.Name] = true
		}
		return len(done) == n, nil
	})
	if err != nil {
		y.b.Errorf("%d of %d run %s: %v", len(done), n, tag, err)
	}
}

// runs is DeploymentStatusViewer.Status of kubectl, for that tag.
func runs(d *appsv1.Deployment, tag string) bool {
	return strings.HasSuffix(d.Spec.Template.Spec.Containers[0].Image, ":"+tag) &&
		d.Generation <= d.Status.ObservedGeneration &&
		d.Status.UpdatedReplicas >= *d.Spec.Replicas &&
		d.Status.Replicas <= d.Status.UpdatedReplicas &&
		d.Status.AvailableReplicas >= d.Status.UpdatedReplicas
}

// each does something about all names at once.
func each(all []string, do func(i int, name string)) {
	var work sync.WaitGroup
	for i, name := range all {
		work.Go(func() { do(i, name) })
	}
	work.Wait()
}

// watches counts the open watches of a kind that are of one namespace alone, as
// the API server does. The control plane itself watches all namespaces.
func (y *clusterFixture) watches(resource string) int {
	text, err := y.client.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(y.b.Context())
	if err != nil {
		y.b.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "apiserver_longrunning_requests{") ||
			!strings.Contains(line, fmt.Sprintf("resource=%q", resource)) || !strings.Contains(line, `scope="namespace"`) {
			continue
		}
		var value float64
		if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &value); err != nil {
			y.b.Fatalf("read %q: %v", line, err)
		}
		n += int(value)
	}
	return n
}
