package kube

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// patient takes a System with a short grace for all causes but those that are given.
func (f *fixture) patient(change func(*Grace)) {
	f.grace = evenGrace(time.Second)
	change(&f.grace)
	f.reopen()
}

// With a quota that is as large as the workload, a new pod can be made when an old
// one has ended, which takes longer than the grace; and the controller waits ever
// longer before it tries again.
func TestClusterRolloutWaitsForRoomWhileOldPodsEnd(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(*Grace) {})
	f.deploy("web", "1.0-linger4s", 2, func(d *appsv1.Deployment) { d.Spec.Strategy.RollingUpdate = surge(0, 1) })
	f.quota("2")
	in := f.intent("tangerine-1", "web", "2.0")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("what it waits for is told", func(p deployer.Progress) bool {
		return strings.HasPrefix(p.Note, "Waits for room: 1 old pod is still stopping. New pods can't be made: ")
	})
	run.ends(deployer.OK)
}

// Twelve of fifteen were done, and the drain failed: each pod waits for the port
// of an old one, and all of them together for longer than the grace.
func TestClusterRolloutByHostPortsGoesOnWhilePodsComeThrough(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(g *Grace) { g.Schedule = 4 * time.Second })
	port := 20000 + rand.Int32N(40000)
	f.deploy("web", "1.0-linger3s", 2, func(d *appsv1.Deployment) {
		d.Spec.Strategy.RollingUpdate = surge(1, 1)
		d.Spec.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: port}}
	})
	in := f.intent("tangerine-1", "web", "2.0")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("what it waits for is told", func(p deployer.Progress) bool {
		return strings.HasPrefix(p.Note, "Waits for room: 1 old pod is still stopping. ")
	})
	run.ends(deployer.OK)
}

// Each pod has its own time for its image; all of them together take longer.
func TestClusterRolloutGivesEachPodItsTimeForItsImage(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(g *Grace) { g.Image = 5 * time.Second })
	f.deploy("web", "1.0", 8, func(d *appsv1.Deployment) { d.Spec.Strategy.RollingUpdate = surge(2, 0) })
	f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0-qps4s"), deployer.OK)
	o := f.do(f.rollout(), f.intent("tangerine-2", "web", "3.0-qps600s"), deployer.Failed)
	if want := "2 of 8 pods can't get their image: app, pull QPS exceeded (ErrImagePull)"; o.Why != want {
		t.Errorf("why %q, want %q", o.Why, want)
	}
}

func TestClusterRolloutWaitsForASecretThatComesLate(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(g *Grace) { g.Start = 8 * time.Second })
	f.deploy("web", "1.0", 1)
	f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0-noconfig4s"), deployer.OK)
	began := time.Now()
	o := f.do(f.rollout(), f.intent("tangerine-2", "web", "3.0-noconfig600s"), deployer.Failed)
	if want := `1 of 1 pod can't start: app, secret "db" not found (CreateContainerConfigError)`; o.Why != want {
		t.Errorf("why %q, want %q", o.Why, want)
	}
	if took := time.Since(began); took < 8*time.Second {
		t.Errorf("it failed after %s", took)
	}
}

func TestClusterRolloutWaitsForAWebhookThatComesBack(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(g *Grace) { g.Webhook = 20 * time.Second })
	f.deploy("web", "1.0", 2)
	hook := f.podWebhook()
	hook.Store(webhookAway)
	in := f.intent("tangerine-1", "web", "2.0")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("the webhook is named", func(p deployer.Progress) bool {
		return strings.HasPrefix(p.Note, "New pods can't be made: ") && strings.Contains(p.Note, `failed calling webhook "pods.example.com"`)
	})
	time.AfterFunc(4*time.Second, func() { hook.Store(webhookAllows) })
	run.ends(deployer.OK)
}

