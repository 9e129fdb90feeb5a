package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Letter is a message that waits to be sent.
type Letter struct {
	Deployment string
	At         time.Time
	Message    deployer.Message
}

type letter struct {
	stamp
	Deployment string    `json:"deployment,omitzero"`
	At         time.Time `json:"at,omitzero"`
	Message    message   `json:"message"`
}

type (
	message struct {
		Mark    string            `json:"mark,omitzero"`
		Kind    string            `json:"kind,omitzero"`
		Channel string            `json:"channel,omitzero"`
		Thread  bool              `json:"thread,omitzero"`
		To      string            `json:"to,omitzero"`
		Role    string            `json:"role,omitzero"`
		Note    note              `json:"note,omitzero"`
		Words   string            `json:"words,omitzero"`
		Plain   bool              `json:"plain,omitzero"`
		Args    map[string]string `json:"args,omitzero"`
		Receipt bool              `json:"receipt,omitzero"`
	}
	note struct {
		What      string `json:"what,omitzero"`
		Step      string `json:"step,omitzero"`
		By        person `json:"by,omitzero"`
		Why       string `json:"why,omitzero"`
		Detail    string `json:"detail,omitzero"`
		DetailSHA string `json:"detail_sha,omitzero"` // instead, if it is kept aside
	}
)

// Encode returns the record, and what has to be stored before it.
func (l Letter) Encode() ([]byte, Blobs, error) {
	m, blobs := l.Message, Blobs{}
	n := note{What: m.Note.What, Step: m.Note.Step, By: person(m.Note.By), Why: m.Note.Why}
	n.Detail, n.DetailSHA = blobs.text(m.Note.Detail)
	b, err := json.Marshal(letter{stamp: stamp{letterFormat.version()}, Deployment: l.Deployment, At: l.At, Message: message{
		Mark: m.DedupKey, Kind: m.Kind, Channel: m.Channel, Thread: m.Thread, To: m.To, Role: m.Role, Note: n,
		Words: m.Words, Plain: m.Plain, Args: m.Args, Receipt: m.Receipt,
	}})
	if err != nil {
		return nil, nil, fmt.Errorf("encode letter %s: %w", m.DedupKey, err)
	}
	return b, blobs, nil
}

// DecodeLetter is the opposite of Encode. One of a newer form is ErrNewer.
func DecodeLetter(b []byte, fetch Fetch) (Letter, error) {
	r, err := read[letter](letterFormat, b)
	if err != nil {
		return Letter{}, err
	}
	m, n := r.Message, r.Message.Note
	detail, err := fetch.text(n.Detail, n.DetailSHA)
	if err != nil {
		return Letter{}, fmt.Errorf("decode letter: %w", err)
	}
	return Letter{Deployment: r.Deployment, At: r.At, Message: deployer.Message{
		DedupKey: m.Mark, Kind: m.Kind, Channel: m.Channel, Thread: m.Thread, To: m.To, Role: m.Role,
		Note:  deployer.Note{What: n.What, Step: n.Step, By: deployer.Person(n.By), Why: n.Why, Detail: detail},
		Words: m.Words, Plain: m.Plain, Args: m.Args, Receipt: m.Receipt,
	}}, nil
}
