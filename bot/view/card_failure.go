package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardFailure is what went wrong, what helps, and what nobody can tell.
type cardFailure struct{ card }

// words say what went wrong and who decides.
func (c cardFailure) words() string {
	s := c.d.Broken()
	if s == nil {
		return "*Somebody has to decide.*"
	}
	lines := []string{mrkdwn.Paragraph("*"+c.subject(*s)+" "+broken(*s)+".*", c.held(*s))}
	if len(c.d.Targets) < 2 || len(s.Effects) == 0 { // else it stands with the services
		lines = append(lines, mrkdwn.Sentence(mrkdwn.Shorten(s.Why, c.text)))
		for _, e := range s.Effects {
			if at := strings.TrimPrefix(serviceLines(c).spread(e), "\n"); e.IsMain() && at != "" && !c.unpaused(e) { // that it could not be is said above
				lines = append(lines, at+".")
			}
		}
	}
	switch by := deployer.Patching(c.d); {
	case by != nil:
		lines = append(lines, "*"+name(c.Names, by.By)+" patches forward* "+mrkdwn.Shorten(deployer.PatchWords(*by), c.text)+". It is looked up what that is.")
	case len(c.d.Open()) > 0:
		lines = append(lines, "The rest is still under way; then it is decided what happens.")
	default:
		if no := deployer.Unpatched(c.d); no != nil {
			lines = append(lines, "It is not patched forward to "+mrkdwn.Shorten(releasesTo(*no), c.text)+": "+mrkdwn.Sentence(mrkdwn.Shorten(no.Refused, c.text)))
		}
		lines = append(lines, "*"+mrkdwn.Join(deciders(c.d, c.Names), "or", 4)+" decides.* "+c.untilThen())
		lines = append(append(lines, c.patience()...), c.waivers(), cardBack(c).wayBack())
		lines = append(lines, views(c.d, c.Names, c.text)...)
	}
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}

// releasesTo are the services that a patch is about, with their new versions.
func releasesTo(p deployer.Patch) string {
	_, to := p.Changed()
	var out []string
	for _, r := range to {
		out = append(out, r.Service+" "+r.Tag)
	}
	return strings.Join(out, ", ")
}

// untilThen says what happens until somebody decides.
func (c cardFailure) untilThen() string {
	choice, at, ok := deployer.DefaultOf(c.d)
	if !ok {
		if by := c.d.Decision.Held; by.ID != "" {
			return name(c.Names, by) + " holds it: nothing happens until then."
		}
		return "Nothing happens until then."
	}
	does := map[deployer.Choice]string{deployer.ChoiceRollBack: "Rolls back", deployer.ChoiceSkip: "Goes on without it", deployer.ChoiceStop: "Stops"}[choice]
	return "*" + does + " " + c.timely(at) + " unless held.*"
}

// patience says what comes, and has come, where nobody decides.
func (c cardFailure) patience() []string {
	q, ok := deployer.DecisionNow(c.d)
	if !ok {
		return nil
	}
	return cardPatience(c).patience(q)
}

// waivers says who alone may skip and roll back, where that is not everybody who decides.
func (c cardFailure) waivers() string {
	var only []string
	for _, role := range deployer.Waivers(c.d) {
		only = append(only, holdersOrSomebody(c.Names, role)...)
	}
	slices.Sort(only)
	only = slices.Compact(only)
	var what []string
	for _, o := range c.d.Options() {
		if o == deployer.ChoiceSkip || o == deployer.ChoiceRollBack {
			what = append(what, strings.ToLower(string(o)))
		}
	}
	if len(only) == 0 || len(only) == len(deciders(c.d, c.Names)) || len(what) == 0 {
		return ""
	}
	return "Only " + mrkdwn.Join(only, "or", 4) + " can " + strings.Join(what, " or ") + "."
}

// broken says of a step what is wrong with it.
func broken(s deployer.StepState) string {
	switch {
	case s.Status == deployer.StepInterrupted:
		return "needs a look"
	case deployer.Disproved(s):
		return "does not hold any more"
	}
	return "failed"
}

