package control

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// words are the choices as they are typed.
var words = map[deployer.Choice]string{
	deployer.ChoiceDone: "done", deployer.ChoiceApprove: "approve", deployer.ChoiceReject: "reject", deployer.ChoiceSend: "send", deployer.ChoiceSave: "save",
	deployer.ChoiceCheck: "check-again", deployer.ChoiceRetry: "retry", deployer.ChoiceSkip: "skip", deployer.ChoicePatch: "patch", deployer.ChoiceRollBack: "rollback",
	deployer.ChoiceProceed: "proceed", deployer.ChoiceAbort: "abort", deployer.ChoiceStop: "stop",
	deployer.ChoiceByHand: "done", deployer.ChoiceView: "view", deployer.ChoiceTakeOver: "takeover", deployer.ChoiceHandBack: "handback",
}

// Words are all choices that can be typed, in their order.
func Words() []string {
	return []string{"approve", "reject", "done", "save", "send", "check-again", "retry", "skip", "patch", "rollback", "view", "proceed", "abort", "takeover", "handback", "stop"}
}

// An offer is an answer that can be given now, without what whoever gives it says
// besides.
type offer struct {
	Choice
	answer deployer.Answer
}

// offers are all of a deployment, as its card has buttons. Who may give one, the core
// decides.
func offers(d deployer.Deployment) []offer {
	var out []offer
	add := func(a deployer.Answer, what string, fields ...deployer.Input) {
		c := Choice{Choice: words[a.Choice], Step: a.Step, Item: a.Item, What: what, Reason: needsReason(d, a.Choice), Means: means(d, a), Services: a.Services, Seen: seen(d, a)}
		for _, in := range fields {
			c.Fields = append(c.Fields, Field{Name: in.ID, Label: in.Label, Options: in.Options, Value: in.Default, Required: in.Required})
		}
		out = append(out, offer{c, a})
	}
	for _, s := range d.Current() {
		for _, a := range answers(d, s) {
			what, fields := s.Title, []deployer.Input(nil)
			switch g, _, gated := s.GateOf(); {
			case gated:
				what = g.Asks
			case a.Choice == deployer.ChoiceDone:
				fields = doneFields(s, a.Item)
			case a.Choice == deployer.ChoiceSave:
				fields = tickFields(s, a.Item)
			case a.Choice == deployer.ChoiceSend:
				fields = []deployer.Input{{ID: "words", Label: "what is told", Required: true, Default: proposal(d, s)}}
			}
			add(a, what, fields...)
		}
		if awaited.DecidedWithAll(d, s) {
			continue
		}
		for _, c := range deployer.StepOptions(d, s) {
			add(deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: c}, s.Title, handed(s, c)...)
		}
	}
	for _, a := range decisions(d) {
		what, fields := d.ID, []deployer.Input(nil)
		if s := d.Step(a.Step); s != nil {
			what, fields = s.Title, handed(*s, a.Choice)
		}
		if a.Choice == deployer.ChoiceView {
			fields = []deployer.Input{deployer.ViewField(d)}
		}
		add(a, what, append(fields, tags(d, a.Choice)...)...)
	}
	return out
}

// doneFields are what whoever says that a step is done fills in, and the lines of its
// checklist that nobody has ticked.
func doneFields(s deployer.StepState, item string) []deployer.Input {
	given, fields := deployer.TicksOf(s, item), deployer.FieldsOf(s, item)
	for n, t := range given {
		for i := range fields {
			if fields[i].ID == deployer.EvidenceOf(n) {
				fields[i].Default, fields[i].Required = t.Evidence, false
			}
		}
	}
	for _, f := range tickFields(s, item) {
		if f.Kind == deployer.InputBoolean && f.Default != deployer.Ticked && !s.Hand {
			f.Options, f.Required = []string{deployer.Ticked}, true
			fields = append(fields, f)
		}
	}
	return fields
}

// tickFields are the lines of a checklist, by which they are ticked and taken back.
func tickFields(s deployer.StepState, item string) []deployer.Input {
	ticked := deployer.TicksOf(s, item)
	var out []deployer.Input
	for i, it := range deployer.Checklist(s, item) {
		t, was := ticked[i+1]
		f := deployer.Input{ID: deployer.TickOf(i + 1), Label: it.Title, Kind: deployer.InputBoolean, Options: []string{deployer.Ticked, deployer.Unticked}}
		switch {
		case it.Evident():
			f = deployer.Input{ID: deployer.EvidenceOf(i + 1), Label: it.Title, Default: t.Evidence}
		case was:
			f.Default = deployer.Ticked
		}
		out = append(out, f)
	}
	return out
}

// tags are the fields for the tags of another version, one for each service.
func tags(d deployer.Deployment, c deployer.Choice) []deployer.Input {
	if c != deployer.ChoicePatch {
		return nil
	}
	var out []deployer.Input
	for _, r := range d.Releases {
		out = append(out, deployer.Input{ID: r.Service, Label: "tag of " + r.Service, Default: r.Tag})
	}
	return out
}

