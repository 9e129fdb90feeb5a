package deployer

import (
	"fmt"
	"strings"
)

// A Refusal is a no that a person reads: why, and what to do instead, both as
// whole sentences in plain text. What a chat system says better than plain
// text goes with it as data: who may, by the names that people are called now,
// and since when a place is taken, in the zone of whoever reads it.
type Refusal struct {
	Why, Instead string
	May          *May    // nil: it is not about who gave the order
	Taken        *Taken  // nil: it is not about a place
	Locked       *Locked // nil: it is not about a lock
}

// May says who could have given an order that was refused to somebody.
type May struct {
	People []Person
	Roles  []string
	Not    Person // who may not, though they hold the role; nobody when zero
}

// Taken is a place that another deployment holds.
type Taken struct {
	Service string
	Holder  Deployment
}

// Locked is what somebody has locked.
type Locked struct {
	Service               string // that was asked for; "": every one
	Retailer, Environment string
	Lock
}

func (r *Refusal) Error() string {
	if r.Instead == "" {
		return r.Why
	}
	return r.Why + " " + r.Instead
}

// Refuse makes a Refusal. Both parts are whole sentences in plain text.
func Refuse(instead, format string, args ...any) *Refusal {
	return &Refusal{Why: fmt.Sprintf(format, args...), Instead: instead}
}

// allowing adds who may.
func (r *Refusal) allowing(m May) *Refusal {
	r.May = &m
	return r
}

// PlaceTaken refuses a service that another deployment holds the place of.
func PlaceTaken(service string, holder Deployment) *Refusal {
	waits := string(holder.Status)
	for _, s := range holder.Current() {
		waits = s.Title
	}
	r := Refuse("Wait until it ends, or stop it: /deploy stop "+holder.ID,
		"%s in %s %s is being deployed by %s since %s UTC (%s: %s).", service, holder.Retailer, holder.Environment,
		holder.Requester.Name, holder.Created.UTC().Format("2 Jan 15:04"), holder.ID, waits)
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
		how = strings.ToLower(d.Why[:1]) + sentence(d.Why[1:])
	}
	return Refuse("See more: /deploy status "+d.ID, "%s has ended: %s", d.ID, how)
}
