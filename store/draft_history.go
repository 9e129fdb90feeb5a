package store

import (
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// history adds the record of the events, and moves the head.
func (d *draft) history() error {
	key := headKey(d.After.ID)
	var before chain
	if e := d.found[key]; e.Rev != 0 {
		var err error
		if before, err = d.known.end(d.After.ID, e.Value); err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
	}
	if before.seq != d.Before.Seq {
		return fmt.Errorf("%w: it was decided at event %d, and there are %d", deployer.ErrConflict, d.Before.Seq, before.seq)
	}
	d.unchanged(key)
	if len(d.Events) == 0 {
		return nil
	}
	commit, blobs, err := record.Commit{ID: d.After.ID, Seq: before.seq + 1, At: d.at, Prev: before.hash, Events: d.Events}.Encode()
	if err != nil {
		return err
	}
	if len(commit) > record.RecordMax {
		return fmt.Errorf("%w: the record of the commit has %d bytes, the limit is %d", kv.ErrTooBig, len(commit), record.RecordMax)
	}
	d.keep(blobs)
	head := record.Head{Summary: d.After.Summarize(), Seq: d.After.Seq, Hash: record.SumOf(commit).String(), Log: before.log}
	return d.chain(before, head, record.Entry{Record: commit})
}

// chain adds the record to the log of all when its turn has come: only then are
// its number and its link known. All else is made before, since the others of
// its turn wait for it.
func (d *draft) chain(before chain, head record.Head, entry record.Entry) error {
	draft, err := head.Draft(before.last)
	if err != nil {
		return err
	}
	sum := draft.Summary()
	if sum != before.summary {
		entry.Summary = sum
	}
	encoded, digest := entry.Encode(), entry.Digest()
	after := chain{seq: head.Seq, hash: head.Hash, summary: sum}
	key := headKey(d.After.ID)
	d.batch.Next = &kv.Next{Key: endKey, Bytes: len(encoded) + draft.Bytes(1) + len(key) + logBytes, Put: func(at kv.Entry) ([]kv.Entry, error) {
		end, err := d.endOf(at)
		if err != nil {
			return nil, err
		}
		next := end.then(digest)
		head := kv.Entry{Key: key, Value: draft.At(next.n, 1)}
		after.log, after.last = draft.Numbers(next.n, 1), next.n
		d.memory = memory{head: head.Value, d: d.After, chain: after}
		return []kv.Entry{{Key: logKey(next.n), Value: record.Relink(encoded, end.sum)}, {Key: endKey, Value: []byte(next.String())}, head}, nil
	}}
	return nil
}
