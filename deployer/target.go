package deployer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Site is where something is deployed: one environment of a retailer, or of a
// product that has none.
type Site struct {
	Kind        SiteKind
	Name        string // of the retailer or the product
	Environment string
}

// A Locale is what texts and conditions may say of a site besides its name. It is
// frozen when a deployment starts.
type Locale struct {
	Title     string // of the retailer or product
	Zone      string // such as America/Los_Angeles; "": UTC
	Namespace string
	Groups    []string          // of the retailer
	Retailers []string          // all that have the services
	Owners    map[string]string // by service: the name of who owns it
}

// SiteKind is what a site is one of.
type SiteKind string

// What a site can be one of.
const (
	SiteRetailer SiteKind = "" // a retailer, as most are
	SiteProduct  SiteKind = "product"
)

// String is the site for people and logs: its name and its environment.
func (s Site) String() string { return s.Name + " " + s.Environment }

// An Actor is whoever does something: a person as the chat system knows them, or
// what acts for nobody in particular. One without an id is nobody.
type Actor struct {
	Kind     ActorKind
	ID, Name string
}

// ActorKind says what an actor is. People alone answer; the others may start a
// deployment.
type ActorKind string

// The kinds of actors.
const (
	ActorPerson   ActorKind = "" // somebody
	ActorEngine   ActorKind = "engine"
	ActorSchedule ActorKind = "schedule"
	ActorPipeline ActorKind = "pipeline"
	ActorAgent    ActorKind = "agent"
)

// A Release is what somebody typed: a service and the tag it should run, or a
// revision of its history to go back to.
type Release struct{ Service, Tag, Revision string }

// State is what a target runs, in the words of its runner.
type State struct {
	Version  string // short, for people: usually the tag
	Image    string // exact, as written in the workload, with the digest where it is known
	Revision string // the runner's own count, where it has one
	// Template is a fingerprint of all else that makes it what it is, such as its
	// command and environment, in the runner's words; "": it is not known.
	Template string `json:",omitzero"` // Subjects from before it was noted keep their hash
}

// Proved reports whether the image is pinned by digest, so that the tag can
// not come to mean something else.
func (s State) Proved() bool { return strings.Contains(s.Image, "@sha256:") }

// Is reports whether the other state is the same: the image, and the template where
// it is known of this one.
func (s State) Is(other State) bool {
	return s.Image == other.Image && (s.Template == "" || s.Template == other.Template)
}

// A Target is one service in one environment, resolved to what it really is:
// which workload, what that runs, and what it is to run. It is frozen when the
// deployment starts, and approvals are about it; only Before is corrected, which
// voids them, if a rollout finds something else there.
type Target struct {
	Service string
	Runner  string            // the system that rolls it out, such as "kubernetes"
	Where   map[string]string // the runner's own coordinates, such as cluster, namespace and UIDs
	Before  State             // what it ran when that was looked up
	After   State             // what it is to run
	Live    bool              // After already runs, verified: nothing to do
	Pauses  bool              // the runner can hold a failed rollout where it is
	Good    Good              `json:",omitzero"` // what a rollback goes back to

	// Remarks are what people should know before they approve it: whole sentences
	// in plain text, such as that another container keeps the old image.
	Remarks []string `json:",omitempty"`
}

// A Subject is everything that an approval is about. An approval holds for
// exactly the Subject whose hash it names.
type Subject struct {
	Targets   []Target
	Inputs    map[string]string
	Procedure string
	Back      bool     // it is about rolling back
	Stay      []string `json:",omitempty"` // rolling back: the services that it leaves as they are
	Lost      []string `json:",omitempty"` // rolling back: what somebody has changed since, which goes with it, in whole sentences
}

// Hash is a short fingerprint in hex.
func (s Subject) Hash() string { return fingerprint(s) }

