package trial

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A comparison collects what did not come out as a test says.
type comparison struct {
	*world
	wrong []string
}

func (c *comparison) add(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// compare says what did not come out as it should have.
func (w *world) compare(e expect) []string {
	c := &comparison{world: w}
	if end := e.End.Value; end != "" && end != string(w.d.Status) {
		c.add("%s", strings.TrimSuffix(fmt.Sprintf("end: it is %s, not %s: %s", w.d.Status, end, w.d.Why), ": "))
	}
	c.steps("not_needed", e.NotNeeded, func(s deployer.StepState) bool { return s.Status == deployer.StepNotNeeded })
	c.steps("failed", e.Failed, func(s deployer.StepState) bool { return s.Failed })
	c.steps("skipped", e.Skipped, func(s deployer.StepState) bool { return s.Skipped.By.ID != "" })
	for _, want := range e.Warned {
		if !slices.ContainsFunc(w.d.Warnings, func(is string) bool { return strings.Contains(is, want.Value) }) {
			c.add("warned: nothing says %q; it was said: %s", want.Value, strings.Join(w.d.Warnings, " "))
		}
	}
	c.sequences("told", e.Told, w.told)
	c.sequences("direct", e.Direct, w.direct)
	c.sequences("run", e.Run, w.run)
	c.set("paged", e.Paged, w.paged)
	c.set("approved_by", e.ApprovedBy, w.approvers())
	c.times(e)
	c.taps("taps", e.Taps, w.taps)
	c.taps("taps_after", e.TapsAfter, w.tapsAfter)
	return c.wrong
}

// taps holds how often people pressed against how often they should have.
func (c *comparison) taps(what string, want map[string]strict.Text, is map[string]int) {
	for _, person := range slices.Sorted(maps.Keys(want)) {
		if strconv.Itoa(is[person]) != want[person].Value {
			c.add("%s: %s has pressed %d times, not %s", what, person, is[person], want[person].Value)
		}
	}
}

// steps holds steps against what they should have come to.
func (c *comparison) steps(what string, ids []strict.Text, is func(deployer.StepState) bool) {
	for _, id := range ids {
		switch s := c.d.Step(id.Value); {
		case s == nil:
			c.add("%s: %s", what, strict.Unknown("step", id.Value, stepIDs(c.d.Procedure)))
		case !is(*s):
			c.add("%s: %s is %s", what, s.ID, strings.TrimSpace(string(s.Status)+" "+s.Why))
		}
	}
}

// sequences holds what happened at several places against what should have, in that
// order; something else may have happened between.
func (c *comparison) sequences(what string, want map[string]several, is map[string][]string) {
	for _, at := range slices.Sorted(maps.Keys(want)) {
		rest := is[at]
		for _, one := range want[at].All {
			i := slices.Index(rest, one.Value)
			if i < 0 {
				c.add("%s: %s: no %s in its place; it was: %s", what, at, one.Value, orNothing(is[at]))
				break
			}
			rest = rest[i+1:]
		}
		if len(want[at].All) == 0 && len(is[at]) > 0 {
			c.add("%s: %s: it was: %s", what, at, orNothing(is[at]))
		}
	}
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

func orNobody(list []string) string {
	if len(list) == 0 {
		return "nobody"
	}
	return strings.Join(list, ", ")
}

// set holds people against those who should be there, in any order.
func (c *comparison) set(what string, want []strict.Text, is []string) {
	if want == nil {
		return
	}
	var names []string
	for _, t := range want {
		names = append(names, t.Value)
	}
	is = slices.Clone(is)
	slices.Sort(names)
	slices.Sort(is)
	if names, is = slices.Compact(names), slices.Compact(is); !slices.Equal(names, is) {
		c.add("%s: it was %s; it should be %s", what, orNobody(is), orNobody(names))
	}
}

func (w *world) approvers() []string {
	var out []string
	for _, s := range w.d.Steps {
		for _, a := range s.Approvals {
			out = append(out, a.By.Name)
		}
	}
	return out
}

// times holds when steps were over, and how long it took.
func (c *comparison) times(e expect) {
	for _, id := range slices.Sorted(maps.Keys(e.At)) {
		s := c.d.Step(id)
		want, err := time.Parse(time.RFC3339, e.At[id].Value)
		switch {
		case s == nil:
			c.add("at: %s", strict.Unknown("step", id, stepIDs(c.d.Procedure)))
		case err != nil:
			c.add("at: %s: %q is no time such as 2026-03-05T22:10:00Z", id, e.At[id].Value)
		case !s.Finished.Equal(want):
			c.add("at: %s was over at %s, not %s", id, s.Finished.UTC().Format(time.RFC3339), want.UTC().Format(time.RFC3339))
		}
	}
	took := c.d.Took(c.now)
	if most := e.Took.AtMost; most > 0 && took > most {
		c.add("took: %s, more than %s", deployer.Span(took), deployer.Span(most))
	}
	if least := e.Took.AtLeast; least > 0 && took < least {
		c.add("took: %s, less than %s", deployer.Span(took), deployer.Span(least))
	}
}

// repeated says which failures of a test came to nothing, since what only looks was
// tried again by itself.
func (w *world) repeated() []string {
	var out []string
	for _, s := range w.d.Steps {
		if s.Tries > 0 && s.Status == deployer.Done {
			out = append(out, fmt.Sprintf("note: of %s %s failed, and it was tried again by itself (retries) until it went well; {fails: …, always: true} has it fail each time", s.ID, deployer.Count(s.Tries, "attempt")))
		}
	}
	return out
}
