package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// labelVersionMax is how long a version may be on a button, which takes 75 units.
const labelVersionMax = 40

// cardBack is to what a deployment goes back: the button, its dialog, and the words.
type cardBack struct{ card }

// backTo is the version that a rollback of a service puts back.
func (c cardBack) backTo(t deployer.Target) string {
	back, _ := deployer.BackTo(c.d, t)
	return mrkdwn.Code(Version(back), mrkdwn.NameMax)
}

// labelMax is how many units a button's label may have.
const labelMax = 75

// rollBackLabel is what stands on the button: to what it goes back, where that is
// one version. Once it has ended, how that ran stands there, too.
func (c cardBack) rollBackLabel(action string, undo deployer.Subject) string {
	label := string(deployer.ChoiceRollBack)
	if n := len(undo.Targets); n != 1 {
		if n > 1 && (len(undo.Stay) == 0 || action == ActionTakeBack) {
			label += " all"
		}
		return label
	}
	t := undo.Targets[0]
	if len(c.d.Targets) > 1 {
		label += " " + mrkdwn.Plain(t.Service, 20)
	}
	if label += " to "; action != ActionTakeBack {
		return label + mrkdwn.Plain(Version(t.Before), labelVersionMax)
	}
	ran := c.evidence(t, ", which ")
	if room := labelMax - mrkdwn.Units(label+ran); room < mrkdwn.Units(Version(t.Before)) && room < labelVersionMax/2 {
		ran = ""
	}
	return label + mrkdwn.Plain(Version(t.Before), labelMax-mrkdwn.Units(label+ran)) + ran
}

// buttons are those that roll back: what has failed and, where there is more that can go
// back, all of it.
func (c cardBack) buttons(action string, v ButtonValue) []slack.BlockElement {
	choices := [][]string{nil}
	if all := readout.MayGoBack(c.d); all != nil {
		choices = append(choices, all)
	}
	var out []slack.BlockElement
	for i, services := range choices {
		undo, ok := c.d.Undo(services...), true
		if action == ActionTakeBack {
			undo, ok = readout.TakenBack(c.d, services...)
		}
		if v.All = i > 0; ok {
			out = append(out, c.button(nth(action, i), undo, v))
		}
	}
	return out
}

// button rolls back what it says in its dialog, and carries a hash of that.
func (c cardBack) button(action string, undo deployer.Subject, v ButtonValue) slack.BlockElement {
	title, style := "Roll back "+c.d.ID+"?", slack.StyleDanger
	if VerbOf(action) == ActionTakeBack {
		style = slack.StyleDefault
	}
	v.Subject = undo.Hash()
	return confirmed(button(action, c.rollBackLabel(VerbOf(action), undo), style, v), title, c.rollBackEffect(undo), "Roll back", "Not now")
}

// TakeBackButton starts the way back of a service from what a deployment has brought
// that has ended; nil: it is not known to what.
func (r Renderer) TakeBackButton(d deployer.Deployment, service string, now time.Time) slack.BlockElement {
	undo, ok := readout.TakenBack(d, service)
	if !ok {
		return nil
	}
	v := ButtonOf(d)
	v.Item = service
	return cardBack{card{Renderer: r, d: d, now: now, cardBudget: cardBudgets[0]}}.button(ActionTakeBack, undo, v)
}

// rollBackEffect says what rolling back would do: which services go back, to what,
// which stay, and what is lost with it; all of it, where a dialog takes that.
func (c cardBack) rollBackEffect(undo deployer.Subject) string {
	if len(undo.Lost) == 0 {
		return c.puts(undo, dialogMax)
	}
	lost := mrkdwn.Plain("It undoes this, too: "+strings.Join(undo.Lost, " "), dialogMax/2)
	return c.puts(undo, dialogMax-1-mrkdwn.Units(lost)) + " " + lost
}

// puts says which services go back, to what, and which stay, in so many units.
func (c cardBack) puts(undo deployer.Subject, most int) string {
	if len(c.d.Targets) == 1 && len(undo.Targets) == 1 {
		t := undo.Targets[0]
		return "Back to " + mrkdwn.Plain(Version(t.Before), mrkdwn.NameMax) + c.evidence(t, ", which ") + "."
	}
	if words := c.backAndStay(undo, len(c.d.Targets), true); mrkdwn.Units(words) <= most {
		return words
	}
	for n := len(c.d.Targets); ; n-- {
		if words := c.backAndStay(undo, n, false); n <= 1 || mrkdwn.Units(words) <= most {
			return words
		}
	}
}

// backAndStay says what goes back to what and what stays, of so many services at
// most each, with how it is known that it ran well or without.
func (c cardBack) backAndStay(undo deployer.Subject, n int, evidence bool) string {
	var back []string
	for _, t := range undo.Targets {
		words := t.Service + " to " + Version(t.Before)
		if evidence && t.Good.How != deployer.EvidenceUnsought {
			words += c.evidence(t, " (") + ")"
		}
		back = append(back, words)
	}
	words := "This puts back " + mrkdwn.Join(back, "and", n) + "."
	if len(undo.Stay) > 0 {
		var stay []string
		for _, service := range undo.Stay {
			stay = append(stay, service+" "+Version(c.d.Target(service).After))
		}
		words += " It leaves " + mrkdwn.Join(stay, "and", n) + " as it is."
		if len(stay) > 1 {
			words = strings.TrimSuffix(words, "as it is.") + "as they are."
		}
	}
	return words
}

