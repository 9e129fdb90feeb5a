package kube

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// What a rollout waits for in vain is named, also where no container says it.
func TestClusterCasesOfWhatPodsWaitFor(t *testing.T) {
	t.Parallel()
	fine := func(*corev1.Pod, *corev1.PodStatus) {}
	for _, test := range []struct {
		name   string
		change func(*appsv1.Deployment)
		pod    func(p *corev1.Pod, s *corev1.PodStatus)
		begin  string // of why
		says   string // in it
	}{
		// kubernetes 108152, 117978 and 131116: each pod is rejected by its node, and another one is made at once, so
		// that the progress deadline never passes.
		{"each pod is rejected", func(*appsv1.Deployment) {}, func(_ *corev1.Pod, s *corev1.PodStatus) {
			*s = corev1.PodStatus{Phase: corev1.PodFailed, Reason: "UnexpectedAdmissionError", Message: "Allocate failed due to no healthy devices present"}
		}, "", "UnexpectedAdmissionError"},
		// aws-load-balancer-controller 2393: nobody sets the condition; the containers are ready.
		{"readiness gate", func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "target-health.example.com/web"}}
			deadlineOf(2)(d)
		}, fine, "There was no progress for 2s. 1 of 2 pods is not ready", "target-health.example.com/web"},
		// keptn 3296: a gate that nobody takes away.
		{"scheduling gate", func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/prechecks"}}
			deadlineOf(2)(d)
		}, fine, "There was no progress for 2s. 1 of 2 pods is not ready", "scheduling gate"},
		// A scheduler that is not there: nobody says anything of the pod.
		{"no scheduler", func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.SchedulerName = "example-scheduler"
			deadlineOf(2)(d)
		}, fine, "There was no progress for 2s. 1 of 2 pods is not ready", "no node has been found"},
		// kubernetes 55713: a node that takes pods and does not start them.
		{"node does not start it", deadlineOf(2), func(_ *corev1.Pod, s *corev1.PodStatus) { s.Phase = "" },
			"There was no progress for 2s. 1 of 2 pods is not ready", "node-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.play(test.pod)
			f.openGates("1.0")
			f.deploy("web", "1.0", 2, test.change, played)
			in := f.intent("tangerine-1", "web", "2.0")
			in.Deadline = time.Now().Add(8 * time.Second)
			o := f.do(f.rollout(), in, deployer.Failed)
			if !strings.HasPrefix(o.Why, test.begin) || !strings.Contains(o.Why, test.says) {
				t.Errorf("why %q", o.Why)
			}
		})
	}
}

// openGates lets pods of that tag through all gates, and onto a node.
func (f *fixture) openGates(tag string) {
	f.watchPods(func(p *corev1.Pod) {
		if version(p.Spec.Containers[0].Image) != tag {
			return
		}
		pods := f.client.CoreV1().Pods(f.namespace)
		if p.Spec.SchedulerName == "example-scheduler" && p.Spec.NodeName == "" {
			_ = pods.Bind(f.t.Context(), &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: p.Name}, Target: corev1.ObjectReference{Kind: "Node", Name: "node-1"}}, metav1.CreateOptions{})
		}
		if len(p.Spec.SchedulingGates) > 0 {
			_, _ = pods.Patch(f.t.Context(), p.Name, types.JSONPatchType, []byte(`[{"op":"remove","path":"/spec/schedulingGates"}]`), metav1.PatchOptions{})
		}
		for _, g := range p.Spec.ReadinessGates {
			if condition(p, g.ConditionType) == nil {
				body := `{"status":{"conditions":[{"type":"` + string(g.ConditionType) + `","status":"True"}]}}`
				_, _ = pods.Patch(f.t.Context(), p.Name, types.StrategicMergePatchType, []byte(body), metav1.PatchOptions{}, "status")
			}
		}
	})
}

// kubernetes 103258 and 44070: ready for long, and not available.
func TestClusterCaseOfMinReadySecondsLongerThanItsStep(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1)
	f.patchAs("web", "helm", `[{"op":"add","path":"/spec/minReadySeconds","value":300}]`)
	in := f.intent("tangerine-1", "web", "2.0")
	in.Deadline = time.Now().Add(6 * time.Second)
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not done in time. ") || !strings.Contains(o.Why, "minReadySeconds") {
		t.Errorf("why %q", o.Why)
	}
}
