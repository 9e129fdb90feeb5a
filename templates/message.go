package templates

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A teller is what tells a message.
type teller struct {
	at    strict.Text // where it is named; not written: nowhere
	place language.Place
	slack bool // it is a message of Slack's
	usual bool // it is told because everything tells it
}

// usualWords serve every procedure that does not bring its own.
var usualWords = map[string]string{
	"starting":    "*Deploy is starting:* {what} in {retailer} {environment}. Requested by {requester}, approved by {approvers}.",
	"complete":    "*Deploy is complete:* {what} in {retailer} {environment}. {skipped}",
	"failed":      "*A deploy has a problem:* {what} in {retailer} {environment}, at “{failure.step}”. {failure.why} The team is deciding what to do; a maintenance stays open. {@tam}",
	"over":        "*The deploy goes on:* {what} in {retailer} {environment}, at “{failure.step}”. {failure.why}",
	"stopped":     "*A deploy was stopped:* {what} in {retailer} {environment}. {failure.why}",
	"held":        "*The deploy waits:* {what} in {retailer} {environment} has to be approved again before it starts. {failure.why}",
	"resumed":     "*The deploy starts now:* {what} in {retailer} {environment}, approved again by {approvers}.",
	"rolled-back": "*Deploy is rolled back:* {retailer} {environment} runs {what_back} again. {what_stays}",
}

// UsualWords are the words that serve every procedure which does not bring its own,
// by the message's name.
func UsualWords() map[string]string { return maps.Clone(usualWords) }

func (b *builder) tell(name string, t teller) { b.told[name] = append(b.told[name], t) }

// tells notes that a step tells a message: the one that it names, or the one of its id.
func (b *builder) tells(s *placed, param string) {
	at := s.w.ID
	if b.byID[at.Value] != s {
		return // another one has its id, or it has none
	}
	if named := s.w.With.Get(param).Value; named.Written() {
		at = named.Text
	}
	place := b.placeOf(s)
	place.Clients = forClients(s.s)
	if s.s.With == nil {
		s.s.With = deployer.Values{}
	}
	s.s.With[param] = deployer.Value{Text: at.Value}
	b.tell(at.Value, teller{at: at, place: place, slack: s.s.Announces() && !place.Clients})
}

// messages reads the words that are told.
func (b *builder) messages() {
	for _, name := range sortedKeys(b.f.Messages) {
		m := b.f.Messages[name]
		at := m.At.Text
		if slices.Contains(deployer.CoreMessages(), name) {
			b.wrong(at.KeyBefore(name), "message-name", fmt.Sprintf("a message can't be called %q, since what stationmaster itself sends is called that", name), "give it another name, and say that in its step")
		}
		b.nameOf(at.KeyBefore(name), name, "message")
		tellers := b.told[name]
		if len(tellers) == 0 && !b.abstract && !b.mine(at) {
			continue // nothing here tells what another file has
		}
		b.p.Messages[name] = m.Text.Value
		if m.Title.Written() {
			if b.p.Titles == nil {
				b.p.Titles = map[string]string{}
			}
			b.p.Titles[name] = m.Title.Value
		}
		if b.required(m.Text, at, "text", "a message needs words", "write them, or take it away") {
			b.words(name, tellers)
		}
		if len(tellers) == 0 && !b.abstract {
			b.doubt(at.KeyBefore(name), "unused", fmt.Sprintf("nothing tells the message %q", name), "name it in an announce, or take it away")
		}
	}
	for _, name := range sortedKeys(b.told) {
		if _, ok := b.f.Messages[name]; ok {
			continue
		}
		if words, ok := usualWords[name]; ok {
			b.p.Messages[name] = words
		} else if !b.abstract {
			b.untold(name)
		}
	}
}

// untold says that there are no words for what is told.
func (b *builder) untold(name string) {
	known := append(sortedKeys(b.f.Messages), sortedKeys(usualWords)...)
	slices.Sort(known)
	for _, t := range b.told[name] {
		hint := deployer.SuggestAs("%q", name, known)
		if hint == "" {
			hint = "add its words under messages, as " + name + `: "…", or say with: {message: NAME}`
		}
		b.wrong(t.at, "unknown-message", fmt.Sprintf("there is no message %q", name), hint)
	}
}

// words checks those of a message for everybody who tells it.
func (b *builder) words(name string, tellers []teller) {
	m := b.f.Messages[name]
	if len(tellers) == 0 {
		tellers = []teller{{}}
	}
	for _, t := range tellers {
		b.text(m.Title, t.place)
		b.text(m.Text, t.place)
		if !t.slack && !t.place.Clients && t.at.Written() {
			continue
		}
		for _, w := range wrongShape(m.Text.Value, t.place.Clients) {
			b.wrong(m.Text.From(w.at), "words", w.why, "")
		}
	}
}
