package main_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// A cluster is a namespace in a simulated or a real control plane.
type cluster struct {
	namespace string
	handler   http.Handler         // its API server
	client    kubernetes.Interface // somebody else's, past the tap
	cut       func()               // every connection through the tap
}

// simulated is a cluster in this process.
func simulated(t testing.TB) *cluster { return simulatedWith(t, sim.Config{}) }

func simulatedWith(t testing.TB, cfg sim.Config) *cluster {
	t.Helper()
	cfg.Namespaces, cfg.Speed = []string{"prod"}, 20
	c := sim.New(cfg)
	t.Cleanup(c.Close)
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	return &cluster{namespace: "prod", handler: c.Handler(), client: kubernetes.NewForConfigOrDie(&rest.Config{Host: server.URL, QPS: -1})}
}

// real is a namespace of the control plane that the tests share.
func real(t testing.TB) *cluster {
	t.Helper()
	c := kubetest.Shared(t)
	transport, err := rest.TransportFor(c.Config())
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(c.Config().Host)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     transport,
		FlushInterval: -1,
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return &cluster{namespace: c.Namespace(t), handler: forward, client: c.Client()}
}

// kubeconfig serves the cluster behind the tap and says where.
func (c *cluster) kubeconfig(t testing.TB, tp *tap) string {
	server := httptest.NewServer(tp.cluster(c.handler))
	c.cut = server.CloseClientConnections
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q}}], users: [{name: c, user: {}}],
contexts: [{name: c, context: {cluster: c, user: c}}]}`, server.URL)
}

// deploy creates a Deployment and waits until it runs.
func (c *cluster) deploy(t testing.TB, name, image string) {
	t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(2)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}},
			},
		},
	}
	if _, err := c.client.AppsV1().Deployments(c.namespace).Create(t.Context(), d, metav1.CreateOptions{FieldManager: "helm"}); err != nil {
		t.Fatal(err)
	}
	c.settled(t, name)
}

// settled waits until what is wanted runs, and nothing else.
func (c *cluster) settled(t testing.TB, name string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		d := c.get(t, name)
		if s := d.Status; s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == 2 && s.AvailableReplicas == 2 && s.Replicas == 2 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not come up: %+v", name, d.Status)
		}
	}
}

func (c *cluster) get(t testing.TB, name string) *appsv1.Deployment {
	t.Helper()
	d, err := c.client.AppsV1().Deployments(c.namespace).Get(context.WithoutCancel(t.Context()), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// elsewhere sets an image as kubectl would.
func (c *cluster) elsewhere(t testing.TB, name, image string) {
	t.Helper()
	c.set(t, name, fmt.Sprintf(`"image":%q`, image))
}

// set changes fields of the container as kubectl would.
func (c *cluster) set(t testing.TB, name, fields string) {
	t.Helper()
	patch := `{"spec":{"template":{"spec":{"containers":[{"name":"app",` + fields + `}]}}}}`
	_, err := c.client.AppsV1().Deployments(c.namespace).Patch(t.Context(), name, types.StrategicMergePatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: "kubectl-set"})
	if err != nil {
		t.Fatal(err)
	}
}

const revision = "deployment.kubernetes.io/revision"

// revision is how many changes of its template the workload has seen.
func (c *cluster) revision(t testing.TB, name string) int {
	t.Helper()
	n, err := strconv.Atoi(c.get(t, name).Annotations[revision])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// storeInMark is the id of the store in a mark, and the generation of a pause, which
// are others in every run.
var storeInMark = regexp.MustCompile(`@[A-Za-z0-9_-]+( at generation \d+)?`)

// describe is what runs, in lines that are the same in every fixture.
func (c *cluster) describe(t testing.TB, name string) []string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	d := c.get(t, name)
	app := d.Spec.Template.Spec.Containers[0]
	out := []string{
		"revision " + d.Annotations[revision], "mark " + storeInMark.ReplaceAllString(d.Spec.Template.Annotations[kube.Annotation], ""),
		"image " + app.Image, "paused " + strconv.FormatBool(d.Spec.Paused),
		fmt.Sprintf("annotations by us %q", storeInMark.ReplaceAllString(d.Annotations[kube.PausedBy]+d.Annotations[kube.RolledBackBy], "")),
	}
	selected := metav1.ListOptions{LabelSelector: "app=" + name}
	sets, err := c.client.AppsV1().ReplicaSets(c.namespace).List(ctx, selected)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, fmt.Sprintf("%d ReplicaSets", len(sets.Items)))
	pods, err := c.client.CoreV1().Pods(c.namespace).List(ctx, selected)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pods.Items {
		if p.DeletionTimestamp == nil {
			out = append(out, "pod "+p.Spec.Containers[0].Image+" "+ready(p))
		}
	}
	all, err := c.client.AppsV1().Deployments(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return append(out, fmt.Sprintf("%d Deployments", len(all.Items)))
}

func ready(p corev1.Pod) string {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return strings.ToLower("ready " + string(c.Status))
		}
	}
	return "ready unknown"
}
