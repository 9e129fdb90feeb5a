package main_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// begun is a fixture whose deployment is about to change the cluster: the next PATCH is answered as plan says.
func begun(t *testing.T, s scenario, plan when) *binaryFixture {
	t.Helper()
	w := newBinaryFixture(t, simulated(t), nil)
	w.tap.setPlan(func(moment string) when {
		if strings.HasPrefix(moment, "PATCH") {
			return plan
		}
		return never
	})
	w.begin()
	w.typed("ana", s.text)
	w.pressed(s, "Done")
	w.pressed(s, "Approve")
	return w
}

// pressed waits until a button is there, and presses it.
func (w *binaryFixture) pressed(s scenario, label string) {
	w.t.Helper()
	w.eventually(label+" is on the card", func() bool { return w.has(label) })
	w.press(s.answers[label], label)
}

// A process that is told to end gives over to the next one, within ten seconds, and nothing is done twice.
func TestTermHandsOverToTheNextProcess(t *testing.T) {
	t.Parallel()
	w := begun(t, upgrade, never)
	w.eventually("the rollout is under way", func() bool { return w.tap.count("PATCH rollout") > 0 })
	// One process after another, each for less than a second at first. A machine on which none gets anywhere in that
	// time gives them longer and longer.
	for life := 700 * time.Millisecond; w.has("Stop"); life += life / 10 {
		w.stop()
		w.begin()
		time.Sleep(life)
		w.answerNow(upgrade)
	}
	w.close(upgrade.ends)
	w.sound(w.record(upgrade.services...), upgrade)
}

// A call that hangs keeps a process for ten seconds at most, and a second signal ends it at once. Whoever comes next
// carries on.
func TestSecondTermEndsAtOnce(t *testing.T) {
	slowtest.Only(t, "it plays a deployment in a process of its own")
	t.Parallel()
	w := begun(t, upgrade, hang)
	w.eventually("the change hangs", func() bool { return w.tap.count("PATCH rollout") > 0 })
	w.life.signal(t, syscall.SIGTERM)
	select {
	case <-w.life.ended:
		t.Fatalf("it ended while a change was on its way:\n%s", w.life.out.Tail(20))
	case <-time.After(time.Second):
	}
	w.life.signal(t, syscall.SIGTERM)
	if code := w.life.exit(t, 6*time.Second); code == 0 { // the first signal alone would end it three seconds later
		t.Error("it says that it ended well")
	}
	w.life = nil
	w.tap.setPlan(nil)
	w.begin()
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	w.sound(w.record(upgrade.services...), upgrade)
}

func TestOneTermEndsWithinTenSeconds(t *testing.T) {
	slowtest.Only(t, "a process that takes up to ten seconds to end")
	t.Parallel()
	w := begun(t, upgrade, hang)
	w.eventually("the change hangs", func() bool { return w.tap.count("PATCH rollout") > 0 })
	w.life.signal(t, syscall.SIGTERM)
	w.life.exit(t, patience) // the change would hang for ever
	w.life = nil
}

// Two processes on one database would both act. Guards shipit 685.
func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	w.begin()
	w.typed("ana", "/deploy status")
	refuses(t, w.env(), w.args(), "stationmaster.db", "another process")
	w.typed("ana", "/deploy status") // the first one does not mind
}
