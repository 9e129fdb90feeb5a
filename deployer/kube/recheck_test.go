package kube

import (
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// provenJudge looks after the two pods of healthyView, which were proven at noon.
func provenJudge() *proofJudge {
	return &proofJudge{
		in: deployer.Intent{To: deployer.State{Version: "2", Image: "web:2@" + sumA}},
		at: workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}, ref: followRef{since: noon, pods: 2},
		unready: time.Minute, pods: newGraceTracker(evenGrace(time.Minute), noon), began: map[string]time.Time{},
	}
}

// At a peak an autoscaler adds pods that wait for nodes for minutes, or come up slowly.
// Those that were proven are so still.
func TestPodsThatAreAddedTakeNoProofAway(t *testing.T) {
	t.Parallel()
	v := healthyView(noon)
	v.deployment.Spec.Replicas = new(int32(30))
	for i := range 28 {
		v.pods = append(v.pods, added(v, fmt.Sprint("new-", i), 100, -1))
	}
	j := provenJudge()
	for _, seconds := range []int{110, 180, 400} {
		if got := j.judge(v, noon.Add(time.Duration(seconds)*time.Second)); got.done || got.progress.Note != "" {
			t.Errorf("after %d s: %+v", seconds, got)
		}
	}
	once := provenJudge()
	once.once = true
	if got := once.judge(v, noon.Add(110*time.Second)); got.outcome.Result != deployer.OK {
		t.Errorf("looked at once more: %+v", got)
	}
	v.pods[1].Status.Conditions[0].Status = corev1.ConditionFalse // one that was proven
	if got := j.judge(v, noon.Add(410*time.Second)); got.done || got.progress.Note == "" {
		t.Errorf("one is not well: %+v", got)
	}
	if got := j.judge(v, noon.Add(471*time.Second)); got.outcome.Result != deployer.Failed {
		t.Errorf("a minute later: %+v", got)
	}
}

// One that is added and crashes shows that the version is not well.
func TestAPodThatIsAddedAndCrashesTakesTheProofAway(t *testing.T) {
	t.Parallel()
	v := healthyView(noon)
	v.deployment.Spec.Replicas = new(int32(3))
	bad := added(v, "bad", 100, -1)
	bad.Status.ContainerStatuses[0] = crashed(noon.Add(110*time.Second), 1, "Error")
	v.pods = append(v.pods, bad)
	j := provenJudge()
	if got := j.judge(v, noon.Add(120*time.Second)); got.done || got.progress.Note != "1 of 3 pods is not ready: app in bad." {
		t.Errorf("at first: %+v", got)
	}
	if got := j.judge(v, noon.Add(180*time.Second)); got.outcome.Result != deployer.Failed {
		t.Errorf("a minute later: %+v", got)
	}
}

// One that was ready and is not any more has not just been added, also to a process that
// has not seen it before.
func TestAPodThatWasReadyOnceIsNotJustAdded(t *testing.T) {
	t.Parallel()
	v := healthyView(noon)
	v.deployment.Spec.Replicas = new(int32(3))
	p := added(v, "c", 100, -1)
	p.Status.ContainerStatuses[0].State.Running = &corev1.ContainerStateRunning{StartedAt: at(105)}
	v.pods = append(v.pods, p)
	for since, want := range map[int]string{101: "", 300: "1 of 3 pods is not ready: app in c."} {
		p.Status.Conditions[0].LastTransitionTime = at(since)
		if got := provenJudge().judge(v, noon.Add(310*time.Second)); got.progress.Note != want {
			t.Errorf("not ready since %d: %+v", since, got)
		}
	}
}

// A registry that has not answered about a pod that is gone says nothing of one that is
// not ready.
func TestAnErrorOfTheRegistryColoursNoOtherFault(t *testing.T) {
	t.Parallel()
	v := healthyView(noon)
	v.pods[1].Status.Conditions[0].Status = corev1.ConditionFalse
	j := provenJudge()
	j.content.err = errors.New("no answer")
	j.judge(v, noon.Add(10*time.Second))
	if got := j.judge(v, noon.Add(80*time.Second)); got.outcome.Result != deployer.Failed {
		t.Errorf("it ends %+v", got.outcome)
	}
}
