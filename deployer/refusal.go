package deployer

import (
	"fmt"
	"strings"
)

// A Refusal is a no that a person reads: why, as a whole sentence in plain text,
// and what to do instead. What a chat system words itself goes with it as data:
// who may, by the names that people are called now, and since when a place is
// taken or until when something is locked, in the zone of whoever reads it.
// Where that is there, Why is for logs.
type Refusal struct {
	Why     string
	Instead []Hint
	May     *May    // nil: it is not about who gave the order
	Taken   *Taken  // nil: it is not about a place
	Locked  *Locked // nil: it is not about a lock
}

// A Hint is one thing to do instead: a sentence, or what leads up to a command,
// or to a part of one, which the chat system writes in its own way.
type Hint struct {
	Say  string // before a command without the colon; "" where that says all
	Verb Verb   // "": what was asked for stays the same
	Args []string
	Flag Flag // "" its Name: none
}

// A Flag is something that is said of what is asked for.
type Flag struct{ Name, Value string }

// A Verb is what somebody can ask for by a command.
type Verb string

// The verbs that the core knows; the chat system has more.
const (
	VerbDeploy   Verb = "deploy"
	VerbStatus   Verb = "status"
	VerbRollBack Verb = "rollback"
	VerbStop     Verb = "stop"
	VerbHistory  Verb = "history"
	VerbUnlock   Verb = "unlock"
	VerbLocks    Verb = "locks"
)

// String is the hint for a log, which knows no command.
func (h Hint) String() string {
	var command []string
	if h.Verb != "" {
		command = append([]string{string(h.Verb)}, h.Args...)
	}
	if h.Flag.Name != "" {
		command = append(command, h.Flag.Name, h.Flag.Value)
	}
	switch {
	case len(command) == 0:
		return h.Say
	case h.Say == "":
		return strings.Join(command, " ")
	}
	return h.Say + ": " + strings.Join(command, " ")
}

// May says who could have given an order that was refused to somebody.
type May struct {
	People []Actor
	Roles  []string
	Not    Actor // who may not, though they hold the role; nobody when zero
}

// Taken is a place that another deployment holds.
type Taken struct {
	Service string
	Holder  Deployment
}

// Locked is what somebody has locked.
type Locked struct {
	Service string // that was asked for; "": every one
	Site    Site
	Lock
}

// Error is the refusal as plain sentences, for logs.
func (r *Refusal) Error() string { return strings.TrimSpace(r.Why + " " + r.Advice()) }

// Advice is what to do instead, for logs.
func (r *Refusal) Advice() string {
	var hints []string
	for _, h := range r.Instead {
		hints = append(hints, h.String())
	}
	return strings.Join(hints, " – ")
}

// Refuse makes a Refusal. Both parts are whole sentences in plain text; instead
// is "" where there is nothing to say, or a Hint follows.
func Refuse(instead, format string, args ...any) *Refusal {
	r := &Refusal{Why: fmt.Sprintf(format, args...)}
	if instead != "" {
		r.Instead = []Hint{{Say: instead}}
	}
	return r
}

// Hint adds what somebody can ask for instead, and the words before it.
func (r *Refusal) Hint(say string, verb Verb, args ...string) *Refusal {
	r.Instead = append(r.Instead, Hint{Say: say, Verb: verb, Args: args})
	return r
}

// adding adds what somebody can say besides, and the words before it.
func (r *Refusal) adding(say string, f Flag) *Refusal {
	r.Instead = append(r.Instead, Hint{Say: say, Flag: f})
	return r
}

// allowing adds who may.
func (r *Refusal) allowing(m May) *Refusal {
	r.May = &m
	return r
}

// PlaceTaken refuses a service that another deployment holds the place of.
func PlaceTaken(service string, holder Deployment) *Refusal {
	r := Refuse("", "%s in %s %s is held by %s.", service, holder.Site.Name, holder.Site.Environment, holder.ID).
		Hint("Look at it", VerbStatus, holder.ID).Hint("or stop it", VerbStop, holder.ID)
	r.Taken = &Taken{Service: service, Holder: holder}
	return r
}

// DoneAlready refuses an answer to a step that has one, and says whose.
func DoneAlready(s StepState) *Refusal {
	return Refuse("", "“%s” is done already%s.", s.Title, s.doneBy())
}

// doneBy says who brought a step to its end, if it was a person.
func (s StepState) doneBy() string {
	var by []string
	for _, a := range s.Approvals {
		by = append(by, a.By.Name)
	}
	switch {
	case s.Skipped.By.ID != "":
		return ": " + s.Skipped.By.Name + " skipped it"
	case len(by) > 0:
		return ", approved by " + strings.Join(by, " and ")
	case s.By.ID != "":
		return ", by " + s.By.Name
	}
	return ""
}

// HasEnded refuses an order for a deployment that has ended, and says how.
func HasEnded(d Deployment) *Refusal {
	how := string(d.Status) + "."
	if d.Status == Stopped && d.Why != "" {
		how = strings.ToLower(d.Why[:1]) + Sentence(d.Why[1:])
	}
	return Refuse("", "%s has ended: %s", d.ID, how).Hint("See more", VerbStatus, d.ID)
}
