package sim

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func conditional(uid types.UID, container, old, image, mark string) string {
	return fmt.Sprintf(`[{"op":"test","path":"/metadata/uid","value":%q},
		{"op":"test","path":"/spec/template/spec/containers/0/name","value":%q},
		{"op":"test","path":"/spec/template/spec/containers/0/image","value":%q},
		{"op":"replace","path":"/spec/template/spec/containers/0/image","value":%q},
		{"op":"add","path":"/spec/template/metadata/annotations","value":{"stationmaster/deployment":%q}}]`,
		uid, container, old, image, mark)
}

func TestPatchWhoseTestFailsChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 1)
	for name, patch := range map[string]string{
		"another object":    conditional("0000", "app", "web:v1", "web:v2", "01"),
		"another container": conditional(d.UID, "ap", "web:v1", "web:v2", "01"),
		"another image":     conditional(d.UID, "app", "web:v0", "web:v2", "01"),
		"no such path":      `[{"op":"replace","path":"/spec/template/spec/containers/7/image","value":"web:v2"}]`,
	} {
		err := f.patch(types.JSONPatchType, patch)
		if !apierrors.IsInvalid(err) || apierrors.ReasonForError(err) != metav1.StatusReasonInvalid {
			t.Errorf("a patch for %s ended with %v, want 422 Invalid", name, err)
		}
	}
	if now, err := f.AppsV1().Deployments("prod").Get(f.ctx, "web", metav1.GetOptions{}); err != nil || now.ResourceVersion != d.ResourceVersion {
		t.Errorf("a refused patch changed something: %v, version %s, was %s", err, now.ResourceVersion, d.ResourceVersion)
	}
	if err := f.patch(types.JSONPatchType, conditional(d.UID, "app", "web:v1", "web:v2", "01")); err != nil {
		t.Fatal(err)
	}
	if err := f.patch(types.JSONPatchType, conditional(d.UID, "app", "web:v1", "web:v2", "01")); !apierrors.IsInvalid(err) {
		t.Errorf("the same patch again ended with %v, want 422 Invalid", err)
	}
	f.await("is at v2", func(d *appsv1.Deployment) bool { return d.Generation == 2 && complete(d) })
	if n := len(f.replicaSets()); n != 2 {
		t.Errorf("%d ReplicaSets, want 2", n)
	}
}

func TestWritesAreRefusedAsTheRealServerDoes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 1)
	api := f.AppsV1().Deployments("prod")
	update := func(change func(*appsv1.Deployment)) error {
		o := d.DeepCopy()
		change(o)
		_, err := api.Update(f.ctx, o, metav1.UpdateOptions{})
		return err
	}
	create := func(namespace string, change func(*appsv1.Deployment)) error {
		o := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "other"}, Spec: *d.Spec.DeepCopy()}
		change(o)
		_, err := f.AppsV1().Deployments(namespace).Create(f.ctx, o, metav1.CreateOptions{})
		return err
	}
	for _, c := range []struct {
		what string
		err  error
		is   func(error) bool
	}{
		{"an old resource version", update(func(d *appsv1.Deployment) { d.ResourceVersion = "1" }), apierrors.IsConflict},
		{"another UID", update(func(d *appsv1.Deployment) { d.UID = "1" }), apierrors.IsConflict},
		{"another selector", update(func(d *appsv1.Deployment) {
			d.Spec.Selector.MatchLabels = map[string]string{"app": "x"}
			d.Spec.Template.Labels = map[string]string{"app": "x"}
		}), apierrors.IsInvalid},
		{"no image", update(func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "" }), apierrors.IsInvalid},
		{"a negative scale", f.patch(types.MergePatchType, `{"spec":{"replicas":-1}}`), apierrors.IsInvalid},
		{"a container without image added by name", f.patch(types.StrategicMergePatchType,
			`{"spec":{"template":{"spec":{"containers":[{"name":"ap"}]}}}}`), apierrors.IsInvalid},
		{"server-side apply", f.patch(types.ApplyYAMLPatchType, `{}`), apierrors.IsUnsupportedMediaType},
		{"no JSON", f.patch(types.MergePatchType, `{`), apierrors.IsBadRequest},
		{"a name that is taken", create("prod", func(d *appsv1.Deployment) { d.Name = "web" }), apierrors.IsAlreadyExists},
		{"a bad name", create("prod", func(d *appsv1.Deployment) { d.Name = "Web!" }), apierrors.IsInvalid},
		{"no such namespace", create("nowhere", func(*appsv1.Deployment) {}), apierrors.IsNotFound},
		{"labels that do not match", create("prod", func(d *appsv1.Deployment) { d.Spec.Template.Labels = nil }), apierrors.IsInvalid},
		{"deleting another one", api.Delete(f.ctx, "web", metav1.DeleteOptions{
			Preconditions: metav1.NewUIDPreconditions("1")}), apierrors.IsConflict},
		{"deleting nothing", api.Delete(f.ctx, "nobody", metav1.DeleteOptions{}), apierrors.IsNotFound},
	} {
		if !c.is(c.err) {
			t.Errorf("%s ended with %v (%s)", c.what, c.err, apierrors.ReasonForError(c.err))
		}
	}
}

