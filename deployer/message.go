package deployer

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of messages that the core sends; a procedure's announcements have
// the name of their words as kind.
const (
	MessageCard       = "card"
	MessageDecide     = "decide"     // a problem that somebody has to decide about: it changes with that
	MessageAsk        = "ask"        // somebody new is awaited
	MessageNote       = "note"       // one line in the thread
	MessageRefused    = "refused"    // to the requester alone
	MessageFailed     = "failed"     // the procedure's words for a failure
	MessageOver       = "over"       // for a failure being over
	MessageStopped    = "stopped"    // and for having been stopped
	MessageHeld       = "held"       // for a start that was announced and waits for approval again
	MessageResumed    = "resumed"    // and for its going on
	MessageOverridden = "overridden" // somebody goes on although a window or a freeze refuses
	MessageLock       = "lock"       // something was locked or unlocked; of no deployment
	MessageRemind     = "remind"     // those who are awaited are called once more: a new message in the thread, since an edit notifies nobody

	MessageEscalated = "escalated"    // somebody else is called, since those who are awaited have not come
	MessagePaged     = "paged"        // to one person: they are paged
	MessageGlass     = "glass-broken" // to all: somebody has answered in the place of those who did not come
)

// CoreMessages are the kinds of messages that no procedure's words may be named
// like: those that the core words itself, or the bot.
func CoreMessages() []string {
	return []string{MessageCard, MessageDecide, MessageAsk, MessageNote, MessageRefused, MessageOverridden, MessageLock, MessageRemind, MessageEscalated, MessagePaged, MessageGlass}
}

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

// IsCard reports whether it is a card of the deployment. That is told by its key: a
// procedure of earlier days may announce something that it calls card.
func (m Message) IsCard() bool { return IsCardKey(m.DedupKey) }

// IsCardKey reports whether the key of a message is that of a card of its deployment.
func IsCardKey(key string) bool { return key == MessageCard || strings.HasPrefix(key, nextCard) }

// CardKey is the key of the card that the deployment has, or is to have. Each has a key
// of its own, so that none is taken for the one before.
func CardKey(d Deployment) string {
	if d.CardsLost == 0 {
		return MessageCard
	}
	return nextCard + strconv.Itoa(d.CardsLost+1)
}

const nextCard = MessageCard + "#" // no step's id has that

// A Note says what happened, for one line in the thread.
type Note struct {
	Kind     NoteKind
	Choice   Choice // NoteDecided: what
	Status   Status // NoteEnded: how
	DedupKey string // NoteUndelivered: of the message
	Step     string // its title
	By       Actor
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
	NoteStepNoted       NoteKind = "step-noted"    // it failed, and nobody has to decide: it goes on without it
	NoteDisproved       NoteKind = "disproved"     // what a step had proven is not so any more
	NoteUnproven        NoteKind = "unproven"      // what a step had proven may not be so any more: nobody can tell
	NoteStepHeld        NoteKind = "step-held"     // it waits until nothing keeps it from changing what runs; see HeldUntil
	NoteStepReleased    NoteKind = "step-released" // nothing keeps it any more
	NoteOverridden      NoteKind = "overridden"    // its Why is why it is refused; see OverriddenAs
	NoteUntold          NoteKind = "untold"        // nobody can tell, after a stop, how far it came
	NoteConfirmed       NoteKind = "confirmed"
	NoteReviewed        NoteKind = "reviewed"
	NoteApproved        NoteKind = "approved"
	NoteVoided          NoteKind = "voided"  // an approval, since its Subject has changed, or nothing has begun in time
	NoteCarried         NoteKind = "carried" // an approval, from the deployment whose id is its Detail
	NoteDecided         NoteKind = "decided"
	NoteWarning         NoteKind = "late"           // what the start warns of, such as that it was announced late
	NoteTargetChanged   NoteKind = "target-changed" // a target is not as it was looked up, and nobody's approval rests on that
	NoteArrived         NoteKind = "arrived"        // whoever had taken over has brought what is wanted to the service that is its Detail
	NoteRechecked       NoteKind = "rechecked"      // what was held, and is not any more, or what somebody has changed of it
	NoteUndelivered     NoteKind = "undelivered"
	NoteUnaddressed     NoteKind = "unaddressed" // a direct message goes to nobody
	NoteCardLost        NoteKind = "card-lost"   // the card before this one could not be changed any more
	NoteEnded           NoteKind = "ended"
	NoteRefused         NoteKind = "refused"
	NoteLocked          NoteKind = "locked"
	NoteUnlocked        NoteKind = "unlocked"

	NoteAsksConfirm  NoteKind = KindConfirm
	NoteAsksApprove  NoteKind = KindApprove
	NoteAsksReview   NoteKind = KindAnnounce  // to read what clients are told
	NoteAsksGate     NoteKind = "gate"        // what a system asks half way
	NoteAsksDecide   NoteKind = "asks-decide" // what becomes of what did not go well
	NoteAsksReply    NoteKind = "reply"       // to what somebody wants changed
	NoteReplied      NoteKind = "replied"     // whoever wanted that is asked again
	NoteAsksOverride NoteKind = "override"    // to go on although a window or a freeze refuses
)

