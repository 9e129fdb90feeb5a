package store

import (
	"context"
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// move carries the next records of a deployment into the log, and says whether
// they were the last. Until then its head stays what it was, and another key
// says how far it has come.
func (c *carrier) move(ctx context.Context) (done bool, err error) {
	some := c.some()
	last := len(some) == len(c.rest)
	batch := kv.Batch{If: []kv.Match{{Key: c.head.Key, Rev: c.head.Rev}, {Key: moveKey(c.id), Rev: c.moved.Rev}}}
	for _, e := range some {
		batch.Delete = append(batch.Delete, e.Key)
	}
	if last {
		if err := c.arrive(&batch); err != nil {
			return false, err
		}
	}
	if err := c.link(&batch, some, last); err != nil {
		return false, err
	}
	if err := c.s.kv.Commit(ctx, batch); err != nil {
		return false, fmt.Errorf("carry over %s: %w", c.id, err)
	}
	if last {
		return true, nil
	}
	c.rest = c.rest[len(some):]
	got, err := c.s.kv.Get(ctx, moveKey(c.id))
	if err != nil {
		return false, err
	}
	c.moved = got[0]
	c.at, err = record.DecodeHead(c.moved.Value)
	return false, err
}

// arrive adds to the commit with the last records what makes the deployment one of
// schema 2.
func (c *carrier) arrive(batch *kv.Batch) error {
	batch.Delete = append(batch.Delete, asideKey(c.id), moveKey(c.id))
	if !c.live {
		return nil
	}
	var d deployer.Deployment
	for _, r := range c.walk.records {
		d = deployer.Fold(d, r.Events...)
	}
	value, err := record.EncodeWakeup(d.Wakeup())
	if err != nil {
		return err
	}
	batch.Put = append(batch.Put, kv.Entry{Key: liveKey(c.id), Value: value})
	return nil
}

// link has records put into the log when the turn of their commit comes, with the
// head or what stands for it.
func (c *carrier) link(batch *kv.Batch, some []kv.Entry, last bool) error {
	key, head := moveKey(c.id), record.Head{Log: c.at.Log}
	if last {
		key, head = c.head.Key, record.Head{Summary: c.of.Summary, Seq: c.of.Seq, Hash: c.of.Hash, Log: c.at.Log}
	}
	numbers, err := c.at.Log.All()
	if err != nil {
		return err
	}
	before := int64(0)
	if len(numbers) > 0 {
		before = numbers[len(numbers)-1]
	}
	draft, err := head.Draft(before)
	if err != nil {
		return err
	}
	entries, size := make([]record.Entry, len(some)), len(key)+draft.Bytes(len(some))+logBytes*(len(some)+1)
	encoded := make([][]byte, len(some))
	for i, e := range some {
		entries[i] = record.Entry{Record: e.Value}
		if last && i == len(some)-1 {
			entries[i].Summary = draft.Summary()
		}
		encoded[i] = entries[i].Encode()
		size += len(encoded[i])
	}
	batch.Next = &kv.Next{Key: endKey, Bytes: size, Put: func(at kv.Entry) ([]kv.Entry, error) {
		end, err := c.s.endOf(at)
		if err != nil {
			return nil, err
		}
		puts := []kv.Entry{{Key: key, Value: draft.At(end.n+1, len(some))}}
		for i, e := range entries {
			next := end.then(e.Digest())
			puts = append(puts, kv.Entry{Key: logKey(next.n), Value: record.Relink(encoded[i], end.sum)})
			end = next
		}
		return append(puts, kv.Entry{Key: endKey, Value: []byte(end.String())}), nil
	}}
	return nil
}
