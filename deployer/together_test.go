package deployer_test

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// besideEachOther are steps of two roles that wait at once, an approval, and one that comes after another.
func besideEachOther(t *testing.T) *spoken {
	t.Helper()
	alone := func(s *deployer.Step) { s.Needs = []string{} }
	of := func(role string) func(*deployer.Step) {
		return func(s *deployer.Step) { s.With = deployer.Values{"role": {Text: role}} }
	}
	return speaks(t, deployer.Procedure{Steps: []deployer.Step{
		confirms("risk", alone), confirms("told", alone, of(deployer.RoleRequester)), confirms("schema", alone, of("sre")),
		{ID: "yes", Title: "yes", Uses: deployer.KindApprove, Needs: []string{}, With: deployer.Values{"role": {Text: "tech-lead"}}},
		confirms("both", alone, func(s *deployer.Step) { s.Each = []string{"lemon", "plum"} }), confirms("later", func(s *deployer.Step) { s.Needs = []string{"risk"} }),
	}}, nil, "web")
}

func asks(all []deployer.Question) []string {
	var out []string
	for _, q := range all {
		out = append(out, q.Step.ID+q.Item)
	}
	return out
}

// What waits for the same people now is answered together: not what waits for others, for an approval, or for a step
// before it.
func TestQuestionsForTheSamePeopleAreAnsweredTogether(t *testing.T) {
	t.Parallel()
	s := besideEachOther(t)
	if got := asks(deployer.Together(s.d, *s.d.Step("risk"))); !slices.Equal(got, []string{"risk", "told", "bothlemon", "bothplum"}) {
		t.Errorf("together are %v", got)
	}
	for _, id := range []string{"schema", "yes", "later"} {
		if got := deployer.Together(s.d, *s.d.Step(id)); got != nil {
			t.Errorf("with %s are %v", id, asks(got))
		}
	}
	s.does(ana, deployer.AnswerAll{Answers: []deployer.Answer{presses("risk"), presses("told"), {Step: "both", Attempt: 1, Item: "plum", Choice: deployer.ChoiceDone}}})
	s.is("risk=done", "told=done", "both=active", "later=active", "schema=active")
	given := 0
	for _, e := range s.events {
		if e, ok := e.(deployer.Answered); ok && e.Choice == deployer.ChoiceDone && e.By == ana {
			given++
		}
	}
	if got := asks(deployer.WaitingFor(s.d, "")); given != 3 || !slices.Equal(got, []string{"bothlemon", "later"}) {
		t.Errorf("%d answers are written down; then %v wait", given, got)
	}
}

// Several answers are taken all or none.
func TestSeveralAnswersAreTakenAllOrNone(t *testing.T) {
	t.Parallel()
	s := besideEachOther(t)
	before := len(s.events)
	s.refuses(ana, deployer.AnswerAll{Answers: []deployer.Answer{presses("risk"), presses("schema")}}, "Only sre can confirm “schema”.")
	s.refuses(ana, deployer.AnswerAll{Answers: []deployer.Answer{presses("risk"), presses("told"), presses("later")}}, "“later” does not wait")
	s.refuses(ana, deployer.AnswerAll{}, "Nothing is answered.")
	s.refuses(ana, deployer.AnswerAll{Answers: []deployer.Answer{{Step: "risk", Choice: deployer.ChoiceStop}}}, "is answered by itself")
	s.refuses(engine, deployer.AnswerAll{Answers: []deployer.Answer{presses("risk")}}, "needs somebody who gives it")
	s.is("risk=active", "told=active")
	if len(s.events) != before {
		t.Errorf("%d events came of what was refused", len(s.events)-before)
	}
}

