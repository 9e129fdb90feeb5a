package deployertest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Append makes a commit happen whole, or not at all. The errors are those of
// deployer.Journal.
func (j *Journal) Append(ctx context.Context, c deployer.Commit) error {
	if err := check(c); err != nil {
		return err
	}
	return j.commit(ctx, c, func() error {
		if err := j.allowed(c); err != nil {
			return err
		}
		j.land(c)
		return nil
	})
}

// commit ends as the hook says. land runs with the lock held.
func (j *Journal) commit(ctx context.Context, c deployer.Commit, land func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.committing.Lock()
	defer j.committing.Unlock()
	j.mu.Lock()
	j.commits++
	n, hook := j.commits, j.hook
	j.mu.Unlock()
	lands, err := true, error(nil)
	if hook != nil {
		lands, err = hook(n, c)
	}
	if !lands {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := land(); err != nil {
		return err
	}
	return err
}

// check refuses what no order can lead to.
func check(c deployer.Commit) error {
	if err := c.Check(); err != nil {
		return err
	}
	if slices.Contains(c.Events, nil) {
		return errors.New("the commit has an event that is none")
	}
	_, _, err := number(c.After.ID)
	return err
}

// allowed says why a commit can't land on what is there.
func (j *Journal) allowed(c deployer.Commit) error {
	seq := 0
	if h := j.histories[c.After.ID]; h != nil {
		seq = h.d.Seq
	}
	if seq != c.Before.Seq {
		return fmt.Errorf("%w: it was decided at event %d, and there are %d", deployer.ErrConflict, c.Before.Seq, seq)
	}
	if l := c.Locks; l != nil && l.Rev != j.locks[environment{l.Site.Name, l.Site.Environment}].Rev {
		return fmt.Errorf("%w: the locks of %s %s have changed", deployer.ErrConflict, l.Site.Name, l.Site.Environment)
	}
	if id := j.origins[c.Origin]; c.Origin != "" && id != "" {
		return fmt.Errorf("%w: %s has started %s", deployer.ErrConflict, c.Origin, id)
	}
	for _, place := range c.Claim {
		if id := j.places[place]; id != "" {
			return fmt.Errorf("%w: %s is held by %s", deployer.ErrConflict, place, id)
		}
	}
	for _, place := range c.Release {
		if id := j.places[place]; id != c.After.ID {
			return fmt.Errorf("release %s: it is held by %q", place, id)
		}
	}
	return j.distinct(c)
}

// distinct refuses to write one message over another of the same commit.
func (j *Journal) distinct(c deployer.Commit) error {
	keys := map[string]bool{}
	for n := range c.Messages {
		key := MessageKey(c, n)
		if keys[key] {
			return fmt.Errorf("the message %s is written twice", key)
		}
		keys[key] = true
	}
	return nil
}

func (j *Journal) land(c deployer.Commit) {
	j.rev++
	h := j.histories[c.After.ID]
	if h == nil {
		h = &history{}
		j.histories[c.After.ID] = h
	}
	j.record(h, c.Events)
	if len(c.Events) > 0 {
		h.live, h.wakeup = c.Live, c.Wakeup
	}
	for _, place := range c.Claim {
		j.places[place] = c.After.ID
	}
	for _, place := range c.Release {
		delete(j.places, place)
	}
	if c.Origin != "" {
		j.origins[c.Origin] = c.After.ID
	}
	j.mail(c, h.d)
	j.changes.tell(c.After.ID)
}

// record adds events to a history.
func (j *Journal) record(h *history, events []deployer.Event) {
	if len(events) == 0 {
		return
	}
	r := deployer.Record{Seq: h.d.Seq + 1, At: j.now(), Hash: fmt.Sprintf("%08x", j.rev), Events: events}
	if n := len(h.records); n > 0 {
		r.Prev = h.records[n-1].Hash
	}
	h.records = append(h.records, r)
	h.d = deployer.Fold(h.d, events...)
}