// held says which rollouts of a failed step are held where they are; of several
// services by name, unless that are all.
func (c cardFailure) held(s deployer.StepState) string {
	var held []string
	all := true
	for _, e := range s.Effects {
		switch {
		case !e.IsMain() || e.Open() || e.Outcome.Result == deployer.OK || e.Outcome.Result == deployer.Absent:
		case c.paused(e):
			held = append(held, mrkdwn.Escape(e.Item, mrkdwn.NameMax))
		default:
			all = false
		}
	}
	switch {
	case len(held) == 0:
		return ""
	case all:
		return "It is paused."
	case len(held) == 1:
		return held[0] + " is paused."
	}
	return mrkdwn.Join(held, "and", 4) + " are paused."
}

// hint is what the procedure says besides: about failures of the broken step,
// or what one should see when the only one that works goes well.
func (c cardFailure) hint() []slack.Block {
	words, step := "", cardStep(c)
	if s := c.d.Broken(); s != nil {
		words = mrkdwn.Paragraph(c.undetermined(*s), mrkdwn.Capital(mrkdwn.Sentence(coded(s.Troubleshooting, c.text))))
		words = strings.Join(compact(append([]string{words}, append(step.troubles(*s), step.byHand(*s)...)...)...), "\n")
	} else if active := c.active(false); len(active) == 1 {
		words = strings.Join(compact(step.expected(active[0]), step.links(active[0])), "\n")
	}
	if words == "" {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(mrkdwn.Cut(words, mrkdwn.SectionMax)))}
}

// atOnce is what is done when something fails, beside the decision.
func (c cardFailure) atOnce() string {
	var lines []string
	for _, s := range c.d.Steps {
		if s.Part != deployer.PartFailure || s.Attempt == 0 || s.Status == deployer.StepNotNeeded {
			continue
		}
		words := StepTitle(s)
		switch s.Status {
		case deployer.Done:
			words = mark(s) + words + cardFooter(c).by(s)
		case deployer.StepFailed, deployer.StepInterrupted:
			words = "⚠ " + cardStep(c).wentOn(s)
		case deployer.Active:
			if c.d.AwaitsPerson(s) {
				continue // it is asked below
			}
			words = "… " + words
		default:
			continue
		}
		lines = append(lines, words)
	}
	if lines = c.some(lines); len(lines) == 0 {
		return ""
	}
	return "\n" + strings.Join(lines, "\n")
}

// undetermined says what the buttons do about a step of which it can't be told
// whether it is needed; "": that is not what is wrong.
func (c cardFailure) undetermined(s deployer.StepState) string {
	if s.When == "" || s.Condition != deployer.Unasked || s.Status != deployer.StepInterrupted || len(s.Effects) > 0 {
		return ""
	}
	words := "Retry does the step as if it were needed."
	if by := c.d.Skippable(); by != nil && by.ID == s.ID {
		words = "Retry does the step as if it were needed, Skip goes on without it."
	}
	return words
}

// unsettled names what is under way while the deployment is being stopped.
func (c cardFailure) unsettled() string {
	var open []string
	for _, e := range c.d.Open() {
		open = append(open, mrkdwn.Escape(e.Item, mrkdwn.NameMax))
	}
	if len(open) == 0 {
		return ""
	}
	return "\nFirst it is found out how far " + mrkdwn.Join(open, "and", 4) + " came."
}

// untold says what nobody can tell after a stop, and who decides.
func (c cardFailure) untold() string {
	var whose, lines []string
	for _, e := range c.d.Untold() {
		s := c.d.Step(deployer.ParseEffectKey(e.Key).Step)
		of := "*" + mrkdwn.Escape(cmp.Or(e.Item, s.Title), mrkdwn.NameMax) + "*"
		if !slices.Contains(whose, of) {
			whose = append(whose, of)
		}
		if len(c.d.Targets) < 2 || !s.Deploys() { // else it stands with the services
			lines = append(lines, of+" · "+mrkdwn.Sentence(serviceLines(c).because(e.Outcome.Why)))
		}
	}
	if extra := len(lines) - c.cardBudget.questions; extra > 0 {
		lines = append(lines[:c.cardBudget.questions], fmt.Sprintf("and %d more", extra))
	}
	head := []string{"*Nobody can tell how far* " + mrkdwn.Join(whose, "and", 4) + " *came.*", c.why()}
	return strings.Join(append(slices.Concat(head, lines), "*"+mrkdwn.Join(deciders(c.d, c.Names), "or", 4)+" decides:* look again, or leave it as it is and say why."), "\n")
}
