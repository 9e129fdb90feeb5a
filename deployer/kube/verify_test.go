package kube

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// added is a pod like those of healthyView, made so many seconds after noon and ready
// since then; -1: not yet.
func added(v view, name string, made, readySince int) *corev1.Pod {
	p := v.pods[0].DeepCopy()
	p.Name, p.UID, p.CreationTimestamp = name, types.UID(name), at(made)
	p.Status.Conditions[0].LastTransitionTime = at(readySince)
	if readySince < 0 {
		p.Status.Conditions[0].Status, p.Status.ContainerStatuses[0].Ready = corev1.ConditionFalse, false
	}
	return p
}

// judged is the verdict so many seconds after noon, in words.
func judged(j *verifyJudge, v view, seconds int) string {
	switch got := j.judge(v, noon.Add(time.Duration(seconds)*time.Second)); {
	case got.done:
		return string(got.outcome.Result) + ": " + got.outcome.Why
	case strings.HasPrefix(got.progress.Note, "Healthy"):
		return fmt.Sprint("until ", int(got.recheckAt.Sub(noon)/time.Second))
	default:
		return got.progress.Note
	}
}

// An autoscaler that added a pod now and then kept a verification from ever ending.
func TestPodsThatAreProvenStaySoWhileOthersAreAdded(t *testing.T) {
	t.Parallel()
	j := verifier(noon)
	j.ref.pods = 2
	v := healthyView(noon)
	v.deployment.Spec.Replicas = new(int32(5))
	v.pods = append(v.pods, added(v, "c", 20, 30), added(v, "d", 40, -1))
	for _, step := range []struct {
		seconds int
		change  func()
		want    string
	}{
		{50, func() {}, "until 60"},
		{51, func() { v.deployment.Generation++ }, "The cluster has not taken up the last change yet."}, // and is as it was before
		{52, func() { v.deployment.Generation-- }, "until 60"},
		{60, func() {}, "ok: 2 pods, healthy for 1m; 3 more were being added"},
		{91, func() {}, "ok: 3 pods, healthy for 1m; 2 more were being added"},
		{92, func() { v.pods, v.deployment.Spec.Replicas = v.pods[1:3], new(int32(1)) }, "ok: 1 pod, healthy for 1m"},
	} {
		step.change()
		if got := judged(j, v, step.seconds); got != step.want {
			t.Errorf("at %d s: %q, want %q", step.seconds, got, step.want)
		}
	}
}

func TestAPodInThePlaceOfAnotherMustBeProven(t *testing.T) {
	t.Parallel()
	j := verifier(noon)
	j.ref.pods = 2
	v := healthyView(noon)
	judged(j, v, 10)
	v.pods[1].Status.Phase = corev1.PodFailed // evicted
	if got := judged(j, v, 40); got != "There is 1 pod, and should be 2." {
		t.Errorf("without one: %q", got)
	}
	v.pods = append(v.pods, added(v, "c", 41, -1))
	if got := judged(j, v, 42); got != "1 of 2 pods is not ready: app in c." {
		t.Errorf("not ready: %q", got)
	}
	v.pods[2] = added(v, "c", 41, 45)
	if got := judged(j, v, 70); got != "until 105" {
		t.Errorf("not proven: %q", got)
	}
	if got := judged(j, v, 105); got != "ok: 2 pods, healthy for 1m" {
		t.Errorf("proven: %q", got)
	}
}

// Pods that an autoscaler adds make up for none that was there and is not ready.
func TestAPodThatIsNotReadyAnyMoreIsNotMadeUpFor(t *testing.T) {
	t.Parallel()
	for name, found := range map[string]bool{"found at the beginning": true, "seen to be ready": false} {
		j := verifier(noon)
		j.ref.pods = 2
		v := healthyView(noon)
		v.deployment.Spec.Replicas = new(int32(4))
		v.pods = append(v.pods, added(v, "c", 1, 2), added(v, "d", 1, 2))
		bad := v.pods[0]
		if !found {
			bad = v.pods[3]
			judged(j, v, 3)
		}
		bad.Status.Conditions[0].Status = corev1.ConditionFalse
		if got := judged(j, v, 100); !strings.HasPrefix(got, "1 of 4 pods is not ready") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestVerifyFailsWhenOldPodsDoNotEnd(t *testing.T) {
	t.Parallel()
	j := verifier(noon)
	j.in.Deadline = noon.Add(time.Hour)
	v := healthyView(noon)
	s := &v.deployment.Status
	s.Replicas, s.UpdatedReplicas, s.AvailableReplicas = 2, 2, 2
	v.pods = append(v.pods, endingPod(podOf(v.sets[0], "x"), 0, 30))
	if got := judged(j, v, 0); got != "Everything is new; 1 old pod has been stopping for 0 s." {
		t.Errorf("at first: %q", got)
	}
	if got := judged(j, v, 90); got != string(deployer.Failed)+": Everything is new; 1 old pod has been stopping for 1 min (x)." {
		t.Errorf("then: %q", got)
	}
}
