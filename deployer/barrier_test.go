package deployer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// begun is a deployment of services whose words are looked up.
func begun(t *testing.T, p deployer.Procedure, services ...string) deployer.Deployment {
	t.Helper()
	p.ID = "p"
	start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Channels: map[string]string{"deploys": "C1", "change": "C2"}}
	var targets []deployer.Target
	for _, s := range services {
		start.Releases = append(start.Releases, deployer.Release{Service: s, Tag: "v2"})
		targets = append(targets, deployer.Target{Service: s, Runner: "kubernetes", Before: runsV1, After: runsV2, Pauses: true})
	}
	d := give(t, deployer.Deployment{}, ana, start)
	return give(t, d, deployer.Actor{}, deployer.Resolve{Targets: targets})
}

// at gives an order at a time.
func at(t *testing.T, d deployer.Deployment, now time.Time, by deployer.Actor, c deployer.Command) deployer.Deployment {
	t.Helper()
	events, _, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}})
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	return deployer.Fold(d, events...)
}

func done(step string) deployer.Answer {
	return deployer.Answer{Step: step, Attempt: 1, Choice: deployer.ChoiceDone}
}

// A confirmation beside the approval does not let the rollout of the next phase
// begin: whatever a step says that it needs, nothing that changes what runs
// begins without the approvals that stand before it. It did, on a real cluster.
func TestNothingMutatesWithoutTheApprovalsBeforeIt(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
		{ID: "told", Title: "Support knows", Uses: deployer.KindConfirm},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"told"}},
	}}, "web")
	d = give(t, d, ana, done("told"))
	if p := deployer.Next(d, dawn); len(p.Effects) > 0 || d.Step("rollout").Status != deployer.Pending {
		t.Errorf("the rollout is %s, and wanted is %+v", d.Step("rollout").Status, p.Effects)
	}
	_, _, err := telling.Decide(d, deployer.Order{Command: look("rollout/web", deployer.ObservedAbsent, runsV1)}, deployer.Facts{Now: dawn})
	if err == nil {
		t.Error("an intent without an approval is taken")
	}
	d = give(t, d, bob, yes(d))
	if p := deployer.Next(d, dawn); len(p.Effects) != 1 {
		t.Errorf("approved, and wanted is %+v", p.Effects)
	}
}

// What is ready is worked out in a time that grows with the steps: a lattice of
// two steps a layer, each waiting for both of the one before, took 3.9 s a click
// at 24 layers. Two thousand layers take no longer than a click may.
func TestReadinessIsLinear(t *testing.T) {
	t.Parallel()
	const layers = 2000
	var p deployer.Procedure
	for l := range layers {
		for i := range 2 {
			s := deployer.Step{ID: fmt.Sprintf("s%d-%d", l, i), Uses: deployer.KindConfirm}
			if l > 0 {
				s.Needs = []string{fmt.Sprintf("s%d-0", l-1), fmt.Sprintf("s%d-1", l-1)}
			}
			p.Steps = append(p.Steps, s)
		}
	}
	d := begun(t, p, "web")
	for i := range layers * 2 { // all but the last are over
		if s := &d.Steps[i]; i < layers*2-2 {
			s.Status = deployer.Done
		} else {
			s.Status, s.Attempt = deployer.Active, 1
		}
	}
	last := fmt.Sprintf("s%d-1", layers-1)
	began := time.Now()
	d = give(t, d, ana, done(last))
	if took := time.Since(began); took > 2*time.Second || d.Step(last).Status != deployer.Done {
		t.Errorf("a click took %s, and the step is %s", took, d.Step(last).Status)
	}
}

// What follows from one order is bounded, and goes on by itself: 62 sign-offs
// side by side were more than one commit took, so that nothing ever happened.
func TestWhatFollowsFitsManyCommits(t *testing.T) {
	t.Parallel()
	var p deployer.Procedure
	for i := range 300 {
		p.Steps = append(p.Steps, deployer.Step{ID: fmt.Sprint("s", i), Title: "Sign-off", Uses: deployer.KindConfirm, With: deployer.Values{"role": {Text: "sre"}}})
	}
	d, commits := begun(t, p, "web"), 1
	for len(deployer.Next(d, dawn).Due) > 0 {
		events, messages, err := telling.Decide(d, deployer.Order{Command: deployer.Advance{}}, deployer.Facts{Now: dawn})
		if err != nil || len(events) == 0 || len(events) > 42 || len(messages) > 40 {
			t.Fatalf("%d events, %d messages, %v", len(events), len(messages), err)
		}
		if !deployer.Fold(d).Wakeup().Now {
			t.Fatal("nobody looks at what is to go on")
		}
		d = deployer.Fold(d, events...)
		commits++
	}
	if n := len(d.Current()); n != 300 || commits < 8 {
		t.Errorf("%d are asked after %d commits", n, commits)
	}
}

