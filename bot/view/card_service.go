package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// serviceLines are what becomes of each service.
type serviceLines struct{ card }

const (
	twoLinesMax  = 6  // services that have lines of their own for what is long
	phoneLineMax = 40 // letters that a phone shows side by side
	barMax       = 10 // the length of the longest bar
)

// services says of each service what became of it, and from what to what it
// goes. Those that went wrong come first.
func (c serviceLines) services() []string {
	var bad, good []string
	for _, t := range c.d.Targets {
		words, wrong := c.outcome(t)
		change := fromTo(t)
		if deployer.IsLive(c.d, t) {
			change = mrkdwn.Code(Version(t.After), mrkdwn.NameMax)
		}
		line := "*" + mrkdwn.Escape(t.Service, mrkdwn.NameMax) + "* · " + words
		if e := c.rollout(t.Service, deployer.PartRollback); e == nil || e.Open() || e.Outcome.Result != deployer.OK { // else it is said already
			line += c.between(line+change) + change
		}
		line += c.spreadOf(t)
		if links := mrkdwn.JoinWithin(c.targetLinks(c.d, t), c.cardBudget.links/4); links != "" && len(c.d.Targets) <= twoLinesMax {
			line += "\n" + links
		}
		if wrong {
			bad = append(bad, line)
		} else {
			good = append(good, line)
		}
	}
	lines := slices.Concat(bad, good)
	if extra := len(lines) - c.cardBudget.services; extra > 0 {
		lines = append(lines[:c.cardBudget.services], fmt.Sprintf("and %d more", extra))
	}
	return lines
}

// list sets a few services apart from each other, and many close together.
func (c serviceLines) list(services []string) []slack.Block {
	if len(services) > twoLinesMax {
		return mrkdwn.Sections(services)
	}
	var out []slack.Block
	for _, s := range services {
		out = append(out, mrkdwn.Sections([]string{s})...)
	}
	return out
}

// between puts a few services on two lines each where a phone would break the
// one, and many on one.
func (c serviceLines) between(line string) string {
	if len(c.d.Targets) <= twoLinesMax && mrkdwn.Units(unadorned.Replace(line)) > phoneLineMax {
		return "\n"
	}
	return " · "
}

// outcome says what became of one service, and whether that is wrong.
func (c serviceLines) outcome(t deployer.Target) (words string, wrong bool) {
	if e := c.rollout(t.Service, deployer.PartRollback); e != nil {
		return c.undone(*e, t)
	}
	if s := c.d.Broken(); s != nil {
		for _, e := range s.Effects {
			if e.Item == t.Service && e.IsMain() && !e.Open() && e.Outcome.Result != deployer.OK {
				return c.broke(e), true
			}
		}
	}
	e := c.rollout(t.Service, deployer.PartMain)
	switch {
	case e != nil && c.abandoned(*e):
		words = "stopped half way"
		if c.paused(*e) {
			words += ", and paused there"
		}
		return words, true
	case e == nil && deployer.IsLive(c.d, t):
		return "runs it already, not touched", false
	case e == nil && c.d.Status.Ended():
		return "not touched", false
	case e == nil:
		return "waits", false
	case e.Open():
		return bar(c.progress[e.Key]) + c.progressWords(*e, "rolling out"), false
	case e.Outcome.Result == deployer.OK:
		return strings.Join(slices.Concat([]string{"rolled out"}, cardEnded(c).proof(t.Service)), " · "), false
	}
	return c.broke(*e), true
}

// spreadOf says it of a service that its rollout, or its rollback, was left half way.
func (c serviceLines) spreadOf(t deployer.Target) string {
	if e := c.rollout(t.Service, cmp.Or(c.d.Part, deployer.PartMain)); e != nil && e.Outcome.Result != deployer.OK {
		return c.spread(*e)
	}
	return ""
}

// spread says which version runs on how many pods of a rollout that did not end
// well, as long as it is held there; else what was seen then, or has come of it.
func (c serviceLines) spread(e deployer.Effect) string {
	p := readout.PauseOf(c.d, e)
	if p == nil || p.Outcome.Why == "" {
		return ""
	}
	why := mrkdwn.TrimStop(mrkdwn.Escape(p.Outcome.Why, c.text))
	switch {
	case p.Holds():
		return "\nIt runs " + why
	case p.Outcome.Result == deployer.OK:
		return "\n" + mrkdwn.Capital(c.timely(p.Seen)) + " it ran " + why
	case p.Outcome.Result == deployer.Absent:
		return "\n" + why
	}
	return "\nIt could not be paused: " + why
}

