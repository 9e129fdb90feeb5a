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

// A fakeEngine is an engine with its records and its mailbox in memory, which can
// be slow, and fail, for orders of people.
type fakeEngine struct {
	*deployertest.Engine

	mu     sync.Mutex
	orders int           // as they were given
	slow   time.Duration // before every order is committed
	broken error         // answers every order
	loads  int           // that the bot has made
	torn   string        // the id of a deployment that can't be read
}

// Load is what the bot loads; the engine has its own way to the journal.
func (f *fakeEngine) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	f.mu.Lock()
	f.loads++
	torn := f.torn
	f.mu.Unlock()
	if torn == id {
		return deployer.Deployment{}, errors.New("the record is of a later version")
	}
	return f.Engine.Load(ctx, id)
}

// List fails while a deployment can't be read that would stand in it.
func (f *fakeEngine) List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error) {
	f.mu.Lock()
	torn := f.torn
	f.mu.Unlock()
	if torn != "" && q.Site.Name == "" {
		return nil, errors.New("the head of " + torn + " is of a later version")
	}
	return f.Engine.List(ctx, q)
}

// loaded is how many deployments the bot has loaded since this was asked last.
func (f *fakeEngine) loaded() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.loads
	f.loads = 0
	return n
}

func newFakeEngine() *fakeEngine {
	f := &fakeEngine{Engine: deployertest.NewEngine()}
	f.Resolve = deployertest.TargetsByTag
	f.Before = func(context.Context, deployer.Order) error {
		f.mu.Lock()
		slow, broken := f.slow, f.broken
		f.mu.Unlock()
		time.Sleep(slow)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.orders++
		return broken
	}
	return f
}

// Do carries out what was begun, although ctx ends while it is slow.
func (f *fakeEngine) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	var who deployer.Person
	if o.By.ID != "" {
		var err error
		if who, err = f.People.Who(ctx, o.By.ID); err != nil {
			return deployer.Deployment{}, err
		}
	}
	return f.DoAs(context.WithoutCancel(ctx), o, who)
}

// all returns the deployments, in the order of their ids.
func (f *fakeEngine) all() []deployer.Deployment { return f.All() }

func (f *fakeEngine) setSlow(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = d
}

// fail lets every order of a person fail, or none.
func (f *fakeEngine) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = err
}

// A fakeSystems answers what the bot asks of the systems.
type fakeSystems struct {
	tags      []string
	revisions []deployer.Revision
	slow      time.Duration
}

func (f *fakeSystems) Versions(ctx context.Context, _, _ string, services []string) ([]deployer.Serving, error) {
	if f.slow > 0 && !slackapi.Sleep(ctx, f.slow) {
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

func (f *fakeSystems) Revisions(ctx context.Context, _, _, _ string) ([]deployer.Revision, error) {
	if f.slow > 0 && !slackapi.Sleep(ctx, f.slow) {
		return nil, ctx.Err()
	}
	return f.revisions, nil
}

func (f *fakeSystems) Tags(context.Context, string) ([]string, error) {
	if len(f.tags) == 0 {
		return nil, errors.New("no registry is configured")
	}
	return f.tags, nil
}
