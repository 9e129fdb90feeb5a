package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Head is where the history of a deployment stands.
type Head struct {
	Summary deployer.Summary
	Seq     int    // how many events there are
	Hash    string // of the last commit, which it tells from any other
}

type head struct {
	stamp
	Seq     int     `json:"seq"`
	Hash    string  `json:"hash"`
	Summary summary `json:"summary"`
}

type summary struct {
	ID          string          `json:"id,omitzero"`
	Status      deployer.Status `json:"status,omitzero"`
	Why         string          `json:"why,omitzero"`
	Reason      string          `json:"reason,omitzero"`
	Requester   person          `json:"requester,omitzero"`
	Retailer    string          `json:"retailer,omitzero"`
	Environment string          `json:"environment,omitzero"`
	Releases    []release       `json:"wants,omitzero"`
	Created     time.Time       `json:"created,omitzero"`
	Ended       time.Time       `json:"ended,omitzero"`
}

// Encode returns the record.
func (h Head) Encode() ([]byte, error) {
	s := h.Summary
	b, err := json.Marshal(head{stamp: stamp{headFormat.version()}, Seq: h.Seq, Hash: h.Hash, Summary: summary{
		ID: s.ID, Status: s.Status, Why: s.Why, Reason: s.Reason, Requester: person(s.Requester), Retailer: s.Retailer,
		Environment: s.Environment, Releases: each(s.Releases, toRelease), Created: s.Created, Ended: s.Ended,
	}})
	if err != nil {
		return nil, fmt.Errorf("encode head: %w", err)
	}
	return b, nil
}

// DecodeHead is the opposite of Encode. One of a newer form is ErrNewer.
func DecodeHead(b []byte) (Head, error) {
	r, err := read[head](headFormat, b)
	if err != nil {
		return Head{}, err
	}
	s := r.Summary
	return Head{Seq: r.Seq, Hash: r.Hash, Summary: deployer.Summary{
		ID: s.ID, Status: s.Status, Why: s.Why, Reason: s.Reason, Requester: deployer.Person(s.Requester), Retailer: s.Retailer,
		Environment: s.Environment, Releases: each(s.Releases, release.release), Created: s.Created, Ended: s.Ended,
	}}, nil
}
