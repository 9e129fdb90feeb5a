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

// A rolling is a rollout from web:1 to web:2 as a judge sees it, which began at noon.
type rolling struct {
	view
	set *appsv1.ReplicaSet // of web:2
	g   *graceTracker
}

func newRolling(pods ...*corev1.Pod) *rolling {
	r := &rolling{view: viewOf(markedTemplate("web:1", ""), markedTemplate("web:2", "t-1"))}
	r.deployment.UID, r.sets[0].UID, r.sets[1].UID = "web-uid", "one", "two"
	r.set, r.pods = r.sets[1], pods
	r.restart()
	return r
}

// restart takes a judge that knows nothing yet, as after our own restart.
func (r *rolling) restart() { r.g = newGraceTracker(evenGrace(time.Minute), noon) }

// after is what is wrong so many seconds after noon; nil: nothing is.
func (r *rolling) after(seconds int) *failure {
	now := noon.Add(time.Duration(seconds) * time.Second)
	r.g.look(r.view, r.set, now)
	return r.g.failure(r.view, r.set, time.Time{}, now)
}

// ends is until when it may pass, in seconds after noon; -1: it may not.
func (f *failure) ends() int {
	if f.until.IsZero() {
		return -1
	}
	return int(f.until.Sub(noon) / time.Second)
}

func sets() (old, current *appsv1.ReplicaSet) {
	r := newRolling()
	return r.sets[0], r.sets[1]
}

func readyPod(p *corev1.Pod, seconds int) *corev1.Pod {
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", Ready: true}}
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: at(seconds)}}
	return p
}

func endingPod(p *corev1.Pod, told int, given int64) *corev1.Pod {
	end := at(told + int(given))
	p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &end, &given
	return p
}

func at(seconds int) metav1.Time {
	return metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second))
}

func pullsLate(set *appsv1.ReplicaSet, name string, created int) *corev1.Pod {
	p := podOf(set, name, waiting("ErrImagePull", "pull QPS exceeded"))
	p.CreationTimestamp = at(created)
	return p
}

// Six pods that overlap failed the rollout over pods that were five seconds old.
func TestEachPodHasAClockOfItsOwn(t *testing.T) {
	t.Parallel()
	_, set := sets()
	a, b := pullsLate(set, "a", 0), pullsLate(set, "b", 50)
	r := newRolling(a)
	r.after(0)
	r.pods = append(r.pods, b)
	if f := r.after(50); f.ends() != 60 {
		t.Errorf("the first one's time ends at %d", f.ends())
	}
	r.pods = []*corev1.Pod{b}
	if f := r.after(70); f.ends() != 110 {
		t.Errorf("the second one's time ends at %d", f.ends())
	}
	r.pods = append(r.pods, readyPod(podOf(set, "a"), 75))
	if f := r.after(80); f.ends() != 140 {
		t.Errorf("once another one came through it ends at %d", f.ends())
	}
	r.pods[1].Status.Conditions[0].LastTransitionTime = at(90) // one that comes and goes is no progress
	if f := r.after(95); f.ends() != 140 {
		t.Errorf("it ends at %d", f.ends())
	}
	if f := r.after(140); f.ends() != -1 || f.why != "1 of 2 pods can't get its image: app, pull QPS exceeded (ErrImagePull)" {
		t.Errorf("then: %+v", f)
	}
}

func TestProgressIsAlsoAnOldPodThatGoesAway(t *testing.T) {
	t.Parallel()
	one, two := sets()
	late := pullsLate(two, "late", 0)
	r := newRolling(late, podOf(one, "x"), podOf(one, "y"))
	r.after(0)
	r.pods = r.pods[:2]
	if f := r.after(40); f.ends() != 100 {
		t.Errorf("it ends at %d", f.ends())
	}
}

// Our restart costs nothing, and the cluster's clock need not go as ours.
func TestClockOfWhatWasThereBeforeUs(t *testing.T) {
	t.Parallel()
	_, set := sets()
	r := newRolling(pullsLate(set, "a", 10))
	if f := r.after(50); f.ends() != 70 {
		t.Errorf("what was there counts from its beginning, and ends at %d", f.ends())
	}
	r.pods = append(r.pods[:0], pullsLate(set, "b", -300))
	if f := r.after(60); f.ends() != 120 {
		t.Errorf("what comes counts from when it is seen, and ends at %d", f.ends())
	}
	r.restart()
	if f := r.after(55); f.ends() != 60 {
		t.Errorf("nothing counts from before the attempt; it ends at %d", f.ends())
	}
	r = newRolling(pullsLate(set, "c", 500))
	if f := r.after(5); f.ends() != 65 {
		t.Errorf("what is to come counts from now, and ends at %d", f.ends())
	}
	p := podOf(set, "d")
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse,
		Reason: corev1.PodReasonUnschedulable, Message: "0/2 nodes are available", LastTransitionTime: at(20)}}
	r = newRolling(p)
	if f := r.after(50); f.ends() != 80 {
		t.Errorf("what fits nowhere says since when; it ends at %d", f.ends())
	}
}

