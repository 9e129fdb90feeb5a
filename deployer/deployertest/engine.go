package deployertest

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// An Engine carries out orders as package engine does: the core decides, and
// the journal commits. It does nothing by itself: what an effect comes to, a
// test says with orders; only what was proven stays so by itself. Set its fields before the first order.
type Engine struct {
	*Journal
	People  deployer.People                                   // whose roles count; nil: everybody holds none
	Resolve func(deployer.Deployment) []deployer.Target       // what a start resolves to, at once; nil: it waits for the order
	Before  func(ctx context.Context, o deployer.Order) error // called before an order of a person is decided; may wait, and fail it
	Crowded bool                                              // a service may be deployed several times at once, also by one origin

	Language deployer.Language                                       // nil: it knows none
	Rules    func(deployer.Deployment, time.Time) []deployer.Verdict // what windows and freezes say; nil: nothing
	Members  deployer.Members                                        // who is told directly; nil: nobody is known

	Store string // the id of the store that deployments begin in; "": it has none

	ordering sync.Mutex        // one order at a time
	unused   map[string]string // ids of starts that were refused, by retailer: so tests can count on numbers
	mu       sync.Mutex
	progress map[string]map[string]deployer.Progress
}

// NewEngine makes an Engine on a new Journal.
func NewEngine() *Engine {
	return &Engine{Journal: NewJournal(), unused: map[string]string{}, progress: map[string]map[string]deployer.Progress{}}
}

// EverybodyHolds are the roles that everybody holds.
type EverybodyHolds []string

// Who returns somebody who holds them.
func (r EverybodyHolds) Who(context.Context, string) (deployer.Person, error) {
	return deployer.Person{Roles: r}, nil
}

// Do carries out an order. An unknown deployment is deployer.ErrNotFound.
func (e *Engine) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	var who deployer.Person
	if o.By.ID != "" && e.People != nil {
		var err error
		if who, err = e.People.Who(ctx, o.By.ID); err != nil {
			return deployer.Deployment{}, err
		}
	}
	return e.DoAs(ctx, o, who)
}

// DoAs carries out an order of that person.
func (e *Engine) DoAs(ctx context.Context, o deployer.Order, who deployer.Person) (deployer.Deployment, error) {
	if o.By.ID != "" && e.Before != nil {
		if err := e.Before(ctx, o); err != nil {
			return deployer.Deployment{}, err
		}
	}
	e.ordering.Lock()
	defer e.ordering.Unlock()
	if start, ok := o.Command.(deployer.Start); ok {
		return e.start(ctx, o, start, who)
	}
	d, err := e.Load(ctx, o.Deployment)
	if err != nil {
		return deployer.Deployment{}, err
	}
	locks, err := e.Locks(ctx, d.Site.Name, d.Site.Environment)
	if err != nil {
		return deployer.Deployment{}, err
	}
	facts := deployer.Facts{Now: e.Now(), Person: who, Locks: locks, Language: e.Language, Members: e.Members}
	if e.Rules != nil {
		facts.Verdicts = e.Rules(d, facts.Now)
	}
	return e.order(ctx, d, o, facts)
}

// start creates a deployment, once for each origin.
func (e *Engine) start(ctx context.Context, o deployer.Order, start deployer.Start, who deployer.Person) (deployer.Deployment, error) {
	id, err := e.Started(ctx, start.Origin)
	if err != nil || id != "" {
		d, _ := e.Load(ctx, id)
		return d, err
	}
	facts := deployer.Facts{Now: e.Now(), Person: who, Store: e.Store, Language: e.Language, Members: e.Members}
	if facts.Holders, err = e.holders(ctx); err != nil {
		return deployer.Deployment{}, err
	}
	if facts.Queue, err = e.Queue(ctx); err != nil {
		return deployer.Deployment{}, err
	}
	if facts.Locks, err = e.Locks(ctx, start.Site.Name, start.Site.Environment); err != nil {
		return deployer.Deployment{}, err
	}
	if facts.ID = e.unused[start.Site.Name]; facts.ID == "" {
		if facts.ID, err = e.Allocate(ctx, start.Site.Name); err != nil {
			return deployer.Deployment{}, err
		}
	}
	e.unused[start.Site.Name] = facts.ID
	d, err := e.order(ctx, deployer.Deployment{}, o, facts)
	if err == nil {
		delete(e.unused, start.Site.Name)
	}
	if err != nil || e.Resolve == nil || deployer.Queueing(d) {
		return d, err
	}
	return e.order(ctx, d, deployer.Order{Deployment: d.ID, Command: deployer.Resolve{Targets: e.Resolve(d)}}, facts)
}

