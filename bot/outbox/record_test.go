package outbox

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// The store failing at the wrong moment posts nothing twice.
func TestEngineThatCannotWriteDoublesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &scenario{fixture: f}
		p := &flakyEngine{process: f.open(fast), failures: 3}
		p.stop()
		o := New(f.client(), Ports{Mailbox: f.Engine, Arrivals: f.Engine, Deployments: f.Engine, Engine: p}, view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}, p.Outbox.log, fast)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- o.Run(ctx) }()
		s.run()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +posted:\n%s", diff)
		}
		if p.failures > 0 {
			t.Error("nothing failed")
		}
	})
}

// flakyEngine fails some steps, of which every other one was carried out.
type flakyEngine struct {
	*process
	mu       sync.Mutex
	failures int
}

func (p *flakyEngine) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failures == 0 {
		return p.Engine.Do(ctx, o)
	}
	p.failures--
	if p.failures%2 == 0 {
		_, _ = p.Engine.Do(ctx, o) // carried out, but nobody is told
	}
	return deployer.Deployment{}, deployer.ErrUnknown
}

func (p *flakyEngine) Progress(id string) map[string]deployer.Progress { return p.Engine.Progress(id) }
