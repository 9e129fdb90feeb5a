package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// pinPrefix begins one key for each name of the configuration that is tied to an
// id. It is of no deployment, and so in no chain.
const pinPrefix = "pin/"

// Pins is the part of a store that keeps which id a name of the configuration
// stands for. Its methods are safe for concurrent use.
type Pins struct{ kv kv.KV }

// PinsOf is that part of a store.
func PinsOf(s *Store) Pins { return Pins{s.kv} }

// Pins returns the id that each name of the configuration stands for.
func (p Pins) Pins(ctx context.Context) (map[string]string, error) { return pins(ctx, p.kv) }

func pins(ctx context.Context, db kv.KV) (map[string]string, error) {
	all := map[string]string{}
	for after := ""; ; {
		page, err := db.Scan(ctx, pinPrefix, after, kv.ScanMax)
		if err != nil {
			return nil, fmt.Errorf("list the pins: %w", err)
		}
		for _, e := range page {
			name, err := url.PathUnescape(strings.TrimPrefix(e.Key, pinPrefix))
			if err != nil {
				return nil, fmt.Errorf("the key %q is damaged", e.Key)
			}
			all[name] = string(e.Value)
		}
		if len(page) < kv.ScanMax {
			return all, nil
		}
		after = page[len(page)-1].Key
	}
}

// Pin ties a name of the configuration to an id, for good. Was is the id to which
// it is tied, "" for none: if that is not so any more it is deployer.ErrConflict.
func (p Pins) Pin(ctx context.Context, name, was, id string) error {
	key := pinPrefix + escape(name)
	got, err := p.kv.Get(ctx, key)
	if err != nil {
		return err
	}
	if string(got[0].Value) != was {
		return fmt.Errorf("pin %q to %s: %w: it is pinned to %q", name, id, deployer.ErrConflict, got[0].Value)
	}
	err = p.kv.Commit(ctx, kv.Batch{If: []kv.Match{{Key: key, Rev: got[0].Rev}}, Put: []kv.Entry{{Key: key, Value: []byte(id)}}})
	if err := journalError(err); err != nil {
		return fmt.Errorf("pin %q to %s: %w", name, id, err)
	}
	return nil
}

// ReadPins is Pins of the store at a URL that another process may have open. It
// reads a copy, and changes nothing. Where there is no store there are none.
func ReadPins(ctx context.Context, from string) (all map[string]string, err error) {
	path, err := Path(from)
	if err != nil {
		return nil, fmt.Errorf("read the pins: %w", err)
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return map[string]string{}, nil
	}
	f, err := os.CreateTemp("", "stationmaster-*"+partSuffix)
	if err != nil {
		return nil, fmt.Errorf("read the pins: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if err := errors.Join(bolt.Copy(ctx, path, f), f.Close()); err != nil {
		return nil, fmt.Errorf("read the pins: %w", err)
	}
	db, err := bolt.Open(f.Name())
	if err != nil {
		return nil, err
	}
	all, err = pins(ctx, db)
	return all, errors.Join(err, db.Close())
}