// A rollout that its time-out ended is held like any other that failed, and
// nothing is said of it that is not so.
func TestARolloutThatRanOutOfTimeIsHeld(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "rollout/web", Ref: "1"})
	late := dawn.Add(2 * time.Hour)
	d = at(t, d, late, deployer.Actor{}, deployer.Expire{Step: "rollout", Attempt: 1})
	d = at(t, d, late, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "It was not done within 1h."}})
	p := deployer.Next(d, late)
	if len(p.Effects) != 1 || p.Effects[0].Verb != deployer.VerbPause || d.Step("rollout").Status != deployer.Active {
		t.Fatalf("it is %s, and wanted is %+v", d.Step("rollout").Status, p.Effects)
	}
	d = at(t, d, late, deployer.Actor{}, look("rollout/web/pause", deployer.ObservedAbsent, runsV2))
	d = at(t, d, late, deployer.Actor{}, deployer.Settle{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK}})
	if s := d.Step("rollout"); s.Status != deployer.StepFailed || s.Why != "It was not done within 1h." {
		t.Errorf("it is %s: %s", s.Status, s.Why)
	}
}

// A rollout that failed, was held, is retried and fails again is held again.
func TestARolloutThatFailsAgainIsHeldAgain(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	for attempt := 1; attempt <= 2; attempt++ {
		d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
		d = give(t, d, deployer.Actor{}, deployer.Act{Key: "rollout/web", Ref: "1"})
		d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
		if p := deployer.Next(d, dawn); len(p.Effects) != 1 || p.Effects[0].Key != "rollout/web/pause" || p.Effects[0].Stage != "" {
			t.Fatalf("in attempt %d wanted is %+v", attempt, p.Effects)
		}
		d = give(t, d, deployer.Actor{}, look("rollout/web/pause", deployer.ObservedAbsent, runsV2))
		d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK}})
		d = give(t, d, ana, deployer.Answer{Step: "rollout", Attempt: attempt, Choice: deployer.ChoiceRetry})
	}
}

// sideBySide is a deployment with two broken steps, of which only the first has
// begun.
func sideBySide(t *testing.T) deployer.Deployment {
	t.Helper()
	d := begun(t, deployer.Procedure{Kinds: []deployer.Kind{builds, proves}, Steps: []deployer.Step{
		{ID: "a", Title: "A", Uses: builds.Name}, {ID: "b", Title: "B", Uses: proves.Name, Timeout: time.Minute},
	}}, "web")
	d = give(t, d, deployer.Actor{}, look("a", deployer.ObservedAbsent, runsV1))
	d = at(t, d, dawn.Add(time.Hour), deployer.Actor{}, deployer.Expire{Step: "b", Attempt: 1})
	return give(t, d, deployer.Actor{}, deployer.Settle{Key: "a", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "x"}})
}

// Check again looks, and does nothing: of another step that failed without
// having begun it began the effect.
func TestCheckAgainBeginsNothing(t *testing.T) {
	t.Parallel()
	d := give(t, sideBySide(t), ana, deployer.Answer{Step: "a", Attempt: 1, Choice: deployer.ChoiceCheck})
	for _, w := range deployer.Next(d, dawn.Add(time.Hour)).Effects {
		if w.Stage == "" || !w.LookOnly {
			t.Errorf("%s is begun, or may act", w.Key)
		}
	}
	if d.Status != deployer.Deciding || d.Step("b").Status != deployer.StepFailed {
		t.Errorf("it is %s, and b is %s", d.Status, d.Step("b").Status)
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "a", Outcome: deployer.Outcome{Result: deployer.OK}})
	refused(t, d, ana, deployer.Answer{Step: "b", Attempt: 1, Choice: deployer.ChoiceCheck}, "nothing to decide")
	d = give(t, d, ana, deployer.Answer{Step: "b", Attempt: 1, Choice: deployer.ChoiceRetry})
	if d.Status != deployer.Running || d.Step("b").Attempt != 2 {
		t.Errorf("it is %s, and b is at attempt %d", d.Status, d.Step("b").Attempt)
	}
}

