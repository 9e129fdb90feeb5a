package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// A carrier carries one deployment over.
type carrier struct {
	s     *Store
	id    string
	head  kv.Entry
	of    record.Head
	moved kv.Entry    // how far it has come, or absent
	at    record.Head // that, decoded
	live  bool
	walk  walk
	rest  []kv.Entry // commits that are still where they were
}

// oursOf is the deployment of a head's key; a key that is no head's is not ours.
func oursOf(key string) (id string, ours bool) {
	id, err := idOf(key)
	return id, err == nil
}

// carry carries over the deployment of a head, unless that was done. An error is
// the store's; what is wrong with the deployment puts it aside.
func (m migration) carry(ctx context.Context, head kv.Entry, held map[string]bool) error {
	id, ours := oursOf(head.Key)
	if !ours {
		return nil // it stays
	}
	c := &carrier{s: m.Store, id: id, head: head, live: held[id]}
	wrong, err := c.read(ctx)
	switch {
	case err != nil:
		return err
	case wrong != nil:
		return c.putAside(ctx)
	case c.of.Log != "":
		return nil
	}
	for {
		if done, err := c.move(ctx); done || err != nil {
			return err
		}
	}
}

// read reads what is to be carried over, and proves it: wrong says why it can't be.
func (c *carrier) read(ctx context.Context) (wrong, err error) {
	if c.of, wrong = c.s.decodeHead(c.head); wrong != nil || c.of.Log != "" {
		return wrong, nil
	}
	got, err := c.s.kv.Get(ctx, moveKey(c.id))
	if err != nil {
		return nil, err
	}
	var lost error // what could not be read, and may be there
	aside := c.s.aside(ctx)
	fetch := aside.Fetch
	aside.Fetch = func(hash string) ([]byte, error) {
		data, err := fetch(hash)
		if err != nil && !errors.Is(err, errMissing) {
			lost = err
		}
		return data, err
	}
	c.walk = walk{id: c.id, aside: aside}
	if c.moved = got[0]; c.moved.Rev != 0 {
		if c.at, err = record.DecodeHead(c.moved.Value); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.moved.Key, err)
		}
		if wrong, err = c.readMoved(ctx); wrong != nil || err != nil {
			return wrong, errors.Join(lost, err)
		}
	}
	wrong, err = c.readRest(ctx)
	if lost = errors.Join(lost, err); lost != nil {
		return nil, lost
	}
	if wrong == nil && (c.walk.seq != c.of.Seq || c.walk.hash != c.of.Hash) {
		wrong = fmt.Errorf("read %s in %s: it is not the last commit that %s names", c.walk.key, c.s.name, c.head.Key)
	}
	c.walk.vouch()
	return wrong, nil
}

// readMoved goes over the records that are in the log already.
func (c *carrier) readMoved(ctx context.Context) (wrong, err error) {
	numbers, err := c.at.Log.All()
	if err != nil {
		return err, nil
	}
	for _, n := range numbers {
		got, err := c.s.kv.Get(ctx, logKey(n))
		if err != nil {
			return nil, err
		}
		if err := c.walk.enter(got[0]); err != nil {
			return fmt.Errorf("read %s in %s: %w", got[0].Key, c.s.name, err), nil
		}
	}
	return nil, nil
}

// readRest goes over the records that are where schema 1 had them.
func (c *carrier) readRest(ctx context.Context) (wrong, err error) {
	for after := ""; ; {
		page, err := c.s.kv.Scan(ctx, event1Prefix(c.id), after, verifyPage)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if want := event1Key(c.id, c.walk.seq+1); e.Key != want {
				return fmt.Errorf("read %s in %s: the record before it is missing: %s", e.Key, c.s.name, want), nil
			}
			if err := c.walk.step(e.Key, e.Value); err != nil {
				return fmt.Errorf("read %s in %s: %w", e.Key, c.s.name, err), nil
			}
			c.rest = append(c.rest, e)
		}
		if len(page) < verifyPage {
			return nil, nil
		}
		after = page[len(page)-1].Key
	}
}

// putAside leaves everything as it is, and sees to it that the deployment is
// still known to be live.
func (c *carrier) putAside(ctx context.Context) error {
	batch := kv.Batch{Put: []kv.Entry{{Key: asideKey(c.id), Value: []byte(c.head.Key)}}}
	if c.live {
		value, err := record.EncodeWakeup(deployer.Wakeup{Now: true})
		if err != nil {
			return err
		}
		batch.Put = append(batch.Put, kv.Entry{Key: liveKey(c.id), Value: value})
	}
	return c.s.kv.Commit(ctx, batch)
}

// notCarried is why a deployment is still as schema 1 kept it.
func (s *Store) notCarried(ctx context.Context, id string, head kv.Entry) error {
	c := &carrier{s: s, id: id, head: head}
	wrong, err := c.read(ctx)
	if err = errors.Join(wrong, err); err == nil {
		return fmt.Errorf("read %s in %s: %w; it is tried again when the store is opened", head.Key, s.name, errNotCarried)
	}
	return fmt.Errorf("%w: %w", errNotCarried, err)
}

// some are the next records that fit into one commit.
func (c *carrier) some() []kv.Entry {
	n, size := 0, 0
	for n < len(c.rest) && n < moveMax && size < moveBytes {
		size += len(c.rest[n].Value)
		n++
	}
	return slices.Clone(c.rest[:n])
}
