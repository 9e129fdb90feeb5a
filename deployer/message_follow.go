package deployer

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A messageWriter says what is to be sent about a deployment, as it stands after
// the event that it is sent for.
type messageWriter struct {
	Deployment
	language Language // nil: the words have no values but those that the core knows
}

// follow are the messages that follow from an event.
func (d messageWriter) follow(e Event) []Message {
	note := func(step string, n Note) []Message {
		if s := d.Step(step); s != nil {
			n.Step = s.Title
		}
		return []Message{d.threaded(Message{Kind: MessageNote, Note: n})}
	}
	switch e := e.(type) {
	case StepBegan:
		return d.began(*d.Step(e.Step))
	case StepEnded:
		return d.stepEnded(e, *d.Step(e.Step), note)
	case StepExpired:
		if s := d.Step(e.Step); (planner{d.Deployment}).tellsUnread(*s) && s.Words() == "" {
			return d.announcements(*s)
		}
	case StepHeld:
		return []Message{d.stepHeld(e)}
	case GateOpened:
		return []Message{d.threaded(d.askAtGate(e.Key, ""))}
	case EffectSettled:
		return d.settled(e)
	case Reminded:
		return d.reminders(e)
	case EffectRechecked:
		return d.rechecked(e, note)
	case TargetChanged:
		if e.Why != "" {
			return note("", Note{Kind: NoteTargetChanged, Why: e.Why})
		}
	case Resolved:
		if warnings := slices.Concat(d.Warnings, remarks(d.Deployment)); len(warnings) > 0 {
			return []Message{d.threaded(Message{Kind: MessageNote, To: d.Requester.ID, Note: Note{Kind: NoteWarning, Why: strings.Join(warnings, " ")}})}
		}
	case Answered:
		return d.answered(e, note)
	case ApprovalVoided:
		return append(note(e.Step, Note{Kind: NoteVoided, Why: e.Why}), d.held(*d.Step(e.Step), e)...)
	case Undelivered:
		if isCard(e.DedupKey) && e.DedupKey != cardKey(d.Deployment) {
			return note("", Note{Kind: NoteCardLost, Why: e.Why})
		}
		return note("", Note{Kind: NoteUndelivered, DedupKey: e.DedupKey, Why: e.Why})
	case Ended:
		if e.Status == Refused {
			return []Message{{Kind: MessageRefused, DedupKey: MessageRefused, Channel: d.Channels[ChannelDeploys], To: d.Requester.ID, Note: Note{Kind: NoteRefused, Why: e.Why}}}
		}
		return append(note("", Note{Kind: NoteEnded, Status: e.Status, Why: e.Why}), d.stopped(e)...)
	}
	return nil
}

// stepEnded tells how a step has ended, unless it looks again by itself.
func (d messageWriter) stepEnded(e StepEnded, s StepState, note func(string, Note) []Message) []Message {
	switch {
	case !e.Retry.IsZero():
		return nil
	case e.Status == Done && s.Status == Pending: // all is well so far; it looks again
		return d.recovered(s, e.At, "")
	case !e.Status.Over():
		return d.broke(e, s)
	case s.Approves():
		return append(d.resumed(s, e.At), d.recovered(s, e.At, "")...)
	case e.Status == StepNotNeeded && s.Deploys():
		return append(note(e.Step, Note{Kind: NoteStepDone, Why: e.Why}), d.recovered(s, e.At, "")...)
	case e.Status == Done && (len(s.Effects) > 0 || s.Waits() && d.Needed(s)):
		return append(note(e.Step, Note{Kind: NoteStepDone, Why: d.findings(s), Detail: strings.Join(d.remarks(s), " ")}), d.recovered(s, e.At, "")...)
	}
	return d.recovered(s, e.At, "")
}

// broke tells that a step did not go well: whom the procedure wants told only where
// somebody has to decide.
func (d messageWriter) broke(e StepEnded, s StepState) []Message {
	kind := NoteStepFailed
	switch {
	case !s.broken():
		kind = NoteStepNoted
	case Disproved(s) && e.Status == StepInterrupted:
		kind = NoteUnproven
	case Disproved(s):
		kind = NoteDisproved
	case e.Status == StepInterrupted:
		kind = NoteStepInterrupted
	}
	said := d.threaded(Message{Kind: MessageNote, Note: Note{Kind: kind, Step: s.Title, Why: e.Why, Detail: d.detail(s)}})
	if !s.broken() || s.stops() && d.Status == Halting {
		return []Message{said}
	}
	return append([]Message{said}, d.failure(e)...)
}

