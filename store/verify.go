package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

const (
	verifyPage  = 200 // records that VerifyAll has in memory at once
	findingsMax = 50  // what VerifyAll says at most
)

// Findings are what is not as it was written, a line each: which key, and what is
// wrong with it.
type Findings []string

func (f Findings) Error() string { return strings.Join(f, "\n") }

// VerifyAll proves that the store is what was written: every record is in the
// log, in its order and unchanged, every deployment that was created is there,
// each is proved as by Verify, and is where lists, the engine and a repeated order
// look for it, what is locked is what the log says, and of what was taken out an
// archive's record says so. It reads everything, a page at a time, while the store is
// used; what comes meanwhile may be left out. What is wrong is Findings, of which there may be
// several for one fault; any other error says that it can't be told.
//
// Messages that wait to be sent are not proved, nor locks that were last changed
// before there were records of them. And whoever can write the file can write a
// whole chain of their own: that is found by Holds, with a Head that was kept
// elsewhere.
func (s *Store) VerifyAll(ctx context.Context) error {
	a := auditor{Store: s}
	if err := a.verifyAll(ctx); err != nil && ctx.Err() != nil {
		return fmt.Errorf("verify %s: %w", s.name, err)
	} else if err != nil {
		a.find(err)
	}
	return a.result()
}

// An auditor proves the log of a store, and collects what is wrong.
type auditor struct {
	*Store
	found Findings
	locks map[string]lastLocks // by the environment's key
	gone  archived
}

func (a *auditor) verifyAll(ctx context.Context) error {
	end, records, err := a.verifyLog(ctx)
	if err != nil {
		return err
	}
	err = a.heads(ctx, func(id string, head kv.Entry) error {
		w, err := a.walk(ctx, id, head)
		records -= upTo(w.log, end.n)
		if err == nil {
			err = a.verifyPlace(ctx, w, head)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return nil
		}
		if now, err := a.kv.Get(ctx, head.Key); err == nil && now[0].Rev == 0 {
			return nil // it was archived since its head was read
		}
		a.find(err)
		return nil
	})
	if err == nil && records != 0 {
		err = a.verifyMembers(ctx, end.n)
	}
	if err == nil {
		err = a.verifyLocks(ctx, end.n)
	}
	if err == nil {
		err = a.verifyArchives(ctx)
	}
	return err
}

// find adds what is wrong, once.
func (a *auditor) find(err error) {
	if err != nil && len(a.found) <= findingsMax && !slices.Contains(a.found, err.Error()) {
		a.found = append(a.found, err.Error())
	}
}

func (a *auditor) result() error {
	switch {
	case len(a.found) > findingsMax:
		return append(a.found[:findingsMax:findingsMax], "and more")
	case len(a.found) > 0:
		return a.found
	}
	return nil
}

// verifyLog goes along the chain, to its end, notes what it says of locks, and counts
// the records of deployments. Behind what is wrong, it goes on with what is there.
func (a *auditor) verifyLog(ctx context.Context) (at point, records int, err error) {
	at, trust := a.origin(), false
	err = a.eachEntry(ctx, "", func(e kv.Entry) error {
		n, err := numberOf(e.Key)
		if err != nil {
			a.find(fmt.Errorf("read %s in %s: %w", e.Key, a.name, err))
			return nil
		}
		entry, err := a.verifyEntry(e, n, at, trust)
		if err == nil && entry.IsCommit() {
			err = a.verifyCreated(ctx, e.Key, entry)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			a.find(fmt.Errorf("read %s in %s: %w", e.Key, a.name, err))
		}
		a.find(a.noteLocks(e.Key, entry))
		a.find(a.noteArchive(e.Key, n, entry))
		at = point{n - 1, entry.Link}.past(entry, math.MaxInt64)
		if trust = len(entry.Record) == 0 && entry.Removed == nil; trust {
			at.n = n // it can't be read, and nothing says what follows
		} else if entry.IsCommit() {
			records++
		}
		return nil
	}, func(end kv.Entry) error { a.find(a.verifyEnd(end, at)); return nil })
	return at, records, err
}

// eachEntry calls fn with every entry of the log that comes after a key, and last
// with what says where it ends.
func (a *auditor) eachEntry(ctx context.Context, after string, fn, last func(kv.Entry) error) error {
	for {
		page, err := a.kv.Scan(ctx, kv.LogPrefix, after, verifyPage)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Key == endKey {
				return last(e)
			}
			if err := fn(e); err != nil {
				return err
			}
		}
		if len(page) < verifyPage {
			return last(kv.Entry{Key: endKey})
		}
		after = page[len(page)-1].Key
	}
}

func (a *auditor) verifyEnd(e kv.Entry, at point) error {
	end, err := a.endOf(e)
	switch {
	case err != nil:
		return err
	case e.Rev == 0 && at.n > 0:
		return fmt.Errorf("%s is missing in %s", endKey, a.name)
	case end.n > at.n:
		return fmt.Errorf("%s is missing in %s: the log ends with record %d", logKey(at.n+1), a.name, end.n)
	case end != at:
		return fmt.Errorf("read %s in %s: it is not what %s says of the end", logKey(at.n), a.name, endKey)
	}
	return nil
}

// numberOf is the number in the key of a record.
func numberOf(key string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(key, kv.LogPrefix), 10, 64)
	if err != nil || key != logKey(n) {
		return 0, errors.New("it is no record's key")
	}
	return n, nil
}

// verifyEntry looks whether the entry with a number is the one that follows a
// point; to trust it is to look at its number alone.
func (a *auditor) verifyEntry(e kv.Entry, n int64, at point, trust bool) (record.Entry, error) {
	entry, err := record.DecodeEntry(e.Value)
	switch {
	case n != at.n+1:
		err = fmt.Errorf("%s before it is missing", logKey(at.n+1))
	case err == nil && entry.Link != at.sum && !trust:
		err = fmt.Errorf("its link does not fit the record before, %s: one of the two was changed", logKey(at.n))
	}
	return entry, err
}
