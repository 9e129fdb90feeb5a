package deployer

import "time"

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
