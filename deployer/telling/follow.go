package telling

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// follow are the messages that follow from an event.
func (d writer) follow(e deployer.Event) []deployer.Message {
	note := func(step string, n deployer.Note) []deployer.Message {
		if s := d.Step(step); s != nil {
			n.Step = s.Title
		}
		return []deployer.Message{d.threaded(deployer.Message{Kind: deployer.MessageNote, Note: n})}
	}
	switch e := e.(type) {
	case deployer.StepBegan:
		return d.began(*d.Step(e.Step))
	case deployer.StepEnded:
		return d.stepEnded(e, *d.Step(e.Step), note)
	case deployer.StepExpired:
		if s := d.Step(e.Step); deployer.TellsUnread(*s) && s.Words() == "" {
			return announcer{d}.announcements(*s)
		}
	case deployer.StepHeld:
		return d.stepHeld(e)
	case deployer.Overridden:
		if d.Status != deployer.Resolving { // else it is told once it is known what is deployed
			return d.overridden(d.Deployment.Overridden[len(d.Deployment.Overridden)-1:])
		}
	case deployer.GateOpened:
		return []deployer.Message{d.threaded(d.askAtGate(e.Key, ""))}
	case deployer.EffectSettled:
		return d.settled(e)
	case deployer.Reminded:
		return d.reminders(e)
	case deployer.Escalated:
		return d.escalated(e)
	case deployer.EffectRechecked:
		return d.rechecked(e, note)
	case deployer.TargetChanged:
		if e.By.ID != "" {
			return note("", deployer.Note{Kind: deployer.NoteArrived, By: e.By, Detail: e.Service})
		}
		if e.Why != "" {
			return note("", deployer.Note{Kind: deployer.NoteTargetChanged, Why: e.Why})
		}
	case deployer.Resolved:
		var out []deployer.Message
		if len(deployer.Patched(d.Deployment)) == 0 {
			out = d.overridden(d.Deployment.Overridden)
		}
		if warnings := slices.Concat(d.Warnings, targetRemarks(d.Deployment)); len(warnings) > 0 {
			out = append(out, d.threaded(deployer.Message{Kind: deployer.MessageNote, To: d.Requester.ID, Note: deployer.Note{Kind: deployer.NoteWarning, Why: strings.Join(warnings, " ")}}))
		}
		return out
	case deployer.Answered:
		return d.inPlace(e, d.answered(e, note))
	case deployer.ApprovalVoided:
		return append(note(e.Step, deployer.Note{Kind: deployer.NoteVoided, Why: e.Why}), d.held(*d.Step(e.Step), e.At, e.Why)...)
	case deployer.ApprovalLapsed:
		return append(note(e.Step, deployer.Note{Kind: deployer.NoteVoided, Why: e.Why}), d.held(*d.Step(e.Step), e.At, e.Why)...)
	case deployer.ApprovalCarried:
		return note(e.Step, deployer.Note{Kind: deployer.NoteCarried, By: e.Approval.By, Detail: e.Approval.From})
	case deployer.Undelivered:
		if deployer.IsCardKey(e.DedupKey) && e.DedupKey != deployer.CardKey(d.Deployment) {
			return note("", deployer.Note{Kind: deployer.NoteCardLost, Why: e.Why})
		}
		return note("", deployer.Note{Kind: deployer.NoteUndelivered, DedupKey: e.DedupKey, Why: e.Why})
	case deployer.Ended:
		if e.Status == deployer.Refused {
			return []deployer.Message{{Kind: deployer.MessageRefused, DedupKey: deployer.MessageRefused, Channel: d.Channels[deployer.ChannelDeploys], To: d.Requester.ID, Note: deployer.Note{Kind: deployer.NoteRefused, Why: e.Why}}}
		}
		return append(note("", deployer.Note{Kind: deployer.NoteEnded, Status: e.Status, Why: e.Why}), d.stopped(e)...)
	}
	return nil
}

// stepEnded tells how a step has ended, unless it looks again by itself.
func (d writer) stepEnded(e deployer.StepEnded, s deployer.StepState, note func(string, deployer.Note) []deployer.Message) []deployer.Message {
	switch {
	case !e.Retry.IsZero():
		return nil
	case e.Status == deployer.Done && s.Status == deployer.Pending: // all is well so far; it looks again
		return d.recovered(s, e.At, "")
	case !e.Status.Over():
		return d.broke(e, s)
	case s.Approves():
		return append(d.resumed(s, e.At), d.recovered(s, e.At, "")...)
	case e.Status == deployer.Done && e.Why == deployer.DrillNotSent:
		return append(note(e.Step, deployer.Note{Kind: deployer.NoteStepDone, Why: e.Why}), d.recovered(s, e.At, "")...)
	case e.Status == deployer.StepNotNeeded && s.Deploys():
		return append(note(e.Step, deployer.Note{Kind: deployer.NoteStepDone, Why: e.Why}), d.recovered(s, e.At, "")...)
	case e.Status == deployer.Done && (len(s.Effects) > 0 || s.Waits() && d.Needed(s)):
		return append(note(e.Step, deployer.Note{Kind: deployer.NoteStepDone, Why: d.findings(s), Detail: strings.Join(d.remarks(s), " ")}), d.recovered(s, e.At, "")...)
	}
	return d.recovered(s, e.At, "")
}