// rechecked tells what is not so any more of what was held. Of a proof, the end of
// its step does.
func (d messageWriter) rechecked(e EffectRechecked, note func(string, Note) []Message) []Message {
	key := ParseEffectKey(e.Key)
	if key.Verb != VerbPause {
		return nil
	}
	why := strings.TrimSpace(e.Outcome.Detail)
	switch {
	case e.Outcome.Result != OK:
		why = e.Outcome.Why
	case why == "":
		why = "What somebody had changed of it is as it was again."
	}
	if name := ItemName(d.Deployment, *d.Step(key.Step), key.Item); name != "" {
		why = name + ": " + why
	}
	return note(key.Step, Note{Kind: NoteRechecked, Why: why})
}

// answered are the messages that follow from what somebody has answered.
func (d messageWriter) answered(e Answered, note func(string, Note) []Message) []Message {
	n := Note{Kind: NoteDecided, Choice: e.Choice, By: e.By, Why: e.Why()}
	switch e.Choice {
	case ChoiceRollBack:
		n.Detail = d.goesBack(e.Services)
		if lost := Lost(d.Deployment); len(lost) > 0 {
			n.Why = strings.TrimSpace(Sentence(n.Why) + " It undoes this, too: " + strings.Join(lost, " "))
		}
	case ChoiceStop:
		if d.GivenUp {
			n.Why = e.gaveUp()
		}
	case ChoiceProceed, ChoiceAbort:
		n.Detail = ItemName(d.Deployment, *d.Step(e.Step), e.Item)
	case ChoiceDone:
		return d.confirmed(e, *d.Step(e.Step))
	case ChoiceApprove:
		return note(e.Step, Note{Kind: NoteApproved, By: e.By})
	case ChoiceSend:
		read := note(e.Step, Note{Kind: NoteReviewed, By: e.By})
		if s := d.Step(e.Step); s.Status == Active { // else it begins once more
			return append(read, d.announcements(*s)...)
		}
		return read
	case ChoiceSkip:
		return append(note(e.Step, n), d.recovered(*d.Step(e.Step), e.At, e.By.Name+" goes on without it: "+e.Comment)...)
	}
	return note(e.Step, n)
}

// confirmed tells that somebody has done a step, or answered it, with what they filled in.
func (d messageWriter) confirmed(e Answered, s StepState) []Message {
	m := d.threaded(Message{Kind: MessageNote, Note: Note{Kind: NoteConfirmed, Step: s.Title, By: e.By}})
	switch asked := AskedOf(d.Deployment, s); {
	case len(asked) > 1:
		m.Note.Detail = e.Item
	case len(asked) == 1 && s.scope() == ScopeMembers: // the only one of a list, which nothing else names
		m.Note.Detail = asked[0]
	}
	if len(e.Values) > 0 || s.Hand || m.Note.Detail != "" {
		m.Args = map[string]string{AnsweredStep: e.Step}
		for id, value := range e.Values {
			m.Args[AnsweredField+id] = value
		}
	}
	return []Message{m}
}

