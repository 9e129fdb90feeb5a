// Package preview says what a deployment would be, before anything is started: what
// is missing, what keeps it away, from what to what it goes, and step by step who
// would be asked, what would be done and where messages would go. A command with
// --dry-run, the form and `procedure run --dry-run` show the same.
//
// [Of] is pure, and what it says is values. [Speaker] puts them into words, the same for
// all who show them.
package preview

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Facts are what a preview rests on besides the start itself.
type Facts struct {
	Now      time.Time
	By       deployer.Actor                 // who asks
	Language deployer.Language              // nil: no condition and no text is computed
	Holders  map[string]deployer.Deployment // who holds places, by place
	Locks    deployer.Locks                 // of the environment
	Runs     map[string]string              // by service: the version that it runs now; one that is not there is not known
}

// A Preview is what a start would become.
type Preview struct {
	Start    deployer.Start
	Missing  []deployer.Input  // inputs that have to be given and are not
	Taken    []deployer.Taken  // places that others hold
	Locked   []deployer.Locked // services that somebody keeps away
	Changes  []Change
	Phases   []Phase
	Failure  []Step // at once, where a step fails
	Rollback []Step
	After    []Step
}

// Ready reports whether it could start as it is.
func (p Preview) Ready() bool { return len(p.Missing)+len(p.Taken)+len(p.Locked) == 0 }

// Warnings are what is unusual about the start: what it is warned of, and the windows and
// freezes that whoever asks for it overrides.
func (p Preview) Warnings() []string {
	out := slices.Clone(p.Start.Warnings)
	for _, o := range p.Start.Overrides {
		out = append(out, deployer.Sentence(o.Why)+" It starts all the same, by the role "+o.Role+": "+deployer.Sentence(o.Reason))
	}
	return out
}

// A Change is from what to what a service goes.
type Change struct {
	Service  string
	From, To string // versions; From "": not known
	Revision string // instead of To: the revision of its history
}

// A Phase is one of the procedure.
type Phase struct {
	Title  string
	Needed Needed
	Why    string // where Needed is not Sure: why it is not needed, or what decides
	Steps  []Step
}

// Needed says whether something applies, as far as that is known beforehand.
type Needed string

// What is known.
const (
	Sure    Needed = ""        // it applies
	Not     Needed = "not"     // it does not
	Depends Needed = "depends" // it is found out on the way
)

// Does is what a step would do.
type Does string

// What it would do.
const (
	Asks   Does = "asks"   // people are asked: Roles
	Posts  Does = "posts"  // a message is posted: To, Words
	Looks  Does = "looks"  // a system is looked at, and nothing changed
	Acts   Does = "acts"   // a system is changed
	Waits  Does = "waits"  // time passes: For, or Until
	Checks Does = "checks" // a condition has to hold
)

// A Step is one of the procedure.
type Step struct {
	deployer.Step // as it is written; With filled, as far as that is known
	Does          Does
	Needed        Needed
	Why           string            // where Needed is not Sure: why it is not needed, or what decides
	Roles         []string          // Asks: who may answer; none: the requester
	Members       []string          // what it is done for; none: once, or not known yet
	To            []string          // Posts: names of channels, of those that are there
	Lacks         []string          // Posts: names of channels that are not there, and left out
	URLs          []string          // Looks: which are asked, for each of Members, as far as their placeholders are known
	Words         string            // Posts: the message, with its placeholders
	Values        map[string]string // of the placeholders in its texts and words; what is not known yet is not there
	Until         time.Time         // Waits: zero: not known yet, or For
}
