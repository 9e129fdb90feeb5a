package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// DryRun says what a deployment would be. Nothing was looked up in the
// cluster yet.
func (r Renderer) DryRun(s deployer.Start, by deployer.Actor) string {
	var what []string
	for _, w := range s.Releases {
		to := mrkdwn.Code(w.Tag, mrkdwn.NameMax)
		if w.Revision != "" {
			to = "revision " + mrkdwn.Code(w.Revision, mrkdwn.NameMax)
		}
		what = append(what, "*"+mrkdwn.Escape(w.Service, mrkdwn.NameMax)+"* to "+to)
	}
	return mrkdwn.Clip(fmt.Sprintf("*A rehearsal: nothing was started.*\n%s in %s %s, by %s:\n%s",
		strings.Join(what, ", "), mrkdwn.Escape(s.Site.Name, mrkdwn.NameMax), mrkdwn.Escape(s.Site.Environment, mrkdwn.NameMax),
		mrkdwn.Escape(s.Procedure.Title, mrkdwn.TitleMax), strings.Join(r.plan(s, by), "\n")), 10_000)
}

// inChannels links the channels that a procedure calls so.
func inChannels(ids map[string]string, labels []string) string {
	var out []string
	for _, l := range labels {
		out = append(out, "<#"+ids[l]+">")
	}
	return strings.Join(out, ", ")
}

// approval says who has to approve.
func (r Renderer) approval(s deployer.Start, by deployer.Actor) string {
	var out []string
	for _, step := range s.Procedure.Steps {
		if step.Approves() {
			out = append(out, r.approvers(step, by))
		}
	}
	if len(out) == 0 {
		return "Nobody has to approve it."
	}
	return "To be approved by *" + mrkdwn.Join(out, "and", 3) + "*."
}

// approvers may approve a step: never whoever asks for it.
func (r Renderer) approvers(step deployer.Step, by deployer.Actor) string {
	who := r.whoMay(deployer.May{Roles: []string{step.Role()}, Not: by})
	if len(who) == 0 {
		who = []string{"somebody of " + step.Role()}
	}
	names := mrkdwn.Escape(mrkdwn.Join(who, "or", 5), 400)
	if n := max(step.Count(), 1); n > 1 {
		return fmt.Sprintf("%d of %s", n, names)
	}
	return names
}

// plan says step by step, in few words, what will happen, and who is waited
// for.
func (r Renderer) plan(s deployer.Start, by deployer.Actor) []string {
	var out []string
	d := deployer.Deployment{Site: deployer.Site{Name: s.Site.Name}, Channels: s.Channels, Planned: s.Planned}
	steps := slices.DeleteFunc(slices.Clone(s.Procedure.Steps), func(step deployer.Step) bool {
		return !d.Needed(deployer.StepState{Step: step})
	})
	for i, step := range steps {
		line := fmt.Sprintf("%d. %s", i+1, mrkdwn.Escape(step.Title, mrkdwn.TitleMax))
		switch {
		case step.Approves():
			line += mrkdwn.Dash + "*" + r.approvers(step, by) + "*"
		case step.Confirms():
			line += mrkdwn.Dash + "*" + r.confirms(step) + "*"
		case step.Announces():
			line += mrkdwn.Dash + "in " + inChannels(s.Channels, step.To())
			if step.Planned() && slices.ContainsFunc(s.Procedure.Steps, deployer.Step.Approves) {
				line += ", once it is approved; at once, if you hold a role"
			}
		case step.Waits():
			line += mrkdwn.Dash + r.waits(s, step)
		}
		out = append(out, line)
	}
	return out
}

// confirms says who presses Done.
func (r Renderer) confirms(step deployer.Step) string {
	if step.Role() == "" {
		return "you"
	}
	who := r.whoMay(deployer.May{Roles: []string{step.Role()}})
	if len(who) == 0 {
		return mrkdwn.Escape("somebody of "+step.Role(), mrkdwn.NameMax)
	}
	return mrkdwn.Escape(mrkdwn.Join(who, "or", 5), 400)
}

// usualSpan is how long the procedure takes by its estimates.
func usualSpan(s deployer.Start) string {
	var c card
	for _, step := range s.Procedure.Steps {
		c.d.Steps = append(c.d.Steps, deployer.StepState{Step: step})
	}
	if p := c.estimated(); p > 0 {
		return " · usually " + mrkdwn.Span(p)
	}
	return ""
}

// waits says how long a step waits.
func (r Renderer) waits(s deployer.Start, step deployer.Step) string {
	if step.Until() == deployer.UntilPlanned {
		return "until " + r.date(s.Site.Name, s.Planned)
	}
	return mrkdwn.Span(step.For())
}
