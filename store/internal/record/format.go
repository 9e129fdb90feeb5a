package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	commitFormat    = format{name: "commit"}
	procedureFormat = format{name: "procedure"}
	headFormat      = format{name: "head"}
	letterFormat    = format{name: "letter"}
)

func (f format) version() int { return len(f.upgrades) + 1 }

// read decodes a record of any version up to the present one.
func (f format) read(b []byte, into any) error {
	var has struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(b, &has); err != nil {
		return fmt.Errorf("decode %s: %w", f.name, err)
	}
	switch {
	case has.V > f.version():
		return fmt.Errorf("decode %s: %w: its form is version %d, this program reads up to %d", f.name, ErrNewer, has.V, f.version())
	case has.V < 1:
		return fmt.Errorf("decode %s: it names no version of its form", f.name)
	}
	for v := has.V; v < f.version(); v++ {
		var err error
		if b, err = f.upgrades[v-1](b); err != nil {
			return fmt.Errorf("bring %s from version %d up to date: %w", f.name, v, err)
		}
	}
	if err := strict(b, into); err != nil {
		return fmt.Errorf("decode %s: %w", f.name, err)
	}
	return nil
}

// strict decodes one JSON value, and refuses fields that nobody knows.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows it")
	}
	return nil
}
