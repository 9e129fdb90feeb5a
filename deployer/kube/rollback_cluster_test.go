package kube

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A quota of as many pods as there are leaves no room for one more; the way back
// needs none, since all old pods stand.
func TestClusterRollBackNeedsNoRoom(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3, func(d *appsv1.Deployment) { d.Spec.Strategy.RollingUpdate = surge(1, 0) })
	f.quota("3")
	stood := f.pods("web", "1.0")
	in := f.intent("tangerine-1", "web", "2.0")
	f.failAndHold(in)
	o := f.do(f.rollout(), rollbackOf(in), deployer.OK)
	if o.State.Version != "1.0" || f.get("web").Spec.Paused {
		t.Errorf("outcome %+v, paused %v", o, f.get("web").Spec.Paused)
	}
	if n := f.replaced(stood, "web", "1.0"); n > 0 {
		t.Errorf("%d of the pods that stood were replaced", n)
	}
}

// After a crash at the first of 12 pods nine still serve. The process dies when its
// patch is sent, and the next one finds that it was.
func TestClusterRollBackTouchesNoPodThatStands(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 12)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.failAndHold(in)
	stood := f.pods("web", "1.0")
	if len(stood) != 9 {
		t.Fatalf("%d pods stand", len(stood))
	}
	p := f.proxied()
	undo := rollbackOf(in)
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("before: %+v", s)
	}
	p.lose.Store(1)
	if ref, err := f.rollout().Act(t.Context(), undo); err == nil {
		t.Fatalf("a lost answer gave %q", ref)
	}
	f.reopen()
	s := f.look(f.rollout(), undo)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("after: %+v", s)
	}
	f.follow(f.rollout(), undo, s.Ref).ends(deployer.OK)
	if n := f.replaced(stood, "web", "1.0"); n > 0 {
		t.Errorf("%d of the pods that stood were replaced", n)
	}
	if n := len(f.sets("web")); n != 2 {
		t.Errorf("%d ReplicaSets", n)
	}
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded {
		t.Errorf("what was rolled back is superseded: %+v", s)
	}
}

// A rollback that is not done in time is held like a rollout, and the next attempt
// lets it go on.
func TestClusterRollBackIsRetried(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0-slow5s", 12)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.failAndHold(in)
	stood := f.pods("web", "1.0-slow5s")
	undo := rollbackOf(in)
	undo.Deadline = time.Now().Add(deadlineMargin + 2*time.Second)
	o := f.do(f.rollout(), undo, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not done in time. ") {
		t.Errorf("why %q", o.Why)
	}
	f.do(f.pause(), undo, deployer.OK)
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedPresent || !s.PausedByUs {
		t.Errorf("held: %+v", s)
	}
	undo = nextAttempt(undo)
	undo.Deadline = time.Time{}
	f.do(f.rollout(), undo, deployer.OK)
	if n := f.replaced(stood, "web", "1.0-slow5s"); n > 0 {
		t.Errorf("%d of the pods that stood were replaced", n)
	}
	if n := len(f.sets("web")); n != 2 {
		t.Errorf("%d ReplicaSets", n)
	}
}

// What the controller has said of the failed version, that its progress deadline is
// passed, it goes on saying for a moment after the old ReplicaSet was taken up.
func TestClusterRollBackIsNotHeldByThePassedDeadline(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0-slow2s", 4, func(d *appsv1.Deployment) {
		d.Spec.ProgressDeadlineSeconds, d.Spec.Strategy.RollingUpdate = new(int32(4)), surge(0, 3)
	})
	in := f.intent("tangerine-1", "web", "2.0-hang")
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "There was no progress for 4s. ") {
		t.Errorf("why %q", o.Why)
	}
	stood := f.pods("web", "1.0-slow2s")
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	if n := f.replaced(stood, "web", "1.0-slow2s"); n > 0 || len(stood) != 1 {
		t.Errorf("%d of the %d pods that stood were replaced", n, len(stood))
	}
}

// Where the ReplicaSet is gone, nothing is left of what was but its image.
func TestClusterRollBackToAReplicaSetThatIsGone(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2, func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = new(int32(0)) })
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	f.eventually("the history is gone", func() bool { return len(f.sets("web")) == 1 })
	undo := rollbackOf(in)
	f.do(f.rollout(), undo, deployer.OK)
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedPresent {
		t.Errorf("after: %+v", s)
	}
}