// The values of what is announced of somebody who goes on although a window or a freeze
// refuses: by which role, and the reason that they give.
const (
	OverriddenAs     = "role"
	OverriddenReason = "reason"
)

// HeldUntil is the value of a note about a step that is held: until when, as RFC
// 3339 has it; without it, nobody knows.
const HeldUntil = "until"

// EscalatedLevel is the value of a message about those who have not come: which Level.
const EscalatedLevel = "level"

// AnsweredAs is the value of a note that somebody has answered in the place of others:
// which Level lets them.
const AnsweredAs = "as"

// The values of a note that somebody has answered: the id of the step, and behind
// AnsweredField with its id what was filled into each of its fields. There are none where
// a person has only said that it is done.
const (
	AnsweredStep  = "step"
	AnsweredField = "field/"
)

// StepBroke reports whether the note is about a step that did not go well.
func (k NoteKind) StepBroke() bool {
	switch k {
	case NoteStepFailed, NoteStepInterrupted, NoteStepNoted, NoteDisproved, NoteUnproven:
		return true
	}
	return false
}

// announcing returns the announce step that the key of a message belongs to, or nil.
func (d *Deployment) announcing(key string) *StepState {
	step, _, ok := ParseAnnouncementKey(key)
	if s := d.Step(step); ok && s != nil && s.Announces() {
		return s
	}
	return nil
}

// Audience are the names whose channels the retailer has, each channel once. In a drill
// clients hear nothing.
func (d Deployment) Audience(names []string) []string {
	var out, seen []string
	if d.Drill.On {
		seen = append(seen, d.Channels[ChannelClients])
	}
	for _, name := range names {
		if id := d.Channels[name]; id != "" && !slices.Contains(seen, id) {
			out, seen = append(out, name), append(seen, id)
		}
	}
	return out
}

// Posted reports whether the announcement with that key was taken.
func (s StepState) Posted(key string) bool {
	for _, p := range s.Posts {
		if p.DedupKey == key {
			return true
		}
	}
	return false
}

// FirstPost is the first message that was posted of what the step announces now for an
// item of its scope; "" is any. The zero Post is none.
func (s StepState) FirstPost(item string) Post {
	for _, p := range s.Posts {
		if strings.HasPrefix(p.DedupKey, s.announces(item)+"/") {
			return p
		}
	}
	return Post{}
}

// toldFor reports whether all was posted that an announce step tells for an item.
func (s StepState) toldFor(d Deployment, item string) bool {
	untold := func(name string) bool {
		_, there := LookOf(d, s, item, name)
		return !there && !s.Posted(s.AnnouncementKey(item, name))
	}
	return !slices.ContainsFunc(d.Audience(s.To()), untold) &&
		!slices.ContainsFunc(Direct(s, item), func(id string) bool {
			_, lost := s.Lost[s.AnnouncementKey(item, directMark+id)]
			return !lost && untold(directMark+id)
		})
}

// paramUnless is the parameter with the pattern of a message that makes the announcement
// needless where it stands already.
const paramUnless = "unless"

// Where a look for such a message looks: the chat system's id of the channel, and since
// when, as RFC 3339 has it. OutputThere is a flag of what it has found.
const (
	WhereChannel = "channel"
	WhereSince   = "since"
	OutputThere  = "there"
)

// LookOf is the look whether a channel has already what a step announces of an item, and
// whether it has; nil: it has not been looked, or is to be looked again. Where that could
// not be told, the channel is taken to have nothing: what is missing harms more than what
// stands there twice.
func LookOf(d Deployment, s StepState, item, name string) (look *Effect, there bool) {
	e := s.Effect(EffectKey{Step: s.ID, Item: item, Verb: VerbUnless + " " + name}.String())
	if e == nil || e.Stage != Settled || e.Outcome.Result != OK && e.Attempt < s.Attempt && s.Status == Active && d.Status == Running {
		return nil, false
	}
	return e, e.Outcome.Result == OK && e.Outcome.Outputs[OutputThere].Flag
}

