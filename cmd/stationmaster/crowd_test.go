package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// A scenario is what people do about one deployment.
type scenario struct {
	name     string
	text     string            // what Ana types
	services []string          // what it is about
	answers  map[string]string // who presses the button of that name, or of that name in that attempt of its step
	ends     deployer.Status
}

var (
	upgrade = scenario{"upgrade", "/deploy web v2", []string{"web"},
		map[string]string{"Done": "ana", "Approve": "bob"}, deployer.Complete}
	rollback = scenario{"rollback", "/deploy web v3-crash", []string{"web"},
		map[string]string{"Done": "ana", "Approve": "bob", "Roll back to v1": "bob"}, deployer.RolledBack}
	// Two services at once, one of which fails and is tried again before it is given up.
	retried = scenario{"retried", "/deploy web v3-crash api v2", []string{"api", "web"},
		map[string]string{"Done": "ana", "Approve": "bob", "Retry 1": "ana", "Roll back web to v1 2": "bob"}, deployer.RolledBack}
	// It is stopped in a rollout that would never come to an end.
	stopped = scenario{"stopped", "/deploy web v5-hang", []string{"web"},
		map[string]string{"Done": "ana", "Approve": "bob", "Stop rollout": "ana"}, deployer.Stopped}
)

// who presses a button; "" is nobody.
func (s scenario) who(b button, under string) string {
	if who := s.answers[b.Text.Text+" "+under]; who != "" {
		return who
	}
	if who := s.answers[fmt.Sprint(b.Text.Text, " ", b.about().Attempt)]; who != "" {
		return who
	}
	return s.answers[b.Text.Text]
}

// pause is how long people take to try again.
const pause = 150 * time.Millisecond

// play has people bring a deployment to its end, however often the process dies, and returns when everything
// was sent and nothing runs.
func (w *binaryFixture) play(s scenario) {
	w.t.Helper()
	w.typed("ana", s.text)
	w.eventually("there is a card", func() bool { return w.card() != nil })
	w.answer(s, func(string) bool { return true })
	w.close(s.ends)
}

// typed types a command, and again as long as Slack says that it failed. It returns how often.
func (w *binaryFixture) typed(user, text string) (times int) {
	w.t.Helper()
	w.tap.person(text)
	w.eventually(text+" is taken", func() bool {
		times++
		err := w.slack.Type(w.ctx, user, deploys, text, "")
		return w.taken(err)
	})
	return times
}

// told waits until somebody is told something that nobody else sees, and returns it.
func (w *binaryFixture) told(user, part string) string {
	w.t.Helper()
	var text string
	w.eventually(user+" is told: "+part, func() bool {
		for _, m := range w.slack.Ephemerals(user) {
			if strings.Contains(m.Text, part) {
				text = m.Text
				return true
			}
		}
		return false
	})
	return text
}

// insisting does something until Slack says that it has worked. Several may be at it at once.
func (w *binaryFixture) insisting(do func() error) func() {
	return func() {
		for {
			switch err := do(); {
			case err == nil:
				return
			case !errors.Is(err, emulator.ErrTimeout):
				w.t.Errorf("Slack says: %v", err)
				return
			}
			time.Sleep(pause)
		}
	}
}

// taken reports whether Slack says that something has worked.
func (w *binaryFixture) taken(err error) bool {
	w.t.Helper()
	switch {
	case err == nil:
		return true
	case errors.Is(err, emulator.ErrTimeout), errors.Is(err, emulator.ErrNoSocket), errors.Is(err, emulator.ErrNoElement), errors.Is(err, emulator.ErrNoForm):
		time.Sleep(pause)
		return false
	}
	w.t.Fatalf("Slack says: %v", err)
	return false
}

// answer presses what the card shows, everything once, and again what failed or is still there long after,
// until no button is left. wanted says which ones are pressed.
func (w *binaryFixture) answer(s scenario, wanted func(question string) bool) {
	w.t.Helper()
	pressed := map[string]time.Time{}
	w.eventually("no button is left on the card", func() bool {
		buttons, under := w.buttons(), w.underWay()
		for _, b := range buttons {
			who, asked := s.who(b, under), b.Text.Text+" "+b.Value
			if at, again := pressed[asked]; who == "" || !wanted(b.Text.Text) || again && time.Since(at) < forgotten {
				continue
			} else if again {
				w.t.Errorf("%s was pressed %s ago, Slack said that it worked, and it is there still: %s", b.Text.Text, time.Since(at), b.Value)
			}
			w.tap.person(b.moment())
			if w.taken(w.acts(who, b, false)) {
				pressed[asked] = time.Now()
			}
		}
		return len(buttons) == 0
	})
}

