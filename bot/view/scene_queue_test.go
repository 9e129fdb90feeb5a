package view

import (
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// queueScenes are a deployment that waits for its turn: while it is not known who is in
// front, while it is, and after it was given up.
func queueScenes(t testing.TB) []scene {
	first := bottest.Confirmed(t).Deployment()
	n := bottest.NewScenario(t, bottest.StartOf(bottest.Web))
	d := n.Deployment()
	d.ID, d.Queued = "tangerine-143", true
	front := deployer.InFrontOf(deployer.AheadOf(d, deployer.Facts{Holders: map[string]deployer.Deployment{d.Places()[0]: first}}))
	r := plainRenderer
	r.LinkTo = func(deployer.Post) string { return "https://example.slack.com/archives/C1/p1" }
	late := d
	late.Status, late.Ended, late.Why = deployer.Stopped, deployer.QueuedUntil(d), "Its turn did not come within 12h."
	return []scene{
		{name: "queued", d: d, now: n.Time, renderer: plainRenderer},
		{name: "queued-behind", d: d, now: n.Time, renderer: r, progress: map[string]deployer.Progress{"": {InFront: front}}},
		{name: "queued-in-vain", d: late, now: late.Ended, renderer: plainRenderer},
	}
}