func TestRoomIsWaitedForWhileOldPodsEnd(t *testing.T) {
	t.Parallel()
	one, _ := sets()
	r := newRolling(podOf(one, "x"), endingPod(podOf(one, "y"), 0, 30))
	r.set.Status.Conditions = []appsv1.ReplicaSetCondition{{
		Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Message: "exceeded quota: few", LastTransitionTime: at(0),
	}}
	r.after(0)
	const why = "New pods can't be made: exceeded quota: few"
	if f := r.after(80); f.ends() != 90 || f.why != "Waits for room: 1 old pod is still stopping. "+why {
		t.Errorf("while it may end: %d, %q", f.ends(), f.why)
	}
	// It never ends, and frees nothing.
	if f := r.after(91); f.ends() != 220 || f.why != why+". 1 old pod has been stopping for 1 min (y)." {
		t.Errorf("when it is stuck: %d, %q", f.ends(), f.why)
	}
	// It ends, and the controller may try again as late as it has failed until then.
	r.restart()
	r.after(0)
	r.after(40)
	r.pods = r.pods[:1]
	if f := r.after(41); f.ends() != 41+41+60 || f.why != why {
		t.Errorf("when it has ended: %d, %q", f.ends(), f.why)
	}
	if f := r.after(142); f.ends() != -1 {
		t.Errorf("at last: %d", f.ends())
	}
}

func TestRefusedPodsAndReplicaSetsAreToldApart(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]cause{
		`pods "web-1" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2`:     causeQuota,
		`Internal error occurred: failed calling webhook "pods.example.com": failed to call webhook: EOF`:      causeWebhook,
		`admission webhook "pods.example.com" denied the request: no`:                                          causeRefused,
		`pods "web-1" is forbidden: violates PodSecurity "restricted:latest"`:                                  causeRefused,
		`pods "web-1" is forbidden: error looking up service account prod/web: serviceaccount "web" not found`: causeStart,
	} {
		if got := causeOf(message); got != want {
			t.Errorf("%s: %d, want %d", message, got, want)
		}
	}
	r := newRolling()
	r.deployment.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse,
		Reason: "ReplicaSetCreateError", Message: `Failed to create new replica set "web-2": exceeded quota: few`}}
	if f := r.after(0); f != nil {
		t.Errorf("of an attempt before, for there is one now: %+v", f)
	}
	r.set = nil
	if f := r.after(0); f.ends() != 60 || f.why != `The cluster makes no new ReplicaSet: Failed to create new replica set "web-2": exceeded quota: few` {
		t.Errorf("%+v", f)
	}
}

func TestControllersThatDoNotActAreNamed(t *testing.T) {
	t.Parallel()
	r := newRolling()
	r.deployment.Generation++
	r.deployment.Spec.ProgressDeadlineSeconds = new(int32(600))
	set := r.set
	r.set = nil
	if f := r.after(10); f.ends() != 60 || f.why != "" {
		t.Errorf("silent at first: %+v", f)
	}
	if f := r.after(125); f.ends() != 180 || f.why != "The cluster's controllers have not taken up the change for 2 min." {
		t.Errorf("then it is said: %+v", f)
	}
	want := "The cluster's controllers have not taken up the change for 10 min, the progress deadline. 0 of 2 new pods exist."
	if f := r.after(600); f.ends() != -1 || f.why != want {
		t.Errorf("at the deadline: %+v", f)
	}
	// The grace of a cause is no longer than the progress deadline.
	r.deployment.Generation--
	r.deployment.Spec.ProgressDeadlineSeconds = new(int32(20))
	r.set, r.pods = set, []*corev1.Pod{pullsLate(set, "a", 600)}
	if f := r.after(600); f.ends() != 620 {
		t.Errorf("the progress deadline ends it at %d", f.ends())
	}
	r.deployment.Generation++
	r.deployment.Spec.ProgressDeadlineSeconds, r.pods = nil, nil
	// With our ReplicaSet there it is somebody else's change, which began now.
	r.restart()
	r.set = set
	if f := r.after(600); f.ends() != 660 || f.why != "" {
		t.Errorf("another change: %+v", f)
	}
}

