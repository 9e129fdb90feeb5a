package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// TestStreamResumesWhereItWas guards against a page that shows nothing new after its connection was lost, leaves out what
// happened meanwhile, or shows it twice (python-slack-sdk 1701: no events after a reconnect).
func TestStreamResumesWhereItWas(t *testing.T) {
	w := start(t)
	post := func(words string) {
		t.Helper()
		_, err := w.Post("alice", deploys, words, "")
		w.must(err)
	}
	texts := func(ws *websocket.Conn, last string) (got []string, seq int64) {
		t.Helper()
		for {
			f := w.frame(ws)
			if f.Event["type"] != "message" {
				continue
			}
			words := fmt.Sprint(f.Event["message"].(o)["text"])
			if got = append(got, words); words == last {
				return got, f.Seq
			}
		}
	}
	var state struct{ At string }
	w.get("/page/state?user=bob", &state)
	post("one")
	ws := w.follow("bob", state.At)
	if f := w.frame(ws); !f.Resumed || f.At != state.At {
		t.Errorf("a page that has just read its state is told %+v", f)
	}
	post("two")
	got, seq := texts(ws, "two")
	ws.CloseNow()
	post("three")
	post("four")
	hub, _, _ := strings.Cut(state.At, ".")
	ws = w.follow("bob", fmt.Sprintf("%s.%d", hub, seq))
	defer ws.CloseNow()
	if f := w.frame(ws); !f.Resumed {
		t.Errorf("not resumed: %+v", f)
	}
	post("five")
	more, _ := texts(ws, "five")
	if all := fmt.Sprint(append(got, more...)); all != "[one two three four five]" {
		t.Errorf("the page heard %s", all)
	}
}

// A position that nothing is known of, or that is too long ago, is not resumed: the page reads its state again.
func TestStreamDoesNotResumeFromTooLongAgo(t *testing.T) {
	w := start(t)
	var state struct{ At string }
	w.get("/page/state?user=bob", &state)
	for range 600 { // two events each: the message, and the count of what is unread
		_, err := w.Post("alice", deploys, "news", "")
		w.must(err)
	}
	hub, _, _ := strings.Cut(state.At, ".")
	for _, since := range []string{state.At, "", "nonsense", hub + ".999999", hub + ".-1", "ANOTHERHUB.3"} {
		ws := w.follow("bob", since)
		if f := w.frame(ws); f.Resumed || !strings.HasPrefix(f.At, hub+".") {
			t.Errorf("since %q: %+v", since, f)
		}
		ws.CloseNow()
	}
}

// What happens in a private channel is for its members, also when they come again.
func TestStreamKeepsSecrets(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.Channels[2].Members = []string{"alice", "bob"} })
	var state struct{ At string }
	w.get("/page/state?user=carol", &state)
	_, err := w.Post("alice", "secret", "for members", "")
	w.must(err)
	_, err = w.Post("alice", deploys, "for all", "")
	w.must(err)
	ws := w.follow("carol", state.At)
	defer ws.CloseNow()
	for {
		f := w.frame(ws)
		if f.Event["type"] != "message" {
			continue
		}
		if words := f.Event["message"].(o)["text"]; words != "for all" {
			t.Errorf("carol hears %q", words)
		}
		return
	}
}

// A page of another server may not listen in.
func TestStreamRefusesForeignPages(t *testing.T) {
	w := start(t)
	_, resp, err := websocket.Dial(w.ctx(), w.url+"/page/stream?user=bob", &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page was let in: %v", err)
	}
}
