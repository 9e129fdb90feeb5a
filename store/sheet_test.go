package store

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A sheet says in words of its own what a deployment has come to and what is to be done next. The golden files hold
// these words, so that they outlive the types and names of the core: only this file knows both.
type sheet struct{ strings.Builder }

// line adds what is not empty of some parts, a space between two.
func (s *sheet) line(indent int, parts ...string) {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	fmt.Fprintf(s, "%s%s\n", strings.Repeat("  ", indent), strings.Join(parts, " "))
}

// state is what a deployment has come to.
func (s *sheet) state(d deployer.Deployment) {
	s.line(1, string(d.Status), colon(d.Why), when(d.Part == deployer.PartRollback, "on the way back"), list("of", d.RollbackServices), when(d.GivenUp, "given up"))
	s.line(1, "asked by", who(d.Requester), "at", at(d.Created), since("ended", d.Ended), "for", string(d.Site.Kind), d.Site.Name, d.Site.Environment, "by", d.Origin)
	s.line(1, "wants", strings.Join(words(d.Releases, func(r deployer.Release) string {
		return strings.TrimSpace(r.Service + " " + r.Tag + when(r.Revision != "", "revision "+r.Revision))
	}), ", "), since("at", d.Planned), quoted("warns", strings.Join(d.Warnings, " ")), quoted("reason", d.Reason), quoted("tam", d.Terms["tam"]))
	s.line(1, "inputs", pairs(d.Inputs), "channels", pairs(d.Channels))
	s.line(1, "procedure", d.Procedure.ID, d.Procedure.SHA[:min(8, len(d.Procedure.SHA))], "card", d.Card.Channel, d.Card.TS, list("orders", d.OrdersSeen), list("refused", d.OrdersRefused))
	for _, t := range d.Targets {
		s.line(1, "target", t.Service, t.Runner, pairs(t.Where), runs(t.Before), "->", runs(t.After), when(t.Live, "live"), when(t.Pauses, "pauses"))
	}
	var pending []string
	for _, step := range d.Steps {
		if step.Attempt == 0 && step.Status == deployer.Pending {
			pending = append(pending, step.ID)
			continue
		}
		s.step(d, step)
	}
	s.line(1, list("pending", pending))
	s.line(1, list("people may", words(d.Options(), func(x deployer.Choice) string { return string(x) })),
		list("awaited at", words(d.Current(), func(x deployer.StepState) string { return x.ID })))
}

func (s *sheet) step(d deployer.Deployment, x deployer.StepState) {
	s.line(1, "step", x.ID, x.Uses+":", string(x.Status), fmt.Sprint("attempt ", x.Attempt), since("began", x.Began), since("over", x.Finished),
		when(x.By.ID != "", "by "+who(x.By)), when(x.Failed, "has failed"), when(x.Expired, "expired"),
		when(x.Reminded > 0, fmt.Sprint("reminded ", x.Reminded)), when(x.Look, "looks only"), quoted("words", x.Words()), colon(x.Why),
		quoted("when", x.When), quoted("it is", string(x.Condition)), quoted("held", x.Held.Why), since("until", x.Held.Until))
	if x.Skipped.By.ID != "" {
		s.line(2, "skipped by", who(x.Skipped.By), since("at", x.Skipped.At), colon(x.Skipped.Reason))
	}
	for _, a := range x.Approvals {
		s.line(2, "approved by", who(a.By), "at", at(a.At), when(a.Subject == d.Subject().Hash(), "counts"))
	}
	for _, e := range x.Effects {
		s.line(2, "effect", e.Key, e.Runner, fmt.Sprint("attempt ", e.Attempt), string(e.Stage), "since", at(e.At), "found", runs(e.Before),
			quoted("ref", e.Ref), when(e.LookOnly, "looks only"), string(e.Outcome.Result), colon(e.Outcome.Why), long(e.Outcome.Detail), runs(e.Outcome.State),
			outputs(e.Outcome.Outputs), list("tried at", words(e.Sent, at)), when(e.Untold, "can't be told"), since("asked", e.Asked), gate(e.Gate))
	}
	for _, p := range x.Posts {
		s.line(2, "posted", p.DedupKey, p.Channel, p.TS)
	}
	for _, key := range slices.Sorted(maps.Keys(x.Lost)) {
		s.line(2, "lost", key+":", x.Lost[key])
	}
}

