package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardFooter is what stands below: the steps that are done, and the facts.
type cardFooter struct{ card }

// doneStepsMax is how many of the steps that are done the foot of a card names.
const doneStepsMax = 3

// footer is the way through the procedure: what was answered and done, by whom,
// and what comes next.
func (c cardFooter) blocks() []slack.Block {
	steps := cardSteps(c).blocks()
	about := mrkdwn.Escape(c.d.Procedure.Title, mrkdwn.TitleMax) + " · " + mrkdwn.Escape(c.d.ID, mrkdwn.NameMax)
	if len(steps) > 0 {
		return append(steps, slack.NewContextBlock("", mrkdwn.Text(about)))
	}
	done, folded := c.done()
	if facts := c.facts(folded); len(facts) > 0 {
		facts[0] = mrkdwn.Capital(facts[0])
		done = append(done, strings.Join(facts, " · "))
	}
	done = append(done, about)
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(strings.Join(done, "\n")))}
}

// path are the steps that the deployment is on: the way forward, or back. What nothing
// waits for stands beside it.
func (c card) path() []deployer.StepState {
	if c.lane != nil {
		return c.lane
	}
	var out []deployer.StepState
	for i := range c.d.Steps {
		if s := &c.d.Steps[i]; s.Part == c.d.Part && !s.Background && c.d.Needed(*s) {
			out = append(out, *s)
		}
	}
	return out
}

// done are the last steps that are behind, with whoever answered them. Where
// buttons were, this is what is left of them. What was announced stands in the
// channel. Folded says that some are only counted.
func (c cardFooter) done() (out []string, folded bool) {
	if c.d.Status.Ended() {
		return nil, true
	}
	var behind []*deployer.StepState
	lane := c.path()
	for i := range lane {
		if s := &lane[i]; s.Status == deployer.StepNotNeeded || s.Over() && !s.Announces() || s.Noted() {
			behind = append(behind, s)
		}
	}
	folded = c.d.Part == deployer.PartRollback
	if extra := len(behind) - doneStepsMax; extra > 1 {
		out, folded = append(out, "✓ "+deployer.Count(extra, "step")+" before"), true
		behind = behind[extra:]
	}
	for _, s := range behind {
		out = append(out, c.line(*s))
	}
	return out, folded
}

// line is what is left of a step that is behind.
func (c cardFooter) line(s deployer.StepState) string {
	switch {
	case s.Status == deployer.StepNotNeeded:
		why := mrkdwn.Sentence(mrkdwn.Shorten(bare(s.Why), c.text))
		if !s.Deploys() { // of what deploys it begins with the name of a service
			why = mrkdwn.Capital(why)
		}
		return "– " + withReason(StepTitle(s)+" · not needed.", why)
	case s.Noted():
		return "⚠ " + cardStep(c).wentOn(s)
	}
	return mark(s) + StepTitle(s) + c.by(s)
}

// mark tells a step that was done from one that somebody did without.
func mark(s deployer.StepState) string {
	if s.Skipped.By.ID != "" || s.Noted() {
		return "⚠ "
	}
	return "✓ "
}

// chosen is what was chosen of a step's choices, as it reads; "": it has none.
func chosen(s deployer.StepState) string {
	for _, row := range s.WithOf("")["choices"].Rows {
		if id := s.Values["choice"]; id != "" && row["id"] == id {
			return " · “" + mrkdwn.Escape(cmp.Or(row["label"], id), mrkdwn.NameMax) + "”"
		}
	}
	return ""
}

// by says who answered a step, and what they chose.
func (c cardFooter) by(s deployer.StepState) string {
	return chosen(s) + c.byWhom(s)
}

func (c cardFooter) byWhom(s deployer.StepState) string {
	switch {
	case s.Skipped.By.ID != "":
		return " · waived by " + name(c.Names, s.Skipped.By)
	case s.Hand && s.By.ID != "":
		return " · by hand, " + name(c.Names, s.By)
	case s.By.ID != "":
		return " · " + name(c.Names, s.By)
	case len(s.Approvals) > 0:
		return " · " + mrkdwn.Join(approvals(s, c.Names), "and", 4)
	}
	return ""
}

