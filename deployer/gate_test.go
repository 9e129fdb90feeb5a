package deployer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// building is a deployment whose build, in a system of its own, is on its way;
// the system may ask the role that is named.
func building(t *testing.T, role string) deployer.Deployment {
	t.Helper()
	d := begun(t, deployer.Procedure{
		Kinds: []deployer.Kind{builds}, Failure: deployer.Failure{Decide: "tech-lead"},
		Steps: []deployer.Step{{
			ID: "build", Title: "Build", Uses: builds.Name, With: deployer.Values{"proceed": {Text: role}}, Remind: []time.Duration{10 * time.Minute},
		}},
	}, "web")
	d = give(t, d, deployer.Actor{}, look("build", deployer.ObservedAbsent, deployer.State{}))
	return give(t, d, deployer.Actor{}, deployer.Act{Key: "build", Ref: "#7"})
}

// sends gives an order of the engine or of a person and returns what is to be
// sent besides the card.
func sends(t *testing.T, d *deployer.Deployment, now time.Time, by deployer.Actor, c deployer.Command) []deployer.Message {
	t.Helper()
	events, messages, err := telling.Decide(*d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: now, Person: deployer.Person{Roles: roles[by.ID]}})
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	*d = deployer.Fold(*d, events...)
	return slices.DeleteFunc(messages, func(m deployer.Message) bool { return m.Kind == deployer.MessageCard })
}

func opens(id string) deployer.OpenGate {
	return deployer.OpenGate{Key: "build", Gate: deployer.Gate{ID: id, Asks: "Deploy to prod?"}}
}

func proceed(id string) deployer.Answer {
	return deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceProceed, Subject: id}
}

// What a system asks half way is asked of the role that the step names: when it
// is asked, by reminders that count from then, and again where the system does
// not take the answer. The build has taken an hour before.
func TestAGateAsksItsRole(t *testing.T) {
	t.Parallel()
	d, hour := building(t, "tech-lead"), dawn.Add(time.Hour)
	if due := deployer.Next(d, hour).Due; len(due) > 0 {
		t.Errorf("nobody is asked, and due is %+v", due)
	}
	asked := sends(t, &d, hour, deployer.Actor{}, opens("g1"))
	want := deployer.Note{Kind: deployer.NoteAsksGate, Step: "Build", Why: "Deploy to prod?"}
	if len(asked) != 1 || asked[0].Kind != deployer.MessageAsk || asked[0].Role != "tech-lead" || asked[0].To != "" || asked[0].Note != want {
		t.Fatalf("asked is %+v", asked)
	}
	if s := d.Step("build"); !d.AwaitsPerson(*s) || !s.Asked().Equal(hour) || !deployer.Next(d, hour).Wake.Equal(hour.Add(10*time.Minute)) {
		t.Errorf("asked at %s, it wakes at %s", s.Asked(), deployer.Next(d, hour).Wake)
	}
	again := called(t, &d, hour.Add(10*time.Minute))
	if len(again) != 1 || again[0].Role != "tech-lead" || again[0].Note != want {
		t.Errorf("called again: %+v", again)
	}

	told := sends(t, &d, hour.Add(time.Hour), bob, proceed("g1"))
	if len(told) != 1 || told[0].Note.Choice != deployer.ChoiceProceed || told[0].Note.By != bob || told[0].Note.Step != "Build" {
		t.Errorf("told is %+v", told)
	}
	refused(t, d, rosa, proceed("g1"), "“Deploy to prod?” is answered already: Proceed, by Bob.")
	w := deployer.Next(d, hour).Effects
	i := slices.IndexFunc(w, func(w deployer.Wanted) bool { return w.Verb == deployer.VerbProceed })
	if i < 0 {
		t.Fatalf("the answer is not given: %+v", w)
	}
	d = give(t, d, deployer.Actor{}, look(w[i].Key, deployer.ObservedAbsent, deployer.State{}))
	repeated := sends(t, &d, hour, deployer.Actor{}, deployer.Settle{Key: w[i].Key, Outcome: deployer.Outcome{Result: deployer.Failed, Why: "503"}})
	if len(repeated) != 1 || repeated[0].Role != "tech-lead" || repeated[0].Note.Why != "The answer could not be given: 503. Deploy to prod?" {
		t.Errorf("asked again: %+v", repeated)
	}
}