func TestNewPodsThatAreMissingAreNotCalledAllPods(t *testing.T) {
	t.Parallel()
	one, two := sets()
	for _, test := range []struct {
		pods []*corev1.Pod
		want string
	}{
		{[]*corev1.Pod{readyPod(podOf(one, "x"), 0), readyPod(podOf(one, "y"), 0)}, "0 of 2 new pods exist, and 2 old pods run."},
		{[]*corev1.Pod{readyPod(podOf(two, "a"), 0), endingPod(readyPod(podOf(one, "x"), 0), 0, 30)}, "1 of 2 new pods exist."},
	} {
		r := newRolling(test.pods...)
		if why, _ := unready(r.view, r.set); why != test.want {
			t.Errorf("%q, want %q", why, test.want)
		}
	}
}

// What else is wrong does not hide that a rollout is done, and old pods that never end
// are no failure of it.
func TestRolloutIsDoneWhenOnlyStuckPodsAreLeft(t *testing.T) {
	t.Parallel()
	one, two := sets()
	left := endingPod(podOf(one, "x"), 0, 30)
	left.Finalizers = []string{"example.com/drain"}
	r := newRolling(readyPod(podOf(two, "a"), 0), readyPod(podOf(two, "b"), 0), left)
	s := &r.deployment.Status
	s.Replicas, s.UpdatedReplicas, s.AvailableReplicas = 2, 2, 2
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	in := deployer.Intent{Mark: "t-1", Where: at.where(), To: deployer.State{Version: "2", Image: "web:2"}, Deadline: noon.Add(time.Hour)}
	j := &rolloutJudge{in: in, at: at, grace: r.g}
	if got := j.judge(r.view, noon); got.done || got.progress.Note != "Everything is new; 1 old pod has been stopping for 0 s." || !got.recheckAt.Equal(noon.Add(time.Second)) {
		t.Errorf("at first: %+v", got)
	}
	if got := j.judge(r.view, noon.Add(89*time.Second)); got.done || !got.recheckAt.Equal(noon.Add(90*time.Second)) {
		t.Errorf("just before: %+v", got)
	}
	got := j.judge(r.view, noon.Add(90*time.Second))
	if got.outcome.Result != deployer.OK || got.outcome.Why != "Everything is new; 1 old pod has been stopping for 1 min (held by the finalizer example.com/drain)" || got.progress.Old != 1 {
		t.Errorf("then: %+v", got)
	}
	if got.stuck == nil || got.stuck.say("node-3 does not answer") != "Everything is new; 1 old pod has been stopping for 1 min (node-3 does not answer)" {
		t.Errorf("its node can't be told: %+v", got.stuck)
	}
	// Whoever ends it at last takes away the time that it was given.
	j.grace = newGraceTracker(evenGrace(time.Minute), noon)
	j.judge(r.view, noon)
	*left.DeletionGracePeriodSeconds = 0
	if got := j.judge(r.view, noon.Add(70*time.Second)); got.done {
		t.Errorf("in its last moment: %+v", got)
	}
	// One that was not told to end is waited for.
	r.pods = append(r.pods, podOf(one, "y"))
	if got := j.judge(r.view, noon.Add(50*time.Minute)); got.done || !strings.HasPrefix(got.progress.Note, "2 old pods are still there: ") {
		t.Errorf("with one that runs: %+v", got)
	}
}

func TestWhyAnOldPodDoesNotEnd(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*corev1.Pod){
		"x":                         func(*corev1.Pod) {},
		"held by the finalizer a/b": func(p *corev1.Pod) { p.Finalizers = []string{"a/b"} },
		"node-3 does not answer":    func(p *corev1.Pod) { p.Status.Reason = "NodeLost" },
		"a taint of node-3 has sent it away": func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "DeletionByTaintManager"}}
		},
	} {
		one, _ := sets()
		p := podOf(one, "x")
		p.Spec.NodeName = "node-3"
		change(p)
		if got := (&leftover{pods: []*corev1.Pod{p}}).reason(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRoughTimesChangeWhenTheyAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 1500 * time.Millisecond: "1 s", 59 * time.Second: "55 s", 90 * time.Second: "1 min",
		61 * time.Minute: "1 h", 47 * time.Hour: "47 h", 73 * time.Hour: "3 days",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
		if next := rounded(d) + unit(d); d >= 0 && (roughly(next) == want || roughly(next-1) != want) {
			t.Errorf("%s changes at %s", d, next)
		}
	}
}

// The last pods came through at the deadline, and the controller had said already
// that it was passed.
func TestAPassedDeadlineIsNoFailureOfPodsThatHaveCome(t *testing.T) {
	t.Parallel()
	_, set := sets()
	r := newRolling(readyPod(podOf(set, "web-a"), 5))
	r.deployment.Spec.Replicas = new(int32(1))
	r.deployment.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ProgressDeadlineExceeded", LastUpdateTime: at(4)}}
	if f := r.after(6); f == nil || f.ends() != 66 {
		t.Errorf("at first it is %+v", f)
	}
	if f := r.after(70); f == nil || f.ends() != -1 {
		t.Errorf("in the end it is %+v", f)
	}
}
