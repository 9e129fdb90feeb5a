package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// A ledger is an engine, its records and its mailbox in memory, over the real
// core: what Decide says is committed, and what it resolves is made up.
type ledger struct {
	people deployer.People

	mu      sync.Mutex
	live    map[string]deployer.Deployment
	origins map[string]string
	locks   deployer.Locks // of the one environment where something is locked
	letters map[string]deployer.OutboxMessage
	arrived []chan struct{}
	rev     int64
	orders  int // of people, as they were given
	events  []deployer.Event
	trails  map[string][]deployer.Record
	slow    time.Duration // before every order of a person is committed
	broken  error         // answers every order of a person
}

func newLedger() *ledger {
	return &ledger{live: map[string]deployer.Deployment{}, origins: map[string]string{}, letters: map[string]deployer.OutboxMessage{}, trails: map[string][]deployer.Record{}}
}

func (l *ledger) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	f := deployer.Facts{Now: time.Now()}
	if o.By.ID != "" {
		roles, err := l.people.Roles(ctx, o.By.ID)
		if err != nil {
			return deployer.Deployment{}, err
		}
		f.Roles = roles
	}
	l.mu.Lock()
	slow, broken := l.slow, l.broken
	l.mu.Unlock()
	if o.By.ID != "" && slow > 0 {
		time.Sleep(slow)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.By.ID != "" {
		l.orders++
		if broken != nil {
			return deployer.Deployment{}, broken
		}
	}
	start, isStart := o.Command.(deployer.Start)
	d := l.live[o.Deployment]
	if isStart {
		if id := l.origins[start.Origin]; id != "" {
			return l.live[id], nil
		}
		f.ID, f.Holders, f.Locks = fmt.Sprintf("%s-%d", start.Retailer, len(l.live)+1), l.holders(), l.locks
		d = deployer.Deployment{}
	} else if d.ID == "" {
		return d, deployer.ErrNotFound
	}
	d, err := l.commit(d, o, f)
	if err != nil {
		return d, err
	}
	if isStart {
		l.origins[start.Origin] = d.ID
		return l.commit(d, deployer.Order{Deployment: d.ID, Command: deployer.Resolve{Targets: targets(d)}}, f)
	}
	return d, nil
}

// commit decides and writes down. The caller holds the lock.
func (l *ledger) commit(d deployer.Deployment, o deployer.Order, f deployer.Facts) (deployer.Deployment, error) {
	events, messages, err := deployer.Decide(d, o, f)
	if err != nil {
		return d, err
	}
	d = deployer.Fold(d, events...)
	l.live[d.ID] = d
	l.events = append(l.events, events...)
	if len(events) > 0 {
		trail := l.trails[d.ID]
		l.trails[d.ID] = append(trail, deployer.Record{
			Seq: d.Seq - len(events) + 1, At: f.Now, Hash: fmt.Sprintf("%08x", d.Seq), Events: events,
		})
	}
	switch c := o.Command.(type) {
	case deployer.Deliver:
		delete(l.letters, c.OutboxKey)
	case deployer.GiveUp:
		delete(l.letters, c.OutboxKey)
	}
	for _, m := range messages {
		l.rev++
		key := "out/" + d.ID + "/" + m.DedupKey
		l.letters[key] = deployer.OutboxMessage{Message: m, Deployment: d.ID, Key: key, Rev: l.rev, At: f.Now}
	}
	l.ring()
	return d, nil
}

func (l *ledger) holders() map[string]deployer.Deployment {
	out := map[string]deployer.Deployment{}
	for _, d := range l.live {
		if !d.Status.Ended() {
			for _, p := range d.Places() {
				out[p] = d
			}
		}
	}
	return out
}

func targets(d deployer.Deployment) []deployer.Target {
	var out []deployer.Target
	for _, w := range d.Releases {
		out = append(out, deployer.Target{
			Service: w.Service, Runner: "kubernetes",
			Before: deployer.State{Version: "v1", Image: "registry.example/" + w.Service + ":v1"},
			After:  deployer.State{Version: w.Tag, Image: "registry.example/" + w.Service + ":" + w.Tag},
		})
	}
	return out
}

func (l *ledger) Progress(string) map[string]deployer.Progress { return nil }

func (l *ledger) Lock(_ context.Context, retailer, environment string, lock deployer.Lock, channel string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.locks.Retailer, l.locks.Environment = retailer, environment
	after, err := l.locks.Set(lock)
	if err == nil {
		l.relocked(after, l.locks.Word(deployer.NoteLocked, lock, lock.By, channel))
	}
	return err
}

func (l *ledger) Unlock(_ context.Context, _, _, service string, by deployer.Person, channel string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	after, lifted, err := l.locks.Lift(service, by, nil, time.Now())
	if err == nil {
		l.relocked(after, l.locks.Word(deployer.NoteUnlocked, lifted, by, channel))
	}
	return err
}

// relocked keeps the locks and what is said of them. The caller holds the lock.
func (l *ledger) relocked(after deployer.Locks, word deployer.Message) {
	after.Rev++
	l.locks = after
	l.rev++
	key := "out//" + word.DedupKey
	l.letters[key] = deployer.OutboxMessage{Message: word, Key: key, Rev: l.rev, At: time.Now()}
	l.ring()
}

// ring tells of new letters. The caller holds the lock.
func (l *ledger) ring() {
	for _, c := range l.arrived {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (l *ledger) AllLocks(context.Context) ([]deployer.Locks, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return []deployer.Locks{l.locks}, nil
}

func (l *ledger) Load(_ context.Context, id string) (deployer.Deployment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d, ok := l.live[id]; ok {
		return d, nil
	}
	return deployer.Deployment{}, deployer.ErrNotFound
}

func (l *ledger) Trail(_ context.Context, id string) ([]deployer.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.live[id]; !ok {
		return nil, deployer.ErrNotFound
	}
	return slices.Clone(l.trails[id]), nil
}

func (l *ledger) Live(context.Context) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for id, d := range l.live {
		if !d.Status.Ended() {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (l *ledger) List(_ context.Context, q deployer.Query) ([]deployer.Summary, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []deployer.Summary
	for _, d := range l.live {
		wanted := q.Service == "" || slices.ContainsFunc(d.Releases, func(w deployer.Release) bool { return w.Service == q.Service })
		if (q.Retailer == "" || d.Retailer == q.Retailer) && wanted && (q.Environment == "" || q.Environment == d.Environment) {
			out = append(out, d.Summarize())
		}
	}
	slices.SortFunc(out, func(a, b deployer.Summary) int { return b.Created.Compare(a.Created) })
	return out[:min(len(out), q.Limit)], nil
}

func (l *ledger) Messages(_ context.Context, after string, limit int) ([]deployer.OutboxMessage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []deployer.OutboxMessage
	for _, key := range slices.Sorted(maps.Keys(l.letters)) {
		if key > after && len(out) < limit {
			out = append(out, l.letters[key])
		}
	}
	return out, nil
}

func (l *ledger) Discard(_ context.Context, x deployer.OutboxMessage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.letters[x.Key].Rev == x.Rev {
		delete(l.letters, x.Key)
	}
	return nil
}

func (l *ledger) Arrivals(context.Context) (<-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := make(chan struct{}, 1)
	l.arrived = append(l.arrived, c)
	return c, nil
}

// all returns the deployments, in the order of their ids.
func (l *ledger) all() []deployer.Deployment {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Collect(maps.Values(l.live))
	slices.SortFunc(out, func(a, b deployer.Deployment) int { return strings.Compare(a.ID, b.ID) })
	return out
}

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
