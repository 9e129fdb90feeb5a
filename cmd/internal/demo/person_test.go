package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// A person uses the local Slack as its page does, over HTTP.
type person struct {
	t    *testing.T
	url  string
	id   string
	taps int
}

// A message is what somebody sees.
type message struct {
	TS       string          `json:"ts"`
	Text     string          `json:"text"`
	ThreadTS string          `json:"thread_ts"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata struct {
		Payload map[string]any `json:"event_payload"`
	} `json:"metadata"`
}

// kind is what the bot calls a message: card, starting, …
func (m message) kind() string {
	kind, _ := m.Metadata.Payload["message"].(string)
	return kind
}

// words are all texts of the message, without marks.
func (m message) words() string {
	if len(m.Blocks) == 0 {
		return plainly(m.Text)
	}
	var blocks any
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		return m.Text
	}
	return plainly(strings.Join(texts(blocks), "\n"))
}

func plainly(s string) string { return strings.NewReplacer("*", "", "`", "").Replace(s) }

// texts collects what people read in blocks, however deep.
func texts(v any) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for _, key := range []string{"title", "text", "elements", "tasks", "details"} {
			if s, ok := v[key].(string); ok {
				out = append(out, s)
			} else {
				out = append(out, texts(v[key])...)
			}
		}
	}
	return out
}

func (p *person) post(path string, body map[string]any) {
	p.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.Post(p.url+path, "application/json", bytes.NewReader(data))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct {
		OK    bool
		Error string
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || !answer.OK {
		p.t.Fatalf("%s %v: %v, %s", path, body, err, answer.Error)
	}
}

func (p *person) says(channel, text string) {
	p.t.Helper()
	p.post("/page/send", map[string]any{"user": p.id, "channel": channel, "text": text})
}

// presses presses the newest button with that label. A form that opens is ticked, filled in and sent: with the button,
// that is one tap.
func (p *person) presses(label string) {
	p.t.Helper()
	p.taps++
	p.post("/page/action", map[string]any{"user": p.id, "channel": deploys, "button": label})
	if id, state := p.filled(); id != "" {
		p.post("/page/view_submit", map[string]any{"user": p.id, "view_id": id, "state": map[string]any{"values": state}})
	}
}

// filled is the modal that is open, with all its boxes ticked and the same in each field of text.
func (p *person) filled() (viewID string, state map[string]any) {
	for _, v := range p.open() {
		blocks, _ := v["blocks"].([]any)
		if v["type"] != "modal" {
			continue
		}
		viewID, _ = v["id"].(string)
		state = map[string]any{}
		for _, b := range blocks {
			block, _ := b.(map[string]any)
			element, _ := block["element"].(map[string]any)
			var value map[string]any
			switch element["type"] {
			case "checkboxes":
				value = map[string]any{"type": "checkboxes", "selected_options": element["options"]}
			case "plain_text_input":
				value = map[string]any{"type": "plain_text_input", "value": ticket}
			default:
				continue
			}
			state[fmt.Sprint(block["block_id"])] = map[string]any{fmt.Sprint(element["action_id"]): value}
		}
	}
	return viewID, state
}

// reads returns what the person sees in a channel, or in a thread.
func (p *person) reads(channel, thread string) []message {
	p.t.Helper()
	r, err := http.Get(p.url + "/page/messages?" + url.Values{"user": {p.id}, "channel": {channel}, "thread_ts": {thread}}.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct{ Messages []message }
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	return answer.Messages
}

// waits until a message of the channel says these words.
func (p *person) waits(channel, words string) {
	p.t.Helper()
	p.waitsIn(channel, "", words)
}

// waitsIn waits until a message of the thread does; "" is the channel.
func (p *person) waitsIn(channel, thread, words string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		list := p.reads(channel, thread)
		if slices.ContainsFunc(list, func(m message) bool { return strings.Contains(m.words(), words) }) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s waits for %q in vain and sees:\n%s", p.id, words, lines(list))
		}
	}
}

// asks until the answer has these words.
func (p *person) asks(question, words string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		p.says(deploys, question)
		list := p.reads(deploys, "")
		if slices.ContainsFunc(list, func(m message) bool { return strings.Contains(m.words(), words) }) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s asks %s and never hears %q:\n%s", p.id, question, words, lines(list))
		}
	}
}

// finds waits until the bot has posted as much into a channel, threads aside, and
// wants it to be these. Channels are told independently of each other.
func (p *person) finds(channel string, kinds ...string) {
	p.t.Helper()
	var found []string
	for deadline := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		found = nil
		for _, m := range p.reads(channel, "") {
			if kind := m.kind(); kind != "" {
				found = append(found, kind)
			}
		}
		if len(found) >= len(kinds) || time.Now().After(deadline) {
			break
		}
	}
	if !slices.Equal(found, kinds) {
		p.t.Errorf("%s holds %v, want %v", channel, found, kinds)
	}
}

// card returns the one card in the channel.
func (p *person) card() message {
	p.t.Helper()
	for _, m := range p.reads(deploys, "") {
		if m.kind() == "card" {
			return m
		}
	}
	p.t.Fatal("there is no card")
	return message{}
}
