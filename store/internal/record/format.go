package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNewer says that a record was written by a newer version of stationmaster.
var ErrNewer = errors.New("written by a newer version of stationmaster")

// A format is the form of one sort of record through time. Its version is one
// more than the number of its upgrades.
type format struct {
	name     string
	upgrades []upgrade // upgrades[0] makes version 2 of version 1, and so on
}

// An upgrade makes the JSON of the next version. It sets no "v".
type upgrade func([]byte) ([]byte, error)

// The formats. To change one, append an upgrade; never touch an older one.
var (
	commitFormat     = format{name: "commit", upgrades: []upgrade{commitV2, commitV3, commitV4, commitV5, commitV6, commitV7}}
	procedureFormat  = format{name: "procedure", upgrades: []upgrade{procedureFromV1, procedureV3}}
	headFormat       = format{name: "head", upgrades: []upgrade{headV2, headV3}}
	outboxFormat     = format{name: "message", upgrades: []upgrade{outboxV2}}
	locksFormat      = format{name: "locks"}
	lockRecordFormat = format{name: "change of locks"}
	archiveFormat    = format{name: "archive"}
	wakeupFormat     = format{name: "wakeup"}
)

func (f format) version() int { return len(f.upgrades) + 1 }

// A stamp begins every record.
type stamp struct {
	V int `json:"v"`
}

func (s stamp) stamped() int { return s.V }

// read decodes a record of any version up to the present one.
func read[R interface{ stamped() int }](f format, b []byte) (R, error) {
	var r, none R
	err := strict(b, &r)
	if err == nil && r.stamped() == f.version() {
		return r, nil
	}
	var s stamp
	if err := json.Unmarshal(b, &s); err != nil {
		return none, fmt.Errorf("decode %s: %w", f.name, err)
	}
	switch {
	case s.V > f.version():
		return none, fmt.Errorf("decode %s: %w: its form is version %d, this program reads up to %d", f.name, ErrNewer, s.V, f.version())
	case s.V < 1:
		return none, fmt.Errorf("decode %s: it names no version of its form", f.name)
	case s.V == f.version():
		return none, fmt.Errorf("decode %s: %w", f.name, err)
	}
	for v := s.V; v < f.version(); v++ {
		if b, err = f.upgrades[v-1](b); err != nil {
			return none, fmt.Errorf("bring %s from version %d up to date: %w", f.name, v, err)
		}
	}
	r = none
	if err := strict(b, &r); err != nil {
		return none, fmt.Errorf("decode %s, brought up to date from version %d: %w", f.name, s.V, err)
	}
	return r, nil
}

// strict decodes one JSON value, and refuses fields that nobody knows.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if rest := b[d.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return errors.New("something follows it")
	}
	return nil
}
