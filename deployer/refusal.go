package deployer

import "fmt"

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

// but adds who may.
func (r *Refusal) but(m May) *Refusal {
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
