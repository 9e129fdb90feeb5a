package kube

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A workload without pods, which no controller takes up.
func TestAWorkloadScaledToNothingHasNoPodsThatAreNotAvailable(t *testing.T) {
	t.Parallel()
	r := newRolling()
	r.deployment.Generation++
	r.deployment.Spec.Replicas, r.deployment.Spec.MinReadySeconds = new(int32(0)), 5
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	in := deployer.Intent{Mark: "t-1", Where: at.where(), To: deployer.State{Version: "2", Image: "web:2"}}
	j := &rolloutJudge{in: in, at: at, grace: r.g}
	r.sets = r.sets[:1]
	j.judge(r.view, noon)
	got := j.judge(r.view, noon.Add(time.Hour))
	if got.outcome.Result != deployer.Failed || !strings.HasPrefix(got.outcome.Why, "The cluster's controllers have not taken up the change for 10 min") {
		t.Errorf("%+v", got.outcome)
	}
}

// refuse has the cluster make no more pods of the new ReplicaSet.
func (r *rolling) refuse(message string) {
	r.set.Status.Conditions = []appsv1.ReplicaSetCondition{{
		Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Message: message, LastTransitionTime: at(0),
	}}
}

// A new pod that is sent away, as from a node that is drained, keeps its room until it
// is gone, as an old one does.
func TestRoomIsWaitedForWhileANewPodEnds(t *testing.T) {
	t.Parallel()
	one, two := sets()
	r := newRolling(podOf(one, "x"), endingPod(podOf(two, "y"), 0, 90))
	const why = "New pods can't be made: exceeded quota: few"
	r.refuse("exceeded quota: few")
	r.after(0)
	if f := r.after(80); f.ends() != 150 || f.why != "Waits for room: 1 pod is still stopping. "+why {
		t.Errorf("while it may end: %d, %q", f.ends(), f.why)
	}
	r.pods = append(r.pods, endingPod(podOf(one, "z"), 0, 90))
	if f := r.after(81); f.ends() != 150 || f.why != "Waits for room: 2 pods are still stopping. "+why {
		t.Errorf("with an old one: %d, %q", f.ends(), f.why)
	}
	r.pods = r.pods[:1]
	if f := r.after(82); f.ends() != 81+81+60 || f.why != why {
		t.Errorf("when they have ended: %d, %q", f.ends(), f.why)
	}
}

// After our restart nothing but the pod tells since when an image does not come. It may
// have waited for a node, and for its init containers, before.
func TestAPodIsInTroubleSinceItCouldBegin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(p *corev1.Pod)
		ends   int
	}{
		"made": {func(*corev1.Pod) {}, -1},
		"scheduled": {func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: at(90)}}
		}, 150},
		"initialized": {func(p *corev1.Pod) {
			p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "migrate", Ready: true,
				State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{FinishedAt: at(95)}}}}
		}, 155},
		"run before": {func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{FinishedAt: at(98)}
		}, 158},
	} {
		_, set := sets()
		p := pullsLate(set, "a", 0)
		test.change(p)
		r := newRolling(p)
		if f := r.after(100); f.ends() != test.ends {
			t.Errorf("%s: it ends at %d", name, f.ends())
		}
	}
}

func failedPod(set *appsv1.ReplicaSet, name string, made int) *corev1.Pod {
	p := podOf(set, name)
	p.CreationTimestamp = at(made)
	p.Status.Phase, p.Status.Reason, p.Status.Message = corev1.PodFailed, "Evicted", "The node was low on resource: memory"
	return p
}

// The records of pods that were evicted lie about for weeks. They are no reason why a
// revision that is taken up again should fail.
func TestPodsThatWereEvictedBeforeAreNotRefused(t *testing.T) {
	t.Parallel()
	_, two := sets()
	r := newRolling()
	for i := range 5 {
		r.pods = append(r.pods, failedPod(two, fmt.Sprint("gone-", i), -1000+i))
	}
	starts := podOf(two, "a")
	starts.CreationTimestamp = at(1)
	r.pods = append(r.pods, starts)
	back := func(seconds int) *failure {
		now := noon.Add(time.Duration(seconds) * time.Second)
		r.g.look(r.view, r.set, now)
		return r.g.failure(r.view, r.set, noon, now)
	}
	back(0)
	if f := back(61); f != nil {
		t.Errorf("what was there before: %+v", f)
	}
	for i := range 5 {
		r.pods = append(r.pods, failedPod(two, fmt.Sprint("refused-", i), i+2))
	}
	back(62)
	if f := back(122); f == nil || f.ends() != -1 || !strings.HasPrefix(f.why, "5 new pods were refused by their nodes: Evicted") {
		t.Errorf("what was refused now: %+v", f)
	}
}

// Nodes that have taken in all the pods that there should be refuse none.
func TestPodsThatHaveBegunAreNotRefused(t *testing.T) {
	t.Parallel()
	_, two := sets()
	r := newRolling()
	r.deployment.Spec.Replicas = new(int32(1))
	r.pods = []*corev1.Pod{failedPod(two, "a", 10), failedPod(two, "b", 300), podOf(two, "c", corev1.ContainerStatus{Name: "app"})}
	r.after(301)
	if f := r.after(365); f != nil {
		t.Errorf("%+v", f)
	}
}