// forgotten is how long a click that worked may leave its button standing.
const forgotten = 30 * time.Second

// A button on a card.
type button struct {
	Text     struct{ Text string }
	ActionID string `json:"action_id"`
	Value    string
	block    string
}

// about is the question that a button answers.
func (b button) about() (v struct {
	Step    string `json:"s"`
	Attempt int    `json:"a"`
}) {
	_ = json.Unmarshal([]byte(b.Value), &v) // a button of the whole deployment has none
	return v
}

// moment names a click, whatever the deployment.
func (b button) moment() string { return b.Text.Text + " " + b.about().Step }

// underWay is "rollout" when the cluster has begun with a new revision, and "" before.
func (w *binaryFixture) underWay() string {
	if w.cluster.revision(w.t, "web") > 1 {
		return "rollout"
	}
	return ""
}

// card is the newest card in the channel, or nil.
func (w *binaryFixture) card() *emulator.Message {
	for _, m := range slices.Backward(w.slack.Messages(deploys)) {
		if kindOf(m) == deployer.MessageCard {
			return &m
		}
	}
	return nil
}

// buttons are those of the newest card that answer something: of what has ended, one starts
// the way back.
func (w *binaryFixture) buttons() []button {
	m := w.card()
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(buttonsOf(*m), func(b button) bool { return strings.HasPrefix(b.ActionID, "take-back") })
}

func buttonsOf(m emulator.Message) []button {
	var blocks []struct {
		ID       string `json:"block_id"`
		Elements []struct {
			Type     string
			Text     json.RawMessage
			ActionID string `json:"action_id"`
			Value    string
		}
	}
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return nil
	}
	var out []button
	for _, block := range blocks {
		for _, e := range block.Elements {
			b := button{ActionID: e.ActionID, Value: e.Value, block: block.ID}
			if e.Type == "button" && json.Unmarshal(e.Text, &b.Text) == nil {
				out = append(out, b)
			}
		}
	}
	return out
}

// kindOf is what a message of ours is; "" for others'.
func kindOf(m emulator.Message) string {
	kind, _ := payload(m)["message"].(string)
	return kind
}

func payload(m emulator.Message) map[string]any {
	if m.Metadata == nil || m.Metadata.EventType != "stationmaster" {
		return nil
	}
	return m.Metadata.EventPayload
}

// has reports whether the card has a button.
func (w *binaryFixture) has(label string) bool {
	return slices.ContainsFunc(w.buttons(), func(b button) bool { return b.Text.Text == label })
}

// press presses a button of the card, and again as long as Slack says that it failed.
func (w *binaryFixture) press(who, label string) {
	w.t.Helper()
	w.tap.person(label)
	w.eventually(label+" is taken", func() bool {
		if w.card() == nil {
			return false
		}
		buttons := w.buttons()
		if i := slices.IndexFunc(buttons, func(b button) bool { return b.Text.Text == label }); i >= 0 {
			return w.taken(w.acts(who, buttons[i], true))
		}
		return w.taken(w.slack.Act(w.ctx, emulator.Action{User: who, Channel: deploys, MessageTS: w.card().TS, Button: label, Stale: true}))
	})
}

// acts presses a button, even if it is gone meanwhile where that is stale, and where it opens a form to tick, ticks all
// of it and sends it.
func (w *binaryFixture) acts(who string, b button, stale bool) error {
	err := w.slack.Act(w.ctx, emulator.Action{User: who, Channel: deploys, MessageTS: w.card().TS, ActionID: b.ActionID, BlockID: b.block, Stale: stale})
	if err == nil && slices.Contains([]string{"fill", "together"}, b.ActionID) {
		err = w.slack.Tick(w.ctx, who)
	}
	return err
}

// answerNow presses once what the card shows, whatever becomes of it.
func (w *binaryFixture) answerNow(s scenario) {
	for _, b := range w.buttons() {
		if who := s.answers[b.Text.Text]; who != "" {
			_ = w.acts(who, b, false)
		}
	}
}
