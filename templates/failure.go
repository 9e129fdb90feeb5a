package templates

import (
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// failure reads what happens when a step fails.
func (b *builder) failure(f source.Failure) deployer.Failure {
	var decide []strict.Text
	decide = append(decide, f.Decide.All()...)
	roles := b.roles(decide, "decide")
	out := deployer.Failure{
		Experts: b.roles(f.Experts, "experts"), People: b.roles(f.People, "people"), Timeout: b.duration(f.Timeout),
		Prefer:  choices[b.one(f.Prefer, "prefer", "check-again", "retry", "skip", "patch-forward", "roll-back", "extend", "stop")],
		Default: choices[b.one(f.Default, "default", "roll-back", "skip", "stop")],
		Remind:  b.durations(f.Remind),
	}
	if len(roles) > 0 {
		out.Decide, out.Roles = roles[0], roles[1:]
	}
	if f.Remind == nil {
		out.Remind = b.quiet(b.f.Defaults.Remind)
	} else {
		out.Remind = b.durations(f.Remind)
	}
	if f.Escalate.At.Written() {
		out.Escalate = b.escalate(f.Escalate, f.Remind)
	} else {
		out.Escalate = b.escalateQuietly()
	}
	if f.Default.Written() && !f.Timeout.Written() {
		b.wrong(f.Default, "default", "default is taken when the time-out is over, and there is none", "add for example timeout: 15m")
	}
	for _, c := range f.To {
		b.channel(c)
		if c.Value == deployer.ChannelClients {
			b.wrong(c, "clients", "clients are told by a step of their own, since a person reads their words first", "add an announce to clients to failure's steps")
		}
		out.To = append(out.To, c.Value)
	}
	b.durations(b.f.Defaults.Remind)
	if b.f.Defaults.Escalate.At.Written() {
		b.escalate(b.f.Defaults.Escalate, b.f.Defaults.Remind)
	}
	b.failureMessages(f, &out)
	return out
}

// choices are what can be decided, by the words of files.
var choices = map[string]deployer.Choice{
	"check-again": deployer.ChoiceCheck, "retry": deployer.ChoiceRetry, "skip": deployer.ChoiceSkip,
	"patch-forward": "Patch forward", "roll-back": deployer.ChoiceRollBack, "extend": "Extend", "stop": deployer.ChoiceStop,
}

// failureMessages notes what is told when something fails, and what becomes of it.
func (b *builder) failureMessages(f source.Failure, out *deployer.Failure) {
	for _, m := range []struct {
		usual   string
		written strict.Text
		name    *string
	}{
		{"failed", f.Message, &out.Message}, {"over", f.Over, &out.Over}, {"stopped", f.Stopped, &out.Stopped},
		{"held", f.Held, &out.Held}, {"resumed", f.Resumed, &out.Resumed},
	} {
		if *m.name = m.written.Value; *m.name == "" {
			*m.name = m.usual
		}
		b.tell(*m.name, teller{at: m.written, place: language.Place{Failure: true}, slack: true})
	}
}

// escalate reads what happens where people don't come.
func (b *builder) escalate(e source.Escalate, remind []strict.Text) deployer.Escalate {
	out := deployer.Escalate{Deputies: b.duration(e.Deputies), Page: b.duration(e.Page), BreakGlass: b.duration(e.BreakGlass)}
	if len(remind) > 0 && out.Page > 0 {
		last := remind[len(remind)-1]
		if span, what, _ := strict.Span(last.Value); what == "" && out.Page < span {
			b.doubt(e.Page, "page-early", fmt.Sprintf("somebody is paged after %s, before the last reminder, after %s", e.Page.Value, last.Value), "page later, or take that reminder away")
		}
	}
	return out
}

// escalateQuietly is what the defaults say, which were checked once.
func (b *builder) escalateQuietly() deployer.Escalate {
	span := func(t strict.Text) time.Duration {
		d, _, _ := strict.Span(t.Value)
		return d
	}
	e := b.f.Defaults.Escalate
	return deployer.Escalate{Deputies: span(e.Deputies), Page: span(e.Page), BreakGlass: span(e.BreakGlass)}
}

// quiet are times that were checked elsewhere.
func (b *builder) quiet(times []strict.Text) []time.Duration {
	var out []time.Duration
	for _, t := range times {
		if d, what, _ := strict.Span(t.Value); what == "" && d > 0 {
			out = append(out, d)
		}
	}
	return out
}

// timeoutFailure is how every kind may fail.
const timeoutFailure = "timeout"

// troubles reads what may go wrong: with a step, or with nil with any.
func (b *builder) troubles(list []source.Trouble, s *placed) []deployer.Trouble {
	place := language.Place{Failure: true}
	if s != nil {
		place = b.placeOf(s)
		place.Failure, place.Over = true, nil
	}
	var out []deployer.Trouble
	for _, w := range list {
		t := deployer.Trouble{Failure: w.Failure.Value, Symptom: w.Symptom.Value, Diagnosis: w.Diagnosis.Value, Fix: w.Fix.Value}
		for _, c := range w.Causes {
			t.Causes = append(t.Causes, c.Value)
			b.text(c, place)
		}
		for _, text := range []strict.Text{w.Symptom, w.Diagnosis, w.Fix} {
			b.text(text, place)
		}
		if t.Symptom == "" && t.Diagnosis == "" && t.Fix == "" {
			b.wrong(w.At.Text, "empty", "this says nothing of what one sees or does", "add symptom and fix")
		}
		if w.Failure.Written() {
			b.failureName(w.Failure, s)
		}
		out = append(out, t)
	}
	return out
}

// failureName checks that something can fail so.
func (b *builder) failureName(t strict.Text, s *placed) {
	names, of := []string{timeoutFailure}, "no step kind"
	if s == nil {
		for _, k := range b.known.Kinds {
			names = append(names, k.Fails...)
		}
	} else if s.s.Kind == nil {
		return
	} else {
		names, of = append(names, s.s.Kind.Fails...), s.s.Uses
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if slices.Contains(names, t.Value) {
		return
	}
	if s == nil {
		b.wrong(t, "unknown-failure", fmt.Sprintf("%s fails with %q", of, t.Value), strict.Instead(t.Value, names))
		return
	}
	b.wrong(t, "unknown-failure", fmt.Sprintf("%s never fails with %q", of, t.Value), isOneOf(t.Value, names))
}
