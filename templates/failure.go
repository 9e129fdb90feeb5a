package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A failing reads what may go wrong, and what happens then.
type failing struct{ *builder }

// failure reads what happens when a step fails.
func (fl failing) failure(f source.Failure) deployer.Failure {
	roles := fl.roles(f.Decide.All(), "decide")
	out := deployer.Failure{
		Experts: fl.roles(f.Experts, "experts"), People: fl.roles(f.People, "people"), Timeout: fl.duration(f.Timeout),
		Prefer:  choices[fl.one(f.Prefer, "prefer", "check-again", "retry", "skip", "patch-forward", "roll-back", "extend", "stop")],
		Default: choices[fl.one(f.Default, "default", "roll-back", "skip", "stop")],
	}
	if len(roles) > 0 {
		out.Decide, out.Roles = roles[0], roles[1:]
	}
	if f.Remind == nil {
		out.Remind = fl.late.quiet(fl.f.Defaults.Remind)
	} else {
		out.Remind = fl.durations(f.Remind)
	}
	if f.Escalate.At.Written() {
		out.Escalate = fl.late.escalate(f.Escalate, f.Remind)
	} else {
		out.Escalate = fl.late.escalateQuietly()
	}
	if f.Default.Written() && !f.Timeout.Written() {
		fl.wrong(f.Default, "default", "default is taken when the time-out is over, and there is none", "add for example timeout: 15m")
	}
	for _, c := range f.To {
		fl.channel(c)
		if c.Value == deployer.ChannelClients {
			fl.wrong(c, "clients", "clients are told by a step of their own, since a person reads their words first", "add an announce to clients to failure's steps")
		}
		out.To = append(out.To, c.Value)
	}
	fl.messages(f, &out)
	return out
}

// choices are what can be decided, by the words of files.
var choices = map[string]deployer.Choice{
	"check-again": deployer.ChoiceCheck, "retry": deployer.ChoiceRetry, "skip": deployer.ChoiceSkip,
	"patch-forward": deployer.ChoicePatch, "roll-back": deployer.ChoiceRollBack, "extend": "Extend", "stop": deployer.ChoiceStop,
}

// messages notes what is told when something fails, and what becomes of it.
func (fl failing) messages(f source.Failure, out *deployer.Failure) {
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
		fl.said.tell(*m.name, teller{at: m.written, place: language.Place{Failure: true}, slack: true})
	}
}

// timeoutFailure is how every kind may fail.
const timeoutFailure = "timeout"

// troubles reads what may go wrong: with a step, or with nil with any.
func (fl failing) troubles(list []source.Trouble, s *placed) []deployer.Trouble {
	place := language.Place{Failure: true}
	if s != nil {
		place = fl.placeOf(s)
		place.Failure, place.Over = true, nil
	}
	var out []deployer.Trouble
	for _, w := range list {
		t := deployer.Trouble{Failure: w.Failure.Value, Symptom: w.Symptom.Value, Diagnosis: w.Diagnosis.Value, Fix: w.Fix.Value}
		for _, c := range w.Causes {
			t.Causes = append(t.Causes, c.Value)
			fl.text(c, place)
		}
		for _, text := range []strict.Text{w.Symptom, w.Diagnosis, w.Fix} {
			fl.text(text, place)
		}
		if t.Symptom == "" && t.Diagnosis == "" && t.Fix == "" {
			fl.wrong(w.At.Text, "empty", "this says nothing of what one sees or does", "add symptom and fix")
		}
		if w.Failure.Written() {
			fl.failureName(w.Failure, s)
		}
		out = append(out, t)
	}
	return out
}

// failureName checks that something can fail so.
func (fl failing) failureName(t strict.Text, s *placed) {
	names, of := []string{timeoutFailure}, "no step kind"
	switch {
	case s == nil:
		for _, k := range fl.known.Kinds {
			names = append(names, k.Fails...)
		}
	case s.s.Kind == nil:
		return
	default:
		names, of = append(names, s.s.Kind.Fails...), s.s.Uses
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if slices.Contains(names, t.Value) {
		return
	}
	if s == nil {
		fl.wrong(t, "unknown-failure", fmt.Sprintf("%s fails with %q", of, t.Value), strict.Instead(t.Value, names))
		return
	}
	fl.wrong(t, "unknown-failure", fmt.Sprintf("%s never fails with %q", of, t.Value), isOneOf(t.Value, names))
}
