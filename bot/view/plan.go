package view

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// DryRun says what a deployment would be, as far as that is known before anything is
// looked up in the systems.
func (r Renderer) DryRun(p preview.Preview, by deployer.Actor) string {
	s := p.Start
	lines := []string{"*A rehearsal: nothing was started.*", r.whatStarts(p) + ", by " + mrkdwn.Escape(s.Procedure.Title, mrkdwn.TitleMax) + ":"}
	lines = append(lines, r.inTheWay(p)...)
	lines = append(lines, r.plan(p, by)...)
	for _, part := range []struct {
		head  string
		steps []preview.Step
	}{{"Where a step fails, at once", p.Failure}, {"Rolling back", p.Rollback}, {"After the end", p.After}} {
		if len(part.steps) == 0 {
			continue
		}
		lines = append(lines, "*"+part.head+"*")
		for _, step := range part.steps {
			lines = append(lines, r.planned(p, step, by))
		}
	}
	return mrkdwn.Clip(strings.Join(lines, "\n"), 10_000)
}

// whatStarts is what would go from what to what, and where.
func (r Renderer) whatStarts(p preview.Preview) string {
	var what []string
	for _, c := range p.Changes {
		to := mrkdwn.Code(c.To, mrkdwn.NameMax)
		if c.Revision != "" {
			to = "revision " + mrkdwn.Code(c.Revision, mrkdwn.NameMax)
		}
		if c.From == "" {
			what = append(what, "*"+mrkdwn.Escape(c.Service, mrkdwn.NameMax)+"* to "+to)
		} else {
			what = append(what, "*"+mrkdwn.Escape(c.Service, mrkdwn.NameMax)+"* "+mrkdwn.Code(c.From, mrkdwn.NameMax)+" → "+to)
		}
	}
	where := mrkdwn.Escape(p.Start.Site.Name, mrkdwn.NameMax) + " " + mrkdwn.Escape(p.Start.Site.Environment, mrkdwn.NameMax)
	if len(what) == 0 {
		return mrkdwn.Capital(where)
	}
	return strings.Join(what, ", ") + " in " + where
}

// inTheWay is what keeps it from being started as it is.
func (r Renderer) inTheWay(p preview.Preview) []string {
	var out []string
	for _, in := range p.Missing {
		out = append(out, "⚠ Missing: "+mrkdwn.Escape(cmp.Or(in.Label, in.ID), mrkdwn.NameMax))
	}
	for _, t := range p.Taken {
		out = append(out, "⚠ "+r.Refusal(ForMessage, &deployer.Refusal{Taken: &t}))
	}
	for _, l := range p.Locked {
		out = append(out, "⚠ "+r.Refusal(ForMessage, &deployer.Refusal{Locked: &l}))
	}
	return out
}

// inChannels links the channels that a procedure calls so.
func inChannels(ids map[string]string, labels []string) string {
	var out []string
	for _, l := range labels {
		if id := ids[l]; id != "" {
			out = append(out, "<#"+id+">")
		} else {
			out = append(out, mrkdwn.Escape(l, mrkdwn.NameMax)) // a step before makes it
		}
	}
	return strings.Join(out, ", ")
}