// broke tells that a step did not go well: whom the procedure wants told only where
// somebody has to decide.
func (d writer) broke(e deployer.StepEnded, s deployer.StepState) []deployer.Message {
	kind := deployer.NoteStepFailed
	switch {
	case !s.Broken():
		kind = deployer.NoteStepNoted
	case deployer.Disproved(s) && e.Status == deployer.StepInterrupted:
		kind = deployer.NoteUnproven
	case deployer.Disproved(s):
		kind = deployer.NoteDisproved
	case e.Status == deployer.StepInterrupted:
		kind = deployer.NoteStepInterrupted
	}
	said := d.threaded(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: kind, Step: s.Title, Why: e.Why, Detail: d.detail(s)}})
	p := d.LastProblem(s.ID)
	if !s.Broken() || p != nil && p.Ended == 0 && p.Number != d.Seq { // people were told when it began
		return []deployer.Message{said}
	}
	if said.To = d.Requester.ID; s.Stops() && d.Status == deployer.Halting {
		return []deployer.Message{said}
	}
	return append([]deployer.Message{said}, d.failure(e)...)
}

// answered are the messages that follow from what somebody has answered.
func (d writer) answered(e deployer.Answered, note func(string, deployer.Note) []deployer.Message) []deployer.Message {
	n := deployer.Note{Kind: deployer.NoteDecided, Choice: e.Choice, By: e.By, Why: e.Why()}
	switch e.Choice {
	case deployer.ChoiceRollBack:
		n.Detail = d.goesBack(e.Services)
		if lost := deployer.Lost(d.Deployment); len(lost) > 0 {
			n.Why = strings.TrimSpace(deployer.Sentence(n.Why) + " It undoes this, too: " + strings.Join(lost, " "))
		}
	case deployer.ChoicePatch:
		n.Detail = deployer.PatchWords(d.Patches[len(d.Patches)-1])
	case deployer.ChoiceUnpatched:
		said := note(e.Step, n)
		if p := deployer.Unpatched(d.Deployment); p != nil {
			said[0].To = p.By.ID
		}
		return said
	case deployer.ChoiceStop:
		if d.GivenUp {
			n.Why = e.GaveUp()
		}
	case deployer.ChoiceProceed, deployer.ChoiceAbort:
		n.Detail = deployer.ItemName(d.Deployment, *d.Step(e.Step), e.Item)
	case deployer.ChoiceSave, deployer.ChoiceView: // the card says how far it is, and the message about the problem
		return nil
	case deployer.ChoiceDone:
		return d.confirmed(e, *d.Step(e.Step))
	case deployer.ChoiceApprove:
		return d.approved(e, note)
	case deployer.ChoiceChanges:
		return d.asksForChanges(e)
	case deployer.ChoiceReply:
		return d.replied(e)
	case deployer.ChoiceSend:
		read := note(e.Step, deployer.Note{Kind: deployer.NoteReviewed, By: e.By})
		if s := d.Step(e.Step); s.Status == deployer.Active { // else it begins once more
			return append(read, announcer{d}.announcements(*s)...)
		}
		return read
	case deployer.ChoiceByHand:
		return append(d.confirmed(e, *d.Step(e.Step)), d.recovered(*d.Step(e.Step), e.At, e.By.Name+" has done it by hand: "+e.Comment)...)
	case deployer.ChoiceSkip:
		return append(note(e.Step, n), d.recovered(*d.Step(e.Step), e.At, e.By.Name+" goes on without it: "+e.Comment)...)
	}
	said := note(e.Step, n)
	said[0].To = d.toRequester(e)
	return said
}

// confirmed tells that somebody has done a step, or answered it, with what they filled in.
func (d writer) confirmed(e deployer.Answered, s deployer.StepState) []deployer.Message {
	m := d.threaded(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteConfirmed, Step: s.Title, By: e.By, Why: e.Comment}})
	switch asked := deployer.AskedOf(d.Deployment, s); {
	case len(asked) > 1:
		m.Note.Detail = e.Item
	case len(asked) == 1 && s.Scope() == deployer.ScopeMembers: // the only one of a list, which nothing else names
		m.Note.Detail = asked[0]
	}
	if len(e.Values) > 0 || s.Hand || m.Note.Detail != "" {
		m.Args = map[string]string{deployer.AnsweredStep: e.Step}
		for id, value := range e.Values {
			m.Args[deployer.AnsweredField+id] = value
		}
	}
	return []deployer.Message{m}
}

// goesBack says of services to what they go back.
func (d writer) goesBack(services []string) string {
	var out []string
	for _, service := range services {
		words := service
		if t := d.Target(service); t != nil {
			back, _ := deployer.BackTo(d.Deployment, *t)
			words = strings.TrimSpace(service + " to " + back.Version)
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ")
}
