package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// attemptsMax bounds how often an order is decided again because somebody else
// was first.
const attemptsMax = 20

// Do carries out an order: it returns when what follows is on disk. An order
// that was carried out before changes nothing and is no error. A
// *deployer.Refusal is for the person who gave it; so is what the journal has
// refused for good, and what is about a deployment in quarantine.
func (e *Engine) Do(ctx context.Context, o deployer.Order) (d deployer.Deployment, err error) {
	err = guard(func() error { d, err = e.carryOut(ctx, o); return err })
	q, ill := errors.AsType[*quarantine](err)
	switch {
	case ill:
		return d, q.refusal()
	case e.logBug("carry out an order", o.Deployment, err):
		return d, errors.New("carry out an order: it meets a bug of this program")
	case final(err):
		e.Log.Error("an order can't be written down", "deployment", o.Deployment, "person", o.By.ID, "err", err)
		return d, deployer.Refuse("Nothing was changed.", "What follows from that can't be written down: %v.", err)
	}
	return d, err
}

func (e *Engine) carryOut(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	if start, ok := o.Command.(deployer.Start); ok {
		return e.start(ctx, o, start, false)
	}
	who, err := e.person(ctx, o.By)
	if err != nil {
		return deployer.Deployment{}, err
	}
	t := e.hold(o.Deployment)
	defer e.letGo(t)
	var d deployer.Deployment
	if a, ok := o.Command.(deployer.Answer); ok && a.Choice == deployer.ChoiceApprove {
		who, err = t.withAccounts(ctx, who, o.By)
	}
	if err == nil {
		d, err = t.do(ctx, o, who)
	}
	if errors.Is(err, deployer.ErrNotFound) {
		err = deployer.Refuse("", "There is no deployment %s.", t.id)
	}
	return d, err
}

// person looks up who gives an order, and logs it if that fails, which is refused.
// Of what is no person nothing is known.
func (e *Engine) person(ctx context.Context, by deployer.Actor) (who deployer.Person, err error) {
	if by.ID == "" || by.Kind != deployer.ActorPerson {
		return who, nil
	}
	err = guard(func() error { who, err = e.People.Who(ctx, by.ID); return err })
	if err == nil {
		return who, nil
	}
	if !e.logBug("look up roles", "", err) {
		e.complain(slog.LevelWarn, "roles are not known", by.ID, "person", by.ID, "err", err)
	}
	return deployer.Person{}, deployer.Refuse("Try again in a moment.", "Your roles could not be looked up.")
}

// withAccounts is whoever approves with all accounts of theirs that count for the
// deployment already. That two are one human may be known of the other alone, of
// whom nothing was asked since the process began.
func (t *instance) withAccounts(ctx context.Context, who deployer.Person, by deployer.Actor) (deployer.Person, error) {
	d, err := t.load(ctx)
	if err != nil {
		return who, err
	}
	others := deployer.Counted(d)
	found, errs := make([]deployer.Person, len(others)), make([]error, len(others))
	var asked sync.WaitGroup
	for i, other := range others {
		asked.Go(func() { found[i], errs[i] = t.e.person(ctx, other) })
	}
	asked.Wait()
	who.Accounts = slices.Clone(who.Accounts)
	for i, other := range others {
		if slices.Contains(found[i].Accounts, by.ID) {
			who.Accounts = append(who.Accounts, other.ID)
		}
	}
	return who, errors.Join(errs...)
}

// policy is who may do what at a site now; nil where the configuration says nothing.
func (e *Engine) policy(site deployer.Site) *deployer.Policy {
	if e.Policy == nil {
		return nil
	}
	p := e.Policy(site)
	return &p
}

// order gives an order of the engine. If the journal has refused it for good,
// the deployment is put in quarantine: it would be refused again and again.
func (t *instance) order(ctx context.Context, c deployer.Command) (deployer.Deployment, error) {
	d, err := t.commit(ctx, c)
	if final(err) {
		t.e.isolate(unwritable(t.id, err))
		err = t.e.inQuarantine(t.id)
	}
	return d, err
}

// commit gives an order of the engine. What has happened is written down even
// if nobody waits for it any more.
func (t *instance) commit(ctx context.Context, c deployer.Command) (deployer.Deployment, error) {
	return t.do(context.WithoutCancel(ctx), deployer.Order{Deployment: t.id, Command: c}, deployer.Person{})
}

// conclusive reports whether an order of the engine needs no further try: it was
// carried out, was overtaken, or can't ever be.
func conclusive(err error) bool {
	_, ill := errors.AsType[*quarantine](err)
	return err == nil || ill || errors.Is(err, deployer.ErrStale)
}

