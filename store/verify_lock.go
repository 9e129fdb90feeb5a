package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// lastLocks is the last record about the locks of an environment.
type lastLocks struct {
	key string     // of the record
	sum record.Sum // of what it says that lies under the environment's key
}

// noteLocks keeps what an entry says of locks, if it can be read, until a later one
// does.
func (a *auditor) noteLocks(key string, e record.Entry) error {
	if !e.Locks || len(e.Record) == 0 {
		return nil
	}
	var l deployer.Locks
	r, err := record.DecodeLockRecord(e.Record)
	if err == nil {
		l, err = record.DecodeLocks(r.Locks)
	}
	if err != nil {
		return fmt.Errorf("read %s in %s: %w", key, a.name, err)
	}
	if a.locks == nil {
		a.locks = map[string]lastLocks{}
	}
	a.locks[lockKey(l.Site.Name, l.Site.Environment)] = lastLocks{key, record.SumOf(r.Locks)}
	return nil
}

// verifyLocks looks that what is locked in each environment is what the last record
// about it says. The log was read up to a record.
func (a *auditor) verifyLocks(ctx context.Context, n int64) error {
	keys := slices.Collect(maps.Keys(a.locks))
	err := eachLocks(ctx, a.kv, func(e kv.Entry) error {
		keys = append(keys, e.Key)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if n, err = a.verifyLocksOf(ctx, key, n); err != nil {
			return err
		}
	}
	return nil
}

// verifyLocksOf looks at one environment, at one moment: what came into the log until
// then is read first. It returns how far the log is read.
func (a *auditor) verifyLocksOf(ctx context.Context, key string, n int64) (int64, error) {
	got, err := a.kv.Get(ctx, key, endKey)
	if err != nil {
		return n, err
	}
	if end, err := a.endOf(got[1]); err == nil && end.n > n { // what is wrong with the end was found
		if err := a.catchUp(ctx, n, end.n); err != nil {
			return n, err
		}
		n = end.n
	}
	last, recorded := a.locks[key]
	switch {
	case !recorded: // they are from before there were records of them
	case got[0].Rev == 0:
		a.find(fmt.Errorf("%s is missing in %s: %s says what is locked", key, a.name, last.key))
	case record.SumOf(got[0].Value) != last.sum:
		a.find(fmt.Errorf("read %s in %s: it is not what the last record about it, %s, says: it was changed", key, a.name, last.key))
	}
	return n, nil
}

// catchUp notes what the records after n, up to last, say of locks.
func (a *auditor) catchUp(ctx context.Context, n, last int64) error {
	return a.eachEntry(ctx, logKey(n), func(e kv.Entry) error {
		if e.Key > logKey(last) {
			return nil
		}
		entry, err := record.DecodeEntry(e.Value)
		if err != nil {
			err = fmt.Errorf("read %s in %s: %w", e.Key, a.name, err)
		} else {
			err = a.noteLocks(e.Key, entry)
		}
		a.find(err)
		return ctx.Err()
	}, func(kv.Entry) error { return nil })
}
