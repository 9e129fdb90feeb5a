package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardHead is what stands first: what is deployed, from what to what, who asked,
// and where.
type cardHead struct{ card }

// inputsMax is how many units of inputs stand on a card.
const inputsMax = 1500

// head says what is deployed where, by whom and why.
func (c cardHead) blocks() []slack.Block {
	lines := []string{c.title()}
	for _, line := range []string{c.change(), c.unproved(), c.planned(), c.approvedUntil(), c.warnings(), c.overridden(), c.patched(), c.targetRemarks(), c.linkLine()} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	out := mrkdwn.Sections([]string{strings.Join(lines, "\n")})
	about := c.request()
	if inputs := c.inputs(); inputs != "" {
		about += "\n" + inputs
	}
	return append(out, slack.NewContextBlock("", mrkdwn.Text(about)))
}

// patched says from which version the deployment was patched forward, by whom and why:
// the last time, where it was several times.
func (c cardHead) patched() string {
	all := deployer.Patched(c.d)
	if len(all) == 0 {
		return ""
	}
	last := all[len(all)-1]
	from, _ := last.Changed()
	var was []string
	for _, r := range from {
		was = append(was, mrkdwn.Escape(r.Service, mrkdwn.NameMax)+" "+goal(r))
	}
	times := ""
	if len(all) > 1 {
		times = " " + deployer.Count(len(all), "time") + ", the last time"
	}
	return withReason("*Patched forward*"+times+" from "+mrkdwn.Join(was, "and", c.cardBudget.services)+" by "+name(c.Names, last.By)+":", mrkdwn.Sentence(mrkdwn.Shorten(last.Comment, c.text)))
}

// StepTitle is which services are deployed where.
func (c card) title() string {
	what := deployer.Count(len(c.d.Releases), "service")
	if len(c.d.Releases) == 1 {
		what = mrkdwn.Escape(c.d.Releases[0].Service, mrkdwn.NameMax)
	}
	out := fmt.Sprintf("*%s* · %s %s", what, mrkdwn.Escape(c.d.Site.Name, mrkdwn.NameMax), mrkdwn.Escape(c.d.Site.Environment, mrkdwn.NameMax))
	if c.d.Back != "" {
		out += " · rollback of " + mrkdwn.Escape(c.d.Back, mrkdwn.NameMax)
	}
	return deployer.MarkDrill(c.d.Drill.On, out)
}

// marked are words about a deployment that may have its title in them, of a drill with its
// mark.
func (c card) marked(words string) string {
	return deployer.MarkDrill(c.d.Drill.On && !strings.Contains(words, c.title()), words)
}

// change is from what to what, for one service; several have their own lines
// as soon as they are resolved.
func (c card) change() string {
	switch {
	case len(c.d.Targets) > 1:
		return ""
	case len(c.d.Targets) == 1:
		return c.goes(c.d.Targets[0])
	case len(c.d.Releases) == 1:
		return goal(c.d.Releases[0])
	}
	return mrkdwn.Join(changes(c.d), "and", c.cardBudget.services)
}

// goes is from what to what a service goes, or what it runs where the procedure
// rolls nothing out, or has rolled out nothing.
func (c card) goes(t deployer.Target) string {
	short, _ := deployer.ShortOf(c.d)
	switch {
	case deployer.IsLive(c.d, t):
		return mrkdwn.Code(Version(t.After), mrkdwn.NameMax)
	case short == deployer.ShortOfRollout && c.d.Part == deployer.PartMain && c.d.Status != deployer.Stopped:
		return mrkdwn.Code(Version(t.Before), mrkdwn.NameMax) + " · nothing is rolled out"
	}
	return fromTo(t)
}

// fromTo is the change of a service.
func fromTo(t deployer.Target) string {
	from, to := Version(t.Before), Version(t.After)
	if from == to && t.Before.Image != t.After.Image { // another image of that name
		from, to = exact(t.Before), exact(t.After)
	}
	return mrkdwn.Code(from, mrkdwn.NameMax) + " → " + mrkdwn.Code(to, mrkdwn.NameMax)
}

// exact is a version with the beginning of its image's digest, or that it has none.
func exact(s deployer.State) string {
	_, digest, ok := strings.Cut(s.Image, "@sha256:")
	if !ok {
		return Version(s) + " by tag"
	}
	return Version(s) + " " + digest[:min(len(digest), 7)]
}

// Version is what a person calls a state.
func Version(s deployer.State) string {
	if s.Version != "" {
		return s.Version
	}
	return s.Image
}