// next is what the engine has to do at a time, and which timers will have run out in a year.
func (s *sheet) next(d deployer.Deployment, now time.Time) {
	p := deployer.Next(d, now)
	s.line(1, "next at", at(now)+":", when(p.Resolve, "resolve"), list("timers", words(p.Due, timer)), since("wakes", p.Wake),
		list("in a year", words(deployer.Next(d, now.AddDate(1, 0, 0)).Due, timer)))
	for _, w := range p.Effects {
		in := w.Intent
		s.line(2, "effect", w.Key, w.Runner, fmt.Sprint("attempt ", in.Attempt), string(w.Stage), since("since", in.At), quoted("ref", w.Ref), "mark", in.Mark,
			runs(in.From), "->", runs(in.To), pairs(in.Where), pairs(parameters(in.With, w.Runner)), since("until", in.Deadline),
			when(in.Back, "back"), when(w.LookOnly, "looks only"), when(w.Verb == deployer.VerbPause, "holds"), quoted("halts:", w.Halt),
			list("tried at", words(w.Sent, at)), quoted("answers", in.Gate))
	}
}

// moment is one line: what was wanted after a commit.
func (s *sheet) moment(n int, d deployer.Deployment, now time.Time) {
	p := deployer.Next(d, now)
	s.line(2, fmt.Sprint(n), string(d.Status), when(p.Resolve, "resolve"), list("timers", words(p.Due, timer)), since("wakes", p.Wake),
		list("effects", words(p.Effects, func(w deployer.Wanted) string {
			return strings.Join(slices.DeleteFunc([]string{w.Key, string(w.Stage), when(w.LookOnly, "looks"), when(w.Halt != "", "halts"), when(len(w.Sent) > 0, fmt.Sprint("tried ", len(w.Sent)))}, func(p string) bool { return p == "" }), " ")
		})), list("awaited at", words(d.Current(), func(x deployer.StepState) string { return x.ID })), list("held", words(d.Steps, held)), list("gates", words(d.Steps, asked)))
}

// held and asked are what holds a step, and what a system asks at it; "": nothing does.
func held(x deployer.StepState) string { return when(x.Held.Why != "", x.ID) }

func asked(x deployer.StepState) string {
	g, _, ok := x.GateOf()
	return when(ok, x.ID+" "+g.ID)
}

func timer(c deployer.Command) string {
	switch c := c.(type) {
	case deployer.Elapse:
		return fmt.Sprint("over ", c.Step, " ", c.Attempt)
	case deployer.Expire:
		return fmt.Sprint("expired ", c.Step, " ", c.Attempt)
	case deployer.Remind:
		return fmt.Sprint("remind ", c.Step, " ", c.Attempt)
	case deployer.Advance:
		return "go on"
	}
	return fmt.Sprintf("%T", c)
}

// gate is what a system has asked, and what was answered.
func gate(g deployer.Gate) string {
	return when(g.ID != "", fmt.Sprintf("at %q: %q %s", g.ID, g.Asks, when(g.Answer != "", string(g.Answer)+" by "+who(g.By))))
}

// outputs are what an effect has left behind.
func outputs(all deployer.Values) string {
	out := map[string]string{}
	for name, v := range all {
		out[name] = strings.TrimSpace(v.Text + when(v.Number != 0, fmt.Sprint(v.Number)))
	}
	return when(len(out) > 0, "left "+pairs(out))
}

// procedure is what a deployment follows, as it was frozen.
func (s *sheet) procedure(p deployer.Procedure) {
	s.line(0, "procedure", p.ID, p.SHA[:8], quoted("title", p.Title), p.Owner)
	for _, in := range p.Inputs {
		s.line(1, "input", in.ID, quoted("label", in.Label), list("options", in.Options), quoted("default", in.Default), when(in.Required, "required"))
	}
	for _, step := range p.Steps {
		s.written(step, "")
	}
	for _, step := range p.Rollback {
		s.written(step, "back")
	}
	f := p.Failure
	s.line(1, "failure decide", f.Decide, "message", f.Message, "over", f.Over, "stopped", f.Stopped, "held", f.Held, "resumed", f.Resumed, list("to", f.To))
	for _, name := range slices.Sorted(maps.Keys(p.Messages)) {
		s.line(1, "message", name+":", p.Messages[name])
	}
}

