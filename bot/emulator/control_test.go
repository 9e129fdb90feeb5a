package emulator_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A harness in another process drives people and faults over HTTP.
func TestControlDrivesPeopleAndFaults(t *testing.T) {
	w := start(t)
	f := newFlow(w)
	w.app(f.handle)
	type result struct {
		outcome
		TS       string
		Count    int
		Cut      int
		Messages []emulator.Message
		Views    []map[string]any
		Sockets  []emulator.SocketInfo
		Calls    []emulator.Call
	}
	do := func(name string, in o) (out result) {
		t.Helper()
		w.ask("/control/"+name, in, &out)
		return out
	}
	if r := do("socket_faults", o{"kind": "redeliver", "type": "interactive", "copies": 1}); !r.OK {
		t.Errorf("socket fault: %+v", r)
	}
	if r := do("type", o{"user": "alice", "channel": deploys, "text": "/deploy web v1"}); !r.OK {
		t.Errorf("type: %+v", r)
	}
	_, err := w.WaitMessage(w.ctx(), deploys, func(m emulator.Message) bool { return m.Metadata != nil })
	w.must(err)
	if r := do("act", o{"user": "bob", "channel": deploys, "button": "Approve"}); !r.OK {
		t.Errorf("act: %+v", r)
	}
	<-f.seen
	<-f.seen // the copy
	w.must(w.Wait(w.ctx(), func() bool { return len(w.Views("bob")) == 1 }))
	view := do("views", o{"user": "bob"}).Views[0]["id"]
	if r := do("submit", o{"user": "bob", "view_id": view}); r.OK || r.Errors["reason"] == "" {
		t.Errorf("submit: %+v", r)
	}
	if r := do("close_view", o{"user": "bob", "view_id": view, "all": true}); !r.OK {
		t.Errorf("close: %+v", r)
	}
	if r := do("post", o{"user": "alice", "channel": deploys, "text": "hi"}); r.TS == "" {
		t.Errorf("post: %+v", r)
	}
	if r := do("messages", o{"channel": deploys}); len(r.Messages) != 2 || r.Messages[0].Metadata.EventPayload["key"] != "k1" {
		t.Errorf("messages: %+v", r.Messages)
	}
	if r := do("ephemerals", o{"user": "alice"}); len(r.Messages) != 1 {
		t.Errorf("ephemerals: %+v", r.Messages)
	}
	do("faults", o{"method": "chat.postMessage", "lost": true})
	if w.post("x") == nil {
		t.Error("the answer was not lost")
	}
	if r := do("calls", o{"method": "chat.postMessage"}); r.Count != 2 {
		t.Errorf("%d posts counted", r.Count)
	}
	if r := do("calls", o{}); len(r.Calls) < 4 || r.Calls[0].At.IsZero() {
		t.Errorf("calls: %+v", r.Calls)
	}
	do("revoke", o{"token": "bot", "word": "account_inactive"})
	if err := w.post("x"); err == nil || err.Error() != "account_inactive" {
		t.Errorf("revoked: %v", err)
	}
	do("revoke", o{"token": "bot"})
	do("archive", o{"channel": deploys, "on": true})
	if err := w.post("x"); err == nil || err.Error() != "is_archived" {
		t.Errorf("archived: %v", err)
	}
	do("archive", o{"channel": deploys})
	do("bot_member", o{"channel": deploys})
	w.must(w.post("chat:write.public lets it in"))
	if r := do("sockets", o{}); len(r.Sockets) != 1 {
		t.Errorf("sockets: %+v", r.Sockets)
	}
	if r := do("cut_sockets", o{}); r.Cut != 1 {
		t.Errorf("cut: %+v", r)
	}
	w.must(w.WaitSockets(w.ctx(), 1))
}

// Many posts, updates, readers, clicks and streams at once: nothing is lost, nothing comes twice, no two messages share a
// timestamp. The race detector is the other half of this test.
func TestLoadLosesAndDoublesNothing(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.Timing.Ack = 10 * time.Second })
	y := newTally()
	for range 3 {
		w.app(y.handle)
	}
	events := w.stream("UALICE")
	const workers, each = 8, 40
	done := make(chan error, 2*workers)
	id := w.ChannelID(deploys)
	for range workers {
		go func() {
			done <- func() error {
				for range each {
					_, ts, err := w.api.PostMessage(id, slack.MsgOptionText("x", false))
					if err != nil {
						return err
					}
					if _, _, _, err = w.api.UpdateMessage(id, ts, slack.MsgOptionText("y", false)); err != nil {
						return err
					}
					if _, err = w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: id, Limit: 5}); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
		go func() {
			for range each {
				if err := w.Type(w.ctx(), "bob", deploys, "/deploy web v1", ""); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	go func() {
		for range events {
		}
	}()
	for range 2 * workers {
		w.must(<-done)
	}
	seen := map[string]bool{}
	for _, m := range w.Messages(deploys) {
		if seen[m.TS] || m.Text != "y" {
			t.Fatalf("message %+v", m)
		}
		seen[m.TS] = true
	}
	if len(seen) != workers*each || len(y.envelope) != workers*each || y.total() != workers*each {
		t.Errorf("%d messages, %d envelopes, %d deliveries; want %d each", len(seen), len(y.envelope), y.total(), workers*each)
	}
}
