package kube

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// A cluster that pins tags writes a digest where a tag was asked for: that is
// the version that was asked for, also when it is rolled back.
func TestClusterThatPinsTagsRunsTheVersionAskedFor(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	f.rewriteImages(func(image string) string {
		if strings.Contains(image, "@") {
			return image
		}
		return image + "@" + sumA
	})
	in := f.intent("tangerine-1", "web", "2.0")
	o := f.do(f.rollout(), in, deployer.OK)
	if o.State.Image != repository+":2.0@"+sumA {
		t.Errorf("it runs %s", o.State.Image)
	}
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedPresent {
		t.Errorf("sight %+v", s)
	}
	f.act(f.rollout(), in)
	if n := f.revisions("web"); n != 2 {
		t.Errorf("a repeat made revision %d", n)
	}
	in.With = deployer.Values{"for": {Duration: time.Second}}
	f.do(f.verify(), in, deployer.OK)
	if target, err := f.Resolve(t.Context(), f.want("web", "2.0")); err != nil || !target.Live {
		t.Errorf("a version that runs is live: %+v, %v", target, err)
	}
	o = f.do(f.rollout(), rollbackOf(in), deployer.OK)
	if o.State.Image != repository+":1.0@"+sumA {
		t.Errorf("after the rollback it runs %s", o.State.Image)
	}
}

// A cluster that sets another image than it is asked for: a person decides, and
// reads who has changed it.
func TestClusterThatChangesImagesInterruptsTheRollout(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	f.rewriteImages(func(image string) string { return strings.TrimSuffix(image, "-patched") + "-patched" })
	o := f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.Interrupted)
	want := "deployment/web was changed to 2.0-patched meanwhile. The cluster itself changed it when it was set, as an admission webhook does."
	if o.Why != want {
		t.Errorf("why %q, want %q", o.Why, want)
	}
}

// A cluster that writes something into every template that it is given makes what
// was put back another one; it is ours all the same, also for the next process.
func TestClusterThatChangesTemplatesIsRolledBack(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0-slow2s", 2)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.do(f.rollout(), in, deployer.Failed)
	written := func(d *appsv1.Deployment) bool { return d.Spec.Template.Annotations["written"] != "" }
	f.admission(func(d *appsv1.Deployment) *admissionv1.AdmissionResponse {
		all := maps.Clone(d.Spec.Template.Annotations)
		if all == nil {
			all = map[string]string{}
		}
		all["written"] = fmt.Sprint("generation ", d.Generation)
		return mutation(patch{{"add", "/spec/template/metadata/annotations", all}})
	})
	f.eventually("templates are changed", func() bool {
		d, err := f.dryRun()
		return err == nil && written(d)
	})
	undo := rollbackOf(in)
	ref := f.act(f.rollout(), undo)
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedPresent || !written(f.get("web")) {
		t.Errorf("sight %+v", s)
	}
	// An autoscaler comes meanwhile, it is not done in time and held, and tried again.
	f.patchAs("web", "autoscaler", scale)
	late := undo
	late.Deadline = time.Now()
	f.follow(f.rollout(), late, ref).ends(deployer.Failed)
	f.do(f.pause(), late, deployer.OK)
	again := nextAttempt(undo)
	if s := f.look(f.rollout(), again); s.Kind != deployer.ObservedPresent || !s.PausedByUs {
		t.Fatalf("held: %+v", s)
	}
	f.do(f.rollout(), again, deployer.OK)
}

// A multi-platform image has two digests: that of its index, by which it is pinned, and
// that of the platform's manifest, which its node may report.
func TestClusterRunsTheIndexThatIsPinned(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2, reports(sumB))
	f.provesAs("2.0@"+sumA, repository+":2.0@"+sumA, "2 pods, healthy for 1s")
	if target, err := f.Resolve(t.Context(), f.want("web", "2.0@"+sumA)); err != nil || !target.Live {
		t.Errorf("a version that runs is live: %+v, %v", target, err)
	}
}

// A mirror that admission puts before the registry, in the ways that clusters do it:
// what counts is the content.
func TestClusterThatPutsAMirrorBeforeTheRegistry(t *testing.T) {
	t.Parallel()
	mirror := func(image string) string {
		return strings.Replace(image, "registry.example/", "mirror.example/hub/", 1)
	}
	undigested := func(image string) string {
		name, _, _ := strings.Cut(mirror(image), "@")
		return name
	}
	for name, c := range map[string]struct {
		rewrite func(string) string
		node    string   // the digest that it reports
		lists   []string // by the index
		runs    string
		why     string
	}{
		"with the digest":                     {mirror, "", nil, "mirror.example/hub/web:2.0@" + sumA, "2 pods, healthy for 1s"},
		"with the digest of an index":         {mirror, sumB, nil, "mirror.example/hub/web:2.0@" + sumA, "2 pods, healthy for 1s"},
		"without, and the node reports it":    {undigested, sumA, nil, "mirror.example/hub/web:2.0", "2 pods, healthy for 1s"},
		"without, and the index lists it":     {undigested, sumB, []string{sumB}, "mirror.example/hub/web:2.0", "2 pods, healthy for 1s"},
		"without, and it is another image":    {undigested, sumB, []string{}, "mirror.example/hub/web:2.0", ""},
		"by tag, so that nothing can show it": {undigested, sumB, nil, "mirror.example/hub/web:2.0", "2 pods, healthy for 1s; they run mirror.example/hub/web:2.0, and no digest shows that it is the same image"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.cfg.Manifests = func(context.Context, string) ([]string, error) { return c.lists, nil }
			f.deploy("web", "1.0", 2, reports(c.node))
			f.rewriteImages(c.rewrite)
			wanted := "2.0@" + sumA
			if strings.HasPrefix(name, "by tag") {
				wanted = "2.0"
			}
			f.provesAs(wanted, c.runs, c.why)
			target, err := f.Resolve(t.Context(), f.want("web", wanted))
			if err != nil || target.Live != (c.why != "") {
				t.Errorf("live: %t, %v", target.Live, err)
			}
		})
	}
}

