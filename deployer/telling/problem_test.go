package telling_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// decides are the messages about problems that are posted, and the lines that they are over.
func (w *transcript) decides() (posted, over []string) {
	for _, m := range w.sent {
		switch {
		case !deployer.IsProblemKey(m.DedupKey):
		case m.Receipt:
			posted = append(posted, m.DedupKey)
		case m.Thread:
			over = append(over, m.DedupKey)
		}
	}
	return posted, over
}

// However often it is tried again, by whomever, a problem is posted once, the channels of
// the procedure hear of it and of its end once each, and whoever asked for it is called
// once. Each try that failed used to be told as if it were the first.
func TestAProblemIsToldOnceHoweverOftenItIsTried(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		dice := rand.New(rand.NewPCG(seed, 0))
		w := decided(t)
		w.rolls("rollout/web", deployer.OK)
		w.rolls("rollout/api", deployer.Failed)
		tries := dice.IntN(6)
		for range tries {
			w.again(dice)
			w.rolls("rollout/api", deployer.Failed)
		}
		p := w.d.Problems
		if len(p) != 1 || p[0].Fails != tries+1 || p[0].Ended != 0 {
			t.Fatalf("seed %d: after %d more tries there are %+v", seed, tries, p)
		}
		w.again(dice)
		w.rolls("rollout/api", deployer.OK)
		posted, over := w.decides()
		if len(posted) != 1 || len(over) != 1 || w.d.Problems[0].Ended == 0 {
			t.Errorf("seed %d: posted are %q, over %q", seed, posted, over)
		}
		if got := w.in("C3"); !slices.Equal(got, []string{"failed", "over"}) {
			t.Errorf("seed %d: support is told %q", seed, got)
		}
		called := 0
		for _, m := range w.sent {
			if m.Kind == deployer.MessageNote && m.To == ana.ID {
				called++
			}
		}
		if called != 1 {
			t.Errorf("seed %d: ana is called %d times", seed, called)
		}
	}
}

// decided is what failing is, where the tech leads decide.
func decided(t *testing.T) *transcript {
	w := failing(t)
	w.d.Procedure.Failure.Decide = "tech-lead"
	return w
}

// again has what is broken tried again.
func (w *transcript) again(dice *rand.Rand) {
	s := w.d.Broken()
	by := []deployer.Actor{ana, bob}[dice.IntN(2)]
	w.must(by, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry})
}

// What another step fails of is another problem; what had failed and was well is one, too,
// once it is not so any more.
func TestAnotherFailureIsAnotherProblem(t *testing.T) {
	t.Parallel()
	w := decided(t)
	w.rolls("rollout/web", deployer.OK)
	w.rolls("rollout/api", deployer.Failed)
	w.must(bob, deployer.Answer{Choice: deployer.ChoiceRollBack})
	w.rolls("back/api", deployer.Failed)
	posted, over := w.decides()
	if len(posted) != 2 || len(over) != 0 {
		t.Errorf("posted are %q, over %q", posted, over)
	}
	b := w.d.Broken()
	w.must(bob, deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry})
	w.rolls("back/api", deployer.OK)
	w.delivered()
	posted, over = w.decides()
	if w.d.Status != deployer.RolledBack || len(posted) != 2 || len(over) != 2 {
		t.Errorf("it is %s; posted are %q, over %q", w.d.Status, posted, over)
	}
}

// Whoever asked for a deployment is called when somebody else stops it, and not by
// themselves.
func TestARequesterIsCalledByTheStopOfAnother(t *testing.T) {
	t.Parallel()
	for by, want := range map[*deployer.Actor]string{&ana: "", &bob: ana.ID} {
		w := decided(t)
		w.must(*by, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "no"})
		for _, m := range w.sent {
			if m.Note.Kind == deployer.NoteDecided && m.To != want {
				t.Errorf("stopped by %s, it calls %q", by.Name, m.To)
			}
		}
	}
}

// leads hold the role of which members asks.
func leads(role string) []deployer.Actor {
	if role == "tech-lead" {
		return []deployer.Actor{bob, {ID: "U9", Name: "Rosa"}}
	}
	return nil
}

