package demo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// views are the modals that somebody has open and their home tab, by the id,
// with all their words.
func (p *person) views(kind string) (id, words string) {
	p.t.Helper()
	for _, v := range p.open() {
		if v["type"] == kind {
			id, _ = v["id"].(string)
			words = plainly(strings.Join(texts(v["blocks"]), "\n"))
		}
	}
	return id, words
}

// open are the modals and the home tab that somebody has open.
func (p *person) open() []map[string]any {
	p.t.Helper()
	r, err := http.Get(p.url + "/page/state?" + url.Values{"user": {p.id}}.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	var state struct{ Views []map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&state); err != nil {
		p.t.Fatal(err)
	}
	return state.Views
}

// sees waits until the home tab, or the modal in front, is there and says
// something.
func (p *person) sees(kind, part string) (id string) {
	p.t.Helper()
	words := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if id, words = p.views(kind); id != "" && strings.Contains(words, part) {
			return id
		}
	}
	p.t.Fatalf("the %s never says %q, but:\n%s", kind, part, words)
	return ""
}

// The home tab and the shortcuts of the demo: what waits stands there and can be
// answered there, and from the card it is one choice to all that was written down.
func TestHomeAndShortcutsShowAndAnswerWhatWaits(t *testing.T) {
	t.Parallel()
	url := startDemo(t)
	ana, bob := &person{t: t, url: url, id: "UANA"}, &person{t: t, url: url, id: "UBOB"}
	bob.post("/page/home", map[string]any{"user": bob.id, "tab": "home"})
	bob.sees("home", "Nothing waits for you.")

	ana.post("/page/shortcut", map[string]any{"user": ana.id, "callback_id": "deploy"})
	form := ana.sees("modal", "")
	ana.post("/page/view_close", map[string]any{"user": ana.id, "view_id": form})

	ana.says(deploys, "/deploy web v2")
	ana.waits(deploys, "Waiting for Ana: Everything is ready")
	ana.presses("Confirm 2")
	home := bob.sees("home", "Waiting for you · 1")
	bob.post("/page/action", map[string]any{"user": bob.id, "view_id": home, "button": "Approve"})
	bob.sees("home", "Under way")
	bob.sees("home", "Nothing waits for you.")

	ana.opensTrail()
	for _, part := range []string{"Unbroken", "Ana UANA asked for web v2", "Bob UBOB, as tech-lead, approved", "EST"} {
		if strings.Contains(part, "EST") && time.Now().In(newYork(t)).IsDST() {
			part = "EDT"
		}
		ana.sees("modal", part)
	}
}

// opensTrail opens the audit trail from the card, and again where Slack took so
// long to show the card to the bot that she is asked to.
func (p *person) opensTrail() {
	p.t.Helper()
	for end := time.Now().Add(patience); ; {
		p.post("/page/shortcut", map[string]any{"user": p.id, "callback_id": "trail", "channel": deploys, "message_ts": p.card().TS})
		id := p.sees("modal", " ")
		if _, words := p.views("modal"); !strings.Contains(words, "Try again") || time.Now().After(end) {
			return
		}
		p.post("/page/view_close", map[string]any{"user": p.id, "view_id": id})
	}
}

func newYork(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
