package templates

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// times reads what stands at a step of time and of people who do not come.
func (b *builder) times(s *placed) {
	w, k := s.w, s.s.Kind
	if k.Deploys && s.s.Timeout == 0 {
		s.s.Timeout = rolloutTimeout
	}
	b.retries(s)
	waits := k.Work != deployer.WorkTime && k.Work != deployer.WorkFact
	switch {
	case w.Remind == nil && waits:
		s.s.Remind = slices.DeleteFunc(b.late.quiet(b.f.Defaults.Remind), func(d time.Duration) bool { return s.s.Timeout > 0 && d >= s.s.Timeout })
	case len(w.Remind) > 0 && !waits:
		b.wrong(w.Remind[0], "reminders", s.s.Uses+" waits for nobody who could be reminded", "take remind away")
	default:
		s.s.Remind = b.durations(w.Remind)
		for _, t := range w.Remind {
			if d, what, _ := strict.Span(t.Value); what == "" && w.Timeout.Written() && s.s.Timeout > 0 && d >= s.s.Timeout {
				b.wrong(t, "reminders", fmt.Sprintf("a reminder after %s comes too late: the step ends after %s", t.Value, w.Timeout.Value), "")
			}
		}
	}
	if escalate := w.Escalate; escalate.At.Written() {
		s.s.Escalate = b.late.escalate(escalate, w.Remind)
	} else if waits {
		s.s.Escalate = b.late.escalateQuietly()
	}
}

// retries are only of kinds that do not act.
func (b *builder) retries(s *placed) {
	w := s.w.Retries
	times := w.Times
	if !times.Written() && !w.Every.Written() {
		return
	}
	s.s.Retries = deployer.Retries{Times: b.number(times, "retries", 0, timesMax), Every: b.duration(w.Every)}
	if !times.Written() {
		b.wrong(w.Every, "retries", "retries does not say how often", "add for example times: 3")
		return
	}
	if acts(s.s) {
		b.wrong(times, "retries", fmt.Sprintf("%s acts, and what acts is not tried again by itself", s.s.Uses), "take retries away; people retry")
	}
}

// acts reports whether a step changes something outside, or asks people.
func acts(s deployer.Step) bool {
	if method := s.With["method"].Text; method != "" && method != "GET" && method != "HEAD" {
		return true
	}
	return s.Kind.Work != deployer.WorkFact && (s.Kind.Work != deployer.WorkSystem || s.Kind.Repeat != deployer.RepeatReads && !readsToo(*s.Kind))
}

// readsToo reports whether a kind that may act only looks where it is not told to: one with a
// method.
func readsToo(k deployer.Kind) bool {
	return slices.ContainsFunc(k.Params, func(p deployer.Param) bool { return p.Name == "method" })
}

// roundsMax is how often a step of after may begin: the record has each of them.
const roundsMax = 1000

// after reads when a step of that part begins.
func (b *builder) after(s *placed) {
	w := s.w
	if strayFor(s) {
		return
	}
	for _, t := range []strict.Text{w.In, w.Every, w.For} {
		if t.Written() && s.part != deployer.PartAfter {
			b.wrong(t, "after", "in, every and for are for steps of after", "let a wait stand before this one, or move it to after")
			return
		}
	}
	s.s.In, s.s.Every, s.s.Lasts = b.duration(w.In), b.duration(w.Every), b.duration(w.For)
	switch {
	case w.Every.Written() != w.For.Written():
		b.wrong(cmp.Or(w.Every, w.For), "after", "every and for go together: how often, and for how long", "such as every: 15m, for: 2h")
	case w.In.Written() && w.Every.Written():
		b.wrong(w.In, "after", "a step of after has in, or every and for", "keep one of the two")
	case s.s.Every > 0 && s.s.Lasts/s.s.Every > roundsMax:
		b.wrong(w.Every, "after", fmt.Sprintf("every %s comes %d times in %s; %d are the most", w.Every.Value, s.s.Lasts/s.s.Every, w.For.Value, roundsMax), "")
	case s.s.Every > s.s.Lasts:
		b.wrong(w.Every, "after", fmt.Sprintf("every %s does not come once in %s", w.Every.Value, w.For.Value), "")
	}
}
