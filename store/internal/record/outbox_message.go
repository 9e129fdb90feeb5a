package record

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An OutboxMessage is a message that waits to be sent.
type OutboxMessage struct {
	Deployment string
	At         time.Time
	Message    deployer.Message
}

type outboxMessage struct {
	stamp
	Deployment string    `json:"deployment,omitzero"`
	At         time.Time `json:"at,omitzero"`
	Message    message   `json:"message"`
}

type (
	message struct {
		DedupKey string            `json:"mark,omitzero"`
		Kind     string            `json:"kind,omitzero"`
		Channel  string            `json:"channel,omitzero"`
		Thread   bool              `json:"thread,omitzero"`
		To       string            `json:"to,omitzero"`
		Role     string            `json:"role,omitzero"`
		Note     note              `json:"note,omitzero"`
		Words    string            `json:"words,omitzero"`
		Plain    bool              `json:"plain,omitzero"`
		Args     map[string]string `json:"args,omitzero"`
		Receipt  bool              `json:"receipt,omitzero"`
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
func (l OutboxMessage) Encode() ([]byte, Blobs, error) {
	m, blobs := l.Message, Blobs{}
	n := toNote(m.Note)
	n.Detail, n.DetailSHA = blobs.text(m.Note.Detail)
	b, err := json.Marshal(outboxMessage{stamp: stamp{outboxFormat.version()}, Deployment: l.Deployment, At: l.At, Message: message{
		DedupKey: m.DedupKey, Kind: m.Kind, Channel: m.Channel, Thread: m.Thread, To: m.To, Role: m.Role, Note: n,
		Words: m.Words, Plain: m.Plain, Args: m.Args, Receipt: m.Receipt,
	}})
	if err != nil {
		return nil, nil, fmt.Errorf("encode message %s: %w", m.DedupKey, err)
	}
	return b, blobs, nil
}

// DecodeOutboxMessage is the opposite of Encode. One of a newer form is ErrNewer.
func DecodeOutboxMessage(b []byte, fetch Fetch) (OutboxMessage, error) {
	r, err := read[outboxMessage](outboxFormat, b)
	if err != nil {
		return OutboxMessage{}, err
	}
	m, n := r.Message, r.Message.Note
	detail, err := fetch.text(n.Detail, n.DetailSHA)
	if err != nil {
		return OutboxMessage{}, fmt.Errorf("decode message: %w", err)
	}
	return OutboxMessage{Deployment: r.Deployment, At: r.At, Message: deployer.Message{
		DedupKey: m.DedupKey, Kind: m.Kind, Channel: m.Channel, Thread: m.Thread, To: m.To, Role: m.Role,
		Note:  n.note(detail),
		Words: m.Words, Plain: m.Plain, Args: m.Args, Receipt: m.Receipt,
	}}, nil
}

// toNote is the stored form of a note, but for its detail: its kind and what it
// holds of that kind alone are one text, or the step is the message's key.
func toNote(n deployer.Note) note {
	r := note{What: string(n.Kind), Step: n.Step, By: person(n.By), Why: n.Why}
	switch {
	case n.Kind == deployer.NoteDecided && n.Choice != "":
		r.What += ":" + string(n.Choice)
	case n.Kind == deployer.NoteEnded && n.Status != "":
		r.What += ":" + string(n.Status)
	case n.Kind == deployer.NoteUndelivered:
		r.Step = n.DedupKey
	}
	return r
}

// note is the opposite of toNote.
func (r note) note(detail string) deployer.Note {
	n := deployer.Note{Kind: deployer.NoteKind(r.What), Step: r.Step, By: deployer.Person(r.By), Why: r.Why, Detail: detail}
	kind, of, _ := strings.Cut(r.What, ":")
	switch kind := deployer.NoteKind(kind); kind {
	case deployer.NoteDecided:
		n.Kind, n.Choice = kind, deployer.Choice(of)
	case deployer.NoteEnded:
		n.Kind, n.Status = kind, deployer.Status(of)
	}
	if n.Kind == deployer.NoteUndelivered {
		n.Step, n.DedupKey = "", r.Step
	}
	return n
}
