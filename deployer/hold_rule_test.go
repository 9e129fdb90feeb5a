package deployer_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// closes is a rule that refuses until a time.
func closes(rule, why string, until time.Time) deployer.Verdict {
	return deployer.Verdict{Rule: rule, Is: deployer.WindowRefuse, Why: why, Override: "sre", Next: until}
}

// ruled gives an order of the engine or a person while rules say something, and returns
// what is sent besides the card.
func ruled(t *testing.T, d *deployer.Deployment, now time.Time, by deployer.Actor, c deployer.Command, say ...deployer.Verdict) ([]deployer.Message, error) {
	t.Helper()
	events, messages, err := telling.Decide(*d, deployer.Order{By: by, Command: c}, deployer.Facts{
		Now: now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}, Verdicts: say,
	})
	*d = deployer.Fold(*d, events...)
	return slices.DeleteFunc(messages, func(m deployer.Message) bool { return m.Kind == deployer.MessageCard }), err
}

// closed is a deployment whose rollout is held until dawn in an hour.
func closed(t *testing.T) (deployer.Deployment, []deployer.Message) {
	t.Helper()
	p := checked
	p.Steps = slices.Clone(p.Steps)
	p.Steps[0].Timeout = 15 * time.Minute
	d := begun(t, p, "web", "api")
	told, err := ruled(t, &d, dawn, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1), closes("window 1", "It is night.", dawn.Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	return d, told
}

// The window has ended while people were awaited: the step waits until it opens, its time
// does not run, and it is nobody's turn but of those who may override it, once.
func TestAWindowHoldsTheFirstStepUntilItOpens(t *testing.T) {
	t.Parallel()
	d, told := closed(t)
	if len(told) != 2 || told[0].Note.Kind != deployer.NoteStepHeld || told[1].Note.Kind != deployer.NoteAsksOverride || told[1].Role != "sre" || told[1].Kind != deployer.MessageAsk {
		t.Errorf("told is %+v", told)
	}
	p := deployer.Next(d, dawn.Add(59*time.Minute))
	if len(p.Effects)+len(p.Due) > 0 || !p.Wake.Equal(dawn.Add(time.Hour)) {
		t.Errorf("while it is closed, planned is %+v", p)
	}
	if w := d.Wakeup(); !w.Now {
		t.Error("a process that begins does not look whether the rules are others now")
	}
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, deployer.Intend{Key: "rollout/api", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: runsV1}}); !errors.Is(err, deployer.ErrStale) {
		t.Errorf("the other service: %v", err)
	}
	open := dawn.Add(time.Hour)
	p = deployer.Next(d, open)
	if len(p.Due) != 1 || p.Due[0] != (deployer.Reconsider{Step: "rollout"}) {
		t.Fatalf("when it opens, due is %+v", p.Due)
	}
	told, err := ruled(t, &d, open, deployer.Actor{}, p.Due[0])
	if err != nil || len(told) != 1 || told[0].Note.Kind != deployer.NoteStepReleased {
		t.Errorf("told is %+v, %v", told, err)
	}
	p = deployer.Next(d, open)
	if len(p.Effects) != 2 || !p.Wake.Equal(open.Add(15*time.Minute)) {
		t.Errorf("once it is open, planned is %+v", p)
	}
	if _, err := ruled(t, &d, open, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1)); err != nil || d.Effect("rollout/web") == nil {
		t.Errorf("it does not begin: %v", err)
	}
}

// Asked again, a rule that says the same changes nothing; another one holds it anew, and
// calls nobody twice.
func TestWhatIsKnownNowCounts(t *testing.T) {
	t.Parallel()
	d, _ := closed(t)
	again := deployer.Reconsider{Step: "rollout"}
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, again, closes("window 1", "It is night.", dawn.Add(time.Hour))); !errors.Is(err, deployer.ErrStale) {
		t.Errorf("the same: %v", err)
	}
	told, err := ruled(t, &d, dawn, deployer.Actor{}, again, closes("freeze", "Frozen: Sale.", dawn.Add(48*time.Hour)), closes("window 1", "It is night.", dawn.Add(49*time.Hour)))
	if err != nil || len(told) != 1 || told[0].Note.Why != "Frozen: Sale." || !d.Step("rollout").Held.Until.Equal(dawn.Add(48*time.Hour)) {
		t.Errorf("a freeze came, and told is %+v, %v", told, err)
	}
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, again); err != nil || d.HeldByRule() != nil {
		t.Errorf("it was taken away: %v, %+v", err, d.HeldByRule())
	}
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, again); !errors.Is(err, deployer.ErrStale) {
		t.Errorf("nothing holds it: %v", err)
	}
	odd, _ := closed(t)
	if _, err := ruled(t, &odd, dawn, deployer.Actor{}, again, closes("window 1", "It is night.", dawn)); err != nil || !odd.Step("rollout").Held.Until.IsZero() {
		t.Errorf("a time that is over already is waited for: %v, %+v", err, odd.Step("rollout").Held)
	}
}

