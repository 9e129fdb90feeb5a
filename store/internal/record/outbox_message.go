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
		What      deployer.NoteKind `json:"what,omitzero"`
		Choice    deployer.Choice   `json:"choice,omitzero"`
		Status    deployer.Status   `json:"status,omitzero"`
		DedupKey  string            `json:"of,omitzero"`
		Step      string            `json:"step,omitzero"`
		By        person            `json:"by,omitzero"`
		Why       string            `json:"why,omitzero"`
		Detail    string            `json:"detail,omitzero"`
		DetailSHA string            `json:"detail_sha,omitzero"` // instead, if it is kept aside
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
func DecodeOutboxMessage(b []byte, aside Aside) (OutboxMessage, error) {
	r, err := read[outboxMessage](outboxFormat, b)
	if err != nil {
		return OutboxMessage{}, err
	}
	m, n := r.Message, r.Message.Note
	detail, err := aside.text(n.Detail, n.DetailSHA)
	if err != nil {
		return OutboxMessage{}, fmt.Errorf("decode message: %w", err)
	}
	return OutboxMessage{Deployment: r.Deployment, At: r.At, Message: deployer.Message{
		DedupKey: m.DedupKey, Kind: m.Kind, Channel: m.Channel, Thread: m.Thread, To: m.To, Role: m.Role,
		Note:  n.note(detail),
		Words: m.Words, Plain: m.Plain, Args: m.Args, Receipt: m.Receipt,
	}}, nil
}

// toNote is the stored form of a note, but for its detail.
func toNote(n deployer.Note) note {
	return note{What: n.Kind, Choice: n.Choice, Status: n.Status, DedupKey: n.DedupKey, Step: n.Step, By: person(n.By), Why: n.Why}
}

// note is the opposite of toNote.
func (r note) note(detail string) deployer.Note {
	return deployer.Note{
		Kind: r.What, Choice: r.Choice, Status: r.Status, DedupKey: r.DedupKey, Step: r.Step, By: deployer.Actor(r.By), Why: r.Why, Detail: detail,
	}
}

// outboxV2 brings a message of version 1 up to date: what its note held of its
// kind alone was one text with that, or stood where the step does.
func outboxV2(b []byte) ([]byte, error) {
	var r outboxMessage
	if err := strict(b, &r); err != nil {
		return nil, err
	}
	r.V = 2
	n := &r.Message.Note
	kind, of, _ := strings.Cut(string(n.What), ":")
	switch kind := deployer.NoteKind(kind); kind {
	case deployer.NoteDecided:
		n.What, n.Choice = kind, deployer.Choice(of)
	case deployer.NoteEnded:
		n.What, n.Status = kind, deployer.Status(of)
	case deployer.NoteUndelivered:
		n.DedupKey, n.Step = n.Step, ""
	}
	return json.Marshal(r)
}
