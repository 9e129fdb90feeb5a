package sim

import (
	"io"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func waitsFor(reason string) func(*corev1.Pod) bool {
	return func(p *corev1.Pod) bool {
		s := p.Status.ContainerStatuses
		return len(s) > 0 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == reason
	}
}

func TestCrashingContainerBacksOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	f.setImage("web:v2-crash")
	p := f.awaitPod("backs off", waitsFor("CrashLoopBackOff"))

	s := p.Status.ContainerStatuses[0]
	if s.RestartCount < 1 || s.Ready || s.LastTerminationState.Terminated == nil {
		t.Fatalf("the container is %+v", s)
	}
	if e := s.LastTerminationState.Terminated; e.ExitCode != 1 || e.Reason != "Error" {
		t.Errorf("it ended with %d %s, want 1 Error", e.ExitCode, e.Reason)
	}
	if !strings.HasPrefix(s.State.Waiting.Message, "back-off 10s restarting failed container=app pod=web-") {
		t.Errorf("it waits with message %q", s.State.Waiting.Message)
	}
	if e := f.hasEvent("BackOff"); e.Type != corev1.EventTypeWarning || e.InvolvedObject.FieldPath != "spec.containers{app}" {
		t.Errorf("the event is %+v", e)
	}
	log := f.log(p.Name, &corev1.PodLogOptions{Previous: true, Container: "app", TailLines: new(int64(8))})
	if !strings.HasPrefix(log, "panic: ") || strings.Count(log, "\n") != 8 {
		t.Errorf("the last eight lines of the log are:\n%s", log)
	}
}

func (f *fixture) log(pod string, o *corev1.PodLogOptions) string {
	f.t.Helper()
	r, err := f.CoreV1().Pods("prod").GetLogs(pod, o).Stream(f.ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
}

func TestLogsThatAreNotThereAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 1)
	pod := f.podsOf(d)[0].Name
	if log := f.log(pod, &corev1.PodLogOptions{}); !strings.Contains(log, "listening") {
		t.Errorf("the log is %q", log)
	}
	for _, o := range []*corev1.PodLogOptions{{Previous: true}, {Container: "sidecar"}} {
		if _, err := f.CoreV1().Pods("prod").GetLogs(pod, o).DoRaw(f.ctx); !apierrors.IsBadRequest(err) {
			t.Errorf("log of %+v ended with %v, want a bad request", o, err)
		}
	}
	if _, err := f.CoreV1().Pods("prod").GetLogs("nobody", &corev1.PodLogOptions{}).DoRaw(f.ctx); !apierrors.IsNotFound(err) {
		t.Errorf("log of no pod ended with %v, want not found", err)
	}
}

func TestImageThatCannotBePulledBacksOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	f.setImage("web:v2-missing")
	f.awaitPod("fails to pull", waitsFor("ErrImagePull"))
	p := f.awaitPod("backs off", waitsFor("ImagePullBackOff"))
	if m := p.Status.ContainerStatuses[0].State.Waiting.Message; !strings.Contains(m, "web:v2-missing: not found") {
		t.Errorf("it waits with message %q", m)
	}
	if p.Status.Phase != corev1.PodPending || p.Status.ContainerStatuses[0].ImageID != "" {
		t.Errorf("the pod is %+v", p.Status)
	}
	_, err := f.CoreV1().Pods("prod").GetLogs(p.Name, &corev1.PodLogOptions{}).Stream(f.ctx)
	if !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), "is waiting to start: ") {
		t.Errorf("its log ended with %v", err)
	}
}

// Healthy for a moment only (kargo 41): ready, and complete, and then it crashes.
func TestFlakyContainerCrashesAfterItWasReady(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 1)
	f.setImage("web:v2-flaky")
	f.await("completes", func(d *appsv1.Deployment) bool { return d.Generation == 2 && complete(d) })
	f.awaitPod("crashes", func(p *corev1.Pod) bool {
		s := p.Status.ContainerStatuses
		return len(s) > 0 && s[0].Image == "web:v2-flaky" && s[0].State.Terminated != nil
	})
	f.await("loses its pod", func(d *appsv1.Deployment) bool { return d.Status.AvailableReplicas == 0 })
}

func TestExceededQuotaFailsTheReplicaSet(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	f.setImage("web:v2-quota")
	d := f.await("cannot create pods", hasReason(appsv1.DeploymentReplicaFailure, "FailedCreate"))
	if m := condition(d.Status, appsv1.DeploymentReplicaFailure).Message; !strings.Contains(m, "exceeded quota") {
		t.Errorf("the condition says %q", m)
	}
	if e := f.hasEvent("FailedCreate"); e.InvolvedObject.Kind != "ReplicaSet" || !strings.HasPrefix(e.Message, "Error creating: pods ") {
		t.Errorf("the event is %+v", e)
	}
	f.setImage("web:v1")
	f.await("is well again", func(d *appsv1.Deployment) bool {
		return complete(d) && condition(d.Status, appsv1.DeploymentReplicaFailure) == nil
	})
}

func TestUnschedulablePodStaysPending(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 1)
	f.setImage("web:v2-unschedulable")
	p := f.awaitPod("finds no node", func(p *corev1.Pod) bool {
		return len(p.Status.Conditions) > 0 && p.Status.Conditions[0].Reason == corev1.PodReasonUnschedulable
	})
	if p.Spec.NodeName != "" || p.Status.Phase != corev1.PodPending {
		t.Errorf("the pod is on node %q and %s", p.Spec.NodeName, p.Status.Phase)
	}
	f.hasEvent("FailedScheduling")
}

func TestByTagLooksAtTheTagAlone(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]Behaviour{
		"crash.example/slow/web:v1":                        Normal(),
		"registry:5000/quota":                              Normal(),
		"web:v2-slow":                                      Slow(),
		"registry:5000/web:v2-hang@sha256:0123":            Unready(),
		"registry:5000/web@sha256:0123":                    Normal(),
		"registry.example/web:24-02-05.619-crash.627":      Crash(),
		"registry.example/web:24-02-05.619-nopull":         Missing("registry.example/web:24-02-05.619-nopull"),
		"registry.example/web:24-02-05.619-unschedulable1": Unschedulable(),
	} {
		if got := ByTag(image); got.Ready != want.Ready || got.Crash != want.Crash || got.PullError != want.PullError ||
			got.Unschedulable != want.Unschedulable || got.Quota != want.Quota {
			t.Errorf("ByTag(%q) = %+v, want %+v", image, got, want)
		}
	}
}