// reports has the nodes report a digest for the Deployment's images.
func reports(digest string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		if digest != "" {
			d.Spec.Template.Annotations = map[string]string{kubetest.ImageDigest: digest}
		}
	}
}

// provesAs rolls out a tag, which comes to run as that image, and verifies it; why is ""
// where it is another one.
func (f *fixture) provesAs(tag, image, why string) {
	f.t.Helper()
	in := f.intent("tangerine-1", "web", tag)
	if o := f.do(f.rollout(), in, deployer.OK); o.State.Image != image {
		f.t.Errorf("it runs %s, not %s", o.State.Image, image)
	}
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedPresent {
		f.t.Errorf("observed %+v", s)
	}
	in.With = deployer.Values{"for": {Duration: time.Second}}
	in.Deadline = time.Now().Add(20 * time.Second)
	if why == "" {
		in.Deadline = time.Now().Add(deadlineMargin + 2*time.Second)
		if o := f.do(f.verify(), in, deployer.Failed); !strings.Contains(o.Why, "runs the image "+sumB+", not "+sumA) {
			f.t.Errorf("why %q", o.Why)
		}
		return
	}
	if o := f.do(f.verify(), in, deployer.OK); o.Why != why {
		f.t.Errorf("why %q, want %q", o.Why, why)
	}
}

// An admission webhook may say no with any code, also with the one of a test of
// the patch that failed: it is a no for good, and its words are read.
func TestClusterDenialOfAWebhookIsARefusal(t *testing.T) {
	t.Parallel()
	for _, code := range []int32{0, http.StatusUnprocessableEntity, http.StatusConflict, http.StatusInternalServerError} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 2)
			in := f.intent("tangerine-1", "web", "2.0")
			f.denyChanges(code, "nobody deploys on a Saturday.")
			_, err := f.rollout().Act(t.Context(), in)
			if r := mustRefuse(t, err); !strings.Contains(r.Why, "Cluster prod-1 refuses to roll out 2.0: admission webhook") || !strings.Contains(r.Why, "nobody deploys on a Saturday.") {
				t.Errorf("%+v", r)
			}
			if n := f.revisions("web"); n != 1 {
				t.Errorf("revision %d", n)
			}
		})
	}
}

// rewriteImages has the cluster change the images of the namespace's Deployments.
func (f *fixture) rewriteImages(change func(image string) string) {
	f.t.Helper()
	f.admission(func(d *appsv1.Deployment) *admissionv1.AdmissionResponse {
		was := d.Spec.Template.Spec.Containers[0].Image
		return mutation(patch{{"replace", imagePath, change(was)}})
	})
	f.eventually("images are changed", func() bool {
		d, err := f.dryRun()
		return err == nil && d.Spec.Template.Spec.Containers[0].Image == change(repository+":dry")
	})
}

// mutation is the answer of a webhook that changes what it is asked about.
func mutation(p patch) *admissionv1.AdmissionResponse {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return &admissionv1.AdmissionResponse{Allowed: true, Patch: body, PatchType: new(admissionv1.PatchTypeJSONPatch)}
}

// denyChanges has the cluster refuse every change of the namespace's Deployments.
func (f *fixture) denyChanges(code int32, message string) {
	f.t.Helper()
	f.admission(func(*appsv1.Deployment) *admissionv1.AdmissionResponse {
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Code: code, Message: message}}
	})
	f.eventually("changes are refused", func() bool {
		_, err := f.dryRun()
		return err != nil
	})
}

// dryRun sets an image and leaves it as it was.
func (f *fixture) dryRun() (*appsv1.Deployment, error) {
	return f.client.AppsV1().Deployments(f.namespace).Patch(f.t.Context(), "web", types.JSONPatchType,
		[]byte(setImage("dry")), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
}

// admission has the API server ask before it changes one of the namespace's
// Deployments.
func (f *fixture) admission(answer func(*appsv1.Deployment) *admissionv1.AdmissionResponse) {
	f.t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		var d appsv1.Deployment
		if json.NewDecoder(r.Body).Decode(&review) != nil || json.Unmarshal(review.Request.Object.Raw, &d) != nil {
			http.Error(w, "no review", http.StatusBadRequest)
			return
		}
		review.Response = answer(&d)
		review.Response.UID = review.Request.UID
		_ = json.NewEncoder(w).Encode(review)
	}))
	f.t.Cleanup(server.Close)
	hooks := f.client.AdmissionregistrationV1().MutatingWebhookConfigurations()
	_, err := hooks.Create(f.t.Context(), &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: f.namespace},
		Webhooks: []admissionregistrationv1.MutatingWebhook{{
			Name: "images.example.com", AdmissionReviewVersions: []string{"v1"},
			SideEffects: new(admissionregistrationv1.SideEffectClassNone),
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				URL:      &server.URL,
				CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
			},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": f.namespace}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Update},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{"apps"}, APIVersions: []string{"v1"}, Resources: []string{"deployments"}},
			}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	// Before the server goes, or nothing could be changed any more.
	f.t.Cleanup(func() { _ = hooks.Delete(context.Background(), f.namespace, metav1.DeleteOptions{}) })
}