// Where a step names no role, the system's own people answer: the requester hears
// of it, and nobody answers here.
func TestAGateOfNobodyIsAnsweredInItsSystem(t *testing.T) {
	t.Parallel()
	d := building(t, "")
	asked := sends(t, &d, dawn, deployer.Actor{}, opens("g1"))
	if len(asked) != 1 || asked[0].Role != "" || asked[0].To != ana.ID {
		t.Errorf("asked is %+v", asked)
	}
	refused(t, d, bob, proceed("g1"), "“Deploy to prod?” is answered in the system that asks it, not here.")
	refused(t, building(t, "tech-lead"), bob, proceed("g1"), "not asked any more")
}

// After a stop that nobody can tell the end of, the thread calls somebody to
// decide; who gives up says why, which the end keeps.
func TestAStopThatCantBeToldIsDecided(t *testing.T) {
	t.Parallel()
	d := give(t, building(t, ""), bob, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "wrong branch"})
	told := sends(t, &d, dawn, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "no answer"}})
	if len(told) != 1 || told[0].Note != (deployer.Note{Kind: deployer.NoteUntold, Why: "no answer."}) {
		t.Fatalf("told is %+v", told)
	}
	shown := deployer.Answer{Choice: deployer.ChoiceStop, Subject: deployer.LeftBy(d).Hash()}
	refused(t, d, bob, shown, "giving up needs a reason")
	shown.Comment = "jenkins is gone"
	again := give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceCheck})
	refused(t, again, bob, shown, "is being stopped already")
	told = sends(t, &d, dawn, bob, shown)
	if len(told) == 0 || told[0].Note.Why != "Bob gave up what can't be told: jenkins is gone" {
		t.Errorf("told is %+v", told)
	}
	if want := "Stopped by Bob: wrong branch. Bob gave up what can't be told: jenkins is gone"; d.Status != deployer.Stopped || d.Why != want {
		t.Errorf("it is %s: %s", d.Status, d.Why)
	}
}

// What a lock holds says by whom and why, and until when as a time.
func TestAHeldStepSaysUntilWhen(t *testing.T) {
	t.Parallel()
	d := begun(t, checked, "web")
	until := dawn.Add(3 * time.Hour)
	locks := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, All: []deployer.Lock{{Service: "web", By: bob, Reason: "incident", Until: until}}}
	_, messages, err := telling.Decide(d, deployer.Order{Command: look("rollout/web", deployer.ObservedAbsent, runsV1)}, deployer.Facts{Now: dawn, Locks: locks})
	if err != nil || len(messages) == 0 {
		t.Fatalf("%v, %v", messages, err)
	}
	m := messages[0]
	if m.Note != (deployer.Note{Kind: deployer.NoteStepHeld, Step: "Roll out", Why: "web is locked by Bob: incident."}) || m.Args[deployer.HeldUntil] != until.Format(time.RFC3339) {
		t.Errorf("told is %+v", m)
	}
	if strings.Contains(m.Note.Why, "UTC") {
		t.Error("its time is in no zone of the reader's")
	}
}

// What asks a role half way is not the requester's to do without, any more than
// what asks it from the start.
func TestAGateThatWasNotAnsweredIsSkippedByItsRole(t *testing.T) {
	t.Parallel()
	d, hour := building(t, "sre"), dawn.Add(time.Hour)
	d = give(t, d, deployer.Actor{}, opens("g1"))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "nobody has answered"}})
	skip := deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceSkip, Comment: "they are asleep"}
	for _, may := range []struct {
		by    deployer.Actor
		roles []string
		ok    bool
	}{{d.Requester, nil, false}, {deployer.Actor{ID: "USRE", Name: "Sam"}, []string{"sre"}, true}, {d.Requester, []string{"tech-lead"}, true}} {
		_, _, err := telling.Decide(d, deployer.Order{By: may.by, Command: skip}, deployer.Facts{Now: hour, Person: deployer.Person{Roles: may.roles}})
		if (err == nil) != may.ok {
			t.Errorf("%s with the roles %q skips it: %v", may.by.Name, may.roles, err)
		}
	}
}
