package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// upTo is how many of some records have a number up to n.
func upTo(numbers record.Numbers, n int64) int {
	all, _ := numbers.All() // they were read before
	i, found := slices.BinarySearch(all, n)
	if found {
		i++
	}
	return i
}

// verifyMembers finds the records up to a number that are in the history of no
// deployment: an older head was put back. One that is being archived, or carried
// over, is passed over.
func (a *auditor) verifyMembers(ctx context.Context, last int64) error {
	return a.eachEntry(ctx, "", func(e kv.Entry) error {
		a.find(a.verifyNamed(ctx, e, last))
		return ctx.Err()
	}, func(kv.Entry) error { return nil })
}

func (a *auditor) verifyNamed(ctx context.Context, e kv.Entry, last int64) error {
	n, err := numberOf(e.Key)
	var entry record.Entry
	if err == nil {
		entry, err = record.DecodeEntry(e.Value)
	}
	if err == nil && (!entry.IsCommit() || n > last) {
		return nil
	}
	var c record.Commit
	if err == nil {
		c, err = record.DecodeCommit(entry.Record, a.aside(ctx))
	}
	if err != nil {
		return fmt.Errorf("read %s in %s: %w", e.Key, a.name, err)
	}
	if idIn(c) == "" {
		return nil // it is of schema 1, and no head fits but that with its last record
	}
	return a.verifyMember(ctx, idIn(c), e.Key, n)
}

// verifyMember looks that a record is in the history of its deployment.
func (a *auditor) verifyMember(ctx context.Context, id, key string, n int64) error {
	got, err := a.kv.Get(ctx, key, headKey(id), moveKey(id), goneKey(id))
	if err != nil || takenOut(got[0]) {
		return err
	}
	for _, e := range got[1:] {
		if e.Rev == 0 {
			continue
		}
		head, err := a.decodeHead(e)
		if err != nil {
			return err
		}
		if all, err := head.Log.All(); err == nil && slices.Contains(all, n) {
			return nil
		}
	}
	return fmt.Errorf("%s in %s is %s's, and its head does not name it: %s", key, a.name, id, headKey(id))
}

// verifyCreated looks that the deployment which a record created has a head, unless
// it is being archived, and that what started it starts no other.
func (a *auditor) verifyCreated(ctx context.Context, key string, e record.Entry) error {
	if !bytes.Contains(e.Record, []byte(`"seq":1,`)) {
		return nil // to decode all takes ten times as long
	}
	c, err := record.DecodeCommit(e.Record, a.aside(ctx))
	if err != nil || c.Seq != 1 || len(c.Events) == 0 {
		return err
	}
	created, ok := c.Events[0].(deployer.Created)
	if !ok {
		return errors.New("it begins a deployment, and creates none")
	}
	origin := originKey(created.Start.Origin)
	got, err := a.kv.Get(ctx, headKey(created.ID), goneKey(created.ID), key, origin)
	if err == nil && created.Start.Origin != "" && string(got[3].Value) != created.ID {
		a.find(fmt.Errorf("%s in %s is %q, and should be %s: its order could be carried out again", origin, a.name, got[3].Value, created.ID))
	}
	if err != nil || got[0].Rev != 0 || got[1].Rev != 0 {
		return err
	}
	if takenOut(got[2]) {
		return nil // by somebody who archives at the same time
	}
	return fmt.Errorf("the deployment %s, which it created, is missing: %s", created.ID, headKey(created.ID))
}

// heads calls fn with every deployment that there is, in the order of the keys.
func (a *auditor) heads(ctx context.Context, fn func(id string, head kv.Entry) error) error {
	for after := ""; ; {
		page, err := a.kv.Scan(ctx, headPrefix, after, verifyPage)
		if err != nil {
			return err
		}
		for _, e := range page {
			if strings.Count(e.Key, "/") != 2 {
				continue // of a deployment that an earlier schema kept
			}
			id, err := idOf(e.Key)
			if err != nil {
				return err
			}
			if err := fn(id, e); err != nil {
				return err
			}
		}
		if len(page) < verifyPage {
			return nil
		}
		after = page[len(page)-1].Key
	}
}
