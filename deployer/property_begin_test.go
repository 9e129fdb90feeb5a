package deployer_test

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/catalog"
)

// tickets is a kind whose system is not there in walks.
var tickets = deployer.Kind{
	Name: "jira.ticket", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Outputs: []deployer.Param{{Name: "key", Type: deployer.TypeText}},
}

// spokenKinds are those that walks have besides.
func spokenKinds() []deployer.Kind {
	all := []deployer.Kind{proves, builds, mails, tickets}
	for _, k := range catalog.Kinds() {
		if k.Work == deployer.WorkPeople {
			all = append(all, k)
		}
	}
	return all
}

// filledIn is what walks fill into every form.
var filledIn = map[string]string{"key": "CC-1", "n": "3", "choice": "train", "reason": "so"}

// drawNames are what conditions and texts of a walk come to.
func drawNames(t *rapid.T) map[string]string {
	return map[string]string{
		"inputs.risk": rapid.SampledFrom([]string{"true", "false", "true", "false", "true", "fail there is no such input"}).Draw(t, "risk"),
		"members":     rapid.SampledFrom([]string{"a", "a, b/c", "a, b, c", ","}).Draw(t, "members"),
	}
}

// drawPhases puts steps into two phases, of which one may not be needed.
func drawPhases(t *rapid.T, p *deployer.Procedure) {
	if rapid.Bool().Draw(t, "has phases") {
		return
	}
	p.Phases = []deployer.Phase{{ID: "one", Title: "One"}, {ID: "two", Title: "Two"}}
	p.Phases[rapid.IntRange(0, 1).Draw(t, "which phase")].When = rapid.SampledFrom([]string{"inputs.risk", "!inputs.risk"}).Draw(t, "its condition")
	cut := rapid.IntRange(0, len(p.Steps)).Draw(t, "the second begins")
	for i := range p.Steps {
		p.Steps[i].Phase = p.Phases[0].ID
		if i >= cut {
			p.Steps[i].Phase = p.Phases[1].ID
		}
	}
}

// drawBeginning has a step come to something when it begins: members, waves, texts, a
// deadline, or what somebody fills in.
func drawBeginning(t *rapid.T, s *deployer.Step) {
	if rapid.Bool().Draw(t, "is plain") {
		return
	}
	waves := func() deployer.Waves {
		return rapid.SampledFrom([]deployer.Waves{nil, deployer.InTurn, {1, deployer.WaveRest}, {2, 1}}).Draw(t, "waves")
	}
	switch s.Uses {
	case deployer.KindRollout, proves.Name:
		s.Order = waves()
	case mails.Name:
		s.Each, s.EachOf, s.Order = nil, "members", waves()
		s.With = deployer.Values{"to": {Text: "{each}@example"}}
	case deployer.KindAnnounce:
		if !s.ForClients() && rapid.Bool().Draw(t, "is read first") {
			s.With["review"] = deployer.Value{Text: "sre"}
		}
	case deployer.KindConfirm:
		drawPeople(t, s)
	}
	if rapid.Bool().Draw(t, "has texts") {
		s.Title, s.Expect = "{what} "+s.ID, "{{what}} {inputs.risk"
	}
	if s.Uses != deployer.KindWait && rapid.IntRange(0, 3).Draw(t, "has a deadline") == 0 {
		s.Deadline = "now + 8m"
	}
}

// drawPeople has people asked for something else.
func drawPeople(t *rapid.T, s *deployer.Step) {
	if rapid.Bool().Draw(t, "for each") {
		s.EachOf = rapid.SampledFrom([]string{"members", deployer.EachService}).Draw(t, "each of")
	}
	switch rapid.IntRange(0, 5).Draw(t, "asks") {
	case 0:
		s.Uses, s.With = "ask", deployer.Values{"inputs": {Inputs: []deployer.Input{{ID: "n", Kind: deployer.InputNumber, Required: true, Default: rapid.SampledFrom([]string{"", "1"}).Draw(t, "default")}}}}
	case 1:
		s.Uses, s.EachOf, s.With = "call", "", deployer.Values{"roles": {List: []string{"tech-lead", "sre"}}}
	case 2:
		s.Uses, s.With = "decide", deployer.Values{"choices": {Rows: []map[string]string{{"id": "train"}, {"id": "now", "reason": "true"}}}, "default": {Text: rapid.SampledFrom([]string{"", "train"}).Draw(t, "default")}}
	case 3:
		s.Uses, s.Hand, s.With, s.Fields = tickets.Name, true, nil, []deployer.Input{{ID: "key", Required: true}}
	case 4:
		s.Uses, s.EachOf, s.With = deployer.KindCheck, "", deployer.Values{"that": {Text: "true"}}
	}
	if s.Uses == deployer.KindCheck {
		s.Remind, s.Timeout = nil, 0
	}
}

// doneBy is who says that something is done, and what they say.
func doneBy(w *fixture, s deployer.StepState) (deployer.Actor, deployer.Answer) {
	by := ana
	if s.Role() != "" || s.Uses == "call" {
		by = rosa
	}
	a := deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceDone, Values: filledIn}
	if open := deployer.Unanswered(w.d, s); len(open) > 1 && w.now.Second()%2 == 0 {
		a.Item = open[0]
	}
	return by, a
}

// spokenPromises are those of what steps come to: the members stay, waves come one
// after the other, nothing of a phase that is not needed begins, and what people have
// to fill in is there.
func (w *fixture) spokenPromises(e deployer.Event) {
	switch e := e.(type) {
	case deployer.StepBegan:
		s := w.d.Step(e.Step)
		if was := s.Seen.Members; !s.Anew && len(was) > 0 && !slices.Equal(was, e.Seen.Members) {
			w.t.Fatalf("%s was for %v, and is for %v", e.Step, was, e.Seen.Members)
		}
		for _, p := range w.d.Procedure.Phases {
			if s.Part == deployer.PartMain && p.ID == s.Phase && w.d.Phases[p.ID] == deployer.Fails {
				w.t.Fatalf("%s begins, of a phase that is not needed", e.Step)
			}
		}
	case deployer.EffectIntended:
		w.inTurn(e)
	case deployer.StepEnded:
		s := w.d.Step(e.Step)
		if e.Status != deployer.Done || !s.Confirms() || s.Expired {
			return
		}
		for _, item := range deployer.AskedOf(w.d, *s) {
			if out := deployer.Outputs(w.d, *s, item); s.Hand && out["key"].Text == "" || s.Uses == "ask" && out["n"].Number == 0 || s.Uses == "decide" && out["choice"].Text == "" {
				w.t.Fatalf("%s is done for %q, and left behind is %v", e.Step, item, out)
			}
		}
	}
}

// inTurn: where a step goes one after the other, what comes before went well.
func (w *fixture) inTurn(e deployer.EffectIntended) {
	key := deployer.ParseEffectKey(e.Key)
	s := w.d.Step(key.Step)
	if len(s.Order) != 1 || key.Verb != "" {
		return
	}
	for _, item := range deployer.ItemsOf(w.d, *s) {
		if item == key.Item {
			return
		}
		if !deployer.DoneFor(w.d, *s, item) {
			w.t.Fatalf("%s begins before %s went well", e.Key, item)
		}
	}
}
