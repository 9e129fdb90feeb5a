package telling

import (
	"slices"
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

// began are the messages that the beginning of a step sends: an announcement,
// or a call of whoever is newly awaited.
func (d writer) began(s deployer.StepState) []deployer.Message {
	switch {
	case !d.Needed(s):
		return nil
	case s.Announces() && !d.AwaitsPerson(s):
		return append(announcer{d}.announcements(s), announcer{d}.unaddressed(s.Addressed())...)
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
	var out []deployer.Message
	for _, role := range deployer.AwaitedRoles(d.Deployment, s) {
		out = append(out, d.threaded(d.call(role, d.question(s))))
	}
	return toldApart(out)
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

// question is what people are asked at a step.
func (d writer) question(s deployer.StepState) deployer.Note {
	if g, item, ok := s.GateOf(); ok {
		return deployer.Note{Kind: deployer.NoteAsksGate, Step: s.Title, Why: g.Asks, Detail: deployer.ItemName(d.Deployment, s, item)}
	}
	if open := deployer.OpenRequests(s); len(open) > 0 {
		return deployer.Note{Kind: deployer.NoteAsksReply, Step: s.Title, By: open[0].By, Why: open[0].Comment}
	}
	return deployer.Note{Kind: asksNote(s.Step), Step: s.Title, Why: s.Why}
}

func (d writer) call(role string, asks deployer.Note) deployer.Message {
	m := deployer.Message{Kind: deployer.MessageAsk, Role: role, Note: asks}
	if role == "" {
		m.To = d.Requester.ID
	}
	return m
}