// goesBack says of services to what they go back.
func (d messageWriter) goesBack(services []string) string {
	var out []string
	for _, service := range services {
		words := service
		if t := d.Target(service); t != nil {
			back, _ := BackTo(d.Deployment, *t)
			words = strings.TrimSpace(service + " to " + back.Version)
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ")
}

// The placeholders behind words that announce: what falls short of what they may
// say, and what people should know though all went well.
const (
	argShort  = "short-of"
	argRemark = "remark"
)

// besides adds to words of a procedure that say what runs now what they do not
// stand for, and what people should know though all went well.
func (d messageWriter) besides(m *Message) {
	says := func(arg string) bool { return strings.Contains(m.Words, "{"+arg+"}") }
	now, back := says("what") || says("to"), d.Part == PartRollback && says("from")
	if short := shortWords(d.Deployment); short != "" && now {
		m.Words, m.Args[argShort] = m.Words+"\n{"+argShort+"}", short
	}
	if remarks := Remarks(d.Deployment); len(remarks) > 0 && (now || back) {
		m.Words, m.Args[argRemark] = m.Words+"\n{"+argRemark+"}", strings.Join(remarks, " ")
	}
}

// threaded completes a message in the card's thread. Its key is the number of
// the event that it comes from, so that it is the same whoever computes it.
func (d messageWriter) threaded(m Message) Message {
	m.Channel, m.Thread, m.DedupKey = d.Channels[ChannelDeploys], true, m.Kind+"/"+strconv.Itoa(d.Seq)
	return m
}

// began are the messages that the beginning of a step sends: an announcement,
// or a call of whoever is newly awaited.
func (d messageWriter) began(s StepState) []Message {
	switch {
	case !d.Needed(s):
		return nil
	case s.Announces() && !d.AwaitsPerson(s):
		return d.announcements(s)
	case d.AwaitsPerson(s) && (len(s.roles()) > 0 || d.calledAnew(s)):
		return d.askFor(s)
	}
	return nil
}

// calledAnew reports whether the requester has to be called: something else went
// before, since whoever has just typed the command sees the card.
func (d messageWriter) calledAnew(s StepState) bool {
	return len(s.Needs) > 0 && slices.ContainsFunc(d.Steps, func(o StepState) bool {
		return o.Attempt > 0 && o.ID != s.ID && !o.Announces() && d.Needed(o)
	})
}

// askFor calls whoever answers a step, the people of each role by themselves.
func (d messageWriter) askFor(s StepState) []Message {
	_, asks := d.question(s)
	var out []Message
	for _, role := range d.awaitedRoles(s) {
		out = append(out, d.threaded(d.call(role, asks)))
	}
	return toldApart(out)
}

// awaitedRoles are those that a step waits for, each once; "": the requester.
func (d messageWriter) awaitedRoles(s StepState) []string {
	_, _, gate := s.GateOf()
	switch {
	case !gate && len(s.counts()) > 0:
		return slices.Compact(MissingApprovals(d.Deployment, s))
	case !gate && len(s.rolesAsked()) > 0:
		return Unanswered(d.Deployment, s)
	}
	role, _ := d.question(s)
	return []string{role}
}

// toldApart gives messages of one event keys of their own, where there are several.
func toldApart(all []Message) []Message {
	for i := range all {
		if len(all) > 1 {
			all[i].DedupKey += "/" + all[i].Role
		}
	}
	return all
}

// question is what people are asked at a step, and the role that is asked; "":
// nobody but the requester.
func (d messageWriter) question(s StepState) (role string, asks Note) {
	if g, item, ok := s.GateOf(); ok {
		return s.GateRole(), Note{Kind: NoteAsksGate, Step: s.Title, Why: g.Asks, Detail: ItemName(d.Deployment, s, item)}
	}
	return s.Role(), Note{Kind: s.asksNote(), Step: s.Title, Why: s.Why}
}

func (d messageWriter) call(role string, asks Note) Message {
	m := Message{Kind: MessageAsk, Role: role, Note: asks}
	if role == "" {
		m.To = d.Requester.ID
	}
	return m
}

// announcements are the messages of an announce step that were not taken yet.
func (d messageWriter) announcements(s StepState) []Message {
	var out []Message
	for _, item := range ItemsOf(d.Deployment, s) {
		for _, name := range d.audience(s.To()) {
			if s.posted(s.announcementKey(item, name)) {
				continue
			}
			m := Message{DedupKey: s.announcementKey(item, name), Kind: announcementKind(s.Message()), Channel: d.Channels[name], Receipt: true}
			if s.ForClients() || s.Words() != "" {
				m.Words, m.Plain = s.Words(), true
			} else {
				m.Words, m.Args = d.Procedure.Messages[s.Message()], d.args(s.Began)
				maps.Copy(m.Args, s.Seen.Words)
				maps.Copy(m.Args, s.Seen.Each[item])
				d.besides(&m)
			}
			out = append(out, m)
		}
	}
	return out
}

// detail is what is known about why the effects of a step did not go well.
func (d messageWriter) detail(s StepState) string {
	bad := slices.DeleteFunc(d.inOrder(s), func(e Effect) bool { return e.Outcome.Detail == "" || e.Outcome.Result == OK })
	var parts []string
	for _, e := range bad {
		said := tail(e.Outcome.Detail, detailMax/len(bad)) // so that each has its end in one message
		if len(d.Targets) > 1 {
			said = e.Item + ":\n" + said
		}
		parts = append(parts, said)
	}
	return strings.Join(parts, "\n\n")
}

// findings are what was found out by the effects of a step that went well, of
// each service if there are several.
func (d messageWriter) findings(s StepState) string {
	var out []string
	for _, e := range d.inOrder(s) {
		switch why := e.Outcome.Why; {
		case why == "" || e.Outcome.Result != OK || !e.IsMain():
		case len(d.Targets) > 1:
			out = append(out, e.Item+": "+Sentence(why))
		default:
			out = append(out, Sentence(why))
		}
	}
	return strings.Join(out, " ")
}

// remarks are what people should know though the effects of a step went well, of
// each service if there are several.
func (d messageWriter) remarks(s StepState) []string {
	var out []string
	for _, e := range d.inOrder(s) {
		if e.Outcome.Remark == "" || e.Outcome.Result != OK || !e.IsMain() {
			continue
		}
		remark := Sentence(e.Outcome.Remark)
		if name := ItemName(d.Deployment, s, e.Item); name != "" {
			remark = name + ": " + remark
		}
		out = append(out, remark)
	}
	return out
}

func (d messageWriter) card() Message {
	return Message{Kind: MessageCard, DedupKey: cardKey(d.Deployment), Channel: d.Channels[ChannelDeploys], Receipt: d.Card.TS == ""}
}
