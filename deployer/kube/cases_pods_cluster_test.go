package kube

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// initContainer adds one of that name; with always it is a native sidecar.
func initContainer(name string, always bool) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		c := corev1.Container{Name: name, Image: "registry.example/" + name + ":7"}
		if always {
			c.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
		}
		d.Spec.Template.Spec.InitContainers = append(d.Spec.Template.Spec.InitContainers, c)
	}
}

func secondContainer(d *appsv1.Deployment) {
	d.Spec.Template.Spec.Containers = append(d.Spec.Template.Spec.Containers, corev1.Container{Name: "proxy", Image: "registry.example/proxy:7"})
}

func deadlineOf(seconds int32) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.ProgressDeadlineSeconds = &seconds }
}

// What kubelets have reported in other tools' trackers, and what came of it there.
func TestClusterCasesOfPodsThatFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change []func(*appsv1.Deployment)
		pod    func(p *corev1.Pod, s *corev1.PodStatus)
		why    string
	}{
		// krane 116, kubedog 380: the tracking hung until its time-out.
		{"init container crashes", []func(*appsv1.Deployment){initContainer("migrate", false)}, func(p *corev1.Pod, s *corev1.PodStatus) {
			notYet(s)
			crashLoops(&s.InitContainerStatuses[0], 1, "Error", 3, p.CreationTimestamp)
		}, "1 of 2 pods crashes: migrate, exit 3 (CrashLoopBackOff)"},
		// argo-rollouts 3366, dashboard 9299: a native sidecar that fails keeps the pod in Init.
		{"native sidecar crashes", []func(*appsv1.Deployment){initContainer("otel", true)}, func(p *corev1.Pod, s *corev1.PodStatus) {
			notYet(s)
			crashLoops(&s.InitContainerStatuses[0], 1, "Error", 1, p.CreationTimestamp)
		}, "1 of 2 pods crashes: otel, exit 1 (CrashLoopBackOff)"},
		// krane 819: the proxy fails, and the service was blamed.
		{"another container crashes", []func(*appsv1.Deployment){secondContainer}, func(p *corev1.Pod, s *corev1.PodStatus) {
			crashLoops(&s.ContainerStatuses[1], 2, "Error", 1, p.CreationTimestamp)
		}, "1 of 2 pods crashes: proxy, exit 1 (CrashLoopBackOff)"},
		// kubernetes 86776: out of memory.
		{"out of memory", nil, func(p *corev1.Pod, s *corev1.PodStatus) {
			crashLoops(&s.ContainerStatuses[0], 1, "OOMKilled", 137, p.CreationTimestamp)
		}, "1 of 2 pods crashes: app, OOMKilled, exit 137 (CrashLoopBackOff)"},
		// krane 34: a command that is over after a moment is no service.
		{"ends at once", nil, func(p *corev1.Pod, s *corev1.PodStatus) {
			crashLoops(&s.ContainerStatuses[0], 1, "Completed", 0, p.CreationTimestamp)
		}, "1 of 2 pods crashes: app, Completed, exit 0 (CrashLoopBackOff)"},
		// krane 54: an image that is not on the node and may not be pulled.
		{"never pulled", nil, func(_ *corev1.Pod, s *corev1.PodStatus) {
			s.Phase = corev1.PodPending
			keepWaiting(&s.ContainerStatuses[0], "ErrImageNeverPull", `Container image "web:2.0" is not present with pull policy of Never`)
		}, `1 of 2 pods can't get its image: app, Container image "web:2.0" is not present with pull policy of Never (ErrImageNeverPull)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.play(test.pod)
			f.deploy("web", "1.0", 2, append(test.change, played)...)
			before := f.podsOf("web")["1.0"]
			in := f.intent("tangerine-1", "web", "2.0")
			o := f.do(f.rollout(), in, deployer.Failed)
			if o.Why != test.why {
				t.Errorf("why %q, want %q", o.Why, test.why)
			}
			// The old pods serve as before, also after the way back.
			f.do(f.pause(), in, deployer.OK)
			if got := f.podsOf("web")["1.0"]; len(got) != len(before) || got[0] != before[0] || got[1] != before[1] {
				t.Errorf("old pods %v, want %v", got, before)
			}
			f.do(f.rollout(), rollbackOf(in), deployer.OK)
			if got := f.podsOf("web"); len(got["1.0"]) != 2 || len(got["2.0"]) != 0 {
				t.Errorf("pods after the rollback: %v", got)
			}
		})
	}
}

// What looks like trouble and passes by itself, or is none.
func TestClusterCasesOfPodsThatAreFine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change []func(*appsv1.Deployment)
		pod    func(i int, p *corev1.Pod, s *corev1.PodStatus)
	}{
		// argo-rollouts 3366: a native sidecar runs for as long as the pod, which is not Init.
		{"native sidecar", []func(*appsv1.Deployment){initContainer("migrate", false), initContainer("otel", true)},
			func(int, *corev1.Pod, *corev1.PodStatus) {}},
		// krane 819: one restart while its neighbours come up.
		{"one restart", nil, func(_ int, p *corev1.Pod, s *corev1.PodStatus) {
			s.ContainerStatuses[0].RestartCount = 1
			s.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
				Reason: "Error", ExitCode: 1, StartedAt: p.CreationTimestamp, FinishedAt: p.CreationTimestamp,
			}
		}},
		// krane 230, kubernetes 94245, samson 3835: evicted from a full node; the ReplicaSet makes another.
		{"first pod evicted", nil, func(i int, _ *corev1.Pod, s *corev1.PodStatus) {
			if i == 0 {
				*s = corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "The node was low on resource: ephemeral-storage."}
			}
		}},
		// krane 27, kubernetes 60162 and 128798: with Recreate a dead pod's record was waited for.
		{"first pod evicted, Recreate", []func(*appsv1.Deployment){recreate}, func(i int, _ *corev1.Pod, s *corev1.PodStatus) {
			if i == 0 {
				*s = corev1.PodStatus{Phase: corev1.PodFailed, Reason: "OutOfcpu", Message: "Pod was rejected: node didn't have enough resource: cpu"}
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			number := map[string]int{} // of each pod, as they are seen
			f.play(func(p *corev1.Pod, s *corev1.PodStatus) {
				if _, known := number[p.Name]; !known {
					number[p.Name] = len(number)
				}
				test.pod(number[p.Name], p, s)
			})
			f.deploy("web", "1.0", 2, append(test.change, played)...)
			in := f.intent("tangerine-1", "web", "2.0")
			f.do(f.rollout(), in, deployer.OK)
			in.With = deployer.Values{"for": {Duration: time.Second}}
			f.do(f.verify(), in, deployer.OK)
			if got := f.podsOf("web"); len(got["1.0"]) != 0 || len(got["2.0"]) != 2 {
				t.Errorf("pods %v", got)
			}
			f.do(f.rollout(), rollbackOf(in), deployer.OK)
		})
	}
}

func recreate(d *appsv1.Deployment) {
	d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
}

// AKS 1919, longhorn 30: a volume that only one node may have. Nothing says so but
// an event.
func TestClusterCaseOfAVolumeThatIsAttachedElsewhere(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.play(func(p *corev1.Pod, s *corev1.PodStatus) {
		s.Phase = corev1.PodPending
		keepWaiting(&s.ContainerStatuses[0], "ContainerCreating", "")
		_, err := f.client.CoreV1().Events(f.namespace).Create(t.Context(), &corev1.Event{
			ObjectMeta:     metav1.ObjectMeta{Name: p.Name},
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID},
			Type:           corev1.EventTypeWarning, Reason: "FailedAttachVolume", LastTimestamp: metav1.Now(),
			Message: `Multi-Attach error for volume "data" Volume is already used by pod(s) web-1`,
		}, metav1.CreateOptions{})
		if err != nil && t.Context().Err() == nil && !strings.Contains(err.Error(), "already exists") {
			t.Errorf("write an event: %v", err)
		}
	})
	f.deploy("web", "1.0", 1, deadlineOf(2), played)
	in := f.intent("tangerine-1", "web", "2.0")
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "There was no progress for 2s. 1 of 1 pod is not ready: app in web-") || !strings.Contains(o.Detail, "Multi-Attach error for volume") {
		t.Errorf("why %q, detail %q", o.Why, o.Detail)
	}
}
