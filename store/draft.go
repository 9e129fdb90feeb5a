package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

const (
	// createPuts is what the commit that creates a deployment puts besides
	// places and services: head, record, end of the log, origin, live, all,
	// environment.
	createPuts = 4 + nextPuts
	nextPuts   = 3
	placesMax  = kv.OpsMax - createPuts

	// logBytes is how long the key of a record, and the end of the log, are at
	// most.
	logBytes = 128
)

// A draft is a commit on its way into a batch.
type draft struct {
	deployer.Commit
	known *recall
	endOf func(kv.Entry) (point, error)
	at    time.Time
	aside record.Aside
	found map[string]kv.Entry // what it rests on
	batch kv.Batch
	blobs record.Blobs // must be stored before the batch, which refers to them
	ahead []kv.Entry   // index entries for which the batch has no room; may be stored before it

	memory memory // of the deployment after it
}

// read gets what the commit rests on, in one snapshot. There is no way around
// reading: a commit does not tell the revision that it made.
func (d *draft) read(ctx context.Context, db kv.KV) error {
	keys := []string{headKey(d.After.ID), liveKey(d.After.ID)}
	if d.Origin != "" {
		keys = append(keys, originKey(d.Origin))
	}
	for _, place := range slices.Concat(d.Claim, d.Release) {
		keys = append(keys, placeKey(place))
	}
	for _, m := range d.Messages {
		if m.IsCard() {
			keys = append(keys, messageKey(d.After.ID, m, 0, 0))
		}
	}
	got, err := db.Get(ctx, keys...)
	if err != nil {
		return err
	}
	d.found = make(map[string]kv.Entry, len(got))
	for _, e := range got {
		d.found[e.Key] = e
	}
	return nil
}

func (d *draft) put(key string, value []byte) {
	d.batch.Put = append(d.batch.Put, kv.Entry{Key: key, Value: value})
}

// unchanged makes it a condition that a key stays as it was found.
func (d *draft) unchanged(key string) {
	d.batch.If = append(d.batch.If, kv.Match{Key: key, Rev: d.found[key].Rev})
}

// write fills the batch.
func (d *draft) write() error {
	if l := d.Locks; l != nil {
		d.batch.If = append(d.batch.If, kv.Match{Key: lockKey(l.Site.Name, l.Site.Environment), Rev: l.Rev})
	}
	for _, part := range []func() error{d.history, d.life, d.places, d.messages, d.indexes} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) keep(blobs record.Blobs) {
	for hash, data := range blobs {
		d.blobs[hash] = data
	}
}

// places claims and releases places, and claims the origin.
func (d *draft) places() error {
	claims := make([]string, 0, len(d.Claim)+1)
	for _, place := range d.Claim {
		claims = append(claims, placeKey(place))
	}
	if d.Origin != "" {
		claims = append(claims, originKey(d.Origin))
	}
	for _, key := range claims {
		if e := d.found[key]; e.Rev != 0 {
			return fmt.Errorf("%w: %s is %s's", deployer.ErrConflict, key, e.Value)
		}
		d.unchanged(key)
		d.put(key, []byte(d.After.ID))
	}
	for _, place := range d.Release {
		key := placeKey(place)
		if e := d.found[key]; string(e.Value) != d.After.ID {
			return fmt.Errorf("release %s: it is held by %q", key, e.Value)
		}
		d.unchanged(key)
		d.batch.Delete = append(d.batch.Delete, key)
	}
	return nil
}

// messages puts what is to be sent, and removes what was.
func (d *draft) messages() error {
	put := map[string]bool{}
	for n, m := range d.Messages {
		key := messageKey(d.After.ID, m, d.Before.Seq+1, n)
		l := record.OutboxMessage{Deployment: d.After.ID, At: d.at, Message: m}
		if e := d.found[key]; e.Rev != 0 && !slices.Contains(d.Sent, key) {
			old, err := record.DecodeOutboxMessage(e.Value, d.aside)
			if err != nil {
				return fmt.Errorf("read %s: %w", key, err)
			}
			// It may have been posted already, at any time since it was first
			// put, and has to be found.
			l.At = old.At
			l.Message.Receipt = m.Receipt || old.Message.Receipt && d.After.Card.TS == ""
		}
		value, blobs, err := l.Encode()
		if err != nil {
			return err
		}
		d.keep(blobs)
		d.put(key, value)
		put[key] = true
	}
	for _, key := range d.Sent {
		if !put[key] {
			d.batch.Delete = append(d.batch.Delete, key)
		}
	}
	return nil
}

// indexes adds a new deployment. Whoever types a command waits for this commit,
// and every index makes it write a page or two more: there is none for what the
// heads and the places tell as well.
func (d *draft) indexes() error {
	if d.Before.Seq > 0 {
		return nil
	}
	_, n, err := number(d.After.ID)
	if err != nil {
		return err
	}
	s := d.After.Summarize()
	d.put(allPrefix+age(s, n), nil)
	d.put(environmentPrefix(s.Site.Name, s.Site.Environment)+age(s, n), nil)
	for _, w := range s.Releases {
		d.ahead = append(d.ahead, kv.Entry{Key: serviceKey(w.Service, s, n)})
	}
	// Where there is room, they go with the commit.
	if len(d.batch.Put)+nextPuts+len(d.ahead) <= kv.OpsMax {
		d.batch.Put, d.ahead = append(d.batch.Put, d.ahead...), nil
	}
	return nil
}