// Members are who holds a role now, as far as is known.
type Members func(role string) []Actor

// paramDirect are the ids of those whom a step tells directly, among what its parameters
// were when it began.
const paramDirect = "direct"

// directMark is in the key of a message before the id of the person who gets it directly.
const directMark = "@"

// DirectKey is what stands for a person, who is told directly, where the key of a message
// has the name of a channel.
func DirectKey(id string) string { return directMark + id }

// DirectTo is the id of the person who gets the message directly, which its Channel is as
// well; "": it goes to a channel.
func (m Message) DirectTo() string {
	if id, direct := strings.CutPrefix(m.ChannelName(), directMark); direct && id == m.Channel {
		return id
	}
	return ""
}

// Direct are the ids of those whom an announce step tells directly, of an item of its
// scope, as they were when it began.
func Direct(s StepState, item string) []string {
	with, ok := s.Seen.With[item]
	if !ok {
		with = s.Seen.With[""]
	}
	return with[paramDirect].List
}

// PeopleOf are the ids of those who hold roles, of the config or built in, each once, and
// the roles of which nobody is known.
func PeopleOf(d Deployment, roles []string, members Members) (ids, missing []string) {
	for _, role := range roles {
		known := holding(d, role, members)
		if len(known) == 0 {
			missing = append(missing, role)
		}
		for _, p := range known {
			if p.ID != "" && !slices.Contains(ids, p.ID) {
				ids = append(ids, p.ID)
			}
		}
	}
	return ids, missing
}

// holding are the people of one role. Who owns what is deployed, and who is the technical
// account manager, stands in a procedure by its role when it starts.
func holding(d Deployment, role string, members Members) []Actor {
	of := func(role string) []Actor {
		if members == nil || role == "" {
			return nil
		}
		return members(role)
	}
	var out []Actor
	switch role {
	case RoleRequester:
		if d.Requester.Kind == ActorPerson {
			out = []Actor{d.Requester}
		}
	case RoleApprovers:
		for _, s := range d.Steps {
			for _, a := range s.Approvals {
				out = append(out, a.By)
			}
		}
	default:
		return of(role)
	}
	return out
}

// The values that a reminder carries besides its role: RemindSince is when it was
// asked, in seconds since 1970; RemindLast is there in the last one, which calls
// the requester too.
const (
	RemindSince = "since"
	RemindLast  = "last"
)

// ChannelDeploys is the name of the channel where a deployment was started: its
// card stands there.
const ChannelDeploys = "deploys"

// ChannelClients is the name of the channel that clients read. What goes there
// has words of its own, and a person reads and edits them first. A retailer
// need not have it.
const ChannelClients = "clients"

// Key is what the message that tells of the problem is found by.
func (p Problem) Key() string { return problemKey + strconv.Itoa(p.Number) }

// OverKey is that of the line in the message's thread which says that it is over.
func (p Problem) OverKey() string { return p.Key() + problemOver }

// What the keys of messages about problems hold. No key of an announcement does: those
// have a channel behind a slash.
const (
	problemKey  = MessageDecide + "#"
	problemOver = "#over"
)

// IsProblemKey reports whether the key of a message is that of one about a problem.
func IsProblemKey(key string) bool {
	return strings.HasPrefix(key, problemKey) && !strings.Contains(key, "/")
}

// SameProblem reports whether the keys of two messages are of one problem.
func SameProblem(a, b string) bool {
	return strings.TrimSuffix(a, problemOver) == strings.TrimSuffix(b, problemOver)
}

// ProblemOf returns the problem that a message with that key is about, or nil.
func (d *Deployment) ProblemOf(key string) *Problem {
	if !IsProblemKey(key) {
		return nil
	}
	key = strings.TrimSuffix(key, problemOver)
	i := slices.IndexFunc(d.Problems, func(p Problem) bool { return p.Key() == key })
	if i < 0 {
		return nil
	}
	return &d.Problems[i]
}

// An OutboxMessage is a message that waits to be sent.
type OutboxMessage struct {
	Message
	Deployment string // "": it is about none
	Key        string // in the store
	Rev        int64
	At         time.Time // when it was committed
}

// A Box is where the messages wait that are to one channel and about one
// deployment. The zero Box stands for all of them: what has changed is not known.
type Box struct {
	Channel    string
	Deployment string // "": the messages that are about none
}
