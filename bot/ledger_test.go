package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A ledger is an engine with its records and its mailbox in memory, which can
// be slow, and fail, for orders of people.
type ledger struct {
	*deployertest.Engine

	mu     sync.Mutex
	orders int           // as they were given
	slow   time.Duration // before every order is committed
	broken error         // answers every order
}

func newLedger() *ledger {
	l := &ledger{Engine: deployertest.NewEngine()}
	l.Resolve = deployertest.TargetsByTag
	l.Before = func(context.Context, deployer.Order) error {
		l.mu.Lock()
		slow, broken := l.slow, l.broken
		l.mu.Unlock()
		time.Sleep(slow)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.orders++
		return broken
	}
	return l
}

// Do carries out what was begun, although ctx ends while it is slow.
func (l *ledger) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	var roles []string
	if o.By.ID != "" {
		var err error
		if roles, err = l.People.Roles(ctx, o.By.ID); err != nil {
			return deployer.Deployment{}, err
		}
	}
	return l.DoAs(context.WithoutCancel(ctx), o, roles)
}

// all returns the deployments, in the order of their ids.
func (l *ledger) all() []deployer.Deployment { return l.All() }

func (l *ledger) setSlow(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = d
}

// fail lets every order of a person fail, or none.
func (l *ledger) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = err
}

// A cluster answers what the bot asks of the systems.
type cluster struct {
	tags      []string
	revisions []deployer.Revision
	slow      time.Duration
}

func (c *cluster) Versions(ctx context.Context, _, _ string, services []string) ([]deployer.Serving, error) {
	if c.slow > 0 && !slackapi.Sleep(ctx, c.slow) {
		return nil, ctx.Err()
	}
	if len(services) == 0 {
		services = []string{"api", "web"}
	}
	var out []deployer.Serving
	for _, s := range services {
		out = append(out, deployer.Serving{Service: s, State: deployer.State{Version: "v1"}, Ready: 3, Total: 3})
	}
	return out, nil
}

func (c *cluster) Revisions(ctx context.Context, _, _, _ string) ([]deployer.Revision, error) {
	if c.slow > 0 && !slackapi.Sleep(ctx, c.slow) {
		return nil, ctx.Err()
	}
	return c.revisions, nil
}

func (c *cluster) Tags(context.Context, string) ([]string, error) {
	if len(c.tags) == 0 {
		return nil, errors.New("no registry is configured")
	}
	return c.tags, nil
}