// facts are one line: how far, what next, who approved.
func (c cardFooter) facts(folded bool) []string {
	var facts []string
	done, next := 0, ""
	lane := c.path()
	for i := range lane {
		switch s := &lane[i]; {
		case s.Over():
			done++
		case s.Status == deployer.Pending && next == "":
			next = "next: " + c.titleOf(*s)
		}
	}
	over := c.d.Status.Ended() || c.d.Status == deployer.Halting
	switch {
	case c.d.Status == deployer.Resolving:
		facts = append(facts, deployer.Count(len(lane), "step"))
	case c.d.Status == deployer.Complete, c.d.Status == deployer.RolledBack:
	case over:
		facts = append(facts, fmt.Sprintf("%d of %s done", done, deployer.Count(len(lane), "step")))
	default:
		facts = append(facts, c.phase(lane)+fmt.Sprintf("step %d of %d", min(done+1, len(lane)), len(lane)))
		if next != "" && c.d.Status != deployer.Deciding {
			facts = append(facts, next)
		}
	}
	if who := c.approved(); len(who) > 0 && (over || folded) { // else a line above says it
		facts = append(facts, "approved by "+mrkdwn.Join(who, "and", 4))
	}
	return facts
}

// phase is the title of the phase that is under way, before what stands in it; "" where
// there is only one.
func (c cardFooter) phase(lane []deployer.StepState) string {
	over := func(s deployer.StepState) bool { return s.Status.Over() || s.Noted() }
	i := slices.IndexFunc(lane, func(s deployer.StepState) bool { return !over(s) })
	if i < 0 || len(c.d.Procedure.Phases) < 2 || lane[i].Phase == "" {
		return ""
	}
	return mrkdwn.Escape(bare(c.d.Procedure.PhaseOf(lane[i].Step).Title), mrkdwn.NameMax) + ": "
}

// approved are all who approved, once each.
func (c cardFooter) approved() []string {
	var out []string
	for _, s := range c.d.Steps {
		for _, who := range approvals(s, c.Names) {
			if !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}

// estimated is how long the way forward takes by its estimates: those of steps
// that run side by side count once.
func (c card) estimated(part deployer.Part) time.Duration {
	ends := map[string]time.Duration{}
	longest := time.Duration(0)
	for _, s := range c.d.Steps {
		if s.Part != part || s.Background {
			continue
		}
		if s.Status == deployer.StepNotNeeded {
			s.Estimate = 0
		}
		begin := time.Duration(0)
		for _, need := range s.Needs {
			begin = max(begin, ends[need])
		}
		ends[s.ID] = begin + s.Estimate
		longest = max(longest, ends[s.ID])
	}
	return longest
}

// summary is the card in one line of plain words.
func (c card) summary() string {
	var services []string
	for _, w := range c.d.Releases {
		services = append(services, mrkdwn.Escape(w.Service, mrkdwn.NameMax))
	}
	head, _, _ := strings.Cut(c.headline(), "\n")
	return deployer.MarkDrill(c.d.Drill.On, fmt.Sprintf("%s in %s %s: %s (%s)", mrkdwn.Join(services, "and", 4), mrkdwn.Escape(c.d.Site.Name, mrkdwn.NameMax),
		mrkdwn.Escape(c.d.Site.Environment, mrkdwn.NameMax), strings.Join(strings.Fields(unadorned.Replace(head)), " "), mrkdwn.Escape(c.d.ID, mrkdwn.NameMax)))
}

// unadorned takes away what is there for the eye.
var unadorned = strings.NewReplacer("*", "", "`", "", "▰", "", "▱", "")

// headline is what matters most now.
func (c card) headline() string {
	if deployer.TakenOver(c.d) && !c.d.Status.Ended() {
		taken := "*Taken over by " + name(c.Names, c.d.Taken.By) + "*"
		if c.d.Status == deployer.Running {
			return taken
		}
		return taken + " · " + c.stands()
	}
	if asked := c.active(true); len(asked) > 0 && c.d.Status == deployer.Running {
		return cardQuestion{c}.asks(asked[0])
	}
	return c.state()
}

// UsualSpan is how long a procedure takes by its estimates; zero where it has none.
func UsualSpan(p deployer.Procedure) time.Duration {
	var c card
	for _, step := range p.Steps {
		c.d.Steps = append(c.d.Steps, deployer.StepState{Step: step})
	}
	return c.estimated(deployer.PartMain)
}