// evidence is how it is known that what a target goes back to ran well, behind
// words that join it to that.
func (c cardBack) evidence(t deployer.Target, joined string) string {
	switch t.Good.How {
	case deployer.EvidenceProven:
		if ran := readout.RanFor(c.d, t, c.now); ran >= time.Minute {
			return joined + "ran well for " + daysOf(ran)
		}
		return joined + "ran well"
	case deployer.EvidenceListed:
		return joined + "ran before; it is not known how well"
	}
	return joined + "ran when this began"
}

// daysOf is a time in full words: in days, where it is some of them.
func daysOf(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return deployer.Count(int(d/day), "day")
	case d >= 2*time.Hour:
		return deployer.Count(int(d/time.Hour), "hour")
	}
	return deployer.Count(max(int(d/time.Minute), 1), "minute")
}

// hasWayBack reports whether the procedure can still go back.
func (c cardBack) hasWayBack() bool {
	return c.d.Part != deployer.PartRollback && slices.ContainsFunc(c.d.Steps, func(s deployer.StepState) bool { return s.Part == deployer.PartRollback })
}

// wayBack says what rolling back goes to, where that is not what was there when
// this began; or that nothing is known to go back to.
func (c cardBack) wayBack() string {
	switch {
	case len(c.d.Touched()) == 0:
		return ""
	case !c.hasWayBack():
		return c.lost("Changed since")
	}
	lines, none := c.otherThanFound(c.d.FailedServices())
	if len(none) > 0 {
		lines = append(lines, c.noWayBack(none))
	}
	if lost := c.lost("Roll back undoes this, too"); lost != "" {
		lines = append(lines, lost)
	}
	return strings.Join(lines, "\n")
}

// lost is what goes with the rollback that is under way, or was changed since of what
// is left as it is.
func (c cardBack) lost(words string) string {
	if lost := deployer.Lost(c.d); len(lost) > 0 {
		return "⚠ " + words + ": " + mrkdwn.Shorten(strings.Join(lost, " "), c.text)
	}
	return ""
}

// wayBackLater says to whoever approves where a rollback would go, if not to what
// is there now; or that there would be none.
func (c cardBack) wayBackLater() string {
	if !c.hasWayBack() {
		return ""
	}
	var services []string
	for _, t := range c.d.Targets {
		if !deployer.IsLive(c.d, t) {
			services = append(services, t.Service)
		}
	}
	lines, none := c.otherThanFound(services)
	if len(none) > 0 {
		lines = append(lines, "No version of "+c.names(none)+" is known to have run well: this can't be rolled back.")
	}
	return strings.Join(lines, "\n")
}

// otherThanFound says of services that they go back to something else than what was
// found there, and names those that have nothing to go back to.
func (c cardBack) otherThanFound(services []string) (lines, none []string) {
	for _, service := range services {
		t := *c.d.Target(service)
		back, ok := deployer.BackTo(c.d, t)
		found := deployer.Found(c.d, t)
		switch {
		case !ok:
			none = append(none, service)
		case back.Image != found.Image:
			lines = append(lines, fmt.Sprintf("Back means %s%s: %s, which was there, is not known to have run well.",
				c.backTo(t), c.evidence(t, ", which "), mrkdwn.Code(Version(found), mrkdwn.NameMax)))
		case !back.Is(found):
			lines = append(lines, fmt.Sprintf("Back means %s%s: what was changed of it by hand since does not come back.", c.backTo(t), c.evidence(t, ", which ")))
		}
	}
	if extra := len(lines) - c.cardBudget.questions; extra > 0 {
		lines = append(lines[:c.cardBudget.questions], fmt.Sprintf("and %d more", extra))
	}
	return lines, none
}

// noWayBack says that no version of services is known to have run well, and how to
// choose one all the same.
func (c cardBack) noWayBack(services []string) string {
	stop := ""
	if !c.d.Status.Ended() {
		stop = "stop this, then "
	}
	return fmt.Sprintf("No version of %s is known to have run well. To choose one: "+stop+"%s and %s", c.names(services), c.command("history", services[0]), c.command("rollback", services[0], "--to REVISION"))
}

// names joins services.
func (c cardBack) names(services []string) string {
	return mrkdwn.Escape(mrkdwn.Join(slices.Clone(services), "and", 4), c.text)
}

// command is what can be typed about a service where the deployment is.
func (c cardBack) command(verb, service string, more ...string) string {
	words := append([]string{c.Command, verb, service}, more...)
	if !c.Retailers[c.d.Site.Name].Environments[c.d.Site.Environment].Default {
		words = append(words, "--env", c.d.Site.Environment)
	}
	return mrkdwn.Code(strings.Join(words, " "), 2*mrkdwn.NameMax)
}
