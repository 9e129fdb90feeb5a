package deployer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// A Person is somebody as the chat system knows them.
type Person struct{ ID, Name string }

// A Release is what somebody typed: a service and the tag it should run, or a
// revision of its history to go back to.
type Release struct{ Service, Tag, Revision string }

// State is what a target runs, in the words of its runner.
type State struct {
	Version  string // short, for people: usually the tag
	Image    string // exact, as written in the workload, with the digest where it is known
	Revision string // the runner's own count, where it has one
}

// Proved reports whether the image is pinned by digest, so that the tag can
// not come to mean something else.
func (s State) Proved() bool { return strings.Contains(s.Image, "@sha256:") }

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
}

// A Subject is everything that an approval is about. An approval holds for
// exactly the Subject whose hash it names.
type Subject struct {
	Targets   []Target
	Inputs    map[string]string
	Procedure string
	Back      bool // the approval is about rolling back
}

// Hash is a short fingerprint in hex.
func (s Subject) Hash() string {
	b, err := json.Marshal(s) // maps are written in the order of their keys
	if err != nil {
		panic("deployer: a Subject holds only strings: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
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
	ID          string
	Status      Status
	Why         string // of its status
	Reason      string // that the requester gave
	Requester   Person
	Retailer    string
	Environment string
	Releases    []Release
	Created     time.Time
	Ended       time.Time // zero while it runs
}

// Summarize returns the deployment's line in a list.
func (d Deployment) Summarize() Summary {
	return Summary{
		ID: d.ID, Status: d.Status, Why: d.Why, Reason: d.Reason, Requester: d.Requester, Retailer: d.Retailer,
		Environment: d.Environment, Releases: d.Releases, Created: d.Created, Ended: d.Ended,
	}
}

// A Query selects summaries, the newest first. Empty fields match everything.
type Query struct {
	Retailer, Environment, Service string
	Before                         string // an id: only older ones
	Limit                          int    // at most 100
}

// Serving is what a service runs now, as its system shows it.
type Serving struct {
	Service string
	State   State
	Ready   int // pods
	Total   int
	Note    string // what is out of order, or ""
}

// A Revision is an entry of a workload's own history.
type Revision struct {
	State   State
	Created time.Time
	By      string // the deployment that made it, or ""
	Current bool
}
