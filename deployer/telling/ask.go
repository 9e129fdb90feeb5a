package telling

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// asksNote is the kind of note that says what people are asked for by a step.
func asksNote(s deployer.Step) deployer.NoteKind {
	switch {
	case s.Approves():
		return deployer.NoteAsksApprove
	case s.Announces():
		return deployer.NoteAsksReview
	}
	return deployer.NoteAsksConfirm
}

// askAtGate calls whoever answers what the system of an effect asks, after words
// that say why again.
func (d writer) askAtGate(key, again string) deployer.Message {
	s, e := d.Step(deployer.ParseEffectKey(key).Step), d.Effect(key)
	return d.call(s.GateRole(), deployer.Note{Kind: deployer.NoteAsksGate, Step: s.Title, Why: strings.TrimSpace(again + " " + e.Gate.Asks), Detail: deployer.ItemName(d.Deployment, *s, e.Item)})
}

// reminders call whoever is awaited at the step, the people of each role by themselves,
// and the last ones the requester, who can ask somebody else or stop.
func (d writer) reminders(e deployer.Reminded) []deployer.Message {
	s := d.Step(e.Step)
	_, asks := d.question(*s)
	if asks.Kind != deployer.NoteAsksGate {
		asks.Why = ""
	}
	var out []deployer.Message
	for _, role := range d.awaitedRoles(*s) {
		m := deployer.Message{
			Kind: deployer.MessageRemind, Role: role, Note: asks, Args: map[string]string{deployer.RemindSince: strconv.FormatInt(s.Asked().Unix(), 10)},
		}
		if e.N == len(s.Remind) {
			m.Args[deployer.RemindLast] = "yes"
		}
		out = append(out, d.threaded(m))
	}
	return toldApart(out)
}

// began are the messages that the beginning of a step sends: an announcement,
// or a call of whoever is newly awaited.
func (d writer) began(s deployer.StepState) []deployer.Message {
	switch {
	case !d.Needed(s):
		return nil
	case s.Announces() && !d.AwaitsPerson(s):
		return append(d.announcements(s), d.unaddressed(s.Addressed())...)
	case s.Approves() && len(deployer.MissingApprovals(d.Deployment, s))+len(deployer.OpenRequests(s)) == 0: // all of it was carried over
		return nil
	case d.AwaitsPerson(s) && (len(s.Roles()) > 0 || d.calledAnew(s)):
		return d.askFor(s)
	}
	return nil
}

// calledAnew reports whether the requester has to be called: something else went
// before, since whoever has just typed the command sees the card.
func (d writer) calledAnew(s deployer.StepState) bool {
	return len(s.Needs) > 0 && slices.ContainsFunc(d.Steps, func(o deployer.StepState) bool {
		return o.Attempt > 0 && o.ID != s.ID && !o.Announces() && d.Needed(o)
	})
}

// askFor calls whoever answers a step, the people of each role by themselves.
func (d writer) askFor(s deployer.StepState) []deployer.Message {
	_, asks := d.question(s)
	var out []deployer.Message
	for _, role := range d.awaitedRoles(s) {
		out = append(out, d.threaded(d.call(role, asks)))
	}
	return toldApart(out)
}

// awaitedRoles are those that a step waits for, each once; "": the requester.
func (d writer) awaitedRoles(s deployer.StepState) []string {
	_, _, gate := s.GateOf()
	switch {
	case s.Approves() && len(deployer.OpenRequests(s)) > 0:
		return []string{d.repliesAs()}
	case !gate && len(s.RoleCounts()) > 0:
		return slices.Compact(deployer.MissingApprovals(d.Deployment, s))
	case !gate && len(s.RolesAsked()) > 0:
		return deployer.Unanswered(d.Deployment, s)
	}
	role, _ := d.question(s)
	return []string{role}
}

// toldApart gives messages of one event keys of their own, where there are several.
func toldApart(all []deployer.Message) []deployer.Message {
	for i := range all {
		if len(all) > 1 {
			all[i].DedupKey += "/" + all[i].Role
		}
	}
	return all
}

// question is what people are asked at a step, and the role that is asked; "":
// nobody but the requester.
func (d writer) question(s deployer.StepState) (role string, asks deployer.Note) {
	if g, item, ok := s.GateOf(); ok {
		return s.GateRole(), deployer.Note{Kind: deployer.NoteAsksGate, Step: s.Title, Why: g.Asks, Detail: deployer.ItemName(d.Deployment, s, item)}
	}
	if open := deployer.OpenRequests(s); len(open) > 0 {
		return d.repliesAs(), deployer.Note{Kind: deployer.NoteAsksReply, Step: s.Title, By: open[0].By, Why: open[0].Comment}
	}
	return s.Role(), deployer.Note{Kind: asksNote(s.Step), Step: s.Title, Why: s.Why}
}

func (d writer) call(role string, asks deployer.Note) deployer.Message {
	m := deployer.Message{Kind: deployer.MessageAsk, Role: role, Note: asks}
	if role == "" {
		m.To = d.Requester.ID
	}
	return m
}