func TestWriteThatChangesNothingMakesNoVersion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 1)
	f.setImage("web:v1")
	if _, err := f.AppsV1().Deployments("prod").Patch(f.ctx, "web", types.MergePatchType,
		[]byte(`{"spec":{"replicas":5}}`), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Fatal(err)
	}
	now, err := f.AppsV1().Deployments("prod").Get(f.ctx, "web", metav1.GetOptions{})
	if err != nil || now.ResourceVersion != d.ResourceVersion || now.Generation != d.Generation || *now.Spec.Replicas != 1 {
		t.Errorf("version %s, generation %d, %v; want %s and %d", now.ResourceVersion, now.Generation, err, d.ResourceVersion, d.Generation)
	}
}

// A client that is told to send JSON, as against protobuf.
func TestClientThatSendsJSONIsServed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}})
	rest, err := clientcmd.RESTConfigFromKubeConfig(f.Kubeconfig(f.server.URL))
	if err != nil {
		t.Fatal(err)
	}
	rest.ContentType = "application/json"
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		t.Fatal(err)
	}
	label := map[string]string{"app": "web"}
	d, err := client.AppsV1().Deployments("prod").Create(f.ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: label},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: label},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "web:v1"}}}}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if *d.Spec.Replicas != 1 || *d.Spec.ProgressDeadlineSeconds != 600 || d.Spec.Strategy.RollingUpdate.MaxSurge.StrVal != "25%" {
		t.Errorf("the defaults are %+v", d.Spec)
	}
	f.await("runs", complete)
}

func TestListIsSelectedByLabelsAndFields(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 1)
	if err := f.AddDeployment("prod", "api", "app", "api:v1", 1); err != nil {
		t.Fatal(err)
	}
	l, err := f.AppsV1().Deployments("").List(f.ctx, metav1.ListOptions{LabelSelector: "app in (api)"})
	if err != nil || len(l.Items) != 1 || l.Items[0].Name != "api" || l.Items[0].Kind != "" {
		t.Errorf("by label: %v, %+v", err, l.Items)
	}
	l, err = f.AppsV1().Deployments("prod").List(f.ctx, metav1.ListOptions{FieldSelector: "metadata.name=web"})
	if err != nil || len(l.Items) != 1 || l.Items[0].Name != "web" {
		t.Errorf("by name: %v, %+v", err, l.Items)
	}
	e, err := f.CoreV1().Events("prod").List(f.ctx, metav1.ListOptions{
		FieldSelector: "involvedObject.kind=Deployment,involvedObject.uid=" + string(d.UID)})
	if err != nil || len(e.Items) != 1 || e.Items[0].Reason != "ScalingReplicaSet" {
		t.Errorf("events of a deployment: %v, %+v", err, e.Items)
	}
	if _, err = f.CoreV1().Pods("").List(f.ctx, metav1.ListOptions{FieldSelector: "spec.colour=red"}); !apierrors.IsBadRequest(err) {
		t.Errorf("an unknown field ended with %v, want a bad request", err)
	}
	future := strconv.FormatInt(time.Now().Unix()+1e9, 10)
	err = f.CoreV1().RESTClient().Get().Resource("pods").Param("resourceVersion", future).MaxRetries(0).Do(f.ctx).Error()
	if !apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
		t.Errorf("a version of the future ended with %v", err)
	}
}

func TestAccessIsReviewedAndRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{UID: "11111111-2222-3333-4444-555555555555", Allow: func(a authorizationv1.ResourceAttributes) bool {
		return a.Verb != "patch"
	}})
	f.addWeb("web:v1", 1)
	ns, err := f.CoreV1().Namespaces().Get(f.ctx, "kube-system", metav1.GetOptions{})
	if err != nil || string(ns.UID) != "11111111-2222-3333-4444-555555555555" || f.UID() != string(ns.UID) {
		t.Errorf("kube-system is %v, %v", ns.UID, err)
	}
	for verb, want := range map[string]bool{"get": true, "patch": false} {
		review, err := f.AuthorizationV1().SelfSubjectAccessReviews().Create(f.ctx, &authorizationv1.SelfSubjectAccessReview{
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: verb, Group: "apps", Resource: "deployments", Namespace: "prod"}}}, metav1.CreateOptions{})
		if err != nil || review.Status.Allowed != want {
			t.Errorf("may %s: %v, %v; want %v", verb, review.Status, err, want)
		}
	}
	if err := f.patch(types.MergePatchType, `{}`); !apierrors.IsForbidden(err) {
		t.Errorf("a patch ended with %v, want forbidden", err)
	}
}

func TestDiscoveryListsTheResources(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	lists, err := f.Discovery().ServerPreferredResources()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, l := range lists {
		for _, r := range l.APIResources {
			found[l.GroupVersion+" "+r.Name] = true
		}
	}
	for _, want := range []string{"v1 pods", "v1 events", "v1 namespaces", "apps/v1 deployments", "apps/v1 replicasets", "v1 services", "discovery.k8s.io/v1 endpointslices"} {
		if !found[want] {
			t.Errorf("%s is not found", want)
		}
	}
	if v, err := f.Discovery().ServerVersion(); err != nil || !strings.HasPrefix(v.GitVersion, "v1.") {
		t.Errorf("the version is %v, %v", v, err)
	}
	for _, path := range []string{"/healthz", "/readyz", "/livez"} {
		if b, err := f.Discovery().RESTClient().Get().AbsPath(path).DoRaw(f.ctx); err != nil || string(b) != "ok" {
			t.Errorf("%s is %q, %v", path, b, err)
		}
	}
}

func TestCloseEndsEverything(t *testing.T) {
	before := goleak.IgnoreCurrent()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 3)
	watch, err := f.CoreV1().Pods("").Watch(f.ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		t.Fatal(err)
	}
	f.setImage("web:v2") // so that much is under way
	f.Close()
	f.Close()
	for range watch.ResultChan() { // ends
	}
	resp, err := http.Get(f.server.URL + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a closed cluster answers %s", resp.Status)
	}
	f.server.Close()
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

func TestPodWithoutAControllerRuns(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}})
	_, err := f.CoreV1().Pods("prod").Create(f.ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "job-"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "a:1"}, {Name: "b", Image: "b:1"}}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := f.awaitPod("runs", func(p *corev1.Pod) bool { return readyContainers(p) == "2/2" })
	if _, err := f.CoreV1().Pods("prod").GetLogs(p.Name, &corev1.PodLogOptions{}).DoRaw(f.ctx); !apierrors.IsBadRequest(err) {
		t.Errorf("the log of one of two containers ended with %v, want a bad request", err)
	}
}
