package deployer

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of messages that the core sends; a procedure's announcements have
// the name of their words as kind.
const (
	MessageCard    = "card"
	MessageAsk     = "ask"     // somebody new is awaited
	MessageNote    = "note"    // one line in the thread
	MessageRefused = "refused" // to the requester alone
	MessageFailed  = "failed"  // the procedure's words for a failure
	MessageOver    = "over"    // for a failure being over
	MessageStopped = "stopped" // and for having been stopped
	MessageHeld    = "held"    // for a start that was announced and waits for approval again
	MessageResumed = "resumed" // and for its going on
	MessageLock    = "lock"    // something was locked or unlocked; of no deployment
)

// A Message is something to be sent, as data: the words are the bot's, or the
// procedure's where Words is set.
type Message struct {
	DedupKey string // in the message's metadata: what it can be found by
	Kind     string
	Channel  string // the chat system's id
	Thread   bool   // in the card's thread
	To       string // a person's id: only they see it
	Role     string // the role that is called
	Note     Note
	Words    string            // with {placeholders} of Args
	Plain    bool              // Words are final and a person's: nothing in them is markup
	Args     map[string]string // times are written as RFC 3339 has it
	Receipt  bool              // its delivery is an event of the deployment
}

// A Note says what happened, for one line in the thread.
type Note struct {
	Kind     NoteKind
	Decision Decision // NoteDecided: what
	Status   Status   // NoteEnded: how
	DedupKey string   // NoteUndelivered: of the message
	Step     string   // its title
	By       Person
	Why      string
	Detail   string
}

// A NoteKind is what a note is about.
type NoteKind string

// The kinds of notes: what has happened, and what somebody is asked for.
const (
	NoteStepDone        NoteKind = "step-done"
	NoteStepFailed      NoteKind = "step-failed"
	NoteStepInterrupted NoteKind = "step-interrupted"
	NoteConfirmed       NoteKind = "confirmed"
	NoteReviewed        NoteKind = "reviewed"
	NoteApproved        NoteKind = "approved"
	NoteVoided          NoteKind = "voided" // an approval, since its Subject has changed
	NoteDecided         NoteKind = "decided"
	NoteLate            NoteKind = "late" // it was announced later than it should
	NoteUndelivered     NoteKind = "undelivered"
	NoteEnded           NoteKind = "ended"
	NoteRefused         NoteKind = "refused"
	NoteLocked          NoteKind = "locked"
	NoteUnlocked        NoteKind = "unlocked"

	NoteAsksConfirm NoteKind = KindConfirm
	NoteAsksApprove NoteKind = KindApprove
	NoteAsksReview  NoteKind = KindAnnounce // to read what clients are told
)

// StepBroke reports whether the note is about a step that did not go well.
func (k NoteKind) StepBroke() bool { return k == NoteStepFailed || k == NoteStepInterrupted }

// announcing returns the announce step that the key of a message belongs to, or nil.
func (d *Deployment) announcing(key string) *StepState {
	step, _, ok := ParseAnnouncementKey(key)
	if s := d.Step(step); ok && s != nil && s.Uses == KindAnnounce {
		return s
	}
	return nil
}

