package form

import (
	"cmp"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// DryRun says what a deployment would be, as far as that is known before anything is
// looked up in the systems.
func DryRun(r view.Renderer, p preview.Preview, by deployer.Actor) string {
	s := p.Start
	lines := []string{"*A rehearsal: nothing was started.*", whatStarts(p) + ", by " + mrkdwn.Escape(s.Procedure.Title, mrkdwn.TitleMax) + ":"}
	lines = append(lines, inTheWay(r, p)...)
	says := speaker(r, p, by)
	says.Message = func(s preview.Step) string {
		return mrkdwn.Escape(mrkdwn.OneLine(bare(r, s.Words, p, s)), wordsMax)
	}
	sections := says.Sections(p)
	lines = append(lines, headed(sections, len(p.Phases) > 1)...)
	if otherwise := preview.Otherwise(p); otherwise != "" {
		lines = append(lines, otherwise+".")
	}
	return mrkdwn.Clip(strings.Join(lines, "\n"), 10_000)
}

// whatStarts is what would go from what to what, and where.
func whatStarts(p preview.Preview) string {
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
		return deployer.MarkDrill(p.Start.Drill.On, mrkdwn.Capital(where))
	}
	return deployer.MarkDrill(p.Start.Drill.On, strings.Join(what, ", ")+" in "+where)
}

// inTheWay is what keeps it from being started as it is, and what is unusual about it.
func inTheWay(r view.Renderer, p preview.Preview) []string {
	var out []string
	for _, in := range p.Missing {
		out = append(out, "⚠ Missing: "+mrkdwn.Escape(cmp.Or(in.Label, in.ID), mrkdwn.NameMax))
	}
	for _, t := range p.Taken {
		out = append(out, "⚠ "+refusal.Say(r, refusal.ForMessage, &deployer.Refusal{Taken: &t}))
	}
	for _, l := range p.Locked {
		out = append(out, "⚠ "+refusal.Say(r, refusal.ForMessage, &deployer.Refusal{Locked: &l}))
	}
	for _, w := range p.Warnings() {
		out = append(out, "⚠ "+mrkdwn.Sentence(mrkdwn.Shorten(w, warningMax)))
	}
	return out
}

// warningMax is how much is shown of what is unusual about a start.
const warningMax = 400

// approval says who has to approve.
func approval(r view.Renderer, p preview.Preview, by deployer.Actor) string {
	var out []string
	for _, phase := range p.Phases {
		for _, step := range phase.Steps {
			if step.Approves() && step.Needed != preview.Not {
				out = append(out, speaker(r, p, by).Asked(step))
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
func plan(r view.Renderer, p preview.Preview, by deployer.Actor) []string {
	return headed(speaker(r, p, by).Phases(p), len(p.Phases) > 1)
}

// headed are the lines of sections. The titles of phases are left out where there is but
// one of them.
func headed(sections []preview.Section, several bool) []string {
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
func speaker(r view.Renderer, p preview.Preview, by deployer.Actor) preview.Speaker {
	return preview.Speaker{
		Text:   func(words string, s preview.Step) string { return filledIn(r, words, p, s) },
		Name:   func(name string) string { return mrkdwn.Escape(name, namesMax) },
		Code:   func(condition string) string { return mrkdwn.Code(condition, mrkdwn.TitleMax) },
		Strong: func(words string) string { return "*" + words + "*" },
		Span:   mrkdwn.Span,
		Moment: func(t time.Time) string { return r.Date(p.Start.Site.Name, t) },
		Holders: func(role string, approves bool) []string {
			may := deployer.May{Roles: []string{role}}
			if approves {
				may.Not = by // never whoever asks for it
			}
			return refusal.WhoMay(r, may)
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
func filledIn(r view.Renderer, words string, p preview.Preview, s preview.Step) string {
	return mrkdwn.Escape(bare(r, words, p, s), mrkdwn.TitleMax)
}

// bare are words with the values that are known.
func bare(r view.Renderer, words string, p preview.Preview, s preview.Step) string {
	return view.FilledIn(words, s.Values, r.Zone(p.Start.Site.Name))
}

// usualSpan is how long the procedure takes by its estimates.
func usualSpan(s deployer.Start) string {
	if p := view.UsualSpan(s.Procedure); p > 0 {
		return " · usually " + mrkdwn.Span(p)
	}
	return ""
}