// Revision numbers move when somebody undoes: the rollback goes by what the
// ReplicaSet holds, and leaves alone what somebody has put back.
func TestClusterRollBackAfterSomebodyHasUndone(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.do(f.rollout(), in, deployer.Failed)
	f.undo("web", "1")
	f.awaitComplete("web")
	undo := rollbackOf(in)
	before := f.get("web").Generation
	s := f.look(f.rollout(), undo)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("somebody has undone it: %+v", s)
	}
	f.follow(f.rollout(), undo, s.Ref).ends(deployer.OK)
	if g := f.get("web").Generation; g != before {
		t.Error("it was touched")
	}
	f.undo("web", "2") // and again the other way: 1 is 3 by now, and this is 4
	f.eventually("the crash is back", func() bool { return f.sets("web")["4"] != nil })
	stood := f.pods("web", "1.0")
	f.do(f.rollout(), undo, deployer.OK)
	if n := f.replaced(stood, "web", "1.0"); n > 0 {
		t.Errorf("%d of the pods that stood were replaced", n)
	}
	if n := len(f.sets("web")); n != 2 {
		t.Errorf("%d ReplicaSets", n)
	}
}

// While our pause holds the failed version, somebody patches the old template back.
func TestClusterRollBackLetsGoOfWhatSomebodyHasPutBack(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.failAndHold(in)
	f.patchAs("web", "kubectl-set", setImage("1.0"))
	undo := rollbackOf(in)
	s := f.look(f.rollout(), undo)
	if s.Kind != deployer.ObservedPresent || !s.PausedByUs {
		t.Fatalf("it is put back, and held: %+v", s)
	}
	f.do(f.rollout(), undo, deployer.OK)
	if f.get("web").Spec.Paused {
		t.Error("it is paused")
	}
}

// Going to a revision of the history is a way back too: /deploy rollback web --to 1
// while a failed version is held.
func TestClusterRevisionOfTheHistoryIsTakenUpAsItIs(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 12)
	bad := f.intent("tangerine-1", "web", "2.0-crash")
	f.failAndHold(bad)
	stood := f.pods("web", "1.0")
	want := f.want("web", "")
	want.Image, want.Revision = "", "1"
	target, err := f.Resolve(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	in := intentOf("tangerine-2", target)
	p := f.proxied()
	p.lose.Store(1)
	if ref, err := f.rollout().Act(t.Context(), in); err == nil {
		t.Fatalf("a lost answer gave %q", ref)
	}
	s := f.look(f.rollout(), in)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("after it was done: %+v", s)
	}
	f.follow(f.rollout(), in, s.Ref).ends(deployer.OK)
	if n := f.replaced(stood, "web", "1.0"); n > 0 {
		t.Errorf("%d of the pods that stood were replaced", n)
	}
	if n := len(f.sets("web")); n != 2 {
		t.Errorf("%d ReplicaSets", n)
	}
	// The way back of that leads to what was before, which somebody else has made.
	f.do(f.rollout(), rollbackOf(in), deployer.Failed)
	history, err := f.History(t.Context(), f.want("web", ""))
	if err != nil || len(history) != 2 || history[0].By != "tangerine-1" || !history[0].Current || history[1].By != "" {
		t.Errorf("history %+v, %v", history, err)
	}
	// What comes next is its own, whatever was put back before it.
	f.do(f.rollout(), f.intent("tangerine-3", "web", "3.0"), deployer.OK)
	if by := f.get("web").Annotations[RolledBackBy]; by != "" {
		t.Errorf("it is rolled back by %s", by)
	}
}

// kubectl rollout undo brings back a template with the mark of whoever made it
// then; who has put it back is somebody else.
func TestClusterUndoIsNotTheDeploymentThatMadeTheTemplate(t *testing.T) {
	t.Parallel()
	for revision, version := range map[string]string{"2": "1.0", "3": "2.0"} {
		f := clusterFixture(t)
		f.deploy("web", "0.9", 2)
		f.do(f.rollout(), f.intent("tangerine-1", "web", "1.0"), deployer.OK)
		f.do(f.rollout(), f.intent("tangerine-2", "web", "2.0"), deployer.OK)
		in := f.intent("tangerine-3", "web", "3.0-hang")
		run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
		run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
		want := "deployment/web was put back to " + version + " by somebody else, or by a controller that undoes changes."
		f.undo("web", revision)
		if o := run.ends(deployer.Interrupted); !strings.HasPrefix(o.Why, want) {
			t.Errorf("followed: %q", o.Why)
		}
		if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded || s.Why != want {
			t.Errorf("looked at: %+v", s)
		}
	}
}

// Whoever changes a template by hand leaves the mark that is there: the revision
// is theirs all the same.
func TestClusterHistoryNamesWhoMadeTheRevision(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1)
	f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.OK)
	f.patchAs("web", "kubectl-set", setImage("3.0"))
	f.awaitComplete("web")
	f.undo("web", "2")
	f.awaitComplete("web")
	history, err := f.History(t.Context(), f.want("web", ""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range history {
		got = append(got, r.State.Version+" by "+r.By)
	}
	if all := strings.Join(got, ", "); all != "2.0 by tangerine-1, 3.0 by , 1.0 by " {
		t.Error(all)
	}
}
