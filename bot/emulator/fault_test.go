package emulator_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func (w *fixture) post(text string) error {
	_, _, err := w.api.PostMessageContext(w.ctx(), w.ChannelID(deploys), slack.MsgOptionText(text, false))
	return err
}

func (w *fixture) posted() (out []string) {
	for _, m := range w.Messages(deploys) {
		out = append(out, m.Text)
	}
	return out
}

// What an unclear answer means to a client: with Lost and Half the message is there and the client has an error, with
// Cut and Error it is not there.
func TestFaultsLeaveTheMessageOrDoNot(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  emulator.Fault
		posted int
		want   string // the error's text, "any", or none
	}{
		{"lost", emulator.Fault{Lost: true}, 1, "any"},
		{"half", emulator.Fault{Half: true}, 1, "any"},
		{"cut", emulator.Fault{Cut: true}, 0, "any"},
		{"error", emulator.Fault{Error: "fatal_error"}, 0, "fatal_error"},
		{"status", emulator.Fault{Status: 503}, 0, "slack server error: 503 Service Unavailable"},
		{"late", emulator.Fault{Late: 20 * time.Millisecond}, 1, ""},
		{"other method", emulator.Fault{Method: "chat.update", Error: "fatal_error"}, 1, ""},
	} {
		w := start(t)
		if c.fault.Method == "" {
			c.fault.Method = "chat.postMessage"
		}
		w.Inject(c.fault)
		err := w.post("x")
		switch {
		case c.want == "" && err != nil, c.want == "any" && err == nil, c.want != "" && c.want != "any" && (err == nil || err.Error() != c.want):
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if n := len(w.posted()); n != c.posted {
			t.Errorf("%s: %d messages, want %d", c.name, n, c.posted)
		}
		if n := w.CallCount("chat.postMessage"); n != 1 {
			t.Errorf("%s: %d calls", c.name, n)
		}
	}
}

func TestFaultsSkipAndCount(t *testing.T) {
	w := start(t)
	w.Inject(emulator.Fault{Method: "*", Skip: 1, Count: 2, Error: "internal_error"})
	var failed []int
	for i := range 5 {
		if w.post("x") != nil {
			failed = append(failed, i)
		}
	}
	if len(failed) != 2 || failed[0] != 1 || failed[1] != 2 {
		t.Errorf("failed calls: %v, want 1 and 2", failed)
	}
	w.Inject(emulator.Fault{Method: "chat.postMessage", Count: 100, Error: "internal_error"})
	w.ClearFaults()
	w.must(w.post("x"))
	w.Inject(emulator.Fault{Method: "chat.postMessage", Status: 429, RetryAfter: 7, Error: "ratelimited"})
	if rl, ok := errors.AsType[*slack.RateLimitedError](w.post("x")); !ok || rl.RetryAfter != 7*time.Second {
		t.Errorf("429 came through as %v", rl)
	}
}

func TestRateLimitsRefuseTheSurplus(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.RateLimits = true })
	limited := 0
	for range 12 {
		if err := w.post("x"); err != nil {
			if _, ok := errors.AsType[*slack.RateLimitedError](err); !ok {
				t.Fatal(err)
			}
			limited++
		}
	}
	if limited < 5 || limited > 7 {
		t.Errorf("%d of 12 posts at once were limited", limited)
	}
	if _, err := w.api.AuthTest(); err != nil {
		t.Errorf("another method suffers: %v", err)
	}
	var out struct {
		outcome
		Usage []emulator.Usage
	}
	w.ask("/control/usage", o{}, &out)
	if len(out.Usage) < 1 || !slices.ContainsFunc(out.Usage, func(u emulator.Usage) bool {
		return u.Method == "chat.postMessage" && u.Permitted+u.Refused == 12 && u.Refused == limited
	}) {
		t.Errorf("counted: %v", out.Usage)
	}
	w.ask("/control/limits", o{"on": false}, &out)
	for range 12 {
		w.must(w.post("x"))
	}
	w.ask("/control/limits", o{"on": true, "speed": 1000}, &out)
	if !out.OK {
		t.Errorf("limits: %+v", out)
	}
}
