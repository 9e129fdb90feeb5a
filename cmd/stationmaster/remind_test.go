package main_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store"
)

// waited is a fixture in which an approval is waited for, with reminders at these times.
func waited(t *testing.T, remind string) *binaryFixture {
	t.Helper()
	w := newBinaryFixture(t, simulated(t), nil)
	text := quickProcedure(t)
	if strings.Count(text, "remind: [10m, 30m]") != 1 {
		t.Fatal("the built-in approval has other reminders than [10m, 30m]; change it here too")
	}
	w.write("procedures/deployment.yaml", strings.Replace(text, "remind: [10m, 30m]", "remind: "+remind, 1))
	w.begin()
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("the approval is asked for", func() bool { return w.has("Approve") })
	return w
}

// reminders are the messages that call the awaited again.
func (w *binaryFixture) reminders() []emulator.Message {
	var out []emulator.Message
	for _, m := range w.slack.Messages(deploys) {
		if kindOf(m) == deployer.MessageRemind {
			out = append(out, m)
		}
	}
	return out
}

// written is how many reminders are in Slack or on their way there. No process may run.
func (w *binaryFixture) written() int {
	w.t.Helper()
	keys := map[any]bool{} // one may be in Slack, and not yet struck off
	for _, m := range w.reminders() {
		keys[payload(m)["key"]] = true
	}
	w.records(func(ctx context.Context, s *store.Store) {
		messages, err := s.Messages(ctx, "", 200)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, l := range messages {
			if l.Kind == deployer.MessageRemind {
				keys[l.DedupKey] = true
			}
		}
	})
	return len(keys)
}

// A reminder's time is absolute: a process that dies in between neither forgets nor repeats one. Guards pipecd 348,
// whose approvals began to wait anew with every restart. Only the awaited are called, and at last the requester.
func TestRemindersOutliveAKill(t *testing.T) {
	slowtest.Only(t, "it waits for two reminders")
	t.Parallel()
	w := waited(t, "[1s, 5s]")
	w.eventually("the first reminder comes", func() bool { return len(w.reminders()) > 0 })
	w.plug()
	w.eventually("the second reminder comes", func() bool { return len(w.reminders()) > 1 })
	w.plug()
	w.pressed(upgrade, "Approve")
	w.answer(upgrade, func(string) bool { return true })
	w.close(deployer.Complete)
	list := w.reminders()
	if len(list) != 2 {
		t.Fatalf("%d reminders: %v", len(list), list)
	}
	ana, bob, rosa := "<@"+w.slack.UserID("ana")+">", "<@"+w.slack.UserID("bob")+">", "<@"+w.slack.UserID("rosa")+">"
	for i, m := range list {
		called := strings.Contains(m.Text, "<!subteam^") || strings.Contains(m.Text, bob) && strings.Contains(m.Text, rosa)
		if !called || m.ThreadTS == "" || strings.Contains(m.Text, ana) != (i == 1) {
			t.Errorf("reminder %d: %s", i+1, m.Text)
		}
	}
}

// While nothing runs, reminders pass; whoever comes next calls once.
func TestMissedRemindersAreOne(t *testing.T) {
	slowtest.Only(t, "it plays a deployment in a process of its own")
	t.Parallel()
	w := waited(t, "[4s, 5s, 6s]")
	passed := w.deployments()[0].Step("approve").Reminded // some, on a machine that was too busy
	want := w.written() + min(1, 3-passed)
	time.Sleep(7 * time.Second)
	w.begin()
	w.eventually("a reminder comes", func() bool { return len(w.reminders()) >= want })
	w.pressed(upgrade, "Approve")
	w.answer(upgrade, func(string) bool { return true })
	w.close(deployer.Complete)
	if list := w.reminders(); len(list) != want {
		t.Errorf("%d reminders, want %d; %d times had passed before nothing ran: %v", len(list), want, passed, list)
	}
}