// messagesFor are the messages that follow from an event; d is the state after it.
func messagesFor(d Deployment, e Event) []Message {
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
		s := d.Step(e.Step)
		switch {
		case e.Status != Done:
			kind := NoteStepFailed
			if e.Status == StepInterrupted {
				kind = NoteStepInterrupted
			}
			return append(note(e.Step, Note{Kind: kind, Why: e.Why, Detail: d.detail(*s)}), d.failure(e)...)
		case s.Uses == KindApprove:
			return append(d.resumed(*s, e.At), d.over(*s, e.At, "")...)
		case len(s.Effects) > 0 || s.Uses == KindWait && d.SkipReason(*s) == "":
			return append(note(e.Step, Note{Kind: NoteStepDone, Why: d.findings(*s)}), d.over(*s, e.At, "")...)
		}
		return d.over(*s, e.At, "")
	case Reminded:
		return []Message{d.reminder(e)}
	case Resolved:
		if why := d.Notice(); why != "" {
			return []Message{d.threaded(Message{Kind: MessageNote, To: d.Requester.ID, Note: Note{Kind: NoteLate, Why: why}})}
		}
	case Reviewed:
		return append(note(e.Step, Note{Kind: NoteReviewed, By: e.By}), d.announcements(*d.Step(e.Step))...)
	case Confirmed:
		return note(e.Step, Note{Kind: NoteConfirmed, By: e.By})
	case Approved:
		return note(e.Step, Note{Kind: NoteApproved, By: e.By})
	case ApprovalVoided:
		return append(note(e.Step, Note{Kind: NoteVoided, Why: e.Why}), d.held(*d.Step(e.Step), e)...)
	case Decided:
		out := note(e.Step, Note{Kind: NoteDecided, Decision: e.Decision, By: e.By, Why: e.Reason, Detail: strings.Join(e.Services, ", ")})
		if e.Decision == DecideSkip {
			out = append(out, d.over(*d.Step(e.Step), e.At, e.By.Name+" goes on without it: "+e.Reason)...)
		}
		return out
	case Undelivered:
		return note("", Note{Kind: NoteUndelivered, DedupKey: e.DedupKey, Why: e.Why})
	case Ended:
		if e.Status == Refused {
			return []Message{{Kind: MessageRefused, DedupKey: MessageRefused, Channel: d.Channels["deploys"], To: d.Requester.ID, Note: Note{Kind: NoteRefused, Why: e.Why}}}
		}
		return append(note("", Note{Kind: NoteEnded, Status: e.Status, Why: e.Why}), d.stopped(e)...)
	}
	return nil
}

// threaded completes a message in the card's thread. Its mark is the number of
// the event that it comes from, so that it is the same whoever computes it.
func (d Deployment) threaded(m Message) Message {
	m.Channel, m.Thread, m.DedupKey = d.Channels["deploys"], true, m.Kind+"/"+strconv.Itoa(d.Seq)
	return m
}

// began are the messages that the beginning of a step sends: an announcement,
// or a call of whoever is newly awaited.
func (d Deployment) began(s StepState) []Message {
	switch {
	case d.SkipReason(s) != "":
		return nil
	case s.Uses == KindAnnounce && !d.AwaitsPerson(s):
		return d.announcements(s)
	case d.AwaitsPerson(s) && (s.Role != "" || d.newly(s)):
		return []Message{d.threaded(d.askFor(s))}
	}
	return nil
}

// newly reports whether the requester is awaited anew: whoever has just typed
// the command sees the card.
func (d Deployment) newly(s StepState) bool {
	return len(s.Needs) > 0 && slices.ContainsFunc(d.Steps, func(o StepState) bool {
		return o.Attempt > 0 && o.ID != s.ID && o.Uses != KindAnnounce && d.SkipReason(o) == ""
	})
}

// askFor calls whoever answers a step.
func (d Deployment) askFor(s StepState) Message {
	m := Message{Kind: MessageAsk, Role: s.Role, Note: Note{Kind: NoteKind(s.Uses), Step: s.Title, Why: s.Why}}
	if s.Role == "" {
		m.To = d.Requester.ID
	}
	return m
}

// announcements are the messages of an announce step that were not taken yet.
func (d Deployment) announcements(s StepState) []Message {
	var out []Message
	for _, name := range d.audience(s.To) {
		if s.posted(AnnouncementKey(s.ID, name)) {
			continue
		}
		m := Message{DedupKey: AnnouncementKey(s.ID, name), Kind: s.Message, Channel: d.Channels[name], Receipt: true}
		if s.ForClients() {
			m.Words, m.Plain = s.Words, true
		} else {
			m.Words, m.Args = d.Procedure.Messages[s.Message], d.args(s.Began)
		}
		out = append(out, m)
	}
	return out
}

// audience are the names whose channels the retailer has, each channel once.
func (d Deployment) audience(names []string) []string {
	var out, seen []string
	for _, name := range names {
		if id := d.Channels[name]; id != "" && !slices.Contains(seen, id) {
			out, seen = append(out, name), append(seen, id)
		}
	}
	return out
}

// failure tells whom the procedure wants told, once for each failed attempt.
func (d Deployment) failure(e StepEnded) []Message {
	args := map[string]string{"step": d.Step(e.Step).Title, "why": e.Why}
	return d.tell(MessageFailed, d.Procedure.Failure.Message, d.Procedure.Failure.To, e.At, args)
}

