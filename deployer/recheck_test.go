package deployer_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// looked is a procedure in which somebody looks after the proof, before it is told.
var looked = deployer.Procedure{
	ID: "p", Kinds: []deployer.Kind{proves}, Messages: map[string]string{"complete": "{what} is complete", "failed": "{why}"},
	Failure: deployer.Failure{Message: "failed", To: []string{"change"}},
	Steps: []deployer.Step{
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
		{ID: "verify", Title: "Verify", Uses: proves.Name, Needs: []string{"rollout"}},
		{ID: "look", Title: "Look around", Uses: deployer.KindConfirm, Needs: []string{"verify"}},
		{ID: "complete", Title: "Tell", Uses: deployer.KindAnnounce, Needs: []string{"look"}, With: deployer.Values{"message": {Text: "complete"}, "to": {List: []string{"change"}}}},
	},
	Rollback: []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}},
}

// awaitsALook is proven, and waits for somebody.
func awaitsALook(t *testing.T) deployer.Deployment {
	t.Helper()
	d := against(t, looked, map[string]deployer.Good{"web": goodV2})
	d.Channels = map[string]string{"change": "C2"}
	d = rolls(t, d, "rollout/web", "v4-missing", deployer.OK)
	return rolls(t, d, "verify/web", "v3", deployer.OK)
}

func givesAt(t *testing.T, d deployer.Deployment, by deployer.Actor, at time.Time, c deployer.Command) (deployer.Deployment, []deployer.Message) {
	t.Helper()
	events, messages, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: at})
	if err != nil {
		t.Fatalf("%#v: %v", c, err)
	}
	return deployer.Fold(d, events...), messages
}

// After the verification a confirmation waited, and meanwhile the version was put
// back by hand: "complete" was told of what did not run any more.
func TestWhatRestsOnAProofWaitsUntilItWasLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	d, later := awaitsALook(t), dawn.Add(time.Second)
	if w := deployer.Next(d, later).Watches; len(w) != 1 || w[0].Key != "verify/web" || w[0].Now || w[0].Runner != proves.Name {
		t.Fatalf("while it waits, watched is %+v", w)
	}
	d, told := givesAt(t, d, ana, later, deployer.Answer{Step: "look", Attempt: 1, Choice: deployer.ChoiceDone})
	if tells(told, "complete") || d.Step("complete").Status != deployer.Pending {
		t.Fatal("it is told before it was looked at once more")
	}
	p := deployer.Next(d, later)
	if len(p.Watches) != 1 || !p.Watches[0].Now || len(p.Due) > 0 {
		t.Fatalf("what follows is %+v", p)
	}

	undone := deployer.Outcome{Result: deployer.Interrupted, Why: "It runs v1 now, not v3."}
	bad, told := givesAt(t, d, engine, later, deployer.Recheck{Key: "verify/web", Outcome: undone})
	if bad.Status != deployer.Deciding || bad.Step("verify").Status != deployer.StepInterrupted || bad.Why != undone.Why || !tells(told, "failed") || tells(told, "complete") {
		t.Errorf("it is %s (%s), and told is %+v", bad.Status, bad.Why, told)
	}
	if got := bad.Options(); !slices.Contains(got, deployer.ChoiceCheck) || !slices.Contains(got, deployer.ChoiceRollBack) {
		t.Errorf("the decisions are %v", got)
	}

	good, told := givesAt(t, d, engine, later, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	if !tells(told, "complete") {
		t.Errorf("it is well, and told is %+v", told)
	}
	good, _ = givesAt(t, good, engine, later, deployer.Deliver{Kind: "complete", Post: deployer.Post{DedupKey: "complete/change", Channel: "C2", TS: "1"}})
	if good.Status != deployer.Complete {
		t.Errorf("it is %s", good.Status)
	}
}

func tells(all []deployer.Message, kind string) bool {
	return slices.ContainsFunc(all, func(m deployer.Message) bool { return m.Kind == kind })
}

