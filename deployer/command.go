package deployer

import (
	"strings"
	"time"
	"unicode"
)

// An Order asks for a change of one deployment. People's orders carry who gave
// them and a nonce; the engine's carry neither.
type Order struct {
	Deployment string // "" for Start
	By         Actor
	Nonce      string // what tells one click from another, wherever it is delivered again
	Amendable  bool   // refused, it may be corrected and given again with the same nonce: a form that stays open
	Command    Command
}

// A Command is what an order asks for.
type Command interface{ command() }

// The commands of people.
type (
	// Start begins a deployment. Origin names what it was started by: the same
	// one starts nothing twice, ever.
	Start struct {
		Origin    string
		Site      Site
		Reason    string
		Channels  map[string]string
		Procedure Procedure
		Releases  []Release
		Inputs    map[string]string
		Planned   time.Time         // when it starts; zero: at once
		Warnings  []string          // whole sentences in plain text, which refuse nothing
		Terms     map[string]string // what names stand for in the words of messages
		Place     Locale
	}
	// Answer is what somebody says where people are asked: at a step, about one
	// that did not go well, or at any time, to stop.
	Answer struct {
		Step    string // "": it is about the whole deployment
		Attempt int    // of the step, as it was shown
		Item    string // of the step's scope, where one of them asks
		Choice  Choice
		Values  map[string]string // the fields of a form, by name
		Comment string
		Subject string // the hash of what it was shown for; "": nothing was shown
	}
)

// The commands of the engine and of the outbox.
type (
	// Resolve brings what the words mean.
	Resolve struct{ Targets []Target }
	// RejectStart turns down a deployment that could not be resolved.
	RejectStart struct{ Refusal Refusal }
	// Advance has what follows by itself go on, where it was more than one commit
	// takes.
	Advance struct{}
	// Try says that an effect is about to be tried, where a repeat is not harmless
	// by itself.
	Try struct{ Key string }
	// OpenGate says that an effect waits for a person at a gate of its system.
	OpenGate struct {
		Key  string
		Gate Gate
	}
	// Elapse says that a wait is over.
	Elapse struct {
		Step    string
		Attempt int
	}
	// Expire says that a step's time-out has passed.
	Expire struct {
		Step    string
		Attempt int
	}
	// Remind says that the time of a reminder has come.
	Remind struct {
		Step    string
		Attempt int
	}
	// Intend asks to begin an effect, given what a look has found.
	Intend struct {
		Key         string
		Observation Observation
	}
	// Act says that an effect was done.
	Act struct{ Key, Ref string }
	// Settle says how an effect ended.
	Settle struct {
		Key     string
		Outcome Outcome
	}
	// Recheck says how a settled effect stands now. OK of a proof says that it is so
	// still.
	Recheck struct {
		Key     string
		Outcome Outcome
	}
	// Deliver says that a message was taken.
	Deliver struct {
		Post      Post
		Kind      string
		OutboxKey string // its key in the store
	}
	// LoseCard says that the card that was posted can't be changed any more.
	LoseCard struct {
		Post Post
		Why  string
	}
	// GiveUp says that a message can not be delivered.
	GiveUp struct {
		DedupKey  string
		Why       string
		OutboxKey string
	}
)

func (Start) command()       {}
func (Answer) command()      {}
func (Resolve) command()     {}
func (RejectStart) command() {}
func (Advance) command()     {}
func (Try) command()         {}
func (OpenGate) command()    {}
func (Elapse) command()      {}
func (Expire) command()      {}
func (Remind) command()      {}
func (Intend) command()      {}
func (Act) command()         {}
func (Settle) command()      {}
func (Recheck) command()     {}
func (Deliver) command()     {}
func (LoseCard) command()    {}
func (GiveUp) command()      {}

// Facts are what a decision rests on besides the deployment itself.
type Facts struct {
	Now      time.Time
	Language Language              // nil: what conditions and texts come to can't be told, which interrupts the step that has any
	ID       string                // Start: the id to use
	Person   Person                // who gave the order
	Policy   *Policy               // of the deployment's site; nil: the procedure alone says who may
	Child    bool                  // Start: a step of another deployment asks for it, which was let begin as a whole
	Holders  map[string]Deployment // Start: who holds the places, by place
	Locks    Locks                 // Start and Intend: of the environment
	Store    string                // Start: the store's own id
}

// Unseen reports whether a character can't be seen where it stands: it takes no
// room, turns around what stands beside it, or is blank without being a space.
// Letters that join and emoji hold some of these for good reason.
func Unseen(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return false
	case r == '\u2800', r == '\U0001D159': // the empty pattern of Braille, the empty head of a note
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // formatting by its class, and seen
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Blank reports whether there is nothing to read in a text: a reason of that is none.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !Unseen(r) && !unicode.IsMark(r) })
}

// said is what somebody gave as a reason or a comment; "" where there is nothing to read.
func said(s string) string {
	if Blank(s) {
		return ""
	}
	return strings.TrimSpace(s)
}

// Foreign is the first character of a version that is not a letter, digit or sign
// of ASCII, if there is one. Tags hold none: what looks like the one that is meant
// would be another.
func Foreign(s string) (r rune, found bool) {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return r, true
		}
	}
	return 0, false
}