// What people say about one part touches no other: a Reject of a question that
// the main part still asks stopped a rollback half way.
func TestAnswersToOnePartTouchNoOther(t *testing.T) {
	t.Parallel()
	d := begun(t, deployer.Procedure{
		Steps: []deployer.Step{
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
			{ID: "approve", Title: "PO signs off", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
		},
		Rollback: []deployer.Step{
			{ID: "fine", Title: "Back is fine", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
			{ID: "back", Uses: deployer.KindRollout, Needs: []string{"fine"}},
		},
	}, "web")
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "x"}})
	d = give(t, d, bob, deployer.Answer{Choice: deployer.ChoiceRollBack})
	refused(t, d, bob, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceReject}, "does not wait for an answer now")
	refused(t, d, bob, deployer.Answer{Step: "fine", Attempt: 1, Choice: deployer.ChoiceApprove, Subject: d.Subject().Hash()}, "Nobody approves the rollback that they decided.")
	d = give(t, d, rosa, deployer.Answer{Step: "fine", Attempt: 1, Choice: deployer.ChoiceApprove, Subject: d.Subject().Hash()})
	if d.Status != deployer.Running || d.Step("back").Status != deployer.Active {
		t.Errorf("it is %s, and the way back is %s", d.Status, d.Step("back").Status)
	}
}

// An effect is done once where its kind says so: one maintenance was three.
func TestAKindSaysHowOftenItIsDone(t *testing.T) {
	t.Parallel()
	steps := []deployer.Step{
		{ID: "window", Uses: builds.Name}, {ID: "mail", Uses: mails.Name, Each: []string{"a@example", "b/c@example"}}, {ID: "pods", Uses: proves.Name},
	}
	d := begun(t, deployer.Procedure{Kinds: []deployer.Kind{builds, mails, proves}, Steps: steps}, "web", "api", "db")
	var keys []string
	for _, w := range deployer.Next(d, dawn).Effects {
		keys = append(keys, w.Key)
	}
	if got, want := strings.Join(keys, " "), "window mail/a@example mail/b%2Fc@example pods/web pods/api pods/db"; got != want {
		t.Errorf("wanted are %s, want %s", got, want)
	}
}

// Whatever deploys is bound to what was approved, by whichever system.
func TestEveryKindThatDeploysIsBoundToTheApproval(t *testing.T) {
	t.Parallel()
	deploys := deployer.Kind{Name: "jenkins.deploy", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatFindable, Mutates: true, Deploys: true}
	d := begun(t, deployer.Procedure{Kinds: []deployer.Kind{deploys}, Steps: []deployer.Step{
		{ID: "approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
		{ID: "deploy", Uses: deploys.Name, Needs: []string{"approve"}},
	}}, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("deploy/web", deployer.ObservedAbsent, runsV9))
	if d.Effect("deploy/web") != nil || len(d.Step("approve").Approvals) > 0 || d.Step("approve").Status != deployer.Active {
		t.Errorf("the approval is %s, and the effect %+v", d.Step("approve").Status, d.Effect("deploy/web"))
	}
}

// A click that was refused is refused when it is delivered again, whatever has
// changed meanwhile.
func TestARefusedClickIsNotTakenUpLater(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	o := deployer.Order{By: eve, Nonce: "click", Command: yes(d)}
	facts := deployer.Facts{Now: dawn, ID: "tangerine-1"}
	events, _, err := telling.Decide(d, o, facts)
	if err == nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	d = deployer.Fold(d, events...)
	facts.Person.Roles = []string{"tech-lead"} // she has become one
	if _, _, err := telling.Decide(d, o, facts); err == nil || !strings.Contains(err.Error(), "refused before") {
		t.Errorf("delivered again: %v", err)
	}
	o.Nonce = "another click"
	if _, _, err := telling.Decide(d, o, facts); err != nil {
		t.Errorf("a new click: %v", err)
	}
}

// A lock holds what changes what runs at its intent, and not only at the start,
// until it is over; it holds no way back.
func TestALockHoldsTheIntent(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	facts := deployer.Facts{Now: dawn, Locks: deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, All: []deployer.Lock{
		{By: bob, Reason: "incident", At: dawn, Until: dawn.Add(time.Hour)},
	}}}
	o := deployer.Order{Command: look("rollout/web", deployer.ObservedAbsent, runsV1)}
	events, _, err := telling.Decide(d, o, facts)
	if err != nil {
		t.Fatal(err)
	}
	d = deployer.Fold(d, events...)
	if h := d.Step("rollout").Held; !strings.Contains(h.Why, "incident") || !h.Until.Equal(dawn.Add(time.Hour)) || d.Effect("rollout/web") != nil {
		t.Errorf("held by %+v, and begun is %+v", h, d.Effect("rollout/web"))
	}
	if _, _, err := telling.Decide(d, o, facts); err != deployer.ErrHeld {
		t.Errorf("asked again: %v", err)
	}
	facts.Locks.All = nil
	events, _, err = telling.Decide(d, o, facts)
	if d = deployer.Fold(d, events...); err != nil || d.Effect("rollout/web") == nil || d.Step("rollout").Held.Why != "" {
		t.Errorf("lifted: %v, %+v", err, d.Step("rollout"))
	}
}

