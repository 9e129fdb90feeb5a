package deployer

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A place that is taken can be waited for. Whoever asks for that is given an id and a
// card at once, and holds no place until it is their turn: until all the places of the
// deployment are free, and nobody waits for one of them who came before. So one that
// came later never overtakes one that wants the same place, and those that want several
// places can't wait for each other. Only then is it looked up what the words mean, and
// with what that comes to, the places are taken.

// QueueFor is how long a deployment waits for its places before it is given up: since
// it was asked for or, where it is planned, since it was to start.
const QueueFor = 12 * time.Hour

// Queueing reports whether a deployment waits for its places.
func Queueing(d Deployment) bool { return d.Queued && d.Status == Resolving }

// QueuedUntil is when a deployment that waits for its places is given up.
func QueuedUntil(d Deployment) time.Time {
	if d.Planned.After(d.Created) {
		return d.Planned.Add(QueueFor)
	}
	return d.Created.Add(QueueFor)
}

// NeverItsTurn reports whether a deployment was given up since its places were not free
// in time.
func NeverItsTurn(d Deployment) bool {
	return d.Queued && d.Status == Stopped && !d.Ended.Before(QueuedUntil(d))
}

// byArrival orders those that wait for the same places: they have the same retailer, whose
// numbers count up.
func byArrival(a, b Deployment) int {
	return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
}

// QueueOf are those of some deployments that wait for one of these places, in the
// order of their arrival.
func QueueOf(places []string, all []Deployment) []Deployment {
	out := slices.DeleteFunc(slices.Clone(all), func(q Deployment) bool {
		return !Queueing(q) || !slices.ContainsFunc(q.Places(), func(p string) bool { return slices.Contains(places, p) })
	})
	slices.SortFunc(out, byArrival)
	return out
}

// AheadOf are the deployments that one which waits for its places lets go first: those
// that hold one of them, and those of the queue that came before; nil: it is its turn.
func AheadOf(d Deployment, f Facts) []Deployment {
	var out []Deployment
	for _, place := range d.Places() {
		h, taken := f.Holders[place]
		if taken && h.ID != d.ID && !slices.ContainsFunc(out, func(o Deployment) bool { return o.ID == h.ID }) {
			out = append(out, h)
		}
	}
	for _, q := range QueueOf(d.Places(), f.Queue) {
		if q.ID != d.ID && byArrival(q, d) < 0 {
			out = append(out, q)
		}
	}
	return out
}

// FirstAt is who a start lets go first at a place: whoever holds it, or waits for it
// already.
func FirstAt(place string, f Facts) (Deployment, bool) {
	if h, ok := f.Holders[place]; ok {
		return h, true
	}
	if q := QueueOf([]string{place}, f.Queue); len(q) > 0 {
		return q[0], true
	}
	return Deployment{}, false
}

// notFree refuses a start at a place that is not free.
func notFree(service, place string, f Facts) *Refusal {
	first, ok := FirstAt(place, f)
	switch {
	case !ok:
		return nil
	case f.Child: // nobody types it
		return PlaceTaken(service, first)
	}
	return PlaceTaken(service, first).adding("or wait until it is your turn", FlagWait)
}

// FlagWait says of a start that it waits until its places are free.
var FlagWait = Flag{Name: "wait"}

// hasToWait reports whether one of the places of a start is not free.
func hasToWait(cmd Start, f Facts) bool {
	return slices.ContainsFunc(PlacesOf(cmd.Site, cmd.Procedure.ID, cmd.Releases, cmd.Drill.On), func(place string) bool {
		_, ok := FirstAt(place, f)
		return ok
	})
}

// giveUpWaiting ends a deployment whose places were not free in time.
func giveUpWaiting(c *decider) error {
	if !Queueing(c.d) || QueuedUntil(c.d).After(c.now) {
		return ErrStale
	}
	since := ""
	if c.d.Planned.After(c.d.Created) {
		since = " of the planned start"
	}
	c.ended(Stopped, "Its turn did not come within "+Span(QueueFor)+since+".")
	return nil
}

