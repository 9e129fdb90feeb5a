package main_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store"
)

// up is a fixture with a process in it, connected to Slack.
func up(t *testing.T, change func(*emulator.Config)) *binaryFixture {
	t.Helper()
	w := newBinaryFixture(t, simulated(t), change)
	w.begin()
	w.connected()
	return w
}

func (w *binaryFixture) connected() {
	w.t.Helper()
	if err := w.slack.WaitSockets(w.ctx, 1); err != nil {
		w.t.Fatalf("no socket: %v\n%s", err, w.scene())
	}
}

// together does things at the same moment and waits for all of them.
func together(do ...func()) {
	var all sync.WaitGroup
	gun := make(chan struct{})
	for _, f := range do {
		all.Go(func() { <-gun; f() })
	}
	close(gun)
	all.Wait()
}

// deployments are all that were ever started, as they stand in the record. The process ends for that.
func (w *binaryFixture) deployments() []deployer.Deployment {
	w.t.Helper()
	w.stop()
	var all []deployer.Deployment
	w.records(func(ctx context.Context, s *store.Store) {
		list, err := s.List(ctx, deployer.Query{Limit: 100})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, summary := range list {
			d, err := s.Load(ctx, summary.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, d)
		}
	})
	return all
}

// Two people start the same service at the same moment: one deployment begins, and the other person is told whose it
// is. Guards shipit 528 and integrations/slack 1167.
func TestTwoStartsAtOnceBeginOneDeployment(t *testing.T) {
	t.Parallel()
	w := up(t, nil)
	types := func(who string) func() {
		return w.insisting(func() error { return w.slack.Type(w.ctx, who, deploys, "/deploy web v2", "") })
	}
	together(types("ana"), types("eve"))
	w.eventually("one of them is told", func() bool {
		return strings.Contains(w.scene(), "web in tangerine prod is being deployed by")
	})
	w.eventually("there is a card", func() bool { return w.card() != nil })
	if all := w.deployments(); len(all) != 1 {
		t.Errorf("%d deployments, want one", len(all))
	}
}

// Two people press Approve at the same moment, and one of them twice: one approval, one line in the thread, one
// rollout. Guards kargo 5937.
func TestTwoApprovalsAtOnceCountOnce(t *testing.T) {
	slowtest.Only(t, "a whole deployment in a process of its own")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	card := w.card().TS
	press := func(who string) func() {
		return w.insisting(func() error {
			return w.slack.Act(w.ctx, emulator.Action{User: who, Channel: deploys, MessageTS: card, Button: "Approve", Stale: true})
		})
	}
	together(press("bob"), press("rosa"), press("bob"), press("rosa"))
	w.answer(upgrade, func(label string) bool { return label == "Done" })
	w.close(upgrade.ends)
	all := w.deployments()
	if n := len(all[0].Step("approve").Approvals); n != 1 {
		t.Errorf("%d approvals, want one", n)
	}
	if n := strings.Count(w.scene(), "· approved by"); n != 1 {
		t.Errorf("%d lines say who approved, want one", n)
	}
	if n := w.cluster.revision(t, "web"); n != 2 {
		t.Errorf("revision %d, want 2", n)
	}
}

// Nobody approves their own deployment, and nobody approves without the role, whatever their screen shows. Guards
// pipecd 2550.
func TestNobodyApprovesWithoutTheRoleOrTheirOwn(t *testing.T) {
	t.Parallel()
	w := up(t, nil)
	w.typed("bob", "/deploy web v2")
	w.press("bob", "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.press("bob", "Approve")
	w.told("bob", "Nobody approves their own deployment")
	w.press("eve", "Approve")
	w.told("eve", "Only tech-lead can decide on")
	if d := w.deployments()[0]; len(d.Step("approve").Approvals) != 0 {
		t.Errorf("it was approved: %+v", d.Step("approve").Approvals)
	}
}

// A click for a deployment that has ended changes nothing and says so. Guards keel 1550.
func TestClickAfterTheEndChangesNothing(t *testing.T) {
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.press("ana", "Stop")
	w.eventually("no button is left", func() bool { return len(w.buttons()) == 0 })
	before := len(w.slack.Messages(deploys))
	w.press("bob", "Approve")
	w.told("bob", "has ended: stopped")
	w.press("bob", "Stop")
	if d := w.deployments()[0]; d.Status != deployer.Stopped || len(d.Step("approve").Approvals) != 0 {
		t.Errorf("it is %s, approved by %v", d.Status, d.Step("approve").Approvals)
	}
	for _, m := range w.slack.Messages(deploys)[before:] {
		if strings.Contains(m.Text, "approved") {
			t.Errorf("the thread says %q", m.Text)
		}
	}
	if n := w.cluster.revision(t, "web"); n != 1 {
		t.Errorf("revision %d, want 1", n)
	}
}
