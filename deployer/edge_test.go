package deployer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// two services, each locked by a lock of its own: StepHeld alternates for ever.
func TestTwoLocksAreSaidOnce(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Unapproved: "x", Steps: []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}}}, "web", "api")
	locks := deployer.Locks{Site: d.Site, All: []deployer.Lock{
		{Service: "web", By: bob, Reason: "a", At: dawn, Until: dawn.Add(time.Hour)},
		{Service: "api", By: bob, Reason: "b", At: dawn, Until: dawn.Add(time.Hour)},
	}}
	n, msgs := 0, 0
	for range 20 {
		for _, s := range []string{"web", "api"} {
			ev, m, err := telling.Decide(d, deployer.Order{Command: look("rollout/"+s, deployer.ObservedAbsent, runsV1)}, deployer.Facts{Now: dawn, Locks: locks})
			_ = err
			n += len(ev)
			msgs += len(m)
			d = deployer.Fold(d, ev...)
		}
	}
	if n > 2 {
		t.Errorf("%d events, %d messages in 20 rounds of 2 s", n, msgs)
	}
}

// a lock's Until in a fixed zone, decoded anew each time.
func TestALockInAnotherZoneIsSaidOnce(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Unapproved: "x", Steps: []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}}}, "web")
	n := 0
	for range 20 {
		until, _ := time.Parse(time.RFC3339, "2026-11-21T09:00:00+05:30")
		locks := deployer.Locks{Site: d.Site, All: []deployer.Lock{{Service: "web", By: bob, Reason: "a", At: dawn, Until: until}}}
		ev, _, _ := telling.Decide(d, deployer.Order{Command: look("rollout/web", deployer.ObservedAbsent, runsV1)}, deployer.Facts{Now: dawn, Locks: locks})
		n += len(ev)
		d = deployer.Fold(d, ev...)
	}
	if n > 1 {
		t.Errorf("%d events", n)
	}
}

// own lock of the service lifts somebody else's lock of everything.
func TestOnesOwnLockLiftsNobodyElses(t *testing.T) {
	t.Parallel()
	locks := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, All: []deployer.Lock{{By: bob, Reason: "freeze", At: dawn, Until: dawn.Add(time.Hour)}}}
	if locks.Forbids("web", ana, dawn) == nil {
		t.Fatal("?")
	}
	locks, err := locks.Set(deployer.Lock{Service: "web", By: ana, Reason: "mine", At: dawn, Until: dawn.Add(time.Hour)}, deployer.Person{Roles: []string{"tech-lead"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if locks.Forbids("web", ana, dawn) == nil {
		t.Error("Ana's own lock of web lets her past Bob's lock of everything")
	}
}

// Proceed is answered, not yet given; Stop; the answer is given all the same.
func TestNobodyProceedsAfterAStop(t *testing.T) {
	t.Parallel()
	d := building(t, "tech-lead")
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, bob, proceed("g1"))
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop})
	for _, w := range deployer.Next(d, dawn).Effects {
		if w.Verb == deployer.VerbProceed {
			ev, _, err := telling.Decide(d, deployer.Order{Command: look(w.Key, deployer.ObservedAbsent, deployer.State{})}, deployer.Facts{Now: dawn})
			t.Errorf("proceed wanted while halting; intent: %v %v", ev, err)
		}
	}
}

// a retried build asks under the same id; nobody is asked.
func TestAGateIsAskedAgainAfterARetry(t *testing.T) {
	t.Parallel()
	d := building(t, "tech-lead")
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, bob, proceed("g1"))
	k := "build//proceed%20g1"
	d = give(t, d, deployer.Actor{}, look(k, deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: k})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: k, Outcome: deployer.Outcome{Result: deployer.OK}})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "broken"}})
	d = give(t, d, ana, deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceRetry})
	d = give(t, d, deployer.Actor{}, look("build", deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "build", Ref: "#8"})
	_, _, err := telling.Decide(d, deployer.Order{Command: opens("g1")}, deployer.Facts{Now: dawn})
	if err != nil {
		t.Errorf("build #8 asks again: %v; awaits a person: %v", err, d.AwaitsPerson(*d.Step("build")))
	}
}

// the answer to g1 settles after g2 was opened: g2 is wiped.
func TestALateAnswerLeavesTheNextGate(t *testing.T) {
	t.Parallel()
	d := building(t, "tech-lead")
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, bob, proceed("g1"))
	k := "build//proceed%20g1"
	d = give(t, d, deployer.Actor{}, look(k, deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: k})
	d = give(t, d, deployer.Actor{}, opens("g2"))
	wanted := len(deployer.Next(d, dawn).Effects)
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: k, Outcome: deployer.Outcome{Result: deployer.OK}})
	if g := d.Effect("build").Gate; g.ID != "g2" {
		t.Errorf("gate is %+v; wanted before %d", g, wanted)
	}
}

