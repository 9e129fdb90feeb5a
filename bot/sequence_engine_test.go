package bot

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A sequenceEngine is what outlives a process: an engine with its mailbox, and
// a cluster that rolls out what it is told.
type sequenceEngine struct {
	*bottest.Fixture
}

func newSequenceEngine(t testing.TB) *sequenceEngine {
	f := bottest.NewFixture(t)
	f.Crowded, f.Resolve = false, deployertest.TargetsByTag
	return &sequenceEngine{f}
}

// work brings about what deployments want, one step of it a second.
func (f *sequenceEngine) work(ctx context.Context, moved func(id string)) {
	for slackapi.Sleep(ctx, time.Second) {
		for _, d := range f.All() {
			for _, w := range deployer.Next(d, f.Now()).Effects {
				var cmd deployer.Command = deployer.Settle{Key: w.Key, Outcome: deployer.Outcome{Result: deployer.OK}}
				switch w.Stage {
				case "":
					cmd = deployer.Intend{Key: w.Key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(w.Intent.Service).Before}}
				case deployer.Intended:
					cmd = deployer.Act{Key: w.Key, Ref: "r"}
				}
				f.SetProgress(d.ID, w.Key, deployer.Progress{Total: 9, Updated: rand.IntN(9)})
				moved(d.ID)
				if _, err := f.DoAs(context.Background(), deployer.Order{Deployment: d.ID, Command: cmd}, deployer.Person{}); err != nil {
					f.T.Errorf("%T: %v", cmd, err)
				}
			}
		}
	}
}

// ended reports whether so many deployments are over and everything was said.
func (f *sequenceEngine) ended(n int) bool {
	all := f.All()
	for _, d := range all {
		if !d.Status.Ended() {
			return false
		}
	}
	return len(all) == n && len(f.Waiting()) == 0
}

// started returns the deployment of a service, if there is one.
func (f *sequenceEngine) started(service string) (deployer.Deployment, bool) {
	for _, d := range f.All() {
		if d.Releases[0].Service == service {
			return d, true
		}
	}
	return deployer.Deployment{}, false
}
