package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/store/kv"
)

// A counter gives the numbers of one prefix.
type counter struct {
	last  int64
	stale bool // somebody else gives numbers, too: what is stored may be higher
}

// Allocate returns the id with the next number. It writes nothing: the commit
// that creates the deployment does, and a second one with the same id is
// refused as deployer.ErrConflict. No number is given twice by a Store, and
// none that a deployment has, ever; one that came to nothing may be, after a
// restart.
func (s *Store) Allocate(ctx context.Context, prefix string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.numbers[prefix]
	if c == nil || c.stale {
		last, err := s.highest(ctx, prefix)
		if err != nil {
			return "", fmt.Errorf("look up the last number of %s: %w", prefix, err)
		}
		if c == nil {
			c = &counter{}
			s.numbers[prefix] = c
		}
		c.last, c.stale = max(c.last, last), false
	}
	c.last++
	return fmt.Sprintf("%s-%d", prefix, c.last), nil
}

// highest is the highest number that a deployment has or, where it was archived,
// had; or 0.
func (s *Store) highest(ctx context.Context, prefix string) (int64, error) {
	first, err := s.kv.Scan(ctx, numberPrefix(prefix), "", 1)
	if err != nil {
		return 0, err
	}
	archived, err := s.kv.Get(ctx, archivedNumberKey(prefix))
	if err != nil {
		return 0, err
	}
	last := int64(0)
	if archived[0].Rev != 0 {
		if last, err = strconv.ParseInt(string(archived[0].Value), 10, 64); err != nil {
			return 0, fmt.Errorf("what %q says is damaged", archived[0].Key)
		}
	}
	if len(first) == 0 {
		return last, nil
	}
	n, err := invert(strings.TrimPrefix(first[0].Key, numberPrefix(prefix)))
	if err != nil {
		return 0, fmt.Errorf("the key %q is damaged", first[0].Key)
	}
	return max(n, last), nil
}

// taken notes that a deployment was not created, perhaps because somebody else
// has its number.
func (s *Store) taken(id string) {
	prefix, _, err := number(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.numbers[prefix]; err == nil && c != nil {
		c.stale = true
	}
}

// Started returns the id of the deployment that origin started, or "".
func (s *Store) Started(ctx context.Context, origin string) (string, error) {
	got, err := s.kv.Get(ctx, originKey(origin))
	if err != nil {
		return "", err
	}
	return string(got[0].Value), nil
}

// Holders returns who holds the places, by place; free ones are absent.
func (s *Store) Holders(ctx context.Context, places []string) (map[string]string, error) {
	holders := map[string]string{}
	for some := range slices.Chunk(places, kv.OpsMax) {
		keys := make([]string, len(some))
		for i, place := range some {
			keys[i] = placeKey(place)
		}
		got, err := s.kv.Get(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for i, e := range got {
			if e.Rev != 0 {
				holders[some[i]] = string(e.Value)
			}
		}
	}
	return holders, nil
}