// While something says that nothing new may change what runs, what has changed nothing
// waits at its first intent and says why; what has begun goes on, and goes back.
func TestNothingNewBeginsWhileItIsHeld(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web", "api")
	d = give(t, d, bob, yes(d))
	facts := deployer.Facts{Now: dawn, Hold: "Slack has been out of reach since 03:12 UTC."}
	intend := func(service string, f deployer.Facts) error {
		events, _, err := telling.Decide(d, deployer.Order{Command: look("rollout/"+service, deployer.ObservedAbsent, runsV1)}, f)
		d = deployer.Fold(d, events...)
		return err
	}
	if err := intend("web", facts); err != nil || d.Step("rollout").Held.Why != facts.Hold || d.Effect("rollout/web") != nil {
		t.Errorf("%v, held by %+v, and begun is %+v", err, d.Step("rollout").Held, d.Effect("rollout/web"))
	}
	if err := intend("web", facts); err != deployer.ErrHeld {
		t.Errorf("asked again: %v", err)
	}
	if err := intend("web", deployer.Facts{Now: dawn}); err != nil || d.Effect("rollout/web") == nil || d.Step("rollout").Held.Why != "" {
		t.Errorf("let go: %v, %+v", err, d.Step("rollout"))
	}
	if err := intend("api", facts); err != nil || d.Effect("rollout/api") == nil {
		t.Errorf("what has begun is held: %v, %+v", err, d.Step("rollout"))
	}
}

// The record says by which way an order came, of one that is refused as well.
func TestOrderSaysByWhichWayItCame(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	for by, refused := range map[deployer.Actor]bool{bob: false, ana: true} {
		o := deployer.Order{By: by, Nonce: "n", Via: deployer.ViaTerminal, Command: yes(d)}
		events, _, err := telling.Decide(d, o, deployer.Facts{Now: dawn, Person: deployer.Person{Roles: roles[by.ID]}})
		want := deployer.OrderSeen{At: dawn, By: by, Nonce: "n", Refused: refused, Via: deployer.ViaTerminal}
		if !slices.ContainsFunc(events, func(e deployer.Event) bool { return e == deployer.Event(want) }) || (err != nil) != refused {
			t.Errorf("%s: %+v, %v", by.Name, events, err)
		}
	}
}

// Nobody but people answers, whatever roles they are said to hold; and whoever
// has no id is nobody.
func TestOnlyPeopleAnswer(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	for _, kind := range []deployer.ActorKind{deployer.ActorEngine, deployer.ActorSchedule, deployer.ActorPipeline, deployer.ActorAgent} {
		o := deployer.Order{By: deployer.Actor{Kind: kind, ID: "nightly", Name: "Nightly"}, Command: yes(d)}
		if _, _, err := telling.Decide(d, o, deployer.Facts{Now: dawn, Person: deployer.Person{Roles: []string{"tech-lead"}}}); err == nil || !strings.Contains(err.Error(), "only people answer") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, _, err := telling.Decide(d, deployer.Order{Command: yes(d)}, deployer.Facts{Now: dawn, Person: deployer.Person{Roles: []string{"tech-lead"}}}); err == nil {
		t.Error("nobody has approved")
	}
}
