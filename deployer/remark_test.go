package deployer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// noteOf is the first note of a kind.
func noteOf(t *testing.T, told []deployer.Message, kind deployer.NoteKind) deployer.Note {
	t.Helper()
	i := slices.IndexFunc(told, func(m deployer.Message) bool { return m.Note.Kind == kind })
	if i < 0 {
		t.Fatalf("there is no note %s in %+v", kind, told)
	}
	return told[i].Note
}

// announced are the values and the words of a kind of message.
func announced(t *testing.T, told []deployer.Message, kind string) deployer.Message {
	t.Helper()
	i := slices.IndexFunc(told, func(m deployer.Message) bool { return m.Kind == kind })
	if i < 0 {
		t.Fatalf("there is no message %s in %+v", kind, told)
	}
	return told[i]
}

// It was proven, and then put back by hand: "Verify failed" was said of what had passed.
func TestAProofThatIsOverIsNotCalledAFailedCheck(t *testing.T) {
	t.Parallel()
	d, later := awaitsALook(t), dawn.Add(time.Second)
	for result, kind := range map[deployer.Result]deployer.NoteKind{deployer.Failed: deployer.NoteDisproved, deployer.Interrupted: deployer.NoteUnproven} {
		bad, told := givesAt(t, d, engine, later, deployer.Recheck{Key: "verify/web", Outcome: deployer.Outcome{Result: result, Why: "It runs v1 now, not v3."}})
		if s := *bad.Step("verify"); !deployer.Disproved(s) || !deployer.BrokenAt(s).Equal(later) {
			t.Errorf("%s: disproved %t, at %s", result, deployer.Disproved(s), deployer.BrokenAt(s))
		}
		if n := noteOf(t, told, kind); n.Why != "It runs v1 now, not v3." || !n.Kind.StepBroke() {
			t.Errorf("%s: told is %+v", result, n)
		}
		if why := announced(t, told, "failed").Args["why"]; strings.HasPrefix(why, "That was so, and is not any more: It runs v1") != (result == deployer.Failed) {
			t.Errorf("%s: announced is %q", result, why)
		}
		// What fails in the next attempt is a check that failed.
		bad, _ = givesAt(t, bad, ana, later, deployer.Answer{Step: "verify", Attempt: 1, Choice: deployer.ChoiceCheck})
		bad, told = givesAt(t, bad, engine, later.Add(time.Second), deployer.Settle{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "so"}})
		if deployer.Disproved(*bad.Step("verify")) {
			t.Errorf("%s: in the next attempt it is disproved", result)
		}
		noteOf(t, told, deployer.NoteStepFailed)
	}
	first := rolls(t, rolls(t, against(t, looked, map[string]deployer.Good{"web": goodV2}), "rollout/web", "v4-missing", deployer.OK), "verify/web", "v3", deployer.Failed)
	if s := *first.Step("verify"); deployer.Disproved(s) || !deployer.BrokenAt(s).Equal(dawn) {
		t.Error("a check that failed at first is disproved")
	}
}

// What people should know though it went well stands in the thread and in the words
// that say what runs now, and never in those that say anything else.
func TestRemarksAreTold(t *testing.T) {
	t.Parallel()
	for want, services := range map[string][]string{"2 old pods are stopping.": {"web"}, "web: 2 old pods are stopping.": {"web", "api"}} {
		good := map[string]deployer.Good{}
		for _, s := range services {
			good[s] = goodV2
		}
		d := against(t, looked, good)
		d.Channels = map[string]string{"change": "C2"}
		for _, s := range services[1:] {
			d = rolls(t, d, "rollout/"+s, "v4-missing", deployer.OK)
		}
		d = give(t, d, engine, look("rollout/web", deployer.ObservedAbsent, version("v4-missing")))
		d, told := givesAt(t, d, engine, dawn, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK, Why: "3 pods", Remark: "2 old pods are stopping"}})
		if n := noteOf(t, told, deployer.NoteStepDone); n.Detail != want || strings.Contains(n.Why, "stopping") {
			t.Errorf("told is %+v", n)
		}
		for _, s := range services {
			d = rolls(t, d, "verify/"+s, "v3", deployer.OK)
		}
		d, _ = givesAt(t, d, ana, dawn, deployer.Answer{Step: "look", Attempt: 1, Choice: deployer.ChoiceDone})
		for _, s := range services {
			d, told = givesAt(t, d, engine, dawn, deployer.Recheck{Key: "verify/" + s, Outcome: deployer.Outcome{Result: deployer.OK}})
		}
		m := announced(t, told, "complete")
		if m.Args["remark"] != want || !strings.HasSuffix(m.Words, "\n{remark}") {
			t.Errorf("announced is %q with %q", m.Words, m.Args["remark"])
		}
		if got := telling.Remarks(d); !slices.Equal(got, []string{want}) {
			t.Errorf("the remarks are %q", got)
		}
	}
}