// The clock of the controller is ahead of ours: what it said of the rollout that is
// rolled back was not said of the way back.
func TestADeadlineThatWasPassedBeforeDoesNotEndAnAttempt(t *testing.T) {
	t.Parallel()
	_, two := sets()
	r := newRolling(podOf(two, "a"))
	r.deployment.Spec.ProgressDeadlineSeconds = new(int32(60))
	r.deployment.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse,
		Reason: "ProgressDeadlineExceeded", LastUpdateTime: at(30)}}
	since := noon.Add(10 * time.Second)
	if f := stalled(r.view, r.set, since, noon.Add(11*time.Second)); f == nil || f.ends() != 70 {
		t.Errorf("at first: %+v", f)
	}
	if f := stalled(r.view, r.set, since, noon.Add(70*time.Second)); f == nil || f.ends() != -1 {
		t.Errorf("at the end: %+v", f)
	}
	if f := stalled(r.view, r.set, since, noon.Add(31*time.Second)); f == nil || f.ends() != 70 {
		t.Errorf("when our clock has come to it: %+v", f)
	}
}

// It is not said that room is waited for where no end of a pod can give any.
func TestNoRoomIsWaitedForThatNothingFrees(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2":                                                            true,
		"exceeded quota: few, requested: limits.memory=2Gi,pods=1, used: limits.memory=512Mi,pods=2, limited: limits.memory=1Gi,pods=9":    false,
		"exceeded quota: few, requested: limits.memory=1024Mi,pods=1, used: limits.memory=512Mi,pods=2, limited: limits.memory=1Gi,pods=9": true,
		"exceeded quota: few": true,
		"exceeded quota: few, requested: a, used: b, limited: c": true,
	} {
		_, set := sets()
		set.Status.Conditions = []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Message: message}}
		if got := notMade(view{}, set).wantsRoom(); got != want {
			t.Errorf("%s: %t", message, got)
		}
	}
	for message, want := range map[string]bool{
		"0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.":                                                                           true,
		"0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports. preemption: not eligible due to preemptionPolicy=Never.":                                                              true,
		"0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.":                                              false,
		"0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.": true,
		"0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.":   true,
		"": true,
	} {
		_, set := sets()
		p := podOf(set, "a")
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: message}}
		if got := diagnosePod(p, noon, noon).wantsRoom(); got != want {
			t.Errorf("%s: %t", message, got)
		}
	}
}

// An autoscaler that adds old pods and takes them away again does not keep a rollout
// alive whose new pods get no image.
func TestOldPodsThatComeAndGoAreNoProgress(t *testing.T) {
	t.Parallel()
	one, two := sets()
	r := newRolling(pullsLate(two, "late", 0), podOf(one, "x"))
	few, end := r.pods, 0
	for i := range 10 {
		r.pods = few
		end = r.after(20 * i).ends()
		if end < 0 {
			break
		}
		r.pods = slices.Concat(few, []*corev1.Pod{podOf(one, fmt.Sprint("y-", i))})
		r.after(20*i + 10)
	}
	if end != -1 {
		t.Errorf("after three minutes it ends at %d", end)
	}
}

// The controllers ended when the Deployment had been looked at, and its ReplicaSet not.
func TestAReplicaSetThatIsNotTakenUpIsNamed(t *testing.T) {
	t.Parallel()
	one, _ := sets()
	r := newRolling(readyPod(podOf(one, "x"), 0))
	r.set.Generation, r.set.Status.ObservedGeneration = 2, 1
	r.after(0)
	if f := r.after(125); f == nil || f.ends() != 180 || f.why != "The cluster's controllers have not taken up the change for 2 min." {
		t.Errorf("%+v", f)
	}
	if f := r.after(600); f == nil || f.ends() != -1 {
		t.Errorf("at the progress deadline: %+v", f)
	}
	r.set.Status.ObservedGeneration = 2
	if f := r.after(601); f != nil {
		t.Errorf("taken up: %+v", f)
	}
}

// What an image is called is no answer of its registry.
func TestTheNameOfAnImageIsNoRefusal(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]cause{
		`failed to pull and unpack image "r.example/denied-parties:2": failed to do request: Head "https://r.example/v2/denied-parties/manifests/2": dial tcp 10.0.0.1:443: i/o timeout`: causeImage,
		`Back-off pulling image "forbidden:2": ErrImagePull: pull QPS exceeded`:                                                                                                          causeImage,
		`failed to pull and unpack image "r.example/web:2": failed to resolve reference "r.example/web:2": r.example/web:2: not found`:                                                   causeFinal,
		`Back-off pulling image "r.example/web:2": ErrImagePull: pull access denied, repository does not exist or may require authorization`:                                             causeFinal,
		`failed to fetch anonymous token: unexpected status from GET request to https://r.example/token: 401 Unauthorized`:                                                               causeFinal,
		`reading manifest 2 in r.example/web: manifest unknown`:                                                                                                                          causeFinal,
	} {
		c := waiting("ErrImagePull", message)
		if got := pull(c, c.State.Waiting).cause; got != want {
			t.Errorf("%s: %d, want %d", message, got, want)
		}
	}
}
