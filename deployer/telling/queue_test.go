package telling_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// Whoever waits has a card at once, and is called when it is their turn, or never was.
func TestWhoWaitsIsTold(t *testing.T) {
	t.Parallel()
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Wait: true,
		Channels: map[string]string{"deploys": "C1"}, Warnings: []string{"It is late."},
		Procedure: deployer.Procedure{ID: "p", Steps: []deployer.Step{{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm}}},
	}
	target := deployer.Target{Service: "web", Runner: "kubernetes", Before: deployer.State{Version: "v1", Image: "v1"}, After: deployer.State{Version: "v2", Image: "v2"}}
	give := func(d deployer.Deployment, by deployer.Actor, now time.Time, cmd deployer.Command) (deployer.Deployment, []deployer.Message) {
		t.Helper()
		facts := deployer.Facts{Now: now, ID: "tangerine-2"}
		if d.ID == "" {
			facts.Holders = map[string]deployer.Deployment{"tangerine/prod/web": {ID: "tangerine-1"}}
		}
		events, messages, err := telling.Decide(d, deployer.Order{Deployment: d.ID, By: by, Command: cmd}, facts)
		if err != nil {
			t.Fatal(err)
		}
		return deployer.Fold(d, events...), messages
	}
	d, said := give(deployer.Deployment{}, ana, dawn, start)
	if len(said) != 1 || !said[0].IsCard() || !deployer.Queueing(d) {
		t.Fatalf("told are %+v", said)
	}
	keys := map[string]bool{}
	_, said = give(d, deployer.Actor{}, dawn.Add(time.Hour), deployer.Resolve{Targets: []deployer.Target{target}})
	for _, m := range said {
		if keys[m.DedupKey] {
			t.Errorf("two messages are called %s", m.DedupKey)
		}
		keys[m.DedupKey] = true
	}
	if said[0].Note.Kind != deployer.NoteTurn || said[0].To != ana.ID {
		t.Errorf("told are %+v", said)
	}
	// What is live by now is not deployed, and the card says so.
	target.Live = true
	refused, said := give(d, deployer.Actor{}, dawn.Add(time.Hour), deployer.Resolve{Targets: []deployer.Target{target}})
	if refused.Status != deployer.Refused || !slices.ContainsFunc(said, func(m deployer.Message) bool { return m.IsCard() }) {
		t.Errorf("it is %s, and told are %+v", refused.Status, said)
	}
	late, said := give(d, deployer.Actor{}, dawn.Add(deployer.QueueFor), deployer.Expire{})
	if !deployer.NeverItsTurn(late) || said[0].Note.Kind != deployer.NoteEnded || said[0].To != ana.ID {
		t.Errorf("it is %s, and told are %+v", late.Status, said)
	}
	planned := start
	planned.Planned = dawn.Add(20 * time.Hour)
	d, _ = give(deployer.Deployment{}, ana, dawn, planned)
	if until := deployer.QueuedUntil(d); !until.Equal(dawn.Add(32 * time.Hour)) {
		t.Errorf("it is given up at %s", until)
	}
}
