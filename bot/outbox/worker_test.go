package outbox

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A message and a card's new state whose deployment nobody knows hold up nothing.
func TestMessageOfAnUnknownDeploymentIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.write("nobody", "1", deployer.Message{Kind: deployer.MessageNote, DedupKey: "note/1", Channel: bottest.DeploysID})
		f.write("nobody", "2", deployer.Message{Kind: deployer.MessageCard, DedupKey: "card", Channel: bottest.DeploysID})
		p := f.open(fast)
		defer p.stop()
		f.awaitEmpty()
		if got := f.posts(bottest.DeploysID); len(got) > 0 {
			t.Errorf("the channel has %v", got)
		}
	})
}

// flakyRecords fails every third time.
type flakyRecords struct {
	Deployments
	loads atomic.Int64
}

func (r *flakyRecords) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	if r.loads.Add(1)%3 == 0 {
		return deployer.Deployment{}, errors.New("the disk is slow")
	}
	return r.Deployments.Load(ctx, id)
}

// A deployment that can't be loaded is loaded later: nothing is lost, and nothing
// is posted twice.
func TestRecordsThatFailLoseNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &scenario{fixture: f}
		records := &flakyRecords{Deployments: f.Engine}
		idle := f.open(fast)
		idle.stop()
		o := New(f.client(), Ports{Mailbox: f.Engine, Arrivals: f.Engine, Deployments: records, Engine: f.Engine}, view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}, idle.log, fast)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- o.Run(ctx) }()
		for _, step := range s.steps() {
			step()
			o.Dirty(s.id)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +posted:\n%s", diff)
		}
	})
}