// What was found a moment ago is not looked at again, and what was found long ago
// is, also where nobody was awaited: the process may have been away.
func TestAProofHasAnAge(t *testing.T) {
	t.Parallel()
	p := looked
	p.Steps = slices.Clone(p.Steps)
	p.Steps = slices.Delete(p.Steps, 2, 4)
	one := rolls(t, against(t, p, map[string]deployer.Good{"web": goodV2}), "rollout/web", "v4-missing", deployer.OK)
	if one = rolls(t, one, "verify/web", "v3", deployer.OK); one.Status != deployer.Complete {
		t.Errorf("right after the proof it is %s", one.Status)
	}
	// Two services, of which the first was proven five minutes before the second.
	two := against(t, p, map[string]deployer.Good{"web": goodV2, "api": goodV2})
	two = rolls(t, rolls(t, two, "rollout/web", "v4-missing", deployer.OK), "rollout/api", "v4-missing", deployer.OK)
	two = rolls(t, two, "verify/web", "v3", deployer.OK)
	two = give(t, two, engine, look("verify/api", deployer.ObservedAbsent, version("v3")))
	late := dawn.Add(5 * time.Minute)
	two, _ = givesAt(t, two, engine, late, deployer.Settle{Key: "verify/api", Outcome: deployer.Outcome{Result: deployer.OK}})
	w := deployer.Next(two, late).Watches
	if two.Status != deployer.Running || len(w) != 2 || !w[0].Now || w[1].Now {
		t.Fatalf("it is %s, to be looked at is %+v", two.Status, w)
	}
	two, _ = givesAt(t, two, engine, late, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	if two.Status != deployer.Complete {
		t.Errorf("then it is %s", two.Status)
	}
}

// Nothing is written down while all stays as it was.
func TestAProofThatHoldsIsSilent(t *testing.T) {
	t.Parallel()
	d := awaitsALook(t)
	_, _, err := telling.Decide(d, deployer.Order{Command: deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}}}, deployer.Facts{Now: dawn.Add(time.Hour)})
	if !errors.Is(err, deployer.ErrStale) {
		t.Errorf("it answers %v", err)
	}
	bad, _ := givesAt(t, d, engine, dawn.Add(time.Hour), deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "No pod is ready.", Kind: "not-ready"}})
	if bad.Status != deployer.Deciding || bad.Step("look").Status != deployer.Active {
		t.Errorf("it is %s, the question is %s", bad.Status, bad.Step("look").Status)
	}
	if name := bad.Step("verify").Fault; name != "not-ready" || bad.Failures[0].Kind != "not-ready" {
		t.Errorf("the failure is called %q", name)
	}
}

// The rollout failed and was held; then somebody let it go on, or changed something
// besides, which a rollback takes back as well.
func TestWhatIsHeldIsWatched(t *testing.T) {
	t.Parallel()
	d := against(t, looked, map[string]deployer.Good{"web": goodV2})
	d.Targets[0].Pauses = true
	d = rolls(t, d, "rollout/web", "v4-missing", deployer.Failed)
	d = give(t, d, engine, look("rollout/web/pause", deployer.ObservedAbsent, version("v3")))
	d = give(t, d, engine, deployer.Settle{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK, Why: "v2 on 3"}})
	if w := deployer.Next(d, dawn).Watches; d.Status != deployer.Deciding || len(w) != 1 || w[0].Key != "rollout/web/pause" || w[0].Known.Why != "v2 on 3" || w[0].Now {
		t.Fatalf("it is %s, watched is %+v", d.Status, w)
	}
	before := d.Undo().Hash()
	changed, told := givesAt(t, d, engine, dawn, deployer.Recheck{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK, Why: "v2 on 3", Detail: "The environment of app has changed."}})
	if undo := changed.Undo(); !slices.Equal(undo.Lost, []string{"The environment of app has changed."}) || undo.Hash() == before {
		t.Errorf("it would undo %+v", undo)
	}
	if !slices.ContainsFunc(told, func(m deployer.Message) bool { return m.Note.Kind == deployer.NoteRechecked }) {
		t.Errorf("told is %+v", told)
	}
	if _, _, err := telling.Decide(changed, deployer.Order{Command: deployer.Recheck{Key: "rollout/web/pause", Outcome: changed.Effect("rollout/web/pause").Outcome}}, deployer.Facts{Now: dawn}); !errors.Is(err, deployer.ErrStale) {
		t.Errorf("the same again answers %v", err)
	}
	undone, told := givesAt(t, changed, engine, dawn, deployer.Recheck{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK, Why: "v2 on 3"}})
	if len(undone.Undo().Lost) > 0 || len(told) == 0 || told[0].Note.Why != "What somebody had changed of it is as it was again." {
		t.Errorf("once that is undone, told is %+v", told)
	}
	over, _ := givesAt(t, d, engine, dawn, deployer.Recheck{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.Absent, Why: "Somebody has let it go on."}})
	if w := deployer.Next(over, dawn).Watches; over.Status != deployer.Deciding || len(w) > 0 || over.Effect("rollout/web/pause").Outcome.Result != deployer.Absent {
		t.Errorf("it is %s, watched is %+v", over.Status, w)
	}
	again := give(t, over, ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceCheck})
	if again.Status != deployer.Running {
		t.Errorf("then it is %s", again.Status)
	}
}