// paused is a rollout that failed, and what became of holding it.
func paused(t *testing.T, ref string, out deployer.Outcome) deployer.Deployment {
	t.Helper()
	p := looked
	p.Steps, p.Failure.Stopped, p.Failure.To = slices.Clone(p.Steps), "stopped", []string{"change"}
	p.Messages = map[string]string{"complete": "{what}", "failed": "{why}", "stopped": "{why}", "starting": "{what}"}
	p.Steps = slices.Insert(p.Steps, 0, deployer.Step{
		ID: "starting", Title: "Tell", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"change"}}},
	})
	d := against(t, p, map[string]deployer.Good{"web": goodV2})
	d.Channels = map[string]string{"change": "C2"}
	d.Targets[0].Pauses = true
	d = rolls(t, d, "rollout/web", "v4-missing", deployer.Failed)
	d = give(t, d, engine, look("rollout/web/pause", deployer.ObservedAbsent, version("v3")))
	d = give(t, d, engine, deployer.Act{Key: "rollout/web/pause", Ref: ref})
	return give(t, d, engine, deployer.Settle{Key: "rollout/web/pause", Outcome: out})
}

// Whoever hears of the stop read how many pods ran what when it was held, also where
// it is not any more, or never was.
func TestAStopTellsWhatIsStillSo(t *testing.T) {
	t.Parallel()
	spread := deployer.Outcome{Result: deployer.OK, Why: "v3 on 1, v2 on 5"}
	for name, c := range map[string]struct {
		ref  string
		then *deployer.Outcome
		want string
	}{
		"held":    {"r", nil, "Left as it is: web (v3 on 1, v2 on 5)."},
		"let go":  {"r", &deployer.Outcome{Result: deployer.Absent, Why: "Somebody has let it go on: it runs v2 on 6 pods now."}, "Left as it is: web. Somebody has let it go on: it runs v2 on 6 pods now."},
		"changed": {"r", &deployer.Outcome{Result: deployer.OK, Why: "v3 on 2, v2 on 4", Detail: "The environment was changed"}, "Left as it is: web (v3 on 2, v2 on 4). The environment was changed."},
		"no hold": {deployer.NothingToPause, nil, "Left as it is: web."},
	} {
		d := paused(t, c.ref, spread)
		if c.then != nil {
			d, _ = givesAt(t, d, engine, dawn, deployer.Recheck{Key: "rollout/web/pause", Outcome: *c.then})
		}
		if e := d.Effect("rollout/web"); readout.PauseOf(d, *e) == nil || readout.PauseOf(d, *e).Holds() != (strings.Contains(c.want, " on 5") || strings.Contains(c.want, " on 4")) {
			t.Errorf("%s: it is held: %+v", name, readout.PauseOf(d, *e))
		}
		_, told := givesAt(t, d, ana, dawn, deployer.Answer{Choice: deployer.ChoiceStop})
		if why := announced(t, told, "stopped").Args["why"]; !strings.HasSuffix(why, c.want) {
			t.Errorf("%s: %q, want %q", name, why, c.want)
		}
	}
}

// A rollout that was held, let go on by a retry, and taken over by somebody is held no
// more: what held it belongs to the attempt before.
func TestAHoldEndsWithItsAttempt(t *testing.T) {
	t.Parallel()
	d := paused(t, "r", deployer.Outcome{Result: deployer.OK, Why: "v3 on 1"})
	d = give(t, d, ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceCheck})
	d = give(t, d, engine, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "Somebody else has changed it."}})
	if p := readout.PauseOf(d, *d.Effect("rollout/web")); d.Status != deployer.Deciding || p != nil || len(deployer.Next(d, dawn).Watches) > 0 {
		t.Errorf("it is %s, held by %+v, watched is %+v", d.Status, p, deployer.Next(d, dawn).Watches)
	}
}

// What a rollback undoes besides is said when it is decided, and to whoever approves it.
func TestARollbackSaysWhatItUndoesBesides(t *testing.T) {
	t.Parallel()
	d := paused(t, "r", deployer.Outcome{Result: deployer.OK, Why: "v3 on 1"})
	shown := d.Undo().Hash()
	d, _ = givesAt(t, d, engine, dawn, deployer.Recheck{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK, Why: "v3 on 1", Detail: "The environment was changed"}})
	_, _, err := telling.Decide(d, deployer.Order{By: ana, Command: deployer.Answer{Choice: deployer.ChoiceRollBack, Subject: shown}}, deployer.Facts{Now: dawn})
	if err == nil || !strings.Contains(err.Error(), "Now it is web to v2. It undoes this, too: The environment was changed.") {
		t.Errorf("a button from before answers %v", err)
	}
	d, told := givesAt(t, d, ana, dawn, deployer.Answer{Choice: deployer.ChoiceRollBack, Comment: "now"})
	if n := noteOf(t, told, deployer.NoteDecided); n.Why != "now. It undoes this, too: The environment was changed." {
		t.Errorf("told is %+v", n)
	}
	if lost := deployer.Lost(d); !slices.Equal(lost, []string{"The environment was changed."}) {
		t.Errorf("while it is under way, %q is lost", lost)
	}
}
