package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

const (
	gonePrefix = "gone/"
	removeMax  = 40 // records that one commit takes out at most
)

func goneKey(id string) string               { return gonePrefix + escape(id) }
func archivedNumberKey(prefix string) string { return "meta/number/" + escape(prefix) }

// remove takes a deployment out, as long as its head is what it was when it was
// archived, and says how many records it had. With the first commit it is gone
// for everybody, a record says so, and the rest of its records is named in another key.
func (a archive) remove(ctx context.Context, id string, head kv.Entry, said record.ArchiveRecord) (int, error) {
	of, err := a.decodeHead(head)
	if err != nil {
		return 0, err
	}
	numbers, err := of.Log.All()
	if err != nil {
		return 0, err
	}
	prefix, n, err := number(id)
	if err != nil {
		return 0, err
	}
	said.ID, said.Records = id, of.Log
	saying, err := said.Encode()
	if err != nil {
		return 0, err
	}
	batch := kv.Batch{
		Next:   a.appendEntry(record.Entry{Record: saying, Archive: true}),
		If:     []kv.Match{{Key: head.Key, Rev: head.Rev}},
		Put:    []kv.Entry{{Key: goneKey(id), Value: head.Value}},
		Delete: []string{head.Key, allPrefix + age(of.Summary, n), environmentPrefix(of.Summary.Site.Name, of.Summary.Site.Environment) + age(of.Summary, n)},
	}
	for _, r := range of.Summary.Releases {
		batch.Delete = append(batch.Delete, serviceKey(r.Service, of.Summary, n))
	}
	highest, err := a.kv.Get(ctx, archivedNumberKey(prefix))
	if err != nil {
		return 0, err
	}
	if last, _ := strconv.ParseInt(string(highest[0].Value), 10, 64); last < n {
		batch.If = append(batch.If, kv.Match{Key: highest[0].Key, Rev: highest[0].Rev})
		batch.Put = append(batch.Put, kv.Entry{Key: highest[0].Key, Value: strconv.AppendInt(nil, n, 10)})
	}
	err = a.kv.Commit(ctx, batch)
	if errors.Is(err, kv.ErrConflict) {
		return 0, nil // something has happened to it since: it stays
	}
	if err != nil {
		return 0, fmt.Errorf("take %s out: %w", id, err)
	}
	return len(numbers), a.finishRemoval(ctx, id, numbers)
}

// finishRemovals takes out what is left of those that were being taken out when
// somebody was broken off.
func (a archive) finishRemovals(ctx context.Context) error {
	for {
		left, err := a.kv.Scan(ctx, gonePrefix, "", 1)
		if err != nil || len(left) == 0 {
			return err
		}
		id, err := url.PathUnescape(strings.TrimPrefix(left[0].Key, gonePrefix))
		if err != nil {
			return err
		}
		head, err := a.decodeHead(left[0])
		if err != nil {
			return err
		}
		numbers, err := head.Log.All()
		if err != nil {
			return err
		}
		if err := a.finishRemoval(ctx, id, numbers); err != nil {
			return err
		}
	}
}

// finishRemoval puts, in place of each record, what the chain needs of it.
func (a archive) finishRemoval(ctx context.Context, id string, numbers []int64) error {
	for len(numbers) > 0 {
		some := numbers[:min(len(numbers), removeMax)]
		numbers = numbers[len(some):]
		var batch kv.Batch
		for _, n := range some {
			got, err := a.kv.Get(ctx, logKey(n))
			if err != nil {
				return err
			}
			entry, err := record.DecodeEntry(got[0].Value)
			if err != nil || entry.Removed != nil {
				continue // by somebody who was broken off; or it was joined with others
			}
			digest := record.Entry{Link: entry.Link, Removed: entry.Digests()}
			batch.Put = append(batch.Put, kv.Entry{Key: got[0].Key, Value: digest.Encode()})
		}
		if len(numbers) == 0 {
			batch.Delete = []string{goneKey(id)}
		}
		if err := a.kv.Commit(ctx, batch); err != nil {
			return fmt.Errorf("take %s out: %w", id, err)
		}
	}
	return nil
}

// joinRemoved makes one entry of the removed records that are next to each other,
// as far as they are in one block of the log.
func (a archive) joinRemoved(ctx context.Context) error {
	var run []kv.Entry
	flush := func() error {
		err := a.join(ctx, run)
		run = nil
		return err
	}
	for after := ""; ; {
		page, err := a.kv.Scan(ctx, kv.LogPrefix, after, verifyPage)
		if err != nil {
			return err
		}
		for _, e := range page {
			entry, err := record.DecodeEntry(e.Value)
			gone := e.Key != endKey && err == nil && entry.Removed != nil
			if len(run) > 0 && (!gone || block(run[0].Key) != block(e.Key)) {
				if err := flush(); err != nil {
					return err
				}
			}
			if gone {
				run = append(run, e)
			}
		}
		if len(page) < verifyPage {
			return flush()
		}
		after = page[len(page)-1].Key
	}
}

// block is that of a record's key.
func block(key string) int64 {
	n, _ := strconv.ParseInt(strings.TrimPrefix(key, kv.LogPrefix), 10, 64)
	return n / blockLen
}

// join makes one entry of a run of removed ones.
func (a archive) join(ctx context.Context, run []kv.Entry) error {
	if len(run) < 2 {
		return nil
	}
	var all record.Entry
	var batch kv.Batch
	for i, e := range run {
		entry, err := record.DecodeEntry(e.Value)
		if err != nil {
			return err
		}
		batch.If = append(batch.If, kv.Match{Key: e.Key, Rev: e.Rev})
		if all.Removed = append(all.Removed, entry.Removed...); i == 0 {
			all.Link = entry.Link
			continue
		}
		batch.Delete = append(batch.Delete, e.Key)
	}
	batch.Put = []kv.Entry{{Key: run[0].Key, Value: all.Encode()}}
	if err := a.kv.Commit(ctx, batch); err != nil && !errors.Is(err, kv.ErrConflict) {
		return fmt.Errorf("join what was taken out: %w", err)
	}
	return nil
}
