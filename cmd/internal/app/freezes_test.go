package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A freeze that comes into the config while somebody is awaited holds the rollout, and
// keeps others from starting; without it, the rollout begins by itself.
func TestAFreezeOfTheConfigHoldsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.starts("ana", "/deploy web v2 --procedure short --input risk=low")
	tw.shows("Waiting for ana: It is agreed")
	tw.again(func(text string) string {
		from, to := time.Now().AddDate(0, 0, -1).Format(time.DateOnly), time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
		return text + fmt.Sprintf("freezes: [{from: %s, to: %s, why: Sale, override: tech-lead, environments: [prod]}]\n", from, to)
	})
	if said := tw.says("ana", "/deploy api v2 --procedure short --input risk=low"); !strings.Contains(said, "Frozen: Sale.\nThe next time that is fine is") {
		t.Errorf("ana is told %q", said)
	}
	tw.presses("ana", "Done")
	tw.shows("Frozen: Sale.\nBob or rosa may override that, with a reason.")
	calls := func() int { return strings.Count(tw.scene(), "waits: Frozen: Sale. You may override") }
	tw.eventually("those who may override it are called", func() bool { return calls() == 1 })
	tw.again(func(text string) string { return text })
	tw.shows("Complete")
	if tw.quiet(); calls() != 1 {
		t.Errorf("those who may override it are called %d times", calls())
	}
}

// Whoever may override a freeze starts with a reason, and the channels are told.
func TestAFreezeIsOverriddenAtTheStart(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{config: func(text string) string {
		from, to := time.Now().AddDate(0, 0, -1).Format(time.DateOnly), time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
		return text + fmt.Sprintf("freezes: [{from: %s, to: %s, why: Sale, override: tech-lead}]\n", from, to)
	}})
	tw.starts("bob", `/deploy web v2 --procedure short --input risk=low --reason "nobody can pay"`)
	tw.shows("Frozen: Sale. Overridden by bob (tech-lead): nobody can pay.")
	tw.presses("bob", "Done")
	tw.shows("Complete")
	var told []emulator.Message
	for _, m := range tw.everything() {
		if strings.Contains(m.Text, "bob (tech-lead) overrides “Frozen: Sale” for tangerine-1") {
			told = append(told, m)
		}
	}
	if len(told) != 1 { // the procedure has no channel for change control
		t.Errorf("told is %+v", told)
	}
}