// Who holds the role goes on with a reason, which everybody is told; the requester as such
// does not, nor anybody by another role.
func TestARuleIsOverriddenByItsRoleWithAReason(t *testing.T) {
	t.Parallel()
	d, _ := closed(t)
	a := deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceOverride, Subject: "window 1", Comment: "it burns"}
	refused(t, d, ana, a, "Only sre can override that: It is night.")
	refused(t, d, bob, a, "Only sre can override that: It is night.")
	for part, change := range map[string]func(*deployer.Answer){
		"Overriding needs a reason":       func(a *deployer.Answer) { a.Comment = " " },
		"is held by something else now":   func(a *deployer.Answer) { a.Subject = "window 2" },
		"Nothing holds that any more":     func(a *deployer.Answer) { a.Attempt = 2 },
		"Nothing holds that any more. Lo": func(a *deployer.Answer) { a.Step = "verify" },
	} {
		b := a
		change(&b)
		refused(t, d, rosa, b, part)
	}
	told, err := ruled(t, &d, dawn, rosa, a, closes("window 1", "It is night.", dawn.Add(time.Hour)))
	if err != nil || len(told) != 2 {
		t.Fatalf("told is %+v, %v", told, err)
	}
	for i, channel := range []string{"C1", "C2"} {
		m := told[i]
		if m.Kind != deployer.MessageOverridden || m.Channel != channel || m.Thread || m.Note.By != rosa || m.Note.Why != "It is night." || m.Args[deployer.OverriddenAs] != "sre" || m.Args[deployer.OverriddenReason] != "it burns" {
			t.Errorf("%s is told %+v", channel, m)
		}
	}
	if told[0].DedupKey == told[1].DedupKey {
		t.Error("both have one key")
	}
	if want := []deployer.Override{{Rule: "window 1", Why: "It is night.", Role: "sre", Reason: "it burns", By: rosa, At: dawn}}; !slices.Equal(d.Overridden, want) {
		t.Errorf("%+v", d.Overridden)
	}
	refused(t, d, rosa, a, "Nothing holds that any more")
	night := closes("window 1", "It is night.", dawn.Add(time.Hour))
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1), night); err != nil || d.Effect("rollout/web") == nil {
		t.Errorf("it does not begin: %v", err)
	}
	nobody, _ := closed(t)
	v := closes("freeze", "Frozen.", time.Time{})
	v.Override = ""
	if _, err := ruled(t, &nobody, dawn, deployer.Actor{}, deployer.Reconsider{Step: "rollout"}, v); err != nil {
		t.Fatal(err)
	}
	a.Subject = "freeze"
	refused(t, nobody, rosa, a, "Nobody can override that: Frozen.")
}

// What has begun is finished, and the way back is free.
func TestRulesHoldNothingThatHasBegun(t *testing.T) {
	t.Parallel()
	d := begun(t, checked, "web", "api")
	night := closes("window 1", "It is night.", dawn.Add(time.Hour))
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1)); err != nil {
		t.Fatal(err)
	}
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, look("rollout/api", deployer.ObservedAbsent, runsV1), night); err != nil || d.Effect("rollout/api") == nil {
		t.Errorf("the second service is held: %v", err)
	}
	there := begun(t, checked, "web")
	if _, err := ruled(t, &there, dawn, deployer.Actor{}, look("rollout/web", deployer.ObservedPresent, runsV2), night); err != nil || there.Effect("rollout/web") == nil {
		t.Errorf("what is there already is held: %v", err)
	}
	warned := begun(t, checked, "web")
	night.Is = deployer.WindowWarn
	if _, err := ruled(t, &warned, dawn, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1), night); err != nil || warned.Effect("rollout/web") == nil {
		t.Errorf("a warning holds: %v", err)
	}
}