// told is a deployment whose one step tells people, and channels unless they have it.
func told(t *testing.T, with deployer.Values, p deployer.Procedure) *transcript {
	t.Helper()
	with["message"] = deployer.Value{Text: "starting"}
	p.ID, p.SHA = "p", "sha"
	p.Messages = map[string]string{"starting": "s", "failed": "f {why}", "over": "o {why}", "stopped": "e {why}"}
	p.Steps = append([]deployer.Step{{ID: "starting", Title: "Say it", Uses: deployer.KindAnnounce, With: with}}, p.Steps...)
	w := &transcript{t: t, now: dawn, members: leads}
	w.must(ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
		Channels: map[string]string{"deploys": "C1", "change": "C2"},
	})
	w.must(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web"}}})
	return w
}

// directly are the keys and channels of the direct messages.
func (w *transcript) directly() (out []string) {
	for _, m := range w.sent {
		if id := m.DirectTo(); id != "" {
			out = append(out, m.Kind+" "+id)
		}
	}
	return out
}

// The people of a role get one message each, and the step is over when all have; of a
// role that nobody holds, and of somebody who can't be reached, the thread tells once.
func TestPeopleOfARoleAreToldDirectly(t *testing.T) {
	t.Parallel()
	w := told(t, deployer.Values{"people": {List: []string{"tech-lead", "sre"}}}, deployer.Procedure{})
	if got := w.directly(); !slices.Equal(got, []string{"starting " + bob.ID, "starting U9"}) {
		t.Fatalf("told are %q", got)
	}
	w.must(deployer.Actor{}, deployer.Deliver{Kind: "starting", Post: deployer.Post{DedupKey: "starting/@" + bob.ID, Channel: "D1", TS: "1"}})
	if s := w.d.Step("starting"); s.Status != deployer.Active {
		t.Errorf("one of two is told, and it is %s", s.Status)
	}
	w.must(deployer.Actor{}, deployer.GiveUp{DedupKey: "starting/@U9", Why: "Their account is switched off."})
	if s := w.d.Step("starting"); s.Status != deployer.Done {
		t.Errorf("one can't be told, and it is %s: %s", s.Status, s.Why)
	}
	var notes []string
	for _, m := range w.sent {
		if k := m.Note.Kind; k == deployer.NoteUnaddressed || k == deployer.NoteUndelivered {
			notes = append(notes, string(k))
		}
	}
	if !slices.Equal(notes, []string{string(deployer.NoteUnaddressed), string(deployer.NoteUndelivered)}) {
		t.Errorf("the thread says %q", notes)
	}
}

// Where nobody at all can be told, the step has failed.
func TestAnAnnouncementThatReachesNobodyFails(t *testing.T) {
	t.Parallel()
	w := told(t, deployer.Values{"people": {List: []string{"tech-lead"}}}, deployer.Procedure{})
	for _, id := range []string{bob.ID, "U9"} {
		w.must(deployer.Actor{}, deployer.GiveUp{DedupKey: "starting/@" + id, Why: "The app takes no direct messages."})
	}
	if s := w.d.Step("starting"); s.Status != deployer.StepFailed || !strings.Contains(s.Why, "no direct messages") {
		t.Errorf("it is %s: %s", s.Status, s.Why)
	}
}

// The people of a failure are told once for each problem.
func TestPeopleOfAFailureAreToldOncePerProblem(t *testing.T) {
	t.Parallel()
	w := told(t, deployer.Values{"to": {List: []string{"deploys"}}}, deployer.Procedure{
		Steps:   []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"starting"}}},
		Failure: deployer.Failure{Decide: "tech-lead", Message: "failed", People: []string{"tech-lead", "requester"}},
	})
	w.delivered()
	w.rolls("rollout/web", deployer.Failed)
	w.again(rand.New(rand.NewPCG(0, 0)))
	w.rolls("rollout/web", deployer.Failed)
	want := []string{"failed " + bob.ID, "failed U9", "failed " + ana.ID}
	if got := w.directly(); !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
}