// a build that failed while its step was put back is begun again by the approval.
func TestAVoidedApprovalBeginsNothingAgain(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Kinds: []deployer.Kind{builds}, Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
		{ID: "build", Title: "Build", Uses: builds.Name, Needs: []string{"approve"}, Timeout: time.Minute},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}},
	}}, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("build", deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "build", Ref: "#7"})
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV9))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "nobody can tell"}})
	d = give(t, d, rosa, yes(d))
	for _, w := range deployer.Next(d, dawn).Effects {
		if w.Key == "build" && w.Stage == "" {
			t.Errorf("the build, of which nobody can tell, is begun again without a decision: attempt %d, status %s", w.Intent.Attempt, d.Status)
		}
	}
}

// Retry of many is one commit.
func TestARetryOfManyFitsManyCommits(t *testing.T) {
	t.Parallel()
	var p deployer.Procedure
	for i := range 120 {
		p.Steps = append(p.Steps, deployer.Step{ID: fmt.Sprint("s", i), Title: "Sign-off", Uses: deployer.KindConfirm, Timeout: time.Minute, With: deployer.Values{"role": {Text: "sre"}}})
	}
	d := begun(t, p, "web")
	for len(deployer.Next(d, dawn).Due) > 0 {
		d = give(t, d, deployer.Actor{}, deployer.Advance{})
	}
	late := dawn.Add(time.Hour)
	for range 1000 {
		due := deployer.Next(d, late).Due
		if len(due) == 0 {
			break
		}
		for _, c := range due {
			ev, _, _ := telling.Decide(d, deployer.Order{Command: c}, deployer.Facts{Now: late})
			d = deployer.Fold(d, ev...)
		}
	}
	b := d.Broken()
	ev, m, err := telling.Decide(d, deployer.Order{By: ana, Nonce: "n", Command: deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry}}, deployer.Facts{Now: late})
	if len(ev) > 42 || len(m) > 40 {
		t.Errorf("%d events, %d messages in one commit, %v", len(ev), len(m), err)
	}
}

// a step put back by a void with one member open begins its other members without approval.
func TestNoMemberBeginsUnderAVoidedApproval(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Kinds: []deployer.Kind{builds}, Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
		{ID: "build", Title: "Build", Uses: builds.Name, Each: []string{"a", "b"}, Needs: []string{"approve"}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}},
	}}, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("build/a", deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV9))
	ev, _, err := telling.Decide(d, deployer.Order{Command: look("build/b", deployer.ObservedAbsent, deployer.State{})}, deployer.Facts{Now: dawn})
	if err == nil {
		t.Errorf("approval is %s, and begun is %+v", d.Step("approve").Status, ev)
	}
}

// a child is refused by the lock that its own parent holds.
func TestAParentsLockHoldsNoChild(t *testing.T) {
	t.Parallel()
	locks := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, All: []deployer.Lock{{By: ana, Reason: "train", At: dawn, Until: dawn.Add(time.Hour), Deployment: "tangerine-1", Origin: "tangerine-1 lock"}}}
	s := deployer.Start{Origin: "run/tangerine-1/run/1", Site: locks.Site, Channels: map[string]string{"deploys": "C"}, Procedure: deployer.Procedure{ID: "p"}, Releases: []deployer.Release{{Service: "api", Tag: "v2"}}}
	_, _, err := telling.Decide(deployer.Deployment{}, deployer.Order{By: ana, Command: s}, deployer.Facts{Now: dawn, ID: "tangerine-2", Locks: locks})
	if err != nil {
		t.Error(err)
	}
}

// an outcome of a look that's huge isn't cut.
func TestWhatSystemsSayIsCut(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Unapproved: "x", Steps: []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}}}, "web")
	d = give(t, d, deployer.Actor{}, deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedUnknown, Why: string(make([]byte, 2<<20))}})
	if n := len(d.Effect("rollout/web").Outcome.Why); n > 20000 {
		t.Errorf("%d bytes in one text", n)
	}
}