// What a person does by hand waits as well: nobody is asked before the window opens.
func TestARuleHoldsWhatIsDoneByHand(t *testing.T) {
	t.Parallel()
	p := deployer.Procedure{Kinds: []deployer.Kind{builds}, Steps: []deployer.Step{
		{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm}, {ID: "build", Title: "Build", Uses: builds.Name, Hand: true, Needs: []string{"ready"}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"build"}},
	}}
	open := dawn.Add(time.Hour)
	night := closes("window 1", "It is night.", open)
	d := begun(t, p, "web")
	told, err := ruled(t, &d, dawn, ana, done("ready"), night)
	if err != nil || d.Step("build").Status != deployer.Pending || d.HeldByRule() == nil || !slices.ContainsFunc(told, func(m deployer.Message) bool { return m.Note.Kind == deployer.NoteAsksOverride }) {
		t.Fatalf("%s, %+v, %v", d.Step("build").Status, told, err)
	}
	if p := deployer.Next(d, dawn); len(p.Due)+len(p.Effects) > 0 || !p.Wake.Equal(open) {
		t.Errorf("planned is %+v", p)
	}
	burns := d
	a := deployer.Answer{Step: "build", Choice: deployer.ChoiceOverride, Subject: "window 1", Comment: "it burns"}
	if _, err := ruled(t, &burns, dawn, rosa, a, night); err != nil || burns.Step("build").Status != deployer.Active {
		t.Errorf("overridden it is %s, %v", burns.Step("build").Status, err)
	}
	if _, err := ruled(t, &d, open, deployer.Actor{}, deployer.Next(d, open).Due[0]); err != nil || d.Step("build").Status != deployer.Active {
		t.Errorf("when it opens it is %s, %v", d.Step("build").Status, err)
	}
	if d = give(t, d, ana, done("build")); deployer.FirstChange(d).IsZero() || !deployer.AsksRules(d) {
		t.Error("it has begun by hand, and is to go on, of which rules know nothing")
	}
	if stopped := give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop}); stopped.Status != deployer.Stopped {
		t.Errorf("it is %s", stopped.Status)
	}
}

// A held deployment is stopped as any other.
func TestAHeldDeploymentIsStopped(t *testing.T) {
	t.Parallel()
	d, _ := closed(t)
	if d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop}); d.Status != deployer.Stopped {
		t.Errorf("it is %s", d.Status)
	}
}

// A start overrides by the role of whoever asks, and everybody is told once it is known
// what is deployed.
func TestAStartOverridesByItsRole(t *testing.T) {
	t.Parallel()
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: checked, Channels: map[string]string{"deploys": "C1"},
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Overrides: []deployer.Override{{Rule: "window 1", Why: "It is night.", Role: "sre", Reason: "it burns"}},
	}
	start.Procedure.ID = "p"
	refused(t, deployer.Deployment{}, bob, start, "Only sre can override that: It is night.")
	var d deployer.Deployment
	told, err := ruled(t, &d, dawn, rosa, start)
	if err != nil || len(told) > 0 || !d.Overrides("window 1") || d.Overridden[0].By != rosa || !d.Overridden[0].At.Equal(dawn) {
		t.Fatalf("%+v, %+v, %v", d.Overridden, told, err)
	}
	told, err = ruled(t, &d, dawn, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: runsV1, After: runsV2}}})
	if err != nil || len(told) == 0 || told[0].Kind != deployer.MessageOverridden {
		t.Errorf("told is %+v, %v", told, err)
	}
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1), closes("window 1", "It is night.", dawn.Add(time.Hour))); err != nil || d.Effect("rollout/web") == nil {
		t.Errorf("what was overridden at the start holds it: %v", err)
	}
	start.Overrides[0].Reason = " "
	refused(t, deployer.Deployment{}, rosa, start, "Overriding needs a reason.")
}