// fingerprint is the same for the same plain data.
func fingerprint(v any) string {
	b, err := json.Marshal(v) // maps are written in the order of their keys
	if err != nil {
		panic("deployer: what is told apart holds only strings: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// Left is what a stop would leave as it is. A button that stops carries its Hash.
type Left struct {
	Part     Part
	Services []string // that a rollout may have changed
	Back     bool     // a rollback has done what it is for, and was proven as far as its procedure does, while people may have still to answer
	Untold   []string // keys of the effects of which nobody can tell how far they came
}

// LeftBy is what a stop would leave of a deployment now.
func LeftBy(d Deployment) Left {
	l := Left{Part: d.Part, Services: d.Touched()}
	for _, e := range d.Untold() {
		l.Untold = append(l.Untold, e.Key)
	}
	l.Back = d.Part == PartRollback && !slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Part == d.Part && !s.Background && !s.Over() && !s.Confirms() && !s.Announces() && d.Needed(s)
	})
	return l
}

// Hash is a short fingerprint in hex.
func (l Left) Hash() string { return fingerprint(l) }

// now says what it is, after the word now.
func (l Left) now() string {
	switch {
	case len(l.Untold) > 0:
		return "nobody can tell how far it came"
	case l.Back:
		return "the rollback is done"
	case l.Part == PartRollback:
		return "it is being rolled back"
	case len(l.Services) == 0:
		return "nothing is rolled out"
	}
	return "that is " + strings.Join(l.Services, ", ")
}

// TagMax is how long a tag may be, in characters.
const TagMax = 128

// ValidTag is the grammar of a tag in the OCI distribution specification.
func ValidTag(tag string) bool {
	for i, c := range tag {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return tag != "" && len(tag) <= TagMax
}

// A Summary is a deployment in a list.
type Summary struct {
	ID        string
	Status    Status
	Why       string // of its status
	Reason    string // that the requester gave
	Requester Actor
	Site      Site
	Releases  []Release
	Created   time.Time
	Ended     time.Time // zero while it runs
	Drill     bool      // nothing was touched
}

// Summarize returns the deployment's line in a list.
func (d Deployment) Summarize() Summary {
	return Summary{
		ID: d.ID, Status: d.Status, Why: d.Why, Reason: d.Reason, Requester: d.Requester, Site: d.Site, Releases: d.Releases, Created: d.Created, Ended: d.Ended,
		Drill: d.Drill.On,
	}
}

// A Query selects summaries, the newest first. Empty fields match everything.
type Query struct {
	Site    Site // its parts each by itself
	Service string
	Before  string // an id: only older ones
	Limit   int    // at most 100
}

// Serving is what a service runs now, as its system shows it.
type Serving struct {
	Service string
	State   State
	Total   int            // the pods that there should be
	Ready   int            // those that are ready, of all versions; at most Total
	Pods    []VersionCount // by version, what is wanted first; none where nothing runs
	Note    string         // what is out of order, or ""
}

// A VersionCount is how many pods run one version. Those that are stopping don't count.
type VersionCount struct {
	Version string
	Pods    int
	Ready   int // of them
}

// Whole reports whether all the pods that there should be run what is wanted, and
// nothing else does.
func (s Serving) Whole() bool {
	return len(s.Pods) == 1 && s.Pods[0].Version == s.State.Version && s.Ready == s.Total && s.Note == ""
}

// SpreadOver says which version runs on how many pods: v2 on 5, v3 on 3. It is
// plain text.
func SpreadOver(pods []VersionCount) string {
	var out []string
	for _, r := range pods {
		words := r.Version + " on " + strconv.Itoa(r.Pods)
		if r.Ready < r.Pods {
			words += " (" + strconv.Itoa(r.Ready) + " ready)"
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ")
}

// A Revision is an entry of a workload's own history.
type Revision struct {
	State   State
	Created time.Time
	By      string // the deployment that made it, or ""
	Current bool
}

// A Good says which version a target is known to have run well: what a rollback
// goes back to. It is looked for when the target is resolved, and frozen with it,
// so that the card, the dialog and the rollback itself mean the same one.
//
// What ran when the deployment began counts if nearly all of its pods were
// ready, also where somebody has brought it by hand: that is what was relied on a
// minute ago. It does not if a deployment of ours has brought it and was stopped
// or has failed. Then the last version counts that a deployment of ours has
// proven; and after all those the newest in the system's own history that no
// deployment of ours has failed with, of which nobody knows how it ran.
type Good struct {
	State State     // zero for EvidenceNone
	How   Evidence  // how it is known
	By    string    // the deployment that has proven it; "": none of ours
	Since time.Time // from when on it ran so; zero: not known
	Until time.Time // until when; zero: until the rollout that is taken back
}

// Evidence is how it is known that a version ran well.
type Evidence string

// The kinds of evidence.
const (
	EvidenceUnsought Evidence = ""       // nobody has looked: of targets that were resolved before it was looked for
	EvidenceProven   Evidence = "proven" // a deployment has brought it, or went back to it, and a step of it looked and found all well
	EvidenceSeen     Evidence = "seen"   // it ran when the deployment began
	EvidenceListed   Evidence = "listed" // the system's history has it, and nothing speaks against it
	EvidenceNone     Evidence = "none"   // no version is known to have run well
)

// BackTo is what a rollback of the target puts back; false: no version is known
// to have run well, so that it can't be rolled back. Where that is what the
// rollout found there it is put back as it was found then, unless what was proven
// had another template: somebody has changed that since.
func BackTo(d Deployment, t Target) (State, bool) {
	found := Found(d, t)
	switch g := t.Good; {
	case g.How == EvidenceUnsought:
		return found, true
	case g.How == EvidenceNone:
		return State{}, false
	case g.State.Image == found.Image && !(g.How == EvidenceProven && found.Template != "" && g.State.Template != "" && g.State.Template != found.Template):
		return found, true
	default:
		return g.State, true
	}
}

// IsLive reports whether a target runs what is wanted without this deployment, so
// that it has nothing to do there.
func IsLive(d Deployment, t Target) bool { return t.Live || arrived(d, t.Service) }

// Found is what the rollout of the target found there, or until then what was
// looked up.
func Found(d Deployment, t Target) State {
	if BroughtBefore(d, t.Service) != nil {
		return t.Before
	}
	for _, s := range d.Steps {
		if e := s.Effect(EffectKey{Step: s.ID, Item: t.Service}.String()); e != nil && s.Deploys() && s.Part == PartMain {
			return e.Before
		}
	}
	return t.Before
}

// revertible are those services that a rollback can put back, and those that it
// can't, since no version of theirs is known to have run well.
func revertible(d Deployment, services []string) (back, not []string) {
	for _, service := range services {
		if _, ok := BackTo(d, *d.Target(service)); ok {
			back = append(back, service)
		} else {
			not = append(not, service)
		}
	}
	return back, not
}

// goingBack are those of the touched services that a rollback puts back: of the failed
// ones, where none is named.
func goingBack(d Deployment, named []string) []string {
	services := d.FailedServices()
	if len(named) > 0 {
		services = slices.DeleteFunc(d.Touched(), func(s string) bool { return !slices.Contains(named, s) })
	}
	back, _ := revertible(d, services)
	return back
}

// Services are those that a deployment is about, as it has resolved them.
func Services(d Deployment) []string { return namesOf(d.Targets) }

func namesOf(targets []Target) []string {
	out := make([]string, len(targets))
	for i, t := range targets {
		out[i] = t.Service
	}
	return out
}

// Lost is what somebody has changed since a rollout was held, which a rollback of
// services, of the failed ones where none is named, takes back as well, or is taking
// back: whole sentences, with the service where there are several.
func Lost(d Deployment, services ...string) []string {
	if d.Part == PartRollback {
		services = d.RollbackServices
	} else {
		services = goingBack(d, services)
	}
	var out []string
	for _, t := range d.Targets {
		lost := changedSince(d, t.Service)
		if lost == "" || !slices.Contains(services, t.Service) {
			continue
		}
		if len(d.Targets) > 1 {
			lost = t.Service + ": " + lost
		}
		out = append(out, lost)
	}
	return out
}

// changedSince says, as a sentence, what somebody has changed of a service since its
// rollout was held. "": nothing, as far as is known.
func changedSince(d Deployment, service string) string {
	for _, s := range d.Steps {
		e := s.Effect(EffectKey{Step: s.ID, Item: service, Verb: VerbPause}.String())
		if e != nil && s.Part != PartRollback && e.Stage == Settled && e.Outcome.Detail != "" {
			return Sentence(e.Outcome.Detail)
		}
	}
	return ""
}

// A Resolver finds out what a deployment's words mean, before anything is
// touched. A *Refusal says that they mean nothing that can be deployed.
type Resolver interface {
	Resolve(context.Context, Deployment) ([]Target, error)
}