// handed are what whoever has done a step instead of its machine fills in.
func handed(s deployer.StepState, c deployer.Choice) []deployer.Input {
	if c != deployer.ChoiceByHand {
		return nil
	}
	return deployer.FieldsOf(deployer.ByHand(s), "")
}

// proposal are the words that a step would tell, with times in the zone of its site.
func proposal(d deployer.Deployment, s deployer.StepState) string {
	zone, err := time.LoadLocation(d.Place.Zone)
	if err != nil {
		zone = time.UTC
	}
	return view.Proposal(d, s, zone)
}

// means says what would come of a choice, where what runs goes back.
func means(d deployer.Deployment, a deployer.Answer) string {
	back := d.Subject()
	switch {
	case a.Choice == deployer.ChoiceRollBack:
		back = d.Undo(a.Services...)
	case a.Choice != deployer.ChoiceApprove || d.Part != deployer.PartRollback:
		return ""
	}
	var out []string
	for _, t := range back.Targets {
		out = append(out, t.Service+" goes back to "+cmp.Or(t.Before.Version, "what ran before"))
	}
	for _, service := range back.Stay {
		out = append(out, service+" stays as it is")
	}
	return strings.Join(out, ", ")
}

// answers are those to a step that waits for people.
func answers(d deployer.Deployment, s deployer.StepState) []deployer.Answer {
	if s.Status != deployer.Active || d.Status == deployer.Halting {
		return nil
	}
	a := deployer.Answer{Step: s.ID, Attempt: s.Attempt}
	with := func(c deployer.Choice) deployer.Answer { a.Choice = c; return a }
	g, item, gated := s.GateOf()
	switch {
	case gated && s.GateRole() == "": // it is answered in its system
		return nil
	case gated:
		a.Item, a.Subject = item, g.ID
		return []deployer.Answer{with(deployer.ChoiceProceed), with(deployer.ChoiceAbort)}
	case s.Approves():
		a.Subject = d.Subject().Hash()
		return []deployer.Answer{with(deployer.ChoiceApprove), with(deployer.ChoiceReject)}
	case s.Announces() && d.AwaitsPerson(s):
		return []deployer.Answer{with(deployer.ChoiceSend)}
	case !s.Confirms():
		return nil
	}
	var out []deployer.Answer
	for _, a.Item = range deployer.Unanswered(d, s) {
		out = append(out, with(deployer.ChoiceDone))
		if !s.Hand && len(deployer.Checklist(s, a.Item)) > 0 {
			out = append(out, with(deployer.ChoiceSave))
		}
	}
	return out
}

// decisions are those about the deployment as a whole.
func decisions(d deployer.Deployment) []deployer.Answer {
	var out []deployer.Answer
	about := deployer.Answer{}
	if s := d.Broken(); s != nil && d.Status != deployer.Halting {
		about.Step, about.Attempt = s.ID, s.Attempt
	}
	choices := d.Options()
	if deployer.AsksExperts(d) {
		choices = append(choices, deployer.ChoiceView)
	}
	for _, c := range choices {
		a := about
		switch a.Choice = c; c {
		case deployer.ChoiceSkip:
			s := d.Skippable()
			a.Step, a.Attempt = s.ID, s.Attempt
		case deployer.ChoiceByHand:
			s := deployer.DoableByHand(d)
			a.Step, a.Attempt = s.ID, s.Attempt
		case deployer.ChoiceTakeOver, deployer.ChoiceHandBack:
			a.Step, a.Attempt = "", 0
		case deployer.ChoiceRollBack:
			a.Subject = d.Undo().Hash()
			if all := readout.MayGoBack(d); all != nil {
				out, a = append(out, a), goesBack(d, a, all)
			}
		case deployer.ChoiceStop:
			a.Step, a.Attempt, a.Subject = "", 0, deployer.LeftBy(d).Hash()
		}
		out = append(out, a)
	}
	return out
}

// goesBack is the answer by which named services go back.
func goesBack(d deployer.Deployment, a deployer.Answer, services []string) deployer.Answer {
	a.Services, a.Subject = services, d.Undo(services...).Hash()
	return a
}

// needsReason reports whether a choice is taken with a reason only.
func needsReason(d deployer.Deployment, c deployer.Choice) bool {
	always := []deployer.Choice{deployer.ChoiceReject, deployer.ChoiceSkip, deployer.ChoiceByHand, deployer.ChoiceAbort, deployer.ChoicePatch, deployer.ChoiceView}
	return slices.Contains(always, c) || c == deployer.ChoiceStop && d.Status == deployer.Halting
}

// seen stands for what an answer is shown for: this deployment, the step in this
// attempt, and what would run.
func seen(d deployer.Deployment, a deployer.Answer) string {
	b, err := json.Marshal([]any{deployer.Fingerprint(d), a.Choice, a.Step, a.Attempt, a.Item, a.Subject})
	if err != nil {
		panic("control: what is shown holds only strings and numbers: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