// A checklist is ticked bit by bit, by whoever may; what is ticked stays so, and is done by nobody but whoever says so.
func TestAChecklistIsTickedBitByBit(t *testing.T) {
	t.Parallel()
	items := []deployer.Item{{Title: "Login works"}, {Title: "Logs", Evidence: "link"}, {Title: "Uploads work"}}
	s := speaks(t, asking(deployer.KindConfirm, deployer.Values{"role": {Text: "tech-lead"}, "evidence": {Text: "text"}, "items": {Items: items}}), nil, "web")
	save := func(values map[string]string) deployer.Answer {
		return deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceSave, Values: values}
	}
	s.refuses(eve, save(map[string]string{"tick-1": "true"}), "Only tech-lead")
	s.refuses(ana, save(nil), "Nothing of “S” is ticked that was not before, or taken back.")
	s.refuses(ana, save(map[string]string{"tick-2": "true", "tick-9": "true"}), "Nothing of") // the one wants evidence, the other is none
	s.refuses(ana, save(map[string]string{"evidence-2": "nowhere"}), "is a link")
	s.does(ana, save(map[string]string{"tick-1": "true", "evidence": "so far"})).is("s=active")
	s.refuses(bob, save(map[string]string{"tick-1": "true", "evidence": "so far"}), "Nothing of")
	s.does(bob, save(map[string]string{"tick-1": "true", "tick-3": "true", "evidence-2": "https://x.example"})).is("s=active")
	ticks := deployer.TicksOf(*s.d.Step("s"), "")
	if len(ticks) != 4 || ticks[1].By != ana || ticks[3].By != bob || ticks[2].Evidence != "https://x.example" || ticks[0].Evidence != "so far" {
		t.Errorf("ticked are %+v", ticks)
	}
	if len(s.d.Step("s").Given) > 0 {
		t.Error("what is ticked counts as done")
	}
	for _, m := range s.messages {
		if m.Note.Kind == deployer.NoteDecided || m.Note.Kind == deployer.NoteConfirmed {
			t.Errorf("the thread is told of a tick: %+v", m.Note)
		}
	}
	// What is ticked can be taken back by whoever may tick, and counts no more.
	s.refuses(eve, save(map[string]string{"tick-1": "false"}), "Only tech-lead")
	s.does(bob, save(map[string]string{"tick-1": "false", "tick-2": "false"})).is("s=active")
	s.refuses(bob, save(map[string]string{"tick-1": "false"}), "Nothing of")
	if ticks := deployer.TicksOf(*s.d.Step("s"), ""); len(ticks) != 2 || ticks[3].By != bob {
		t.Errorf("after two were taken back, ticked are %+v", ticks)
	}
	// Nobody is done with what is not ticked, by whichever way they say so.
	s.refuses(ana, fills(map[string]string{"evidence": "all", "evidence-2": "https://x.example"}), "“S” is not done: nobody has ticked “Login works”.")
	s.refuses(ana, fills(map[string]string{"evidence-2": "https://x.example", "tick-1": "true", "tick-3": "false"}), "nobody has ticked “Uploads work”.")
	s.refuses(ana, fills(map[string]string{"tick-1": "true"}), "“Logs” is missing.")
	s.does(ana, fills(map[string]string{"tick-1": "true", "evidence-2": "https://x.example"})).is("s=done")
	if g := s.d.Step("s").Given[0]; g.Values["evidence"] != "so far" || len(g.Values) != 2 {
		t.Errorf("what was given is %v", g.Values)
	}
}

// Whoever may not answer is told before anything is shown to them, as they would be after it.
func TestWhoMayAnswerIsKnownBeforeTheFormOpens(t *testing.T) {
	t.Parallel()
	s := besideEachOther(t)
	for _, test := range []struct {
		by   deployer.Actor
		give deployer.Answer
		want string
	}{
		{ana, presses("risk"), ""},
		{eve, presses("risk"), "Only Ana or tech-lead can confirm “risk”."},
		{ana, presses("schema"), "Only sre can confirm “schema”."},
		{ana, presses("later"), "“later” does not wait for an answer now."},
		{bob, deployer.Answer{Step: "yes", Attempt: 1, Choice: deployer.ChoiceReject}, ""},
		{eve, deployer.Answer{Step: "yes", Attempt: 1, Choice: deployer.ChoiceReject}, "Only tech-lead can decide on “yes”."},
		{eve, deployer.Answer{Choice: deployer.ChoiceStop}, "Only Ana or tech-lead can decide that."},
	} {
		err := deployer.MayAnswer(s.d, test.by, test.give, deployer.Facts{Now: s.now, Person: deployer.Person{Roles: roles[test.by.ID]}})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s may: %v", test.by.Name, err)
		case test.want != "" && (err == nil || err.(*deployer.Refusal).Why != test.want):
			t.Errorf("%s is told %v, want %q", test.by.Name, err, test.want)
		}
	}
	s.is("risk=active", "yes=active")
}
