package kube

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// Somebody undoes our rollout and pauses the workload for a freeze. What a rollback
// would bring is there already: nothing is sent, and the freeze refuses nothing.
func TestRollBackOfWhatSomebodyHasUndoneAndFrozen(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "crash")
	f.do(f.rollout(), in, deployer.Failed)
	f.patchAs("web", "kubectl-rollout", `[{"op":"remove","path":"/spec/template/metadata/annotations"},`+setImage("v1")[1:])
	f.awaitComplete("web")
	f.freeze("web")
	undo := rollbackOf(in)
	undo.Found = in.From
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedPresent {
		t.Fatalf("it is there: %+v", s)
	}
	before := f.get("web").Generation
	f.do(f.rollout(), undo, deployer.OK)
	if d := f.get("web"); d.Generation != before || d.Annotations[RolledBackBy] != "" || !d.Spec.Paused {
		t.Errorf("it was touched: paused %v, %v", d.Spec.Paused, d.Annotations)
	}
}

// Somebody changes a workload before our patch comes, so that we never touch it: their
// change is not taken away by the rollback of what else we have brought.
func TestRollBackLeavesAloneWhatWeHaveNeverTouched(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	f.patchAs("web", "kubectl-set", setEnv)
	f.awaitComplete("web")
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded {
		t.Fatalf("it was changed: %+v", s)
	}
	undo := rollbackOf(in)
	undo.Found = in.From
	before := f.get("web").Generation
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedPresent {
		t.Errorf("nothing of ours is there: %+v", s)
	}
	o := f.do(f.rollout(), undo, deployer.OK)
	if o.Remark == "" {
		t.Errorf("the change is not said: %+v", o)
	}
	if d := f.get("web"); d.Generation != before || d.Annotations[RolledBackBy] != "" || len(d.Spec.Template.Spec.Containers[0].Env) != 1 {
		t.Errorf("it was touched: %v", d.Spec.Template)
	}
}

// A later release may find another fingerprint of the same template than the one that
// was written down. The number of the revision tells then.
func TestRollBackByTheNumberWhereTheFingerprintIsOfAnotherRelease(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 4)
	in := f.intent("tangerine-1", "web", "crash")
	in.From.Template = ""
	f.failAndHold(in)
	stood := f.pods("web", "v1")
	undo := rollbackOf(in)
	undo.To.Template = "of-another-release;volumes=AAAA"
	undo.Found = undo.To
	f.do(f.rollout(), undo, deployer.OK)
	if n := f.replaced(stood, "web", "v1"); n > 0 || len(stood) == 0 {
		t.Errorf("%d of the %d pods that stood were replaced", n, len(stood))
	}
	if n := len(f.sets("web")); n != 2 {
		t.Errorf("%d ReplicaSets", n)
	}
}

// Going to a revision of the history is held, tried again and rolled back like any other
// rollout, whatever somebody has written into its template meanwhile.
func TestRevisionThatWasChangedIsHeldAndRolledBack(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 3)
	f.patchAs("web", "kubectl-set", setImage("crash"))
	f.eventually("it is under way", func() bool { return f.revisions("web") == 2 })
	f.patchAs("web", "kubectl-set", setImage("v1"))
	f.awaitComplete("web")
	want := f.want("web", "")
	want.Image, want.Revision = "", "2"
	target, err := f.Resolve(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	in := intentOf("tangerine-2", target)
	f.do(f.rollout(), in, deployer.Failed)
	f.patchAs("web", "kubectl-set", setEnv)
	f.do(f.pause(), in, deployer.OK)
	if !f.get("web").Spec.Paused {
		t.Fatal("it is not held")
	}
	if s := f.look(f.rollout(), nextAttempt(in)); s.Kind != deployer.ObservedPresent || !s.PausedByUs {
		t.Errorf("to be tried again: %+v", s)
	}
	undo := rollbackOf(in)
	undo.Found = in.From
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedAbsent {
		t.Errorf("to be rolled back: %+v", s)
	}
	if o := f.do(f.rollout(), undo, deployer.OK); o.State.Version != "v1" {
		t.Errorf("rolled back to %+v", o.State)
	}
}
