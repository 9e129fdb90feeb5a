package view

import (
	"cmp"
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
	says := r.speaker(p, by)
	says.Message = func(s preview.Step) string {
		return mrkdwn.Escape(mrkdwn.OneLine(r.bare(s.Words, p, s)), wordsMax)
	}
	sections := says.Sections(p)
	lines = append(lines, r.headed(sections, len(p.Phases) > 1)...)
	if otherwise := preview.Otherwise(p); otherwise != "" {
		lines = append(lines, otherwise+".")
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

// approval says who has to approve.
func (r Renderer) approval(p preview.Preview, by deployer.Actor) string {
	var out []string
	for _, phase := range p.Phases {
		for _, step := range phase.Steps {
			if step.Approves() && step.Needed != preview.Not {
				out = append(out, r.speaker(p, by).Asked(step))
			}
		}
	}
	if len(out) == 0 {
		return "Nobody has to approve it."
	}
	return "To be approved by *" + mrkdwn.Join(out, "and", 3) + "*."
}

// plan says step by step, in few words, what would happen, and who is waited for: by
// phases, where there are several.
func (r Renderer) plan(p preview.Preview, by deployer.Actor) []string {
	return r.headed(r.speaker(p, by).Phases(p), len(p.Phases) > 1)
}

// headed are the lines of sections. The titles of phases are left out where there is but
// one of them.
func (r Renderer) headed(sections []preview.Section, several bool) []string {
	var out []string
	for _, s := range sections {
		if s.Title != "" && (several || s.Title == preview.AfterTitle) {
			out = append(out, "*"+mrkdwn.Escape(s.Title, mrkdwn.TitleMax)+"*")
		}
		out = append(out, s.Lines...)
	}
	return out
}

// speaker says what is in a preview as Slack shows it.
func (r Renderer) speaker(p preview.Preview, by deployer.Actor) preview.Speaker {
	return preview.Speaker{
		Text:   func(words string, s preview.Step) string { return r.filledIn(words, p, s) },
		Name:   func(name string) string { return mrkdwn.Escape(name, namesMax) },
		Code:   func(condition string) string { return mrkdwn.Code(condition, mrkdwn.TitleMax) },
		Strong: func(words string) string { return "*" + words + "*" },
		Span:   mrkdwn.Span,
		Moment: func(t time.Time) string { return r.date(p.Start.Site.Name, t) },
		Holders: func(role string, approves bool) []string {
			may := deployer.May{Roles: []string{role}}
			if approves {
				may.Not = by // never whoever asks for it
			}
			return r.whoMay(may)
		},
		Channel: func(name string) string {
			if id := p.Start.Channels[name]; id != "" {
				return "<#" + id + ">"
			}
			return mrkdwn.Escape(name, mrkdwn.NameMax) // a step before makes it
		},
	}
}

// How much is shown of the names of several, and of words that would be posted.
const (
	namesMax = 400
	wordsMax = 200
)

// filledIn are words with the values that are known, escaped.
func (r Renderer) filledIn(words string, p preview.Preview, s preview.Step) string {
	return mrkdwn.Escape(r.bare(words, p, s), mrkdwn.TitleMax)
}

// bare are words with the values that are known.
func (r Renderer) bare(words string, p preview.Preview, s preview.Step) string {
	return bare(fill(words, known(s.Values, r.Zone(p.Start.Site.Name))))
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
