package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// ErrDiverged says that a store's log does not contain a point that is known of
// it: it is older than that, or was changed.
var ErrDiverged = errors.New("the store is not the one that is known")

// ErrNoHead is of words that no store can have given as its Head: they were
// cut off or mistyped, and say nothing of the records.
var ErrNoHead = errors.New("is no head of a store, such as 812-HASH")

// blockLen is how many records of the log lie in one block at most: those that
// one Get can read.
const blockLen = kv.OpsMax

// A point is a place in the chain of all commits: how many there are up to it,
// and the chain's value there.
type point struct {
	n   int64
	sum record.Sum
}

func (p point) String() string { return strconv.FormatInt(p.n, 10) + "-" + p.sum.String() }

func parsePoint(text string) (point, error) {
	number, sum, _ := strings.Cut(text, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	s, err2 := record.ParseSum(sum)
	if err != nil || err2 != nil || n < 0 || strconv.FormatInt(n, 10) != number {
		return point{}, fmt.Errorf("%q is no point in a chain: it is written as 812-HASH", text)
	}
	return point{n, s}, nil
}

// then is the point after one more record.
func (p point) then(digest record.Sum) point {
	return point{p.n + 1, p.sum.Then(p.n+1, digest)}
}

// past is the point after an entry of the log; of records that were removed, after
// that with the number last if there is one.
func (p point) past(e record.Entry, last int64) point {
	if e.Locks {
		return point{p.n + 1, p.sum.ThenLocks(p.n+1, e.Digest())}
	}
	if e.Archive {
		return point{p.n + 1, p.sum.ThenArchive(p.n+1, e.Digest())}
	}
	for _, digest := range e.Digests() {
		if p.n == last {
			break
		}
		p = p.then(digest)
	}
	return p
}

// appendEntry puts an entry at the end of the log when its turn has come: only then is
// its link known.
func (s *Store) appendEntry(e record.Entry) *kv.Next {
	encoded := e.Encode()
	return &kv.Next{Key: endKey, Bytes: len(encoded) + logBytes, Put: func(at kv.Entry) ([]kv.Entry, error) {
		end, err := s.endOf(at)
		if err != nil {
			return nil, err
		}
		next := end.past(e, end.n+1)
		return []kv.Entry{{Key: logKey(next.n), Value: record.Relink(encoded, end.sum)}, {Key: endKey, Value: []byte(next.String())}}, nil
	}}
}

// origin is where the chain begins.
func (s *Store) origin() point { return point{0, record.Origin(s.id)} }

// endOf is where the chain ends, of what its key holds.
func (s *Store) endOf(e kv.Entry) (point, error) {
	if e.Rev == 0 {
		return s.origin(), nil
	}
	p, err := parsePoint(string(e.Value))
	if err != nil {
		return point{}, fmt.Errorf("read %s in %s: %w", endKey, s.name, err)
	}
	return p, nil
}

func (s *Store) end(ctx context.Context) (point, error) {
	got, err := s.kv.Get(ctx, endKey)
	if err != nil {
		return point{}, err
	}
	return s.endOf(got[0])
}

// Head is the present end of the chain of all commits, as one short text: how
// many there are, a dash, and the chain's value. Whoever keeps it elsewhere can
// ask later whether the store Holds it.
func (s *Store) Head(ctx context.Context) (string, error) {
	p, err := s.end(ctx)
	if err != nil {
		return "", fmt.Errorf("read the end of the log: %w", err)
	}
	return p.String(), nil
}

// Holds says whether the log contains exactly the point that a Head was once; it
// looks at that point alone, and VerifyAll at all others. The error is
// ErrDiverged if it does not: an older file was put in the store's place, or
// what came before the point was changed and chained anew. A head of another
// store, as ID tells, is no point of this one. ErrNoHead is of what is none at all.
func (s *Store) Holds(ctx context.Context, head string) error {
	known, err := parsePoint(head)
	if err != nil {
		return fmt.Errorf("%q %w", head, ErrNoHead)
	}
	end, err := s.end(ctx)
	if err != nil {
		return fmt.Errorf("look for %s in the log: %w", head, err)
	}
	if known.n > end.n {
		return fmt.Errorf("%w: %s is older than what is known: it ends with record %d, and there was a record %d; "+
			"stop, and put the newer file back", ErrDiverged, s.name, end.n, known.n)
	}
	at, err := s.pointAt(ctx, known.n)
	if err != nil {
		return fmt.Errorf("look for %s in the log: %w", head, err)
	}
	if at.sum != known.sum {
		return fmt.Errorf("%w: %s was changed: what leads to record %d is not what it was", ErrDiverged, s.name, known.n)
	}
	return nil
}

// pointAt is the point after record n, as the log has it.
func (s *Store) pointAt(ctx context.Context, n int64) (point, error) {
	if n == 0 {
		return s.origin(), nil
	}
	var keys []string
	first := n - n%blockLen
	for i := first; i <= n; i++ {
		keys = append(keys, logKey(i))
	}
	got, err := s.kv.Get(ctx, keys...)
	if err != nil {
		return point{}, err
	}
	for i := len(got) - 1; i >= 0; i-- {
		if got[i].Rev == 0 {
			continue
		}
		e, err := record.DecodeEntry(got[i].Value)
		if err != nil {
			return point{}, fmt.Errorf("read %s in %s: %w", got[i].Key, s.name, err)
		}
		if p := (point{first + int64(i) - 1, e.Link}).past(e, n); p.n == n {
			return p, nil
		}
		break
	}
	return point{}, fmt.Errorf("%w: %s is missing in %s", ErrDiverged, logKey(n), s.name)
}