// A target that has changed where nobody is asked for an approval went out without a
// word.
func TestWhatHasChangedIsToldWhereNobodyIsAsked(t *testing.T) {
	t.Parallel()
	d := against(t, looked, map[string]deployer.Good{"web": goodV2})
	d.Targets[0].Before.Template = "a"
	seen := deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v4-missing", Image: "web:v4-missing", Template: "b"}, Why: "the environment of app changed"}
	d, told := givesAt(t, d, engine, dawn, deployer.Intend{Key: "rollout/web", Observation: seen})
	i := slices.IndexFunc(told, func(m deployer.Message) bool { return m.Note.Kind == deployer.NoteTargetChanged })
	if i < 0 || told[i].Note.Why != "web is not as it was when this began: the environment of app changed." || d.Effect("rollout/web") == nil {
		t.Errorf("told is %+v", told)
	}
}

// What people should know of a target before they approve it is told at once.
func TestRemarksOfTargetsAreTold(t *testing.T) {
	t.Parallel()
	d := give(t, deployer.Deployment{}, ana, deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: looked, Releases: []deployer.Release{{Service: "web", Tag: "v3"}}})
	_, told := givesAt(t, d, engine, dawn, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Before: version("v2"), After: version("v3"), Remarks: []string{"Container worker keeps v2."}}}})
	if len(told) == 0 || told[0].Note.Kind != deployer.NoteWarning || told[0].Note.Why != "Container worker keeps v2." {
		t.Errorf("told is %+v", told)
	}
}

// Words for clients that somebody had read for an hour went out whatever had come of the
// proof meanwhile, and even while it was known that it does not hold any more.
func TestWordsForClientsWaitUntilTheProofWasLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	p := looked
	p.Steps = slices.Clone(p.Steps)
	p.Steps = append(p.Steps[:2], deployer.Step{ID: "tell", Title: "Tell", Uses: deployer.KindAnnounce, Needs: []string{"verify"}, With: deployer.Values{"message": {Text: "complete"}, "to": {List: []string{"clients"}}}})
	d := against(t, p, map[string]deployer.Good{"web": goodV2})
	d.Channels = map[string]string{"clients": "C3", "change": "C2"}
	d = rolls(t, rolls(t, d, "rollout/web", "v4-missing", deployer.OK), "verify/web", "v3", deployer.OK)
	later, well := dawn.Add(time.Hour), deployer.Outcome{Result: deployer.OK}
	undone := deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "It runs v1 now, not v3."}}
	send := deployer.Answer{Step: "tell", Attempt: 1, Choice: deployer.ChoiceSend, Values: deployer.ClientWords("All is well.")}

	sent, told := givesAt(t, d, ana, later, send)
	if w := deployer.Next(sent, later).Watches; tells(told, "complete") || len(w) != 1 || !w[0].Now {
		t.Fatalf("told is %+v, to be looked at is %+v", told, w)
	}
	good, told := givesAt(t, sent, engine, later, deployer.Recheck{Key: "verify/web", Outcome: well})
	if !tells(told, "complete") || good.AwaitsPerson(*good.Step("tell")) {
		t.Errorf("it is well, and told is %+v", told)
	}
	good, _ = givesAt(t, good, engine, later, deployer.Deliver{Kind: "complete", Post: deployer.Post{DedupKey: "tell/clients", Channel: "C3", TS: "1"}})
	if good.Status != deployer.Complete {
		t.Errorf("then it is %s", good.Status)
	}
	if bad, told := givesAt(t, sent, engine, later, undone); bad.Status != deployer.Deciding || tells(told, "complete") {
		t.Errorf("it is not so any more: %s, and told is %+v", bad.Status, told)
	}

	// Send is on its way while it is found out.
	lost, _ := givesAt(t, d, engine, later, undone)
	lost, told = givesAt(t, lost, ana, later, send)
	if tells(told, "complete") {
		t.Errorf("clients are told while somebody has to decide: %+v", told)
	}
	lost, _ = givesAt(t, lost, ana, later, deployer.Answer{Step: "verify", Attempt: 1, Choice: deployer.ChoiceCheck})
	if _, told = givesAt(t, lost, engine, later, deployer.Settle{Key: "verify/web", Outcome: well}); !tells(told, "complete") {
		t.Errorf("once it is well again, told is %+v", told)
	}
}

