package bot

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// The config's words stand over the procedure's, the retailer's over both; what
// it has no message for stays away.
func TestWordsOfTheRetailerStandOverTheConfigsAndTheProcedures(t *testing.T) {
	t.Parallel()
	s := resolver{&shared{cfg: Config{
		Messages:  map[string]string{"starting": "all", "complete": "all", "other": "all"},
		Retailers: map[string]view.Retailer{"tangerine": {Messages: map[string]string{"complete": "tangerine's"}}},
	}}}
	p := deployer.Procedure{Messages: map[string]string{"starting": "own", "complete": "own", "failed": "own"}}
	got := s.reworded(p, "tangerine").Messages
	if diff := cmp.Diff(map[string]string{"starting": "all", "complete": "tangerine's", "failed": "own"}, got); diff != "" {
		t.Error(diff)
	}
	if p.Messages["starting"] != "own" {
		t.Error("the procedure of the others has changed")
	}
}

// The form asks when it starts, where the procedure waits for that.
func TestFormAsksWhenItStarts(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Steps = append([]deployer.Step{{ID: "wait", Title: "Wait", Uses: deployer.KindWait, Until: deployer.UntilPlanned}}, p.Steps...)
		p.Steps[1].Needs = []string{"wait"}
		s.bot.Procedures["deployment"] = p
	})
	r.types("ana", "/deploy")
	fields := map[string]any{"service": chosen("web"), "tag": typed("v2"), "at": typed("banana")}
	bottest.Contains(t, r.sends("ana", fields)["at"], `"banana" is not a time`, "tomorrow 22:00")
	if invalid := r.sends("ana", map[string]any{"at": typed("in 2h")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "1. Wait – until ")
	r.sends("ana", nil)
	if ahead := time.Until(r.only().Planned); ahead < 110*time.Minute || ahead > 2*time.Hour {
		t.Errorf("it begins in %s", ahead)
	}
}