// do decides and commits an order of this deployment, one at a time. Its time
// is that of its turn.
func (t *instance) do(ctx context.Context, o deployer.Order, who deployer.Person) (deployer.Deployment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range attemptsMax {
		d, err := t.state(ctx)
		if err != nil {
			return deployer.Deployment{}, err
		}
		facts := deployer.Facts{Now: t.e.nowOf(d), Person: who, Policy: t.e.policy(d.Site), Language: t.e.language(t.id), Members: t.e.Members}
		intends, mutates := mutation(d, o)
		if mutates {
			if facts.Locks, err = t.e.locks(ctx, d.Site.Name, d.Site.Environment, d.ID); err != nil {
				return d, err
			}
			if t.e.Hold != nil {
				facts.Hold = t.e.Hold()
			}
		}
		if _, resolves := o.Command.(deployer.Resolve); resolves && deployer.Queueing(d) {
			at, err := places(ctx, t.e, d.Places())
			if err != nil {
				return d, err
			}
			facts.Holders, facts.Queue = at.Holders, at.Queue
		}
		if facts.Verdicts, err = t.e.verdicts(d, facts.Now); err != nil {
			return d, err
		}
		events, messages, refused := telling.Decide(d, o, facts)
		if refused != nil && len(events) == 0 {
			return d, refused
		}
		c := deployer.Pack(d, o, events, messages)
		if mutates && c.After.Effect(intends) != nil {
			c.Locks = &facts.Locks
		}
		if len(events) == 0 && len(c.Sent) == 0 {
			return d, nil
		}
		err = t.e.Journal.Append(ctx, c)
		switch {
		case err == nil:
			t.d = &c.After
			t.e.schedule(t, c.Live, c.Wakeup)
			t.e.line.moved(d.Places())
			if c.After.Status.Ended() && !d.Status.Ended() {
				t.ended(ctx, c.After)
			}
			return c.After, refused
		case errors.Is(err, deployer.ErrUnknown), errors.Is(err, deployer.ErrConflict):
			// What is in memory may be wrong. If the commit did land, deciding
			// again on what is on disk finds nothing left to do.
			t.e.complain(slog.LevelWarn, "an order is decided again", t.id, "deployment", t.id, "err", err)
			t.d = nil
			t.e.schedule(t, true, deployer.Wakeup{Now: true})
		default:
			return d, fmt.Errorf("commit %s: %w", t.id, err)
		}
	}
	return deployer.Deployment{}, fmt.Errorf("commit %s: somebody else was first %d times", t.id, attemptsMax)
}

// verdicts are what windows and freezes say of a deployment now, as long as they have a say.
func (e *Engine) verdicts(d deployer.Deployment, now time.Time) (all []deployer.Verdict, err error) {
	if e.Rules == nil || d.Status.Ended() || d.Status == deployer.Halting || !deployer.AsksRules(d) {
		return nil, nil
	}
	err = guard(func() error { all = e.Rules(d, now); return nil })
	return all, err
}

// mutation reports whether an order lets an effect begin that changes what runs,
// and which: that rests on the locks.
func mutation(d deployer.Deployment, o deployer.Order) (key string, yes bool) {
	in, ok := o.Command.(deployer.Intend)
	if !ok {
		return "", false
	}
	s := d.Step(deployer.ParseEffectKey(in.Key).Step)
	return in.Key, s != nil && s.Mutates()
}

// state returns the deployment, from disk if it is not in memory. The caller
// holds t.mu.
func (t *instance) state(ctx context.Context) (deployer.Deployment, error) {
	if q := t.e.inQuarantine(t.id); q != nil {
		return deployer.Deployment{}, q
	}
	if t.d != nil {
		return *t.d, nil
	}
	d, err := t.e.read(ctx, t.id)
	if err != nil {
		return deployer.Deployment{}, err
	}
	t.d = &d
	return d, nil
}

// nowOf is what time it is for a deployment: on the wall or, where the clock was set
// back, when it last changed. What is planned and what is decided go by the same.
func (e *Engine) nowOf(d deployer.Deployment) time.Time {
	now := e.now()
	if last := latest(d); last.After(now) {
		return last
	}
	return now
}

// latest is the time of the last event that a deployment shows.
func latest(d deployer.Deployment) time.Time {
	last := d.Created
	see := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	see(d.Ended)
	for _, s := range d.Steps {
		see(s.Began)
		see(s.Finished)
		for _, a := range s.Approvals {
			see(a.At)
		}
		for _, e := range s.Effects {
			see(e.At)
			see(e.Seen)
		}
	}
	return last
}