// The announcement could not be delivered; an hour later somebody had it tried again, and
// it was told whatever had come of the proof meanwhile.
func TestWhatIsTriedAgainWaitsUntilTheProofWasLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	d, now := awaitsALook(t), dawn.Add(time.Second)
	d, _ = givesAt(t, d, ana, now, deployer.Answer{Step: "look", Attempt: 1, Choice: deployer.ChoiceDone})
	d, _ = givesAt(t, d, engine, now, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	d, _ = givesAt(t, d, engine, now, deployer.GiveUp{DedupKey: "complete/change", Why: "The channel is archived."})
	now = dawn.Add(time.Hour)
	d, told := givesAt(t, d, ana, now, deployer.Answer{Step: "complete", Attempt: 1, Choice: deployer.ChoiceRetry})
	w := deployer.Next(d, now)
	if tells(told, "complete") || len(w.Watches) != 1 || !w.Watches[0].Now || len(w.Due) > 0 || !readout.LooksAgain(d, now) {
		t.Fatalf("told is %+v, what follows is %+v", told, w)
	}
	good, told := givesAt(t, d, engine, now, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	if !tells(told, "complete") || good.Status != deployer.Running {
		t.Errorf("it is well and %s, and told is %+v", good.Status, told)
	}
	bad, told := givesAt(t, d, engine, now, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "It runs v1 now."}})
	if tells(told, "complete") || bad.Status != deployer.Deciding || len(deployer.Next(bad, now).Due) > 0 {
		t.Errorf("it is not so any more and %s, and told is %+v", bad.Status, told)
	}
	bad, told = givesAt(t, bad, ana, now, deployer.Answer{Step: "verify", Attempt: 1, Choice: deployer.ChoiceRetry})
	if w := deployer.Next(bad, now); tells(told, "complete") || bad.Status != deployer.Running || len(w.Effects) != 1 || w.Effects[0].Key != "verify/web" {
		t.Errorf("once it is verified again it is %s, what follows is %+v, and told is %+v", bad.Status, w, told)
	}
	if stopped, _ := givesAt(t, d, ana, now, deployer.Answer{Choice: deployer.ChoiceStop}); stopped.Status != deployer.Stopped {
		t.Errorf("stopped meanwhile it is %s", stopped.Status)
	}
}

// Whether it is needed could not be told, and a person was asked; but it was announced
// already. Where they say that it is, it waits until the proof was looked at once more.
func TestWhatMayNotBeNeededIsNotAnnounced(t *testing.T) {
	t.Parallel()
	p := looked
	p.Steps = slices.Clone(p.Steps)
	p.Steps[3].When = "risk"
	d := against(t, p, map[string]deployer.Good{"web": goodV2})
	d.Channels = map[string]string{"change": "C2"}
	d = rolls(t, rolls(t, d, "rollout/web", "v4-missing", deployer.OK), "verify/web", "v3", deployer.OK)
	d, told := givesAt(t, d, ana, dawn, deployer.Answer{Step: "look", Attempt: 1, Choice: deployer.ChoiceDone})
	if tells(told, "complete") || d.Status != deployer.Deciding {
		t.Fatalf("it is %s, and told is %+v", d.Status, told)
	}
	later := dawn.Add(time.Hour)
	d, told = givesAt(t, d, ana, later, deployer.Answer{Step: "complete", Attempt: 1, Choice: deployer.ChoiceRetry})
	if p := deployer.Next(d, later); tells(told, "complete") || len(p.Due) > 0 || len(p.Watches) != 1 || !p.Watches[0].Now {
		t.Errorf("what follows is %+v, and told is %+v", p, told)
	}
	if _, told = givesAt(t, d, engine, later, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}}); !tells(told, "complete") {
		t.Errorf("in the end told is %+v", told)
	}
}