// unproved warns of services whose image nothing proves: a tag can be moved, a
// digest can not.
func (c card) unproved() string {
	var tags []string
	for _, t := range c.d.Targets {
		if !t.After.Proved() && !deployer.IsLive(c.d, t) {
			tags = append(tags, mrkdwn.Escape(t.Service, mrkdwn.NameMax))
		}
	}
	switch {
	case len(tags) == 0:
		return ""
	case len(c.d.Targets) == 1:
		return "⚠ By tag: nothing proves which image it is."
	}
	return "⚠ " + mrkdwn.Join(tags, "and", 3) + " by tag: nothing proves which image that is."
}

// planned is when it starts, until that is waited for.
func (c cardHead) planned() string {
	waits := slices.ContainsFunc(c.d.Steps, func(s deployer.StepState) bool {
		return s.Until() == deployer.UntilPlanned && s.Status == deployer.Pending
	})
	if c.d.Planned.IsZero() || !waits || c.d.Status.Ended() {
		return ""
	}
	return "Planned for " + c.Date(c.d.Site.Name, c.d.Planned)
}

// approvedUntil is until when what is approved may begin, once nobody is asked any more.
func (c cardHead) approvedUntil() string {
	var first time.Time
	for _, s := range c.d.Steps {
		if at := deployer.LapsesAt(c.d, s); s.Over() && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() || c.d.Status.Ended() {
		return ""
	}
	return "Approved until " + c.until(first)
}

// until is the time that something lasts to.
func (c card) until(t time.Time) string { return strings.TrimPrefix(c.timely(t), "at ") }

// linkLine are the links to look at, for one service; several have their own.
func (c cardHead) linkLine() string {
	var links []string
	if len(c.d.Targets) == 1 {
		links = c.targetLinks(c.d, c.d.Targets[0])
	}
	return mrkdwn.JoinWithin(append(links, c.Renderer.deploymentLinks(c.d)...), c.cardBudget.links)
}

// request asked for it, since when, and why. That time is the one that stands in
// the retailer's zone as well: with it, the others can be told.
func (c card) request() string {
	asked := "Asked by " + name(c.Names, c.d.Requester) + " " + cardHead{c}.askedAt()
	if c.d.Reason == "" {
		return asked
	}
	return asked + ": " + mrkdwn.Escape(c.d.Reason, c.text)
}

// askedAt is when it was asked for, with its day on cards of another one.
func (c cardHead) askedAt() string {
	if c.now.Sub(c.d.Created).Abs() < Nearby {
		return "at " + c.clock(c.d.Site.Name, c.d.Created)
	}
	return c.Date(c.d.Site.Name, c.d.Created)
}

// timely is at what time something happens, with its day where a time alone
// would be taken for that of another.
func (c card) timely(t time.Time) string {
	if c.now.Sub(t).Abs() < Nearby {
		return "at " + mrkdwn.Clock(t)
	}
	return mrkdwn.Date(t)
}

// inputs are what was answered when it was started.
func (c cardHead) inputs() string {
	var out []string
	for _, in := range c.d.Procedure.Inputs {
		if c.d.Inputs[in.ID] == "" {
			continue
		}
		label := in.Label
		if label == "" {
			label = in.ID
		}
		out = append(out, mrkdwn.Escape(label, mrkdwn.NameMax)+": "+c.input(c.d, in.ID, mrkdwn.NameMax))
	}
	return mrkdwn.JoinWithin(out, inputsMax)
}

// targetRemarks are what people should know of the services before they approve it.
func (c card) targetRemarks() string {
	if c.d.Status.Ended() || c.d.Part == deployer.PartRollback {
		return ""
	}
	var lines []string
	for _, t := range c.d.Targets {
		for _, r := range t.Remarks {
			if len(c.d.Targets) > 1 {
				r = t.Service + ": " + r
			}
			lines = append(lines, "⚠ "+mrkdwn.Sentence(mrkdwn.Shorten(r, c.text)))
		}
	}
	return strings.Join(c.some(lines), "\n")
}

// overridden are the windows and freezes although which it goes on.
func (c cardHead) overridden() string {
	if c.d.Status.Ended() {
		return ""
	}
	var lines []string
	for _, o := range c.d.Overridden {
		lines = append(lines, "⚠ "+mrkdwn.Sentence(mrkdwn.Shorten(o.Why, c.text))+" Overridden by "+name(c.Names, o.By)+" ("+mrkdwn.Escape(o.Role, mrkdwn.NameMax)+"): "+
			mrkdwn.Sentence(mrkdwn.Shorten(o.Reason, c.text)))
	}
	return strings.Join(c.some(lines), "\n")
}

// warnings are those of the start, such as that it was announced late.
func (c cardHead) warnings() string {
	if len(c.d.Warnings) == 0 || c.d.Status.Ended() {
		return ""
	}
	return "⚠ " + mrkdwn.Escape(strings.Join(c.d.Warnings, " "), c.text)
}
