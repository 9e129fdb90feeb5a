package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// listMax is how many summaries a List returns at most.
const listMax = 100

// List returns the summaries that a query selects, the newest first. A limit
// that is not between 1 and 100 is 100. An unknown id in Before is
// deployer.ErrNotFound.
//
// The work is proportional to what is returned, times the number of
// environments if the query names a retailer or a service, and not both
// retailer and environment.
func (s *Store) List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error) {
	if q.Limit < 1 || q.Limit > listMax {
		q.Limit = listMax
	}
	list, err := listing{s}.list(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list deployments: %w", err)
	}
	return list, nil
}

// A listing reads what a query selects.
type listing struct{ *Store }

func (l listing) list(ctx context.Context, q deployer.Query) ([]deployer.Summary, error) {
	after, err := l.position(ctx, q.Before)
	if err != nil {
		return nil, err
	}
	indexes, err := l.indexes(ctx, q)
	if err != nil {
		return nil, err
	}
	var list []deployer.Summary
	for {
		ages, more, err := l.ages(ctx, indexes, after, q.Limit)
		if err != nil {
			return nil, err
		}
		if list, err = l.summaries(ctx, q.Limit, ages, list); err != nil {
			return nil, err
		}
		if len(list) == q.Limit || !more {
			return list, nil
		}
		after = ages[len(ages)-1]
	}
}

// position is where a deployment stands in every index; that of "" is the start.
func (l listing) position(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	e, err := l.headOf(ctx, id)
	if err != nil {
		return "", fmt.Errorf("those before %s: %w", id, err)
	}
	head, err := l.decodeHead(e)
	if err != nil {
		return "", err
	}
	_, n, err := number(id)
	return age(head.Summary, n), err
}

func (s *Store) decodeHead(e kv.Entry) (record.Head, error) {
	head, err := record.DecodeHead(e.Value)
	if err != nil {
		return record.Head{}, fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
	}
	return head, nil
}

// indexes are the prefixes that together have what a query selects.
func (l listing) indexes(ctx context.Context, q deployer.Query) ([]string, error) {
	prefix := envPrefix
	switch {
	case q.Service != "":
		prefix = servicePrefix(q.Service)
	case q.Site.Name == "" && q.Site.Environment == "":
		return []string{allPrefix}, nil
	}
	if q.Site.Name != "" {
		prefix += escape(q.Site.Name) + "/"
		if q.Site.Environment != "" {
			return []string{prefix + escape(q.Site.Environment) + "/"}, nil
		}
	}
	return l.environments(ctx, prefix, q.Site.Environment)
}

// environments finds the indexes of the environments under a prefix, by
// leaping from one to the next.
func (l listing) environments(ctx context.Context, prefix, environment string) ([]string, error) {
	var indexes []string
	for after := ""; ; {
		next, err := l.kv.Scan(ctx, prefix, after, 1)
		if err != nil || len(next) == 0 {
			return indexes, err
		}
		index := next[0].Key[:strings.LastIndexByte(next[0].Key, '/')]
		if environment == "" || strings.HasSuffix(index, "/"+escape(environment)) {
			indexes = append(indexes, index+"/")
		}
		after = index + afterSlash
	}
}

// ages merges the ends of the indexes' keys behind after, up to limit, and
// says whether there may be more.
func (l listing) ages(ctx context.Context, indexes []string, after string, limit int) (ages []string, more bool, err error) {
	for _, index := range indexes {
		from := ""
		if after != "" {
			from = index + after
		}
		entries, err := l.kv.Scan(ctx, index, from, limit)
		if err != nil {
			return nil, false, err
		}
		for _, e := range entries {
			ages = append(ages, e.Key[len(index):])
		}
		more = more || len(entries) == limit
	}
	slices.Sort(ages)
	if len(ages) > limit {
		ages, more = ages[:limit], true
	}
	return ages, more, nil
}

// summaries reads what stands behind ages, and adds it to a list, up to limit.
//
// The entries of many services are written before their deployment. If that
// never came, they are passed over; also when another one got its id, which
// was then created at another time.
func (l listing) summaries(ctx context.Context, limit int, ages []string, list []deployer.Summary) ([]deployer.Summary, error) {
	for some := range slices.Chunk(ages, kv.OpsMax) {
		keys := make([]string, len(some))
		for i, a := range some {
			id, err := aged(a)
			if err != nil {
				return nil, err
			}
			keys[i] = headKey(id)
		}
		got, err := l.kv.Get(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for i, e := range got {
			if e.Rev == 0 {
				continue
			}
			summary := l.summary(e, some[i])
			if len(list) < limit && strings.HasPrefix(some[i], inverse(summary.Created.UnixMicro())) {
				list = append(list, summary)
			}
		}
	}
	return list, nil
}

// summary is that in a head, which stands behind an age. One that can't be read
// says so, and hides no other.
func (l listing) summary(e kv.Entry, age string) deployer.Summary {
	head, err := l.decodeHead(e)
	if err == nil {
		return head.Summary
	}
	id, _ := aged(age) // it was read before
	created, _, _ := strings.Cut(age, "-")
	at, _ := invert(created)
	return deployer.Summary{ID: id, Why: err.Error(), Created: time.UnixMicro(at).UTC()}
}
