package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// cardWork is what is under way by itself, and how far it is.
type cardWork struct{ card }

// working has a paragraph for each active step that waits for no person.
func (c cardWork) working() string {
	out := ""
	steps := slices.DeleteFunc(c.active(false), func(s deployer.StepState) bool { return s.Part == deployer.PartFailure || c.d.Status.Ended() })
	for i, s := range steps { // the others stand beside the decision, or among what is still due
		if i == c.cardBudget.questions {
			return out + "\nand more"
		}
		out += "\n" + c.work(s)
	}
	return out
}

// meanwhile is what people should know of what went well, while the rest is under
// way or waits for them, and what has come of it since.
func (c cardWork) meanwhile() string {
	if c.d.Status != deployer.Running {
		return ""
	}
	lines := c.remarks()
	for _, e := range readout.Proofs(c.d) {
		p := c.progress[e.Key]
		if p.Note == "" {
			continue
		}
		what := "it was verified"
		if name := deployer.ItemName(c.d, *c.d.Step(deployer.ParseEffectKey(e.Key).Step), e.Item); name != "" {
			what = mrkdwn.Escape(name, mrkdwn.NameMax) + " was verified"
		}
		lines = append(lines, "⚠ Since "+what+": "+mrkdwn.Sentence(mrkdwn.Shorten(p.Note, c.text)))
	}
	return strings.Join(c.some(lines), "\n")
}

// remarks are what people should know though all went well.
func (c card) remarks() []string {
	var out []string
	for _, r := range telling.Remarks(c.d) {
		out = append(out, "⚠ "+mrkdwn.Shorten(r, c.text))
	}
	return c.some(out)
}

// some are as many lines as the card has room for; the rest is counted.
func (c card) some(lines []string) []string {
	if extra := len(lines) - c.cardBudget.questions; extra > 0 {
		return append(lines[:c.cardBudget.questions], fmt.Sprintf("and %d more", extra))
	}
	return lines
}

// active are the steps under way that wait for a person, or those that don't.
func (c card) active(person bool) []deployer.StepState {
	var out []deployer.StepState
	for i, all := 0, c.currentSteps(); i < len(all); i++ {
		s := &all[i]
		held := s.Status == deployer.Pending && s.Held.Rule != "" && !person // nobody is asked yet
		if held || s.Status == deployer.Active && c.d.AwaitsPerson(*s) == person && (!c.d.Status.Ended() || outlives(*s)) {
			out = append(out, *s)
		}
	}
	return out
}

// work is a step under way: what it does, how far it is, and how long it usually takes.
func (c cardWork) work(s deployer.StepState) string {
	head := "*" + StepTitle(s) + "*"
	if s.Proves() { // the title alone says that something is so, which is being found out
		head = "*Checking: " + StepTitle(s) + "*"
	}
	switch {
	case s.HeldBack && !slices.ContainsFunc(s.Effects, deployer.Effect.Open):
		lines := []string{"*" + StepTitle(s) + "* waits until it is handed back."}
		if len(deployer.StepOptions(c.d, s)) == 0 { // else it stands with the buttons
			lines = append(lines, cardStep(c).byHand(s)...)
		}
		return strings.Join(lines, "\n")
	case s.Held.Why != "" && len(s.Effects) == 0:
		return "*" + StepTitle(s) + "* " + c.heldWords(s)
	case s.Deploys():
		head = "*" + c.rolling(s) + "*"
	case s.Waits():
		if s.Until() == deployer.UntilPlanned {
			return "*Starts by itself* · " + c.Date(c.d.Site.Name, c.d.Planned)
		}
		return head + " · until " + strings.TrimPrefix(c.timely(c.d.WaitUntil(s)), "at ")
	case s.Announces():
		var to []string
		for _, name := range s.To() {
			to = append(to, mrkdwn.Escape(name, mrkdwn.NameMax))
		}
		return head + " · being posted to " + mrkdwn.Join(to, "and", 6)
	}
	if try := tryOf(s); try != "" {
		head += " · " + try
	}
	if far := c.stepProgress(s); far != "" {
		head += " · " + far
	}
	if !s.RetryAt.IsZero() {
		return head + "\n" + mrkdwn.Paragraph("Not yet: "+mrkdwn.Sentence(mrkdwn.Shorten(s.Why, c.text)), "Again "+c.timely(s.RetryAt)+".")
	}
	if s.Held.Why != "" && !s.HeldBack {
		head += "\nThe rest " + c.heldWords(s)
	}
	return head + "\n" + mrkdwn.Ago("Began", s.Began) + c.usually(s)
}