// What is away for good fails by its own grace, and what says no by the short one.
func TestClusterRolloutFailsByAWebhook(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		does  int32
		why   string
		grace time.Duration
	}{
		{webhookAway, `failed calling webhook "pods.example.com"`, 3 * time.Second},
		{webhookDenies, `admission webhook "pods.example.com" denied the request: not on a Saturday`, time.Second},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.patient(func(g *Grace) { g.Webhook = 3 * time.Second })
			f.deploy("web", "1.0", 2)
			f.podWebhook().Store(test.does)
			began := time.Now()
			o := f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.Failed)
			if !strings.HasPrefix(o.Why, "New pods can't be made: ") || !strings.Contains(o.Why, test.why) {
				t.Errorf("why %q", o.Why)
			}
			if took := time.Since(began); took < test.grace || test.does == webhookDenies && took > 3*time.Second {
				t.Errorf("it failed after %s", took)
			}
		})
	}
}

const (
	webhookAllows int32 = iota
	webhookAway
	webhookDenies
)

// podWebhook has the API server ask before it makes a pod in the namespace, and go
// without if there is no answer. What it answers can be set.
func (f *fixture) podWebhook() *atomic.Int32 {
	f.t.Helper()
	var does atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if json.NewDecoder(r.Body).Decode(&review) != nil || does.Load() == webhookAway {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: does.Load() == webhookAllows, Result: &metav1.Status{Message: "not on a Saturday"}}
		_ = json.NewEncoder(w).Encode(review)
	}))
	f.t.Cleanup(server.Close)
	hooks := f.client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	_, err := hooks.Create(f.t.Context(), &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: f.namespace},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "pods.example.com", AdmissionReviewVersions: []string{"v1"}, TimeoutSeconds: new(int32(2)),
			SideEffects: new(admissionregistrationv1.SideEffectClassNone), FailurePolicy: new(admissionregistrationv1.Fail),
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				URL:      &server.URL,
				CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
			},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": f.namespace}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
			}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = hooks.Delete(context.Background(), f.namespace, metav1.DeleteOptions{}) })
	does.Store(webhookDenies)
	f.eventually("the webhook is asked", func() bool {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "dry"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "web"}}}}
		_, err := f.client.CoreV1().Pods(f.namespace).Create(f.t.Context(), p, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err != nil
	})
	return &does
}

// scale sets how many pods there should be, as an autoscaler does.
func (f *fixture) scale(name string, n int32) {
	f.t.Helper()
	s := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: f.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: n}}
	if _, err := f.client.AppsV1().Deployments(f.namespace).UpdateScale(f.t.Context(), name, s, metav1.UpdateOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

// An autoscaler goes up and down all the time: the pods that were there are proven
// nonetheless.
func TestClusterVerifyGoesOnWhileAnAutoscalerScales(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-slow3s")
	f.do(f.rollout(), in, deployer.OK)
	in.With, in.Deadline = deployer.Values{"for": {Duration: 5 * time.Second}}, time.Now().Add(15*time.Second)
	run := f.follow(f.verify(), in, f.act(f.verify(), in))
	tick := time.NewTicker(700 * time.Millisecond)
	defer tick.Stop()
	for n := int32(0); ; n++ {
		select {
		case <-tick.C:
			f.scale("web", 6-n%2)
			continue
		case <-run.end:
		}
		break
	}
	o := run.ends(deployer.OK)
	if !strings.HasPrefix(o.Why, "3 pods, healthy for 5s") {
		t.Errorf("why %q", o.Why)
	}
}

// A pod that takes the place of another one must be proven itself.
func TestClusterVerifyProvesThePodThatReplacesAnEvictedOne(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: 4 * time.Second}}
	run := f.follow(f.verify(), in, f.act(f.verify(), in))
	run.await("it is healthy", func(p deployer.Progress) bool { return p.Note == "Healthy; must stay so for 4s." })
	pods, err := f.client.CoreV1().Pods(f.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 2 {
		t.Fatalf("%d pods, %v", len(pods.Items), err)
	}
	time.Sleep(2 * time.Second) // it is half proven
	evicted := time.Now()
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pods.Items[0].Name, Namespace: f.namespace}}
	if err := f.client.PolicyV1().Evictions(f.namespace).Evict(t.Context(), eviction); err != nil {
		t.Fatal(err)
	}
	o := run.ends(deployer.OK)
	if took := time.Since(evicted); took < 3*time.Second || o.Why != "2 pods, healthy for 4s" {
		t.Errorf("%q, %s after the eviction", o.Why, took)
	}
}
