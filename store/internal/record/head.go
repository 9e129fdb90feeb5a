package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Head is where the history of a deployment stands.
type Head struct {
	Summary deployer.Summary
	Seq     int     // how many events there are
	Hash    string  // of the last commit, which it tells from any other
	Log     Numbers // of its commits; none: its history is not in the log
}

type head struct {
	stamp
	Seq     int     `json:"seq"`
	Hash    string  `json:"hash"`
	Summary summary `json:"summary"`
	Log     Numbers `json:"log"` // last, so that a number can be added to what is encoded
}

type summary struct {
	ID          string            `json:"id,omitzero"`
	Status      deployer.Status   `json:"status,omitzero"`
	Why         string            `json:"why,omitzero"`
	Reason      string            `json:"reason,omitzero"`
	Requester   person            `json:"requester,omitzero"`
	SiteKind    deployer.SiteKind `json:"site_kind,omitzero"`
	Retailer    string            `json:"retailer,omitzero"`
	Environment string            `json:"environment,omitzero"`
	Releases    []release         `json:"wants,omitzero"`
	Created     time.Time         `json:"created,omitzero"`
	Ended       time.Time         `json:"ended,omitzero"`
	Drill       bool              `json:"drill,omitzero"`
}

// Encode returns the record.
func (h Head) Encode() ([]byte, error) {
	s := h.Summary
	b, err := json.Marshal(head{stamp: stamp{headFormat.version()}, Seq: h.Seq, Hash: h.Hash, Summary: summary{
		ID: s.ID, Status: s.Status, Why: s.Why, Reason: s.Reason, Requester: person(s.Requester), SiteKind: s.Site.Kind, Retailer: s.Site.Name,
		Environment: s.Site.Environment, Releases: each(s.Releases, toRelease), Created: s.Created, Ended: s.Ended,
		Drill: s.Drill,
	}, Log: h.Log})
	if err != nil {
		return nil, fmt.Errorf("encode head: %w", err)
	}
	return b, nil
}

// A HeadDraft is the record of a head whose last commits have no number yet.
type HeadDraft struct {
	encoded []byte // with the numbers before
	numbers Numbers
	last    int64
}

// Draft returns the record of a head but for the numbers of its last commits, which
// are greater than last: that of the one before, or 0.
func (h Head) Draft(last int64) (HeadDraft, error) {
	b, err := h.Encode()
	return HeadDraft{encoded: b, numbers: h.Log, last: last}, err
}

// Bytes is how long the record gets at most with the numbers of so many commits.
func (d HeadDraft) Bytes(commits int) int { return len(d.encoded) + numberMax*commits }

// Summary is the hash of the summary in the record, as SummarySum finds it.
func (d HeadDraft) Summary() Sum {
	const name = `"summary":`
	begin := bytes.Index(d.encoded, []byte(name)) + len(name) // nothing before it has quotes inside
	end := len(d.encoded) - len(`,"log":"`) - len(d.numbers) - len(`"}`)
	return SumOf(d.encoded[begin:end])
}

// Numbers are those of its commits when so many more have numbers from first on.
func (d HeadDraft) Numbers(first int64, commits int) Numbers {
	all, last := d.numbers, d.last
	for n := first; n < first+int64(commits); n++ {
		all, last = all.Add(last, n), n
	}
	return all
}

// At is the record of the head whose last commits have numbers from first on.
func (d HeadDraft) At(first int64, commits int) []byte {
	const end = `"}`
	more := d.Numbers(first, commits)[len(d.numbers):]
	b := make([]byte, 0, len(d.encoded)+len(more))
	b = append(b, d.encoded[:len(d.encoded)-len(end)]...)
	return append(append(b, more...), end...)
}

// SummarySum is the hash of the summary in the record of a head, as it stands
// there.
func SummarySum(head []byte) (Sum, error) {
	var r struct {
		Summary json.RawMessage `json:"summary"`
	}
	if err := json.Unmarshal(head, &r); err != nil {
		return Sum{}, fmt.Errorf("decode head: %w", err)
	}
	return SumOf(r.Summary), nil
}

// DecodeHead is the opposite of Encode. One of a newer form is ErrNewer.
func DecodeHead(b []byte) (Head, error) {
	r, err := read[head](headFormat, b)
	if err != nil {
		return Head{}, err
	}
	s := r.Summary
	return Head{Seq: r.Seq, Hash: r.Hash, Log: r.Log, Summary: deployer.Summary{
		ID: s.ID, Status: s.Status, Why: s.Why, Reason: s.Reason, Requester: deployer.Actor(s.Requester), Site: deployer.Site{Kind: s.SiteKind, Name: s.Retailer, Environment: s.Environment},
		Releases: each(s.Releases, release.release), Created: s.Created, Ended: s.Ended,
		Drill: s.Drill,
	}}, nil
}
