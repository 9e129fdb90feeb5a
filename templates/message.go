package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A teller is what tells a message.
type teller struct {
	at    strict.Text // where it is named; not written: nowhere
	place language.Place
	slack bool // it is a message of Slack's
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

// Messages are what is told, with the words that are written for it.
type messages struct {
	*texts
	written  map[string]source.Message
	told     map[string][]teller // by the message's name
	abstract bool                // what tells them may be in its heirs
}

func (ms *messages) tell(name string, t teller) { ms.told[name] = append(ms.told[name], t) }

// tells notes that a step tells a message: the one that it names, or the one of its id.
func (w *params) tells(param string) {
	at := w.s.w.ID
	if w.byID[at.Value] != w.s {
		return // another one has its id, or it has none
	}
	if named := w.s.w.With.Get(param).Value; named.Written() {
		at = named.Text
	}
	place := w.placeOf(w.s)
	place.Clients, place.Told = forClients(w.s.s), true
	if w.s.s.With == nil {
		w.s.s.With = deployer.Values{}
	}
	w.s.s.With[param] = deployer.Value{Text: at.Value}
	w.said.tell(at.Value, teller{at: at, place: place, slack: w.s.s.Announces() && !place.Clients})
}

// messages puts the words that are told into a procedure.
func (ms *messages) messages(into *deployer.Procedure) {
	for _, name := range sortedKeys(ms.written) {
		m := ms.written[name]
		at := m.At.Text
		if slices.Contains(deployer.CoreMessages(), name) {
			ms.wrong(at.KeyBefore(name), "message-name", fmt.Sprintf("a message can't be called %q, since what stationmaster itself sends is called that", name), "give it another name, and say that in its step")
		}
		ms.nameOf(at.KeyBefore(name), name, "message")
		tellers := ms.told[name]
		if len(tellers) == 0 && !ms.abstract && !ms.mine(at) {
			continue // nothing here tells what another file has
		}
		into.Messages[name] = m.Text.Value
		if m.Title.Written() {
			if into.Titles == nil {
				into.Titles = map[string]string{}
			}
			into.Titles[name] = m.Title.Value
		}
		if ms.required(m.Text, at, "text", "a message needs words", "write them, or take it away") {
			ms.words(name, tellers)
		}
		if len(tellers) == 0 && !ms.abstract {
			hint := spelling.SuggestAs("%q", name, sortedKeys(ms.told))
			if hint == "" {
				hint = "name it in an announce, or take it away"
			}
			ms.doubt(at.KeyBefore(name), "unused", fmt.Sprintf("nothing tells the message %q", name), hint)
		}
	}
	for _, name := range sortedKeys(ms.told) {
		if _, ok := ms.written[name]; ok {
			continue
		}
		if words, ok := usualWords[name]; ok {
			into.Messages[name] = words
		} else if !ms.abstract {
			ms.untold(name)
		}
	}
}

// untold says that there are no words for what is told.
func (ms *messages) untold(name string) {
	known := append(sortedKeys(ms.written), sortedKeys(usualWords)...)
	slices.Sort(known)
	for _, t := range ms.told[name] {
		hint := spelling.SuggestAs("%q", name, known)
		switch {
		case hint != "":
		case !word.MatchString(name):
			hint = "message is a name, such as starting; its words stand under messages"
		default:
			hint = "add its words under messages, as " + name + `: "…", or say with: {message: NAME}`
		}
		ms.wrong(t.at, "unknown-message", fmt.Sprintf("there is no message %q", name), hint)
	}
}

// words checks those of a message for everybody who tells it.
func (ms *messages) words(name string, tellers []teller) {
	m := ms.written[name]
	if len(tellers) == 0 {
		tellers = []teller{{place: language.Place{Unknown: true}}}
	}
	for _, t := range tellers {
		ms.text(m.Title, t.place)
		ms.text(m.Text, t.place)
		if !t.slack && !t.place.Clients && t.at.Written() {
			continue
		}
		for _, w := range wrongShape(m.Text.Value, t.place.Clients) {
			ms.wrong(m.Text.From(w.at), "words", w.why, "")
		}
	}
}