// An InFront is who a deployment in a queue waits for, as people are told.
type InFront struct {
	ID       string
	Card     Post
	By       Actor
	Releases string // what it deploys, as plain text
	Doing    string // what it is at, in short, after the word “which”
	Role     string // that is awaited there; "": none, or the requester
	Place    int    // of the deployment that waits: the next one is 2
}

// InFrontOf is who a deployment waits for first; zero: it is its turn.
func InFrontOf(ahead []Deployment) InFront {
	if len(ahead) == 0 {
		return InFront{}
	}
	d := ahead[0]
	var what []string
	for _, r := range d.Releases {
		what = append(what, r.Service+" "+cmp.Or(r.Tag, r.Revision))
	}
	f := InFront{ID: d.ID, Card: d.Card, By: d.Requester, Releases: strings.Join(what, ", "), Place: len(ahead) + 1}
	f.Doing, f.Role = doing(d)
	return f
}

// HoldsPlaces reports whether a deployment has its places.
func HoldsPlaces(d Deployment) bool { return !d.Status.Ended() && !d.Freed && !d.Queued }

// Doing says in short what a deployment is at.
func Doing(d Deployment) string {
	words, _ := doing(d)
	return words
}

// doing says in short what a deployment is at, so coarsely that it changes seldom, and
// which role is awaited there.
func doing(d Deployment) (words, role string) {
	switch {
	case Queueing(d):
		return "waits for its turn itself", ""
	case d.Status == Resolving:
		return "is being looked up", ""
	case d.Status == Halting:
		return "is being stopped", ""
	case d.Status == Deciding:
		return "waits for a decision after a failure", ""
	}
	for _, s := range d.Current() {
		switch {
		case s.Held.Why != "":
			return "is held: " + strings.TrimSuffix(s.Held.Why, "."), ""
		case s.Approves():
			return "waits for an approval", s.Role()
		case d.AwaitsPerson(s):
			return "waits for an answer to “" + s.Title + "”", s.Role()
		case s.Until() == UntilPlanned:
			return "waits for its planned start", ""
		}
	}
	if d.Part == PartRollback {
		return "is rolling back", ""
	}
	return "is under way", ""
}

// A Drill says that a deployment rehearses its procedure: people are asked, and nothing is
// touched. The zero Drill: it does not.
type Drill struct {
	On   bool
	Fail []string // ids of steps that fail until a person has them tried again
}

// MarkDrill puts before words about a deployment that they are about a drill, where it is
// one. It is the one place that does, whoever reads them.
func MarkDrill(drill bool, words string) string {
	if !drill {
		return words
	}
	return drillMark + words
}

const drillMark = "DRILL · "

// DrillRunner is the name of the runner that stands for every system in a drill.
const DrillRunner = "drill"

// DrillFails is why a step fails that is to fail in a drill.
const DrillFails = "It fails here, as the drill was asked to."

// DrillNotSent is what becomes of words for clients in a drill.
const DrillNotSent = "Not sent: a drill."

// Fails reports whether a step is to fail in the attempt that it is in.
func (r Drill) Fails(s StepState) bool {
	return slices.Contains(r.Fail, s.ID) && s.Attempt <= 1+s.Tries
}

// simulates is a wanted effect of a step as a drill has it: that of no system. What another
// procedure does is a drill of that, and whether a channel has a message already is looked
// at, since it is posted.
func (r Drill) simulates(s StepState, w Wanted) Wanted {
	if r.On && w.Verb != VerbUnless && s.kind().Name != KindRun {
		w.Runner, w.Repeat = DrillRunner, RepeatReads
	}
	return w
}

// fact is whether what a step says is so: in a drill it is, since nothing was found out that
// it could rest on.
func (r Drill) fact(s StepState) (StepStatus, string, bool) {
	if r.Fails(s) {
		return StepFailed, DrillFails, true
	}
	return Done, "", true
}

// rehearsed are targets as a drill takes them: what runs already is rolled out all the
// same, and what it found there is what it goes back to where no other version is known.
func rehearsed(targets []Target) []Target {
	out := slices.Clone(targets)
	for i := range out {
		t := &out[i]
		t.Live = false
		if t.Good.How == EvidenceNone {
			t.Good = Good{How: EvidenceSeen, State: t.Before}
		}
	}
	return out
}
