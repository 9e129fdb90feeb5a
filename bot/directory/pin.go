package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
)

// A role is held by ids. A handle can be given up and be taken by somebody else,
// and so can an address; so a name of the configuration is tied to the id that
// bears it when it is seen first, and from then on that counts. Where it is borne
// by somebody else later, or by two, nobody holds a role by it until a person says
// who is meant: better refused than guessed.

// Pins keep for good which id a name of the configuration stands for. They are
// safe for concurrent use.
type Pins interface {
	// Pins returns all of them: the id of each name.
	Pins(ctx context.Context) (map[string]string, error)
	// Pin ties a name to an id. Was is the one to which it is tied, "" for none: if
	// that is not so any more, it is deployer.ErrConflict.
	Pin(ctx context.Context, name, was, id string) error
}

// ownPins are pins in memory.
type ownPins struct {
	mu sync.Mutex
	of map[string]string
}

// Remember are pins that begin with these, and are kept in memory alone.
func Remember(pins map[string]string) Pins { return &ownPins{of: maps.Clone(pins)} }

func (p *ownPins) Pins(context.Context) (map[string]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.of), nil
}

func (p *ownPins) Pin(_ context.Context, name, was, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[name] != was {
		return deployer.ErrConflict
	}
	if p.of == nil {
		p.of = map[string]string{}
	}
	p.of[name] = id
	return nil
}

// PinName is the name by which an entry of a role is pinned: a handle without its
// @, an address in lower case. An id stands for itself, and has none.
func PinName(entry string) string {
	name := handle(entry)
	switch {
	case userID.MatchString(name):
		return ""
	case strings.Contains(name, "@"):
		return strings.ToLower(name)
	}
	return name
}

const pinTries = 5 // until nobody else writes at the same time

// pin ties every name that stands for one person and is not tied yet, and has the
// roles held by whom the names stand for.
func (d *Directory) pin(ctx context.Context) error {
	for news, tries := true, 0; news && tries < pinTries; tries++ {
		pins, err := d.pinned.Pins(ctx)
		if err != nil {
			return fmt.Errorf("read which ids the names of roles stand for: %w", err)
		}
		d.mu.Lock()
		d.pins = pins
		d.assign()
		entries := d.entries
		d.mu.Unlock()
		news = false
		for _, e := range entries {
			name := PinName(e.Entry)
			if name == "" || e.Why != "" || pins[name] != "" {
				continue
			}
			if err := d.pinned.Pin(ctx, name, "", e.ID); err != nil && !errors.Is(err, deployer.ErrConflict) {
				return fmt.Errorf("write down that %q is %s: %w", name, e.ID, err)
			}
			news = true // it counts with the next reading, as whoever was first has written it
		}
	}
	return nil
}
