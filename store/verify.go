package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// verifyPage is how many records VerifyAll has in memory at once.
const verifyPage = 200

// VerifyAll proves that the store is what was written: every record is in the
// log, in its order and unchanged, every deployment that was created is there,
// and each is proved as by Verify. The error names the first record that is not.
// It reads everything, a page at a time, while the store is used; what comes
// meanwhile may be left out.
//
// Whoever can write the file can write a whole chain of their own. That is found
// by Holds, with a Head that was kept elsewhere.
func (s *Store) VerifyAll(ctx context.Context) error {
	a := auditor{s}
	end, records, err := a.verifyLog(ctx)
	if err != nil {
		return fmt.Errorf("verify the log: %w", err)
	}
	err = s.heads(ctx, func(id string, head kv.Entry) error {
		w, err := s.walk(ctx, id, head)
		records -= upTo(w.log, end.n)
		return err
	})
	if err == nil && records != 0 {
		err = a.verifyMembers(ctx, end.n)
	}
	if err != nil {
		return fmt.Errorf("verify the deployments: %w", err)
	}
	return nil
}

// An auditor proves the log of a store.
type auditor struct{ *Store }

// verifyLog goes along the chain, to its end, and counts the records.
func (a auditor) verifyLog(ctx context.Context) (at point, records int, err error) {
	at = a.origin()
	err = a.eachEntry(ctx, func(e kv.Entry) error {
		entry, err := a.verifyEntry(e, at)
		if err == nil && entry.Removed == nil {
			records++
			err = a.verifyCreated(ctx, e.Key, entry)
		}
		if err != nil {
			return fmt.Errorf("read %s in %s: %w", e.Key, a.name, err)
		}
		for _, digest := range entry.Digests() {
			at = at.then(digest)
		}
		return nil
	}, func(end kv.Entry) error { return a.verifyEnd(end, at) })
	return at, records, err
}

// eachEntry calls fn with every entry of the log, and last with what says where
// it ends.
func (a auditor) eachEntry(ctx context.Context, fn, last func(kv.Entry) error) error {
	for after := ""; ; {
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

func (a auditor) verifyEnd(e kv.Entry, at point) error {
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

// verifyEntry looks whether an entry is the one that follows a point.
func (a auditor) verifyEntry(e kv.Entry, at point) (record.Entry, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(e.Key, kv.LogPrefix), 10, 64)
	if err != nil || e.Key != logKey(n) {
		return record.Entry{}, errors.New("it is no record's key")
	}
	if n != at.n+1 {
		return record.Entry{}, fmt.Errorf("%s before it is missing", logKey(at.n+1))
	}
	entry, err := record.DecodeEntry(e.Value)
	if err == nil && entry.Link != at.sum {
		err = fmt.Errorf("its link does not fit the record before, %s: one of the two was changed", logKey(at.n))
	}
	return entry, err
}

// verifyCreated looks that the deployment which a record created has a head, unless
// it is being archived.
func (a auditor) verifyCreated(ctx context.Context, key string, e record.Entry) error {
	if !bytes.Contains(e.Record, []byte(`"seq":1,`)) {
		return nil // to decode all takes ten times as long
	}
	c, err := record.DecodeCommit(e.Record, a.fetch(ctx))
	if err != nil || c.Seq != 1 || len(c.Events) == 0 {
		return err
	}
	created, ok := c.Events[0].(deployer.Created)
	if !ok {
		return errors.New("it begins a deployment, and creates none")
	}
	got, err := a.kv.Get(ctx, headKey(created.ID), goneKey(created.ID), key)
	if err != nil || got[0].Rev != 0 || got[1].Rev != 0 {
		return err
	}
	if now, err := record.DecodeEntry(got[2].Value); err == nil && now.Removed != nil {
		return nil // by somebody who archives at the same time
	}
	return fmt.Errorf("the deployment %s, which it created, is missing: %s", created.ID, headKey(created.ID))
}