func (s *sheet) written(x deployer.Step, part string) {
	s.line(1, part, "step", x.ID, x.Uses, "in", x.Phase, quoted("title", x.Title), list("needs", x.Needs), quoted("role", x.Role()), when(x.Count() > 0, fmt.Sprint("count ", x.Count())),
		quoted("message", x.Message()), list("to", x.To()), when(x.Planned(), "where planned"), of(x, lasts("for", x.For())), quoted("until", x.Until()), pairs(parameters(x.With, x.Uses)),
		lasts("estimate", x.Estimate), lasts("timeout", x.Timeout), list("remind", words(x.Remind, time.Duration.String)), quoted("expect", x.Expect), quoted("trouble", x.Troubleshooting))
	for _, i := range x.Items() {
		s.line(2, "item", i.Title, i.Link)
	}
}

// summary is a line in a list.
func (s *sheet) summary(x deployer.Summary) {
	s.line(0, x.ID, string(x.Status), "of", who(x.Requester), x.Site.Name, x.Site.Environment, list("services", words(x.Releases, func(r deployer.Release) string { return r.Service })),
		at(x.Created), since("ended", x.Ended), quoted("why", x.Why), quoted("reason", x.Reason))
}

// message is what waits to be sent.
func (s *sheet) message(m deployer.OutboxMessage) {
	n := m.Note
	s.line(0, m.Deployment, m.Kind, m.DedupKey, "to", m.Channel, when(m.Thread, "in the thread"), quoted("for", m.To), quoted("role", m.Role), when(m.Receipt, "wants a receipt"), when(m.Plain, "plain"),
		since("since", m.At), quoted("note", string(n.Kind)), quoted("decision", string(n.Choice)), quoted("status", string(n.Status)), quoted("of", n.DedupKey), quoted("step", n.Step),
		when(n.By.ID != "", "by "+who(n.By)), quoted("why", n.Why), long(n.Detail), quoted("words", m.Words), pairs(m.Args))
}

func (s *sheet) locks(all deployer.Locks) {
	for _, l := range all.All {
		s.line(0, "lock", all.Site.Name, all.Site.Environment, quoted("service", l.Service), "by", who(l.By), "from", at(l.At), "to", at(l.Until), quoted("reason", l.Reason), quoted("by", l.Origin))
	}
}

func who(p deployer.Actor) string {
	return p.Name + "/" + p.ID + when(p.Kind != "", " ("+string(p.Kind)+")")
}

func runs(s deployer.State) string {
	image, digest, _ := strings.Cut(s.Image, "@sha256:")
	return fmt.Sprintf("[%s]", strings.TrimSpace(s.Version+" "+image+when(digest != "", fmt.Sprintf("@%.8s", digest))+" "+s.Revision))
}

func at(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999999Z") }

func since(word string, t time.Time) string { return when(!t.IsZero(), word+" "+at(t)) }

func lasts(word string, d time.Duration) string { return when(d > 0, word+" "+d.String()) }

func quoted(word, text string) string { return when(text != "", fmt.Sprintf("%s %q", word, text)) }

func colon(why string) string { return when(why != "", fmt.Sprintf("because %q", why)) }

func when(yes bool, words string) string {
	if yes {
		return words
	}
	return ""
}

// long stands for a text that may be long.
func long(text string) string {
	if len(text) < 80 {
		return quoted("detail", text)
	}
	return fmt.Sprintf("detail %d bytes %.8x", len(text), sha256.Sum256([]byte(text)))
}

func list(word string, all []string) string {
	all = slices.DeleteFunc(slices.Clone(all), func(x string) bool { return x == "" })
	return when(len(all) > 0, word+" "+strings.Join(all, ", "))
}

func words[T any](all []T, word func(T) string) []string {
	var out []string
	for _, x := range all {
		out = append(out, word(x))
	}
	return out
}

// of is what is said of the kinds of the core alone.
func of(x deployer.Step, words string) string {
	return when(!strings.Contains(x.Uses, "."), words)
}

// parameters are those of a system's kind, as they are written.
func parameters(with deployer.Values, uses string) map[string]string {
	out := map[string]string{}
	for name, v := range with {
		switch {
		case !strings.Contains(uses, "."):
		case v.Duration > 0:
			out[name] = v.Duration.String()
		case v.Number > 0:
			out[name] = fmt.Sprint(v.Number)
		default:
			out[name] = v.Text
		}
	}
	return out
}

func pairs(m map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s=%q", k, m[k]))
	}
	return when(len(out) > 0, "("+strings.Join(out, " ")+")")
}
