package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An Entry is one event, as it is exported. What an event does not say is empty. All texts
// are plain: their lines end with \n, and they hold no control character but that and the
// tab.
type Entry struct {
	Deployment  string            `json:"deployment"`
	Site        string            `json:"site"` // the retailer or product
	Environment string            `json:"environment"`
	Event       int               `json:"event"` // its number in the deployment, from 1; 0: KindBroken
	Kind        string            `json:"kind"`
	At          time.Time         `json:"at,omitzero"` // when it happened, in UTC
	Recorded    time.Time         `json:"recorded,omitzero"`
	By          string            `json:"by,omitempty"`      // the name of then
	ByID        string            `json:"by_id,omitempty"`   // which nobody can change
	ByKind      string            `json:"by_kind,omitempty"` // person, engine, schedule, …
	Role        string            `json:"role,omitempty"`    // by which it counted
	Step        string            `json:"step,omitempty"`    // its id
	Title       string            `json:"title,omitempty"`   // of the step
	Item        string            `json:"item,omitempty"`    // what of the step's scope it is about, such as a service
	Attempt     int               `json:"attempt,omitempty"`
	What        string            `json:"what"`             // in words
	Result      string            `json:"result,omitempty"` // of a condition, a step, an effect, an answer, or all
	Why         string            `json:"why,omitempty"`
	Seen        map[string]string `json:"seen,omitempty"` // what was seen, by name: what conditions, parameters and texts came to, what was found and filled in
	Channel     string            `json:"channel,omitempty"`
	Subject     string            `json:"subject,omitempty"` // the hash of what was approved, or the id of a gate
	Hash        string            `json:"hash,omitempty"`    // of its record
	Prev        string            `json:"prev,omitempty"`    // of the record before it
	Drill       bool              `json:"drill,omitempty"`   // of a drill: nothing was touched
}

// KindBroken is the kind of an Entry that is no event: it says that what follows is not what
// was written, or is missing.
const KindBroken = "broken"

// Entries are all events of a history, in their order.
func Entries(h History) []Entry {
	var out []Entry
	for _, r := range h.Records {
		for i, event := range r.Events {
			e := entryOf(&h, event)
			e.Event, e.Recorded, e.Hash, e.Prev = r.Seq+i, r.At.UTC(), r.Hash, r.Prev
			out = append(out, e.plain())
		}
	}
	if h.Broken != nil {
		e := begun(&h)
		e.Kind, e.What, e.Why = KindBroken, "What follows is not what was written, or is missing", h.Broken.Error()
		out = append(out, e.plain())
	}
	return out
}

func begun(h *History) Entry {
	d := h.Deployment
	return Entry{Deployment: d.ID, Site: d.Site.Name, Environment: d.Site.Environment, Drill: d.Drill.On, Seen: map[string]string{}}
}

// A describer fills the Entry of one event.
type describer struct {
	Entry
	d *deployer.Deployment
}

// entryOf is the Entry of one event, without its place among the others.
func entryOf(h *History, event deployer.Event) Entry {
	d := &describer{begun(h), &h.Deployment}
	if !d.people(event) && !d.steps(event) && !d.effects(event) {
		d.rest(event)
	}
	return d.Entry
}

// is says which event it is, and when it was.
func (d *describer) is(kind string, at time.Time, what string) {
	d.Kind, d.At, d.What = kind, at.UTC(), what
}

// by says who it was.
func (d *describer) by(p deployer.Actor) {
	d.By, d.ByID, d.ByKind = p.Name, p.ID, string(p.Kind)
	if p.Kind == deployer.ActorPerson && p != (deployer.Actor{}) {
		d.ByKind = "person"
	}
}

// of says which step it is about, and is the step in words.
func (d *describer) of(id string) string {
	d.Step = id
	if s := d.d.Step(id); s != nil {
		d.Title = s.Title
	}
	return quoted(d.Title, id)
}

// ofEffect says which effect it is about, and is that in words.
func (d *describer) ofEffect(text string) string {
	key := deployer.ParseEffectKey(text)
	words := d.of(key.Step)
	if d.Item = key.Item; key.Item != "" {
		words += " of " + key.Item
	}
	switch {
	case key.Verb == deployer.VerbPause:
		return "the pause of " + words
	case key.Verb != "":
		return "the answer " + key.Verb + " to " + words
	}
	return words
}

// saw keeps what was seen, if it is anything.
func (d *describer) saw(name, value string) {
	if value != "" {
		d.Seen[name] = value
	}
}

func quoted(title, id string) string {
	if strings.TrimSpace(title) == "" {
		title = id
	}
	return "“" + title + "”"
}

// person is somebody in words.
func person(p deployer.Actor) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.ID != "":
		return p.ID
	}
	return "nobody"
}

// plain is the entry with every text as it may be shown.
func (e Entry) plain() Entry {
	for _, text := range e.texts() {
		*text = plain(*text)
	}
	seen := map[string]string{}
	for _, raw := range sortedKeys(e.Seen) {
		name, value := plain(raw), e.Seen[raw]
		if secretName(name) {
			value = hidden(value)
		}
		for n, as := 2, name; ; n++ { // two may read alike once they are plain
			if _, taken := seen[as]; !taken {
				seen[as] = plain(value)
				break
			}
			as = name + " (" + strconv.Itoa(n) + ")"
		}
	}
	e.Seen = nil
	if len(seen) > 0 {
		e.Seen = seen
	}
	return e
}

// texts are those that people and systems have written, or name.
func (e *Entry) texts() []*string {
	return []*string{
		&e.Deployment, &e.Site, &e.Environment, &e.By, &e.ByID, &e.ByKind, &e.Role, &e.Step, &e.Title, &e.Item, &e.What, &e.Result, &e.Why,
		&e.Channel, &e.Subject, &e.Hash, &e.Prev,
	}
}