// Whoever was told of a problem by a direct message is told that it is over, or that it
// was stopped; nobody who was not.
func TestPeopleOfAFailureAreToldThatItIsOver(t *testing.T) {
	t.Parallel()
	begun := func() *transcript {
		w := told(t, deployer.Values{"to": {List: []string{"deploys"}}}, deployer.Procedure{
			Steps:   []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"starting"}}},
			Failure: deployer.Failure{Decide: "tech-lead", Message: "failed", Over: "over", Stopped: "stopped", People: []string{"tech-lead"}},
		})
		w.delivered()
		return w
	}
	stop := deployer.Answer{Choice: deployer.ChoiceStop}
	w := begun()
	w.rolls("rollout/web", deployer.Failed)
	w.again(rand.New(rand.NewPCG(0, 0)))
	w.rolls("rollout/web", deployer.OK)
	if got := w.directly(); !slices.Equal(got, []string{"failed " + bob.ID, "failed U9", "over " + bob.ID, "over U9"}) {
		t.Errorf("when it is over, told are %q", got)
	}
	w = begun()
	w.rolls("rollout/web", deployer.Failed)
	w.must(bob, stop)
	if got := w.directly(); !slices.Equal(got, []string{"failed " + bob.ID, "failed U9", "stopped " + bob.ID, "stopped U9"}) {
		t.Errorf("when it was stopped, told are %q", got)
	}
	w = begun()
	w.must(ana, stop)
	if got := w.directly(); len(got) != 0 {
		t.Errorf("without a problem, told are %q", got)
	}
}

// What a channel has already is not posted there; where that can't be told, it is.
func TestAnAnnouncementIsNotPostedWhereItStands(t *testing.T) {
	t.Parallel()
	look := func(channel string) string {
		return deployer.EffectKey{Step: "starting", Verb: deployer.VerbUnless + " " + channel}.String()
	}
	for name, c := range map[string]struct {
		outcome deployer.Outcome
		posted  bool
		says    string
	}{
		"there":       {deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{deployer.OutputThere: {Flag: true}}}, false, "It stands in change already."},
		"not there":   {deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{deployer.OutputThere: {}}}, true, ""},
		"not told":    {deployer.Outcome{Result: deployer.Failed, Why: "not_in_channel"}, true, "could not be told, so it was posted"},
		"interrupted": {deployer.Outcome{Result: deployer.Interrupted, Why: "no answer"}, true, "could not be told, so it was posted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := told(t, deployer.Values{"to": {List: []string{"change"}}, "unless": {Text: "closed"}}, deployer.Procedure{})
			if got := w.in("C2"); len(got) != 0 {
				t.Fatalf("before it was looked, %q is posted", got)
			}
			plan := deployer.Next(w.d, w.now)
			if len(plan.Effects) != 1 || plan.Effects[0].Key != look("change") || plan.Effects[0].Intent.Where[deployer.WhereChannel] != "C2" || plan.Effects[0].Repeat != deployer.RepeatReads {
				t.Fatalf("wanted is %+v", plan.Effects)
			}
			w.must(deployer.Actor{}, deployer.Intend{Key: look("change"), Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
			w.must(deployer.Actor{}, deployer.Act{Key: look("change")})
			w.must(deployer.Actor{}, deployer.Settle{Key: look("change"), Outcome: c.outcome})
			if got := len(w.in("C2")) == 1; got != c.posted {
				t.Errorf("posted is %q", w.in("C2"))
			}
			w.delivered()
			if s := w.d.Step("starting"); s.Status != deployer.Done || len(deployer.Next(w.d, w.now).Effects) != 0 {
				t.Errorf("it is %s, and wanted %v", s.Status, deployer.Next(w.d, w.now).Effects)
			}
			said := ""
			for _, m := range w.sent {
				if m.Note.Kind == deployer.NoteStepDone {
					said += m.Note.Why
				}
			}
			if !strings.Contains(said, c.says) {
				t.Errorf("it says %q, want %q", said, c.says)
			}
		})
	}
}