// the time-out passed: Proceed is given all the same.
func TestNobodyProceedsAfterTheTimeOut(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Kinds: []deployer.Kind{builds}, Steps: []deployer.Step{{ID: "build", Title: "Build", Uses: builds.Name, Timeout: time.Minute, With: deployer.Values{"proceed": {Text: "tech-lead"}}}}}, "web")
	d = give(t, d, deployer.Actor{}, look("build", deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "build", Ref: "#7"})
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = at(t, d, dawn.Add(2*time.Minute), deployer.Actor{}, deployer.Expire{Step: "build", Attempt: 1})
	refused(t, d, bob, proceed("g1"), "not asked any more")
	for _, w := range deployer.Next(d, dawn.Add(3*time.Minute)).Effects {
		if w.Verb == deployer.VerbProceed {
			t.Error("answered and given after the time-out")
		}
	}
}

// main ends while the answer is on its way: the effect of the answer stays open for good.
func TestAnAnswerEndsWithWhatAsked(t *testing.T) {
	t.Parallel()
	d := building(t, "tech-lead")
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, bob, proceed("g1"))
	k := "build//proceed%20g1"
	d = give(t, d, deployer.Actor{}, look(k, deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "broken"}})
	d = give(t, d, ana, deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceRetry})
	d = give(t, d, deployer.Actor{}, look("build", deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "build", Ref: "#8"})
	if _, _, err := telling.Decide(d, deployer.Order{Command: opens("g1")}, deployer.Facts{Now: dawn}); err != nil {
		t.Errorf("%v", err)
	}
}

// gate of a main effect that's interrupted, then Check again: is the gate asked, and the answer given?
func TestAGateIsAskedAfterCheckAgain(t *testing.T) {
	t.Parallel()
	d := building(t, "tech-lead")
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "x"}})
	d = give(t, d, ana, deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceCheck})
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "build", Ref: "#7"})
	a := proceed("g1")
	a.Attempt = 2
	d = give(t, d, bob, a)
	ok := false
	for _, w := range deployer.Next(d, dawn).Effects {
		ok = ok || w.Verb == deployer.VerbProceed
	}
	if !ok {
		t.Error("the answer isn't given")
	}
}

// check again after stop on the answer of a gate of which nobody can tell.
func TestCheckAgainAfterAStopLooksAtAnAnswer(t *testing.T) {
	t.Parallel()
	d := building(t, "tech-lead")
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, bob, proceed("g1"))
	k := "build//proceed%20g1"
	d = give(t, d, deployer.Actor{}, look(k, deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: k, Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "x"}})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "stopped"}})
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceCheck})
	if d.Status.Ended() {
		t.Errorf("Check again looked at nothing: it is %s, %d open", d.Status, len(d.Open()))
	}
}

// a locked service: a retry lets a rollout that we paused go on; one that was superseded is begun again.
func TestARetryDoesNotGoPastALock(t *testing.T) {
	t.Parallel()
	for _, seen := range []deployer.Observation{
		{Kind: deployer.ObservedPresent, PausedByUs: true, Ref: "r", State: runsV2}, {Kind: deployer.ObservedSuperseded, Why: "kubectl", State: runsV1},
	} {
		d := begun(t, deployer.Procedure{Unapproved: "x", Steps: []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}}}, "web")
		d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
		d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "x"}})
		d = give(t, d, deployer.Actor{}, look("rollout/web/pause", deployer.ObservedAbsent, runsV2))
		d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK}})
		d = give(t, d, ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceRetry})
		locks := deployer.Locks{Site: d.Site, All: []deployer.Lock{{Service: "web", By: bob, Reason: "incident", At: dawn, Until: dawn.Add(time.Hour)}}}
		ev, _, err := telling.Decide(d, deployer.Order{Command: deployer.Intend{Key: "rollout/web", Observation: seen}}, deployer.Facts{Now: dawn, Locks: locks})
		if err == nil {
			if _, held := ev[0].(deployer.StepHeld); !held {
				t.Errorf("%s: web is locked, and it begins: %+v", seen.Kind, ev)
			}
		}
	}
}

// What a fold makes of a deployment changes none of its events: folded again, or by
// somebody else at the same time, they come to the same.
func TestFoldingChangesNoEvent(t *testing.T) {
	t.Parallel()
	targets := []deployer.Target{{Service: "web", Before: deployer.State{Version: "v1"}, After: deployer.State{Version: "v2"}}}
	deployer.Fold(deployer.Deployment{}, deployer.Created{ID: "tangerine-1"}, deployer.Resolved{Targets: targets},
		deployer.TargetChanged{Service: "web", Before: deployer.State{Version: "v3"}})
	if got := targets[0].Before.Version; got != "v1" {
		t.Errorf("the event says now that %s ran before", got)
	}
}