// heldWords say what a step waits for that may not begin, and until when.
func (c cardWork) heldWords(s deployer.StepState) string {
	words := c.waitsUntil(c.d.Site.Name, s.Held.Until, mrkdwn.Shorten(s.Held.Why, c.text))
	if s.Held.Role != "" {
		words += "\n" + mrkdwn.Capital(mrkdwn.Join(holdersOrSomebody(c.Names, s.Held.Role), "or", 4)) + " may override that, with a reason."
	}
	if slices.Contains(c.d.Options(), deployer.ChoiceRollBack) {
		words += "\nWhoever decides may also stop it where it is, or roll it back."
	}
	return words
}

// waitsUntil says until when something waits, and why. Zero: nobody knows.
func (r Renderer) waitsUntil(retailer string, until time.Time, why string) string {
	words := "waits"
	if !until.IsZero() {
		words += " until " + r.Date(retailer, until)
	}
	return words + ": " + mrkdwn.Sentence(why)
}

// rolling is a rollout that is under way.
func (c cardWork) rolling(s deployer.StepState) string {
	switch c.subject(s) {
	case "The rollout":
		return "Rolling out"
	case "The rollback":
		return "Rolling back"
	}
	return StepTitle(s)
}

// stepProgress is how far the effects of a step have come.
func (c cardWork) stepProgress(s deployer.StepState) string {
	done, open := 0, []string{}
	for _, e := range s.Effects {
		switch {
		case e.IsMain() && e.Open():
			open = append(open, e.Item)
		case e.IsMain() && e.Outcome.Result == deployer.OK:
			done++
		}
	}
	if members := membersOf(s); len(members) > 0 {
		return fmt.Sprintf("%d of %d", done, len(members)) + c.under(open)
	}
	if len(c.d.Targets) > 1 {
		words := fmt.Sprintf("%d of %s done", done, deployer.Count(c.affected(s), "service"))
		if len(s.Order) == 0 {
			return words
		}
		return words + c.under(open)
	}
	for _, e := range s.Effects {
		if e.Open() && s.Deploys() {
			return bar(c.progress[e.Key]) + serviceLines(c).progressWords(e, "")
		}
		if e.Open() {
			return serviceLines(c).progressWords(e, "")
		}
	}
	return ""
}

// under names what is under way of what is done one after the other, or for members.
func (c card) under(open []string) string {
	if len(open) == 0 {
		return ""
	}
	return ": " + c.someOf(open)
}

// membersOf are the members for each of which a step is done; none: it is done once, or
// for services.
func membersOf(s deployer.StepState) []string {
	if len(s.Seen.Members) > 0 {
		return s.Seen.Members
	}
	return s.Each
}

// affected counts the services that a step is about.
func (c cardWork) affected(s deployer.StepState) int {
	n := 0
	for _, t := range c.d.Targets {
		switch {
		case s.Deploys() && s.Part == deployer.PartRollback && !slices.Contains(c.d.RollbackServices, t.Service):
		case s.Deploys() && s.Part != deployer.PartRollback && deployer.IsLive(c.d, t):
		default:
			n++
		}
	}
	return max(n, len(s.Effects))
}

// usually compares a step with its estimate and, once that is over, says when
// it times out.
func (c cardWork) usually(s deployer.StepState) string {
	if s.Estimate > 0 && !c.now.After(s.Began.Add(s.Estimate)) {
		return ", usually " + mrkdwn.Span(s.Estimate)
	}
	words := ""
	if s.Estimate > 0 {
		words = ", longer than the usual " + mrkdwn.Span(s.Estimate)
	}
	if until := deadline(s); !until.IsZero() && !s.Expired {
		words += ", times out " + c.timely(until)
	}
	return words
}