// abandoned reports whether the rollout was left where it was because somebody
// stopped the deployment: then its step never ended.
func (c card) abandoned(e deployer.Effect) bool {
	s := c.d.Step(deployer.ParseEffectKey(e.Key).Step)
	return c.d.Status == deployer.Stopped && s != nil && s.Status == deployer.Active && e.Outcome.Result == deployer.Failed
}

// paused reports whether a rollout that did not end well is held where it is.
func (c card) paused(e deployer.Effect) bool {
	p := readout.PauseOf(c.d, e)
	return p != nil && p.Holds()
}

// unpaused reports whether it could not be held where it is.
func (c card) unpaused(e deployer.Effect) bool {
	p := readout.PauseOf(c.d, e)
	return p != nil && (p.Outcome.Result == deployer.Failed || p.Outcome.Result == deployer.Interrupted)
}

// undone says how rolling back a service goes, or went.
func (c serviceLines) undone(e deployer.Effect, t deployer.Target) (words string, wrong bool) {
	switch {
	case e.Open():
		return bar(c.progress[e.Key]) + c.progressWords(e, "rolling back"), false
	case e.Outcome.Result == deployer.OK:
		return "runs " + cardBack(c).backTo(t) + " again", false
	}
	if c.abandoned(e) { // how far it came is not known here: perhaps all the way
		return "*rollback not finished*: " + c.because(e.Outcome.Why), true
	}
	return "*not rolled back*: " + c.because(e.Outcome.Why), true
}

// broke says how an effect went wrong. Interrupted is not failed.
func (c serviceLines) broke(e deployer.Effect) string {
	switch e.Outcome.Result {
	case deployer.Interrupted:
		return "*unclear*: " + c.because(e.Outcome.Why)
	case deployer.Failed:
		if s := c.d.Step(deployer.ParseEffectKey(e.Key).Step); s != nil && deployer.Disproved(*s) {
			return "*not so any more*: " + c.because(e.Outcome.Why)
		}
	case deployer.Absent:
		return "*not begun*: " + c.because(e.Outcome.Why)
	}
	return "*failed*: " + c.because(e.Outcome.Why)
}

// because is a reason, or that none is known.
func (c serviceLines) because(why string) string {
	if why == "" {
		return "no reason is known"
	}
	return mrkdwn.Shorten(why, c.text)
}

// rollout returns the effect that rolls a service out, or back, or nil.
func (c card) rollout(service string, part deployer.Part) *deployer.Effect {
	for _, s := range c.d.Steps {
		if !s.Deploys() || s.Part != part {
			continue
		}
		for _, e := range s.Effects {
			if deployer.ParseEffectKey(e.Key) == (deployer.EffectKey{Step: s.ID, Item: service}) {
				return &e
			}
		}
	}
	return nil
}

// progressWords says how far an effect has come, or otherwise that it is under way.
func (c serviceLines) progressWords(e deployer.Effect, otherwise string) string {
	if words := pods(c.progress[e.Key], c.d.Part == deployer.PartRollback); words != "" {
		return words
	}
	return otherwise
}

// bar draws how many of the pods are new.
func bar(p deployer.Progress) string {
	if p.Total <= 0 {
		return ""
	}
	length := min(p.Total, barMax)
	full := min(max(p.Updated, 0)*length/p.Total, length)
	return strings.Repeat("▰", full) + strings.Repeat("▱", length-full) + " "
}

// pods says how many of the pods are new, or back, and what keeps it from
// being over.
func pods(p deployer.Progress, back bool) string {
	words, changed := "", "new"
	if back {
		changed = "back"
	}
	if p.Total > 0 {
		words = fmt.Sprintf("%d of %d pods %s", min(p.Updated, p.Total), p.Total, changed)
		switch {
		case p.Updated < p.Total:
		case p.Available < p.Total:
			words += fmt.Sprintf(", %d ready", p.Available)
		case p.Old > 0 && p.Note == "":
			words += fmt.Sprintf(", %d old to go", p.Old)
		}
	}
	if p.Note == "" {
		return words
	}
	if words != "" {
		words += " · "
	}
	return words + mrkdwn.Escape(p.Note, mrkdwn.TitleMax)
}
