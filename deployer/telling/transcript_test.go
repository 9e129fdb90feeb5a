package telling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A transcript is a deployment, and what it has sent so far.
type transcript struct {
	t    *testing.T
	d    deployer.Deployment
	sent []deployer.Message
	now  time.Time

	members deployer.Members
}

func (w *transcript) does(by deployer.Actor, c deployer.Command) error {
	w.t.Helper()
	events, messages, err := telling.Decide(w.d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: w.now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}, Members: w.members})
	w.d, w.sent = deployer.Fold(w.d, events...), append(w.sent, messages...)
	return err
}

func (w *transcript) must(by deployer.Actor, c deployer.Command) {
	w.t.Helper()
	if err := w.does(by, c); err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
}

// channel is what was posted in a channel, without the card, threads, and edits.
func (w *transcript) channel(name string) (sent []deployer.Message) {
	for _, m := range w.sent {
		if m.Channel == name && !m.Thread && m.Kind != deployer.MessageCard && (m.Receipt || m.Kind != deployer.MessageDecide) {
			sent = append(sent, m)
		}
	}
	return sent
}

// in are the kinds of what was sent to a channel.
func (w *transcript) in(channel string) (kinds []string) {
	for _, m := range w.channel(channel) {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// delivered takes everything that waits for a receipt, and what follows from
// that.
func (w *transcript) delivered() {
	w.t.Helper()
	for i := 0; i < len(w.sent); i++ {
		if m := w.sent[i]; m.Receipt && m.Kind != deployer.MessageCard {
			w.must(deployer.Actor{}, deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1"}})
		}
	}
}

// rolls lets the rollout of a service end.
func (w *transcript) rolls(key string, how deployer.Result) {
	w.t.Helper()
	w.must(deployer.Actor{}, deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	w.must(deployer.Actor{}, deployer.Act{Key: key, Ref: "r"})
	w.must(deployer.Actor{}, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: how, Why: "it crashes", Detail: strings.Repeat(key+" line\n", 1000) + key + " end"}})
}

// heard are the kinds and reasons of what was sent to a channel.
func (w *transcript) heard(channel string) (out []string) {
	for _, m := range w.channel(channel) {
		out = append(out, strings.TrimSpace(m.Kind+" "+m.Args["why"]))
	}
	return out
}