// approval says who has to approve.
func (r Renderer) approval(p preview.Preview, by deployer.Actor) string {
	var out []string
	for _, phase := range p.Phases {
		for _, step := range phase.Steps {
			if step.Approves() && step.Needed != preview.Not {
				out = append(out, r.wouldAsk(step, by))
			}
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

// plan says step by step, in few words, what would happen, and who is waited for: by
// phases, where there are several.
func (r Renderer) plan(p preview.Preview, by deployer.Actor) []string {
	var out []string
	for _, phase := range p.Phases {
		if len(p.Phases) > 1 && phase.Title != "" {
			out = append(out, "*"+mrkdwn.Escape(phase.Title, mrkdwn.TitleMax)+"*")
		}
		for _, step := range phase.Steps {
			out = append(out, r.planned(p, step, by))
		}
	}
	return out
}

// planned is one step: what it would do, or that it would not be needed.
func (r Renderer) planned(p preview.Preview, s preview.Step, by deployer.Actor) string {
	words := r.filledIn(s.Title, p, s)
	if s.Needed == preview.Not {
		return "– " + withReason(words+mrkdwn.Dash+"not needed.", mrkdwn.Sentence(r.filledIn(s.Why, p, s)))
	}
	sign := map[preview.Does]string{preview.Posts: "✉ ", preview.Acts: "⚡ ", preview.Waits: "… "}[s.Does]
	line := cmp.Or(sign, "✓ ") + words
	if would := r.would(p, s, by); would != "" {
		line += mrkdwn.Dash + would
	}
	if len(s.Members) > 0 {
		line += ", for each of " + mrkdwn.Escape(mrkdwn.Join(s.Members, "and", 4), 400)
	}
	line += againAndAgain(s.Step)
	if s.Needed == preview.Depends {
		line += ", if " + mrkdwn.Code(s.Why, mrkdwn.TitleMax)
	}
	return line
}

// againAndAgain is when a step begins that begins after the end.
func againAndAgain(s deployer.Step) string {
	switch {
	case s.Every > 0:
		return ", every " + mrkdwn.Span(s.Every) + " for " + mrkdwn.Span(s.Lasts)
	case s.In > 0:
		return ", " + mrkdwn.Span(s.In) + " after the end"
	}
	return ""
}

// would is what a step would do.
func (r Renderer) would(p preview.Preview, s preview.Step, by deployer.Actor) string {
	switch s.Does {
	case preview.Asks:
		return "would ask *" + r.wouldAsk(s, by) + "*"
	case preview.Posts:
		return r.wouldPost(p, s)
	case preview.Looks:
		return "would look"
	case preview.Waits:
		switch {
		case !s.Until.IsZero():
			return "would wait until " + r.date(p.Start.Site.Name, s.Until)
		case s.For() > 0:
			return "would wait " + mrkdwn.Span(s.For())
		}
		return "would wait"
	case preview.Checks:
		return "has to hold"
	}
	return "" // its title says what it does
}

// wouldAsk is who would be asked.
func (r Renderer) wouldAsk(s preview.Step, by deployer.Actor) string {
	switch {
	case s.Approves() && s.Role() != "":
		return r.approvers(s.Step, by)
	case len(s.Roles) == 0 && s.Hand:
		return "you, by hand"
	case len(s.Roles) == 0:
		return "you"
	}
	var out []string
	for _, role := range s.Roles {
		may := deployer.May{Roles: []string{role}}
		if s.Approves() {
			may.Not = by
		}
		words := "somebody of " + role
		if who := r.whoMay(may); len(who) > 0 {
			words = mrkdwn.Join(who, "or", 5)
			if len(s.Roles) > 1 {
				words += " (" + role + ")"
			}
		}
		if n := s.With["roles"].Counts[role]; n > 1 {
			words = strconv.Itoa(n) + " of " + words
		}
		out = append(out, words)
	}
	return mrkdwn.Escape(mrkdwn.Join(out, "and", 5), 400)
}

// wouldPost is where a message would go, and how it begins.
func (r Renderer) wouldPost(p preview.Preview, s preview.Step) string {
	if len(s.To) == 0 {
		return "would go nowhere: there is no channel " + mrkdwn.Escape(mrkdwn.Join(s.Lacks, "or", 4), mrkdwn.TitleMax)
	}
	words := "would post to " + inChannels(p.Start.Channels, s.To)
	if s.Step.Planned() && slices.ContainsFunc(p.Start.Procedure.Steps, deployer.Step.Approves) {
		words += ", once it is approved; at once, if you hold a role"
	}
	if len(s.Lacks) > 0 {
		words += ", not to " + mrkdwn.Escape(mrkdwn.Join(s.Lacks, "or", 4), mrkdwn.TitleMax) + ", which is not there"
	}
	return words
}

// filledIn are words with the values that are known, escaped.
func (r Renderer) filledIn(words string, p preview.Preview, s preview.Step) string {
	return titled(fill(words, known(s.Values, r.Zone(p.Start.Site.Name))))
}

// known puts values on one line into words. Times are those of a zone: what stands in a
// title is no place for the reader's clock.
func known(values map[string]string, zone *time.Location) func(path string, alone bool) (string, bool) {
	return func(path string, _ bool) (string, bool) {
		value, ok := values[path]
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			value = at.In(zone).Format("2 Jan 15:04 MST")
		}
		return mrkdwn.OneLine(value), ok
	}
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