// over tells the same people that what had failed is done after all: nobody
// who read of a problem is left with it. A way back has its own words.
func (d Deployment) over(s StepState, at time.Time, why string) []Message {
	open := func(o StepState) bool { return o.Back == s.Back && o.Failed && o.Status != Done }
	if !s.Failed || slices.ContainsFunc(d.Steps, open) {
		return nil
	}
	if why == "" {
		why = "It is done after all."
	}
	return d.tell(MessageOver, d.Procedure.Failure.Over, d.Procedure.Failure.To, at, map[string]string{"step": s.Title, "why": why})
}

// stopped tells the same people that it was stopped, and everybody who was told
// of it, if anybody was, or is about to be: a "starting" must not stand there
// without an end. They hear, too, what is left as it is.
func (d Deployment) stopped(e Ended) []Message {
	var told []string
	for _, s := range d.Steps {
		if d.announced(s) && !s.ForClients() {
			told = append(told, s.To...)
		}
	}
	if e.Status != Stopped || !slices.ContainsFunc(d.Steps, d.announced) {
		return nil
	}
	why := "Nothing was rolled out."
	if touched := d.Touched(); len(touched) > 0 {
		why = "Left as it is: " + strings.Join(touched, ", ") + "."
	}
	why = sentence(e.Why) + " " + why
	return d.tell(MessageStopped, d.Procedure.Failure.Stopped, slices.Concat(d.Procedure.Failure.To, told), e.At, map[string]string{"why": why})
}

// announced reports whether the step has told something, or is about to.
func (d Deployment) announced(s StepState) bool {
	return s.Uses == KindAnnounce && s.Attempt > 0 && d.SkipReason(s) == "" && !d.AwaitsPerson(s)
}

func (d Deployment) tell(kind, words string, to []string, at time.Time, more map[string]string) []Message {
	if words == "" {
		return nil
	}
	args := d.args(at)
	maps.Copy(args, more)
	args["why"] = sentence(args["why"])
	var out []Message
	for _, name := range d.audience(to) {
		out = append(out, Message{
			DedupKey: kind + "/" + strconv.Itoa(d.Seq) + "/" + name, Kind: kind, Channel: d.Channels[name],
			Words: d.Procedure.Messages[words], Args: args,
		})
	}
	return out
}

// sentence ends a reason, so that words can follow it.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// posted reports whether the announcement with that mark was taken.
func (s StepState) posted(mark string) bool {
	for _, p := range s.Posts {
		if p.DedupKey == mark {
			return true
		}
	}
	return false
}

// detail is what is known about why the effects of a step did not go well.
func (d Deployment) detail(s StepState) string {
	bad := slices.DeleteFunc(d.inOrder(s), func(e Effect) bool { return e.Outcome.Detail == "" || e.Outcome.Result == OK })
	var parts []string
	for _, e := range bad {
		said := tail(e.Outcome.Detail, detailMax/len(bad)) // so that each has its end in one message
		if len(d.Targets) > 1 {
			said = e.Service + ":\n" + said
		}
		parts = append(parts, said)
	}
	return strings.Join(parts, "\n\n")
}

// inOrder are the effects of a step in the order in which the services are
// deployed, whichever was looked at first.
func (d Deployment) inOrder(s StepState) []Effect {
	place := func(e Effect) int {
		return slices.IndexFunc(d.Targets, func(t Target) bool { return t.Service == e.Service })
	}
	effects := slices.Clone(s.Effects)
	slices.SortStableFunc(effects, func(a, b Effect) int { return place(a) - place(b) })
	return effects
}

// findings are what was found out by the effects of a step that went well, of
// each service if there are several.
func (d Deployment) findings(s StepState) string {
	var out []string
	for _, e := range d.inOrder(s) {
		switch why := e.Outcome.Why; {
		case why == "" || e.Outcome.Result != OK || e.IsPause():
		case len(d.Targets) > 1:
			out = append(out, e.Service+": "+sentence(why))
		default:
			out = append(out, sentence(why))
		}
	}
	return strings.Join(out, " ")
}

// Took is how long the deployment has taken at a time, or took.
func (d Deployment) Took(now time.Time) time.Duration {
	if d.Status.Ended() {
		now = d.Ended
	}
	return now.Sub(d.Created)
}