// midway is a deployment that has rolled out, and has one more change to make.
func midway(t *testing.T, back bool) deployer.Deployment {
	t.Helper()
	p := deployer.Procedure{
		Kinds: []deployer.Kind{builds},
		Steps: []deployer.Step{
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
			{ID: "switch", Title: "Switch it on", Uses: builds.Name, Needs: []string{"rollout"}},
		},
		Failure: deployer.Failure{Decide: "tech-lead"},
	}
	if back {
		p.Rollback = []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}}
	}
	d := begun(t, p, "web")
	for _, c := range []deployer.Command{
		look("rollout/web", deployer.ObservedAbsent, runsV1), deployer.Act{Key: "rollout/web", Ref: "r"}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK}},
	} {
		if _, err := ruled(t, &d, dawn, deployer.Actor{}, c); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// What has begun is finished, unless the window says otherwise that is over; what that
// holds or asks, its role may override, and those who decide where it asks.
func TestAWindowThatEndsHoldsTheNextChange(t *testing.T) {
	t.Parallel()
	open := dawn.Add(time.Hour)
	for _, test := range []struct {
		ends    deployer.WindowEnds
		role    string
		options []deployer.Choice
		by      deployer.Actor
	}{
		{"", "", []deployer.Choice{deployer.ChoiceTakeOver, deployer.ChoiceStop}, deployer.Actor{}},
		{deployer.EndsHold, "sre", []deployer.Choice{deployer.ChoiceTakeOver, deployer.ChoiceStop}, rosa},
		{deployer.EndsAsk, "sre", []deployer.Choice{deployer.ChoiceRollBack, deployer.ChoiceTakeOver, deployer.ChoiceStop}, rosa},
		{deployer.EndsAsk, "", []deployer.Choice{deployer.ChoiceRollBack, deployer.ChoiceTakeOver, deployer.ChoiceStop}, bob},
	} {
		d := midway(t, true)
		v := closes("end of window 1", "The window in which it began is over.", open)
		v.Ends, v.Override = test.ends, test.role
		if _, err := ruled(t, &d, dawn, deployer.Actor{}, look("switch", deployer.ObservedAbsent, deployer.State{}), v); err != nil {
			t.Fatal(err)
		}
		held := d.HeldByRule()
		if (held == nil) != (test.ends == "") || !slices.Equal(d.Options(), test.options) {
			t.Errorf("%q: held is %+v, and the options are %q", test.ends, held, d.Options())
		}
		if held == nil {
			continue
		}
		if p := deployer.Next(d, dawn); len(p.Effects) > 0 || !p.Wake.Equal(open) {
			t.Errorf("%q: planned is %+v", test.ends, p)
		}
		a := deployer.Answer{Step: "switch", Attempt: 1, Choice: deployer.ChoiceOverride, Subject: v.Rule, Comment: "it burns"}
		refused(t, d, eve, a, "Only ")
		back, goes := d, d
		if _, err := ruled(t, &goes, dawn, test.by, a, v); err != nil || goes.HeldByRule() != nil || len(deployer.Next(goes, dawn).Effects) == 0 {
			t.Errorf("%q: overridden: %v, %+v", test.ends, err, goes.HeldByRule())
		}
		if test.ends == deployer.EndsAsk {
			if _, err := ruled(t, &back, dawn, bob, deployer.Answer{Choice: deployer.ChoiceRollBack}, v); err != nil || back.Part != deployer.PartRollback {
				t.Fatalf("rolled back: %v, %s", err, back.Part)
			}
			if _, err := ruled(t, &back, dawn, deployer.Actor{}, look("back/web", deployer.ObservedAbsent, runsV2), v); err != nil || back.HeldByRule() != nil || back.Effect("back/web") == nil {
				t.Errorf("the way back is held: %v, %+v", err, back.HeldByRule())
			}
		}
	}
}

// What a window holds of what has begun goes on when it opens.
func TestWhatWasHeldMidwayGoesOn(t *testing.T) {
	t.Parallel()
	d, open := midway(t, false), dawn.Add(time.Hour)
	v := closes("end of window 1", "The window in which it began is over.", open)
	v.Ends = deployer.EndsHold
	if _, err := ruled(t, &d, dawn, deployer.Actor{}, look("switch", deployer.ObservedAbsent, deployer.State{}), v); err != nil {
		t.Fatal(err)
	}
	p := deployer.Next(d, open)
	if len(p.Due) != 1 {
		t.Fatalf("planned is %+v", p)
	}
	if _, err := ruled(t, &d, open, deployer.Actor{}, p.Due[0]); err != nil || d.HeldByRule() != nil || len(deployer.Next(d, open).Effects) != 1 {
		t.Errorf("%v, %+v", err, d.HeldByRule())
	}
}
