package kube

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// versions is what the workload serves.
func (f *fixture) versions(name string) deployer.Serving {
	f.t.Helper()
	all, err := f.Versions(f.t.Context(), []WorkloadSpec{f.want(name, "")})
	if err != nil || len(all) != 1 {
		f.t.Fatalf("versions: %+v, %v", all, err)
	}
	return all[0]
}

// A rollout that was stopped half way was shown as "v5-slow · 0 of 6 ready" while
// v2 served, and as "7 of 6". The pods are counted by version, surge and all, and
// the pause says the same.
func TestAStoppedRolloutIsCountedByVersion(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v2", 6)
	if s := f.versions("web"); !s.Whole() || !cmp.Equal(s.Pods, []deployer.VersionCount{{Version: "v2", Pods: 6, Ready: 6}}) {
		t.Errorf("before: %+v", s)
	}
	in := f.intent("tangerine-8", "web", "v5-hang")
	f.act(f.rollout(), in)
	want := []deployer.VersionCount{{Version: "v5-hang", Pods: 3}, {Version: "v2", Pods: 5, Ready: 5}} // 2 more than 6, and 1 less that are ready
	f.eventually("it goes no further by itself", func() bool { return cmp.Equal(f.versions("web").Pods, want) })
	o := f.do(f.pause(), in, deployer.OK)
	if o.Why != "v5-hang on 3 (0 ready), v2 on 5" {
		t.Errorf("the pause says %q", o.Why)
	}
	s := f.versions("web")
	if s.Ready != 5 || s.Total != 6 || s.Note != "Paused by tangerine-8." || s.Whole() || !cmp.Equal(s.Pods, want) {
		t.Errorf("it serves %+v", s)
	}
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	f.eventually("all is as before", func() bool { return f.versions("web").Whole() })
}

// A pause that finds nothing to hold says so, and what runs.
func TestAPauseOfNothingSaysWhatRuns(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	in.Mark = "tangerine-1"
	ref := f.act(f.pause(), in)
	if o := f.follow(f.pause(), in, ref).ends(deployer.OK); ref != deployer.NothingToPause || o.Why != "v1 on 2" {
		t.Errorf("%q: %+v", ref, o)
	}
}

// Pods of a ReplicaSet that is gone serve like others; those that are stopping or
// over don't count, and revisions of one version count together.
func TestPodsAreCountedByTheVersionThatTheyRun(t *testing.T) {
	t.Parallel()
	v := viewOf(markedTemplate("web:1", ""), markedTemplate("web:2", "t-1"), markedTemplate("web:1", "t-1/rollback"))
	pod := func(set int, image string, change func(*corev1.Pod)) *corev1.Pod {
		p := podOf(v.sets[set], image)
		p.Spec.Containers = []corev1.Container{{Name: "app", Image: image}}
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
		change(p)
		return p
	}
	as := func(*corev1.Pod) {}
	v.pods = []*corev1.Pod{
		pod(0, "web:1", as), pod(2, "web:1", as), pod(1, "web:2@sha256:ab", as),
		pod(0, "web:0", func(p *corev1.Pod) { p.OwnerReferences[0].UID, p.Status.Conditions = "gone", nil }),
		pod(0, "web:1", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} }),
		pod(0, "web:1", func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }),
		pod(0, "web:1", func(p *corev1.Pod) { p.Spec.Containers[0].Name = "other" }),
	}
	want := []deployer.VersionCount{{Version: "1", Pods: 2, Ready: 2}, {Version: "0", Pods: 1}, {Version: "2", Pods: 1, Ready: 1}}
	if got := v.spread("app"); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	v.deployment.Spec.Replicas = new(int32(1))
	if p := v.progress(v.sets[2]); p.Updated > p.Total || p.Ready > p.Total {
		t.Errorf("more than all: %+v", p)
	}
}

// Somebody else brings the wanted version while an approval waits: a look says
// that it is live, by the pods and not by the name, unless it is not all there.
func TestALookSaysThatWhatIsWantedIsLive(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	in.At = time.Time{}
	if s := f.look(f.rollout(), in); s.Live {
		t.Errorf("nothing has happened, and it is %+v", s)
	}
	f.patchAs("web", "kubectl", setImage("v2"))
	f.awaitComplete("web")
	f.eventually("it is live", func() bool {
		s := f.look(f.rollout(), in)
		return s.Live && s.Kind == deployer.ObservedAbsent && s.State.Version == "v2"
	})
	f.patchAs("web", "kubectl", setImage("v3"))
	f.awaitComplete("web")
	if s := f.look(f.rollout(), in); s.Live || s.State.Version != "v3" {
		t.Errorf("another version is %+v", s)
	}
}

// What the workload runs counts as good where it serves, and not where it never
// came up.
func TestWhatServesCountsAsGood(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 3)
	good := func() deployer.Good {
		target, err := f.Resolve(t.Context(), f.want("web", "v9"))
		if err != nil {
			t.Fatal(err)
		}
		return target.Good
	}
	if g := good(); g.How != deployer.EvidenceSeen || g.State.Version != "v1" {
		t.Errorf("v1 is %+v", g)
	}
	f.patchAs("web", "kubectl", setImage("v4-nopull"))
	f.eventually("it is under way", func() bool { return f.revisions("web") == 2 })
	if g := good(); g.How != deployer.EvidenceNone {
		t.Errorf("what never came up is %+v", g)
	}
}

// The cluster refused our rollout, so that it still runs what was found there,
// which has never run well: what did is brought from there, too, and nothing that
// somebody else has brought meanwhile is touched.
func TestRollbackToAnotherVersionThanWasFound(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	f.patchAs("web", "kubectl", setImage("v4-nopull"))
	f.eventually("it is under way", func() bool { return f.revisions("web") == 2 })
	in := f.intent("tangerine-1", "web", "crash")
	undo := rollbackOf(in)
	undo.Found, undo.To = in.From, deployer.State{Version: "v1", Image: repository + ":v1", Revision: "1"}
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("refused: %+v", s)
	}
	f.do(f.rollout(), in, deployer.Failed)
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("failed: %+v", s)
	}
	if o := f.do(f.rollout(), undo, deployer.OK); o.State.Version != "v1" {
		t.Errorf("rolled back to %+v", o.State)
	}
	f.patchAs("web", "kubectl", setImage("v4-nopull"))
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedSuperseded || !strings.Contains(s.Why, "v4-nopull") {
		t.Errorf("somebody has put it back: %+v", s)
	}
}
