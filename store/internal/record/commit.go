package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Commit is one step in the history of a deployment.
type Commit struct {
	ID     string    // the deployment; "" in what version 1 wrote
	Seq    int       // the number of its first event; a deployment's first has 1
	At     time.Time // when it was written
	Prev   string    // the SumOf the record of the commit before it; "" for the first
	Events []deployer.Event
}

type commit struct {
	stamp
	ID     string    `json:"id,omitzero"`
	Seq    int       `json:"seq"`
	N      int       `json:"n"`
	At     time.Time `json:"at,omitzero"`
	Prev   string    `json:"prev,omitzero"`
	Events []event   `json:"events"`
}

type event struct {
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// Encode returns the record, and what has to be stored before it.
func (c Commit) Encode() ([]byte, Blobs, error) {
	r := commit{stamp: stamp{commitFormat.version()}, ID: c.ID, Seq: c.Seq, N: len(c.Events), At: c.At, Prev: c.Prev, Events: []event{}}
	blobs := Blobs{}
	for i, e := range c.Events {
		encoded, err := encodeEvent(e, blobs)
		if err != nil {
			return nil, nil, fmt.Errorf("encode event %d: %w", c.Seq+i, err)
		}
		r.Events = append(r.Events, encoded)
	}
	b, err := json.Marshal(r)
	if err != nil {
		return nil, nil, fmt.Errorf("encode commit %d: %w", c.Seq, err)
	}
	return b, blobs, nil
}

// DecodeCommit is the opposite of Encode. One of a newer form is ErrNewer.
func DecodeCommit(b []byte, fetch Fetch) (Commit, error) {
	r, err := read[commit](commitFormat, b)
	if err != nil {
		return Commit{}, err
	}
	if r.N != len(r.Events) {
		return Commit{}, fmt.Errorf("decode commit: it has %d events and should have %d", len(r.Events), r.N)
	}
	c := Commit{ID: r.ID, Seq: r.Seq, At: r.At, Prev: r.Prev}
	for i, encoded := range r.Events {
		e, err := decodeEvent(encoded, fetch)
		if err != nil {
			return Commit{}, fmt.Errorf("decode event %d: %w", c.Seq+i, err)
		}
		c.Events = append(c.Events, e)
	}
	return c, nil
}

func encodeEvent(e deployer.Event, blobs Blobs) (event, error) {
	for _, k := range kinds {
		data, ok, err := k.encode(e, blobs)
		if !ok {
			continue
		}
		if err != nil {
			return event{}, fmt.Errorf("%s: %w", k.name, err)
		}
		return event{Kind: k.name, Data: data}, nil
	}
	return event{}, fmt.Errorf("%T has no stored form", e)
}

func decodeEvent(encoded event, fetch Fetch) (deployer.Event, error) {
	for _, k := range slices.Concat(kinds, kindsV1) {
		if k.name != encoded.Kind {
			continue
		}
		e, err := k.decode(encoded.Data, fetch)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		return e, nil
	}
	return nil, fmt.Errorf("its kind %q is unknown to this program", encoded.Kind)
}
