package kube

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

const (
	sumA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	sumB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// healthyView is a view of two pods that run web:2 and are ready since then.
func healthyView(since time.Time) view {
	v := viewOf(markedTemplate("web:1", ""), markedTemplate("web:2@"+sumA, "t-1"))
	v.deployment.UID, v.sets[0].UID, v.sets[1].UID = "web-uid", "one", "two"
	for _, name := range []string{"a", "b"} {
		p := podOf(v.sets[1], name, corev1.ContainerStatus{Name: "app", Ready: true, ImageID: "r/web@" + sumA})
		p.Spec.Containers = []corev1.Container{{Name: "app", Image: "web:2@" + sumA}}
		p.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(since),
		}}
		v.pods = append(v.pods, p)
	}
	return v
}

func verifier(since time.Time) *verifyJudge {
	return &verifyJudge{
		in: deployer.Intent{To: deployer.State{Version: "2", Image: "web:2@" + sumA}},
		at: workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}, ref: followRef{since: since},
		steady: time.Minute, grace: newGraceTracker(evenGrace(time.Minute), since), proof: newProof(), restarts: map[runKey]int32{},
	}
}

// The clock of a wait must not be reset by a restart (pipecd 348). The pods
// themselves say since when they are ready, so a new process goes on counting;
// a pod that was unready meanwhile begins anew.
func TestVerifyCountsFromWhenThePodsWereReady(t *testing.T) {
	t.Parallel()
	j := verifier(noon)
	v := healthyView(noon.Add(-time.Hour))
	if got := j.judge(v, noon.Add(10*time.Second)); got.done || !got.recheckAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("after 10 s: %+v", got)
	}
	j = verifier(noon) // the process has started again
	if got := j.judge(v, noon.Add(time.Minute)); !got.done || got.outcome.Result != deployer.OK {
		t.Errorf("after a minute: %+v", got)
	}
	v = healthyView(noon.Add(30 * time.Second))
	if got := verifier(noon).judge(v, noon.Add(time.Minute)); got.done || !got.recheckAt.Equal(noon.Add(90*time.Second)) {
		t.Errorf("ready for half a minute: %+v", got)
	}

	j = verifier(noon)
	v.pods[1].Status.Conditions[0].Status = corev1.ConditionFalse
	if got := j.judge(v, noon.Add(2*time.Minute)); got.done || !strings.HasPrefix(got.progress.Note, "1 of 2 pods is not ready") {
		t.Errorf("one is not ready: %+v", got)
	}
	if got := j.judge(healthyView(noon), noon.Add(2*time.Minute)); got.done || !got.recheckAt.Equal(noon.Add(3*time.Minute)) {
		t.Errorf("well again: %+v", got)
	}
}

// What is out of order at the end of the step's time is told a moment before it.
func TestVerifyFailsBeforeItsDeadlineWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	j := verifier(noon)
	j.in.Deadline = noon.Add(time.Minute)
	v := healthyView(noon)
	v.pods[1].Status.Conditions[0].Status = corev1.ConditionFalse
	end := j.in.Deadline.Add(-deadlineMargin)
	if got := j.judge(v, end.Add(-time.Nanosecond)); got.done || !got.recheckAt.Equal(end) {
		t.Errorf("just before: %+v", got)
	}
	if got := j.judge(v, end); got.outcome.Result != deployer.Failed || !strings.HasPrefix(got.outcome.Why, "It was not healthy in time. 1 of 2 pods is not ready") {
		t.Errorf("at the end: %+v", got)
	}
}

