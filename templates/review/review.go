// Package review says what a reviewer of a procedure would miss in it: not mistakes, which
// the loader finds, but what makes a procedure fail people at night. Each has its place and
// why it matters; there is no score.
package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/idle"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A rule looks for one thing that would be missed.
type rule struct {
	code    string
	finds   string // in Markdown, for the page of the language
	because string // why it matters
	look    func(*reviewer)
}

// A reviewer goes through one procedure.
type reviewer struct {
	p     deployer.Procedure
	file  source.File
	steps map[string]source.Step
	rule  rule
	found []strict.Problem
}

// rules are all of them, in the order in which they are said of one place.
var rules = []rule{
	{"four-eyes", "nobody but the requester agrees before the first change", "four eyes see more than two", (*reviewer).approved},
	{"conditional-approval", "an approval that is asked under a condition, and no `else` says why nobody has to agree otherwise", "where the condition does not hold, nobody agrees", (*reviewer).conditionalApprovals},
	{"no-proof", "a change that nothing after it proves, in its part", "done is not well", (*reviewer).proofs},
	{"no-rollback", "a rollout without a rollback; one that is not proven, decided or told", "the way back is walked under stress", (*reviewer).rollback},
	{"slow-rollback", "a rollback that takes longer than the rollout", "then people will hesitate to go back", (*reviewer).slowRollback},
	{"not-told", "nobody is told that it begins, ends or fails", "two people deploy at once, and support learns it from customers", (*reviewer).told},
	{"no-decision", "`failure` without who decides", "a decision that nobody takes", (*reviewer).decision},
	{"not-called", "people are awaited without `remind`", "a dead end if they don't come", (*reviewer).called},
	{"no-time", "a change without `timeout`; a change or a list without `estimate`", "nobody knows when to worry", (*reviewer).times},
	{"no-expectation", "a job or a confirm without `expect`, `items` or `how`", "“done” means something else to everybody", (*reviewer).expectations},
	{"no-how", "a system’s step that acts, without `how`", "there is the night on which that system is down", (*reviewer).hows},
	{"no-trouble", "a change that `troubleshooting` does not know", "the next person starts from nothing", (*reviewer).troubles},
	{"no-prerequisite", "nothing is looked at or asked before the first change", "what is found before is cheap", (*reviewer).prerequisites},
	{"not-watched", "nothing is watched after the end", "what breaks after an hour breaks unseen", (*reviewer).watched},
	{"not-reviewed", "nobody looks back at it", "nobody learns from it", (*reviewer).reviewed},
	{"open-maintenance", "a maintenance that the end, a rollback or a stop leaves open", "clients read it for days", (*reviewer).maintenance},
	{"migration", "a migration without a backup before it, or that the rollback does not name", "a rollback that can't be", (*reviewer).migration},
	{"named-site", "a condition that names one retailer or service", "that is what vars are for", (*reviewer).named},
	{"asked-after-approval", "a change that uses what was asked after its approval", "what was approved was something else", (*reviewer).askedAfter},
	{"input", "an input without a label, or that nothing uses", "whoever reads it next year", (*reviewer).inputs},
	{"about", "no `about`, or no `owner`", "whoever reads it next year", (*reviewer).head},
}

// Codes are those of all rules, as a Problem has them.
func Codes() []string {
	out := make([]string, len(rules))
	for i, r := range rules {
		out[i] = r.code
	}
	return out
}

// Markdown is the table of all rules.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| it finds | because |\n|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| %s | %s |\n", r.finds, r.because)
	}
	return b.String()
}

// Check says what would be missed in a procedure, in the order of its file. The file is the
// one that it was made of, with all that it extends and includes. Of an abstract one nothing
// is said: what it serves is looked at as a whole. What does nothing yet counts for nothing.
func Check(p deployer.Procedure, file source.File) []strict.Problem {
	if p.Abstract {
		return nil
	}
	r := &reviewer{p: idle.Without(p), file: file, steps: map[string]source.Step{}}
	for _, ph := range file.Phases {
		r.note(ph.Steps)
	}
	r.note(file.Rollback.Steps)
	r.note(file.Failure.Steps)
	r.note(file.After)
	for _, r.rule = range rules {
		r.rule.look(r)
	}
	slices.SortStableFunc(r.found, func(a, b strict.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.found
}

func (r *reviewer) note(steps []source.Step) {
	for _, s := range steps {
		r.steps[s.ID.Value] = s
	}
}

// say notes what is missed at a place.
func (r *reviewer) say(at strict.Text, format string, args ...any) {
	if !at.Written() {
		at = r.file.ID
	}
	r.found = append(r.found, at.Wrong(r.rule.code, fmt.Sprintf(format, args...), r.rule.because))
}

// at says it of a step.
func (r *reviewer) at(s deployer.Step, format string, args ...any) {
	r.say(r.steps[s.ID].ID, "“%s” "+format, append([]any{s.Title}, args...)...)
}

// deeds are the steps of a part that change what runs.
func deeds(steps []deployer.Step) []deployer.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s deployer.Step) bool { return !s.Mutates() })
}

// all are the steps of every part.
func (r *reviewer) all() []deployer.Step {
	return slices.Concat(r.p.Steps, r.p.Rollback, r.p.Failure.Steps, r.p.After)
}

// before are the steps that stand before the first deed, which is none where there is no
// deed.
func (r *reviewer) before() (steps []deployer.Step, deed *deployer.Step) {
	i := slices.IndexFunc(r.p.Steps, deployer.Step.Mutates)
	if i < 0 {
		return r.p.Steps, nil
	}
	return r.p.Steps[:i], &r.p.Steps[i]
}

// behind are the steps of the main part behind the last deed.
func (r *reviewer) behind() []deployer.Step {
	for i := len(r.p.Steps) - 1; i >= 0; i-- {
		if r.p.Steps[i].Mutates() {
			return r.p.Steps[i+1:]
		}
	}
	return nil
}

// child reports whether a step runs another procedure, which has its own approvals and
// proofs.
func child(s deployer.Step) bool { return s.Uses == deployer.KindRun }

// confirmed reports whether a person says that something is so.
func confirmed(s deployer.Step) bool { return s.Uses == deployer.KindConfirm }