// holders are all that hold places.
func (e *Engine) holders(ctx context.Context) (out map[string]deployer.Deployment, err error) {
	out = map[string]deployer.Deployment{}
	for place, id := range e.Places() {
		if out[place], err = e.Load(ctx, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nextTurns begins what has waited for its places, and whose turn it is now.
func (e *Engine) nextTurns(ctx context.Context) error {
	queue, _ := e.Queue(ctx)
	for _, d := range queue {
		facts := deployer.Facts{Now: e.Now(), Queue: queue, Language: e.Language, Members: e.Members}
		var err error
		if facts.Holders, err = e.holders(ctx); err != nil {
			return err
		}
		if len(deployer.AheadOf(d, facts)) > 0 || e.Resolve == nil {
			continue
		}
		_, err = e.order(ctx, d, deployer.Order{Deployment: d.ID, Command: deployer.Resolve{Targets: e.Resolve(d)}}, facts)
		return err // which may have made it somebody else's turn, and has asked them
	}
	return nil
}

// order decides and commits.
func (e *Engine) order(ctx context.Context, before deployer.Deployment, o deployer.Order, f deployer.Facts) (deployer.Deployment, error) {
	events, messages, err := telling.Decide(before, o, f)
	if err != nil {
		return before, err
	}
	c := deployer.Pack(before, o, events, messages)
	if len(events) == 0 && len(c.Sent) == 0 {
		return before, nil
	}
	if e.Crowded {
		c.Claim, c.Release, c.Origin = nil, nil, ""
	}
	if before.Seq == 0 {
		c.Locks = &f.Locks
	}
	if err := e.Append(ctx, c); err != nil {
		return before, err
	}
	if len(c.Release) > 0 || before.Queued {
		if err := e.nextTurns(ctx); err != nil {
			return c.After, err
		}
	}
	for _, cmd := range StillSo(c.After, f.Now) {
		return e.order(ctx, c.After, deployer.Order{Deployment: c.After.ID, Command: cmd}, deployer.Facts{Now: f.Now, Language: e.Language, Members: e.Members})
	}
	return c.After, nil
}

// StillSo looks once more at the proofs that something rests on, and finds all well.
func StillSo(d deployer.Deployment, now time.Time) []deployer.Command {
	var out []deployer.Command
	for _, w := range deployer.Next(d, now).Watches {
		if w.Now {
			out = append(out, deployer.Recheck{Key: w.Key, Outcome: deployer.Outcome{Result: deployer.OK}})
		}
	}
	return out
}

// TargetsByTag is what a deployment means where every service runs v1: its
// tags. It is for Engine.Resolve.
func TargetsByTag(d deployer.Deployment) []deployer.Target {
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

// Lock keeps new deployments of a service, or with "" of all, away.
func (e *Engine) Lock(ctx context.Context, retailer, environment string, l deployer.Lock, channel string) error {
	e.ordering.Lock()
	defer e.ordering.Unlock()
	before, err := e.Locks(ctx, retailer, environment)
	if err != nil {
		return err
	}
	who := deployer.Person{Roles: []string{"anybody"}}
	if e.People != nil {
		if who, err = e.People.Who(ctx, l.By.ID); err != nil {
			return err
		}
	}
	after, err := before.Set(l, who, nil)
	if err != nil {
		return err
	}
	return e.SetLocks(ctx, after, before.Announcement(deployer.NoteLocked, l, l.By, channel))
}

// Unlock takes a lock away. Only who holds it may.
func (e *Engine) Unlock(ctx context.Context, retailer, environment, service string, by deployer.Actor, channel string) error {
	e.ordering.Lock()
	defer e.ordering.Unlock()
	before, err := e.Locks(ctx, retailer, environment)
	if err != nil {
		return err
	}
	after, lifted, err := before.Lift(service, by, deployer.Person{}, nil, e.Now())
	if err != nil {
		return err
	}
	return e.SetLocks(ctx, after, before.Announcement(deployer.NoteUnlocked, lifted, by, channel))
}

// Progress is what SetProgress has set; of one that waits for its turn, who is in front.
func (e *Engine) Progress(id string) map[string]deployer.Progress {
	ctx := context.Background()
	if d, err := e.Load(ctx, id); err == nil && deployer.Queueing(d) {
		facts := deployer.Facts{}
		facts.Holders, _ = e.holders(ctx)
		facts.Queue, _ = e.Queue(ctx)
		return map[string]deployer.Progress{"": {InFront: deployer.InFrontOf(deployer.AheadOf(d, facts))}}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.progress[id])
}

// SetProgress says how far an effect of a deployment has come; of the others it
// is forgotten.
func (e *Engine) SetProgress(id, effect string, p deployer.Progress) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.progress[id] = map[string]deployer.Progress{effect: p}
}