func TestVerifyNamesWhatIsWrongWithThePods(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*view)
		result deployer.Result
		why    string
	}{
		{"an old pod", func(v *view) { v.pods = append(v.pods, podOf(v.sets[0], "old")) }, "", "1 old pod is still there: old."},
		{"a pod too few", func(v *view) { v.pods = v.pods[:1] }, "", "There is 1 pod, and should be 2."},
		{"another image", func(v *view) {
			v.pods[0].Spec.Containers[0].Image, v.pods[0].Status.ContainerStatuses[0].ImageID = "web:1", "r/web@"+sumB
		}, "", "a runs 1, not 2."},
		{"another digest", func(v *view) {
			v.pods[0].Spec.Containers[0].Image, v.pods[0].Status.ContainerStatuses[0].ImageID = "web:2", "r/web@"+sumB
		}, "", "a runs the image " + sumB + ", not " + sumA + "."},
		{"another digest of what is pinned", func(v *view) { v.pods[0].Status.ContainerStatuses[0].ImageID = "r/web@" + sumB }, deployer.OK, "2 pods, healthy for 1m"},
		{"no digest known", func(v *view) { v.pods[0].Status.ContainerStatuses[0].ImageID = sumB }, deployer.OK, "2 pods, healthy for 1m"},
		{"a restart while nobody watched", func(v *view) {
			v.pods[0].Status.ContainerStatuses[0].LastTerminationState.Terminated =
				&corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled", FinishedAt: metav1.NewTime(noon.Add(time.Second))}
		}, deployer.Failed, "app in a has restarted while it was verified: exit 137 (OOMKilled)."},
		{"a restart before", func(v *view) {
			v.pods[0].Status.ContainerStatuses[0].LastTerminationState.Terminated =
				&corev1.ContainerStateTerminated{ExitCode: 1, FinishedAt: metav1.NewTime(noon.Add(-time.Second))}
		}, deployer.OK, "2 pods, healthy for 1m"},
		{"a sidecar's restart", func(v *view) {
			v.pods[0].Status.Phase = corev1.PodRunning
			v.pods[0].Status.InitContainerStatuses = []corev1.ContainerStatus{{
				Name: "proxy", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
				LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
					ExitCode: 1, Reason: "Error", FinishedAt: metav1.NewTime(noon.Add(time.Second))}},
			}}
		}, deployer.Failed, "proxy in a has restarted while it was verified: exit 1."},
		{"an init container that is over", func(v *view) { // of a pod that an autoscaler has added
			v.pods[0].Status.Phase = corev1.PodRunning
			v.pods[0].Status.InitContainerStatuses = []corev1.ContainerStatus{{
				Name: "migrate", Ready: true,
				State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{FinishedAt: metav1.NewTime(noon.Add(time.Second))}},
			}}
		}, deployer.OK, "2 pods, healthy for 1m"},
		{"an init container that hangs", func(v *view) {
			v.pods[0].Status.Conditions[0].Status = corev1.ConditionFalse
			v.pods[0].Status.ContainerStatuses[0].Ready = false
			v.pods[0].Status.InitContainerStatuses = []corev1.ContainerStatus{
				{Name: "fetch", Ready: true}, {Name: "migrate", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
			}
		}, "", "1 of 2 pods is not ready: migrate in a."},
		{"from another registry", func(v *view) {
			for _, p := range v.pods {
				p.Spec.Containers[0].Image = "mirror/web:2@" + sumA
			}
		}, deployer.OK, "2 pods, healthy for 1m"},
		{"by a mirror without digests", func(v *view) {
			for _, p := range v.pods {
				p.Spec.Containers[0].Image, p.Status.ContainerStatuses[0].ImageID = "mirror.example/hub/library/web:2", sumB
			}
		}, deployer.OK, "2 pods, healthy for 1m; they run mirror.example/hub/library/web:2, and no digest shows that it is the same image"},
		{"another template", func(v *view) { v.deployment.Spec.Template = markedTemplate("web:3", "") }, deployer.Interrupted, "deployment/web runs 3 now, not 2."},
		{"deleted", func(v *view) { v.deployment = nil }, deployer.Interrupted, "deployment/web was deleted."},
		{"not seen by the controller", func(v *view) { v.deployment.Generation++ }, "", "The cluster has not taken up the last change yet."},
		{"scaled to nothing", func(v *view) { v.deployment.Spec.Replicas, v.pods = new(int32(0)), nil }, deployer.Interrupted,
			"deployment/web is scaled to 0: nothing runs that could be verified."},
	} {
		v := healthyView(noon.Add(-time.Hour))
		test.change(&v)
		got := verifier(noon).judge(v, noon.Add(time.Hour))
		why := got.outcome.Why
		if !got.done {
			why = got.progress.Note
		}
		if got.outcome.Result != test.result || why != test.why {
			t.Errorf("%s: %q, %q; want %q, %q", test.name, got.outcome.Result, why, test.result, test.why)
		}
	}
}

// A tag that nobody moves afterwards: samson 593, branch-deploy 315. What is pinned in
// the pods was pulled by its digest, and nodes may report another one, as of an
// index. Where somebody has taken the digest away, what the node has pulled is held
// against the one that was approved.
func TestVerifyFailsWhenANodePulledAnotherDigest(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Digests: func(image string) string {
		if strings.Contains(image, ":v2") {
			return sumB
		}
		return ""
	}})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2@"+sumA)
	if in.To.Version != "v2" || !in.To.Proved() {
		t.Errorf("to %+v", in.To)
	}
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: 100 * time.Millisecond}}
	f.do(f.verify(), in, deployer.OK)

	f.patchAs("web", "somebody", setImage("v2"))
	f.awaitComplete("web")
	in.Deadline = time.Now().Add(deadlineMargin + 2*time.Second)
	if o := f.do(f.verify(), in, deployer.Failed); !strings.Contains(o.Why, "runs the image "+sumB+", not "+sumA) {
		t.Errorf("why %q", o.Why)
	}
}

// A watch after the end took what the next deployment had brought for a fault of its own.
// What a person has changed stays one, and so does what this deployment's own rounds find.
func TestVerifyKnowsWhatAnotherDeploymentHasBrought(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mark string
		kind string
		why  string
	}{
		"the next one":    {"tangerine-5", failReplaced, "deployment/web runs 3 of tangerine-5 now."},
		"another store's": {"tangerine-5@other", failWrongVersion, "not"},
		"this one":        {"tangerine-1", failWrongVersion, "not"},
		"nobody's":        {"", failWrongVersion, "not"},
		"its way back":    {deployer.Intent{Mark: "tangerine-1"}.BackMark(), failWrongVersion, "not"},
		"the next's way":  {deployer.Intent{Mark: "tangerine-5"}.BackMark(), failReplaced, "of tangerine-5 now"},
	} {
		j := verifier(noon)
		j.in.Mark = "tangerine-1"
		v := viewOf(markedTemplate("web:1", ""), markedTemplate("web:2@"+sumA, "tangerine-1"), markedTemplate("web:3@"+sumB, c.mark))
		if c.mark == "tangerine-1" { // by hand, which leaves the mark that it finds
			v.sets[1].Spec.Template.Annotations = map[string]string{Annotation: c.mark}
		}
		got := j.judge(v, noon)
		if !got.done || got.outcome.Kind != c.kind || !strings.Contains(got.outcome.Why, c.why) {
			t.Errorf("%s: %+v", name, got.outcome)
		}
	}
}
