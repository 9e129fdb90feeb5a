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
	MessageRefused = "refused" // to the requester alone; may be lost
	MessageFailed  = "failed"  // the procedure's words for a failure
	MessageStopped = "stopped" // and for having been stopped
)

// A Message is something to be sent, as data: the words are the bot's, or the
// procedure's where Words is set.
type Message struct {
	Mark    string // in the message's metadata: what it can be found by
	Kind    string
	Channel string // the chat system's id
	Thread  bool   // in the card's thread
	To      string // a person's id: only they see it
	Role    string // the role that is called
	Note    Note
	Words   string // with {placeholders} of Args
	Args    map[string]string
	Receipt bool // its delivery is an event of the deployment
}

// A Note says what happened, for one line in the thread.
type Note struct {
	What   string // the name of the happening, such as approved
	Step   string // its title
	By     Person
	Why    string
	Detail string
}

// AnnounceMark is the mark of an announcement of a step in one channel.
func AnnounceMark(step, channel string) string { return step + "/" + channel }

// announcing returns the announce step that the mark belongs to, or nil.
func (d *Deployment) announcing(mark string) *StepState {
	step, _, ok := strings.Cut(mark, "/")
	if s := d.Step(step); ok && s != nil && s.Uses == KindAnnounce {
		return s
	}
	return nil
}

// letters are the messages that follow from an event; d is the state after it.
func letters(d Deployment, e Event) []Message {
	note := func(what, step string, by Person, why, detail string) []Message {
		title := step
		if s := d.Step(step); s != nil {
			title = s.Title
		}
		return []Message{d.threaded(Message{Kind: MessageNote, Note: Note{What: what, Step: title, By: by, Why: why, Detail: detail}})}
	}
	switch e := e.(type) {
	case StepBegan:
		return d.began(*d.Step(e.Step))
	case StepEnded:
		s := d.Step(e.Step)
		switch {
		case e.Status != Done:
			return append(note("step-"+string(e.Status), e.Step, Person{}, e.Why, s.detail()), d.failure(e)...)
		case len(s.Effects) > 0 || s.Uses == KindWait:
			return note("step-done", e.Step, Person{}, s.findings(len(d.Targets) > 1), "")
		}
	case Reminded:
		return []Message{d.reminder(e)}
	case Confirmed:
		return note("confirmed", e.Step, e.By, "", "")
	case Approved:
		return note("approved", e.Step, e.By, "", "")
	case ApprovalVoided:
		return note("voided", e.Step, Person{}, e.Why, "")
	case Decided:
		return note("decided:"+string(e.Decision), e.Step, e.By, e.Reason, strings.Join(e.Services, ", "))
	case Undelivered:
		return note("undelivered", e.Key, Person{}, e.Why, "")
	case Ended:
		if e.Status == Refused {
			return []Message{{Kind: MessageRefused, Mark: MessageRefused, Channel: d.Channels["deploys"], To: d.Requester.ID, Note: Note{What: "refused", Why: e.Why}}}
		}
		return append(note("ended:"+string(e.Status), "", Person{}, e.Why, ""), d.stopped(e)...)
	}
	return nil
}

// threaded completes a message in the card's thread. Its mark is the number of
// the event that it comes from, so that it is the same whoever computes it.
func (d Deployment) threaded(m Message) Message {
	m.Channel, m.Thread, m.Mark = d.Channels["deploys"], true, m.Kind+"/"+strconv.Itoa(d.Seq)
	return m
}

// began are the messages that the beginning of a step sends: an announcement,
// or a call of whoever is newly awaited.
func (d Deployment) began(s StepState) []Message {
	switch {
	case s.Uses == KindAnnounce:
		var out []Message
		for _, name := range d.audience(s.To) {
			if s.posted(AnnounceMark(s.ID, name)) {
				continue
			}
			out = append(out, Message{
				Mark: AnnounceMark(s.ID, name), Kind: s.Message, Channel: d.Channels[name],
				Words: d.Procedure.Messages[s.Message], Args: d.args(), Receipt: true,
			})
		}
		return out
	case s.Uses == KindApprove, s.Uses == KindConfirm && s.Role != "":
		return []Message{d.threaded(Message{Kind: MessageAsk, Role: s.Role, Note: Note{What: s.Uses, Step: s.Title, Why: s.Why}})}
	case s.Uses == KindConfirm && len(s.Needs) > 0:
		return []Message{d.threaded(Message{Kind: MessageAsk, To: d.Requester.ID, Note: Note{What: s.Uses, Step: s.Title}})}
	}
	return nil
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
	return d.tell(MessageFailed, d.Procedure.Failure.Message, args)
}

// stopped tells the same people that it was stopped, if something was announced
// before, or is about to be: a "starting" must not stand there without an end.
func (d Deployment) stopped(e Ended) []Message {
	announced := slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Uses == KindAnnounce && s.Attempt > 0 })
	if e.Status != Stopped || !announced {
		return nil
	}
	return d.tell(MessageStopped, d.Procedure.Failure.Stopped, map[string]string{"why": e.Why})
}

func (d Deployment) tell(kind, words string, more map[string]string) []Message {
	if words == "" {
		return nil
	}
	args := d.args()
	maps.Copy(args, more)
	args["why"] = sentence(args["why"])
	var out []Message
	for _, name := range d.audience(d.Procedure.Failure.To) {
		out = append(out, Message{
			Mark: kind + "/" + strconv.Itoa(d.Seq) + "/" + name, Kind: kind, Channel: d.Channels[name],
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

// Placeholders are the names that a procedure's words may use in braces.
var Placeholders = []string{
	"id", "service", "from", "to", "what", "retailer", "environment", "requester", "approvers", "reason", "tam", "procedure",
	"step", "why",
}

// args are the values of the placeholders in a procedure's words.
func (d Deployment) args() map[string]string {
	var names, from, to, both []string
	for _, t := range d.Targets {
		if d.Back && !slices.Contains(d.Undo, t.Service) {
			continue // it stays as it is
		}
		names, from, to = append(names, t.Service), append(from, d.found(t).Version), append(to, t.After.Version)
		both = append(both, t.Service+" "+t.After.Version)
	}
	var approvers []string
	for _, s := range d.Steps {
		for _, a := range s.Approvals {
			approvers = append(approvers, a.By.Name)
		}
	}
	list := func(s []string) string { return strings.Join(s, ", ") }
	return map[string]string{
		"id": d.ID, "service": list(names), "from": list(from), "to": list(to), "what": list(both),
		"retailer": d.Retailer, "environment": d.Environment, "requester": d.Requester.Name,
		"approvers": list(approvers), "reason": d.Reason, "tam": d.TAM, "procedure": d.Procedure.Title,
	}
}

// posted reports whether the announcement with that mark was taken.
func (s StepState) posted(mark string) bool {
	for _, p := range s.Posts {
		if p.Key == mark {
			return true
		}
	}
	return false
}

// detail is what is known about why the effects of a step did not go well.
func (s StepState) detail() string {
	var lines []string
	for _, e := range s.Effects {
		if e.Outcome.Detail != "" && e.Outcome.Result != OK {
			lines = append(lines, e.Outcome.Detail)
		}
	}
	return strings.Join(lines, "\n")
}

// findings are what was found out by the effects of a step that went well, of
// each service if there are several.
func (s StepState) findings(several bool) string {
	var out []string
	for _, e := range s.Effects {
		switch why := e.Outcome.Why; {
		case why == "" || e.Outcome.Result != OK || e.isPause():
		case several:
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
