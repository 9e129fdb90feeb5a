package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// pinNew ties the names that stand for one person and are not tied yet, and
// reports whether there were any.
func (d *Directory) pinNew(ctx context.Context) (bool, error) {
	pins, err := d.pinned.Pins(ctx)
	if err != nil {
		return false, fmt.Errorf("read which ids the names of roles stand for: %w", err)
	}
	d.mu.Lock()
	d.pins = pins
	d.assign()
	entries := d.entries
	d.mu.Unlock()
	news := false
	for _, e := range entries {
		name := PinName(e.Entry)
		if name == "" || e.ID == "" || e.Why != "" || e.Group || pins[name] != "" {
			continue
		}
		if err := d.pinned.Pin(ctx, name, "", e.ID); err != nil && !errors.Is(err, deployer.ErrConflict) {
			return false, fmt.Errorf("write down that %q is %s: %w", name, e.ID, err)
		}
		news = true
	}
	return news, nil
}

// pin has every name tied that can be, and the roles held by what they stand for.
func (d *Directory) pin(ctx context.Context) error {
	news, err := d.pinNew(ctx)
	if err == nil && news {
		_, err = d.pinNew(ctx) // with what was written, also by somebody else
	}
	return err
}

// bearers are those who bear a name: the full members of the workspace, and of what
// kind the others are, who are never meant.
type bearers struct {
	members []account
	others  []deployer.Standing
}

// bearersOfAll are those who bear the names of the roles, in one pass. The caller
// holds the lock.
func (d *Directory) bearersOfAll() map[string]*bearers {
	all := map[string]*bearers{}
	for _, r := range d.roles {
		for _, entry := range r.Users {
			if name := PinName(entry); name != "" {
				all[name] = &bearers{}
			}
		}
	}
	for _, a := range d.accounts {
		for _, name := range []string{a.handle, a.email} {
			b := all[name]
			switch {
			case b == nil || name == "":
			case a.standing == deployer.Member:
				b.members = append(b.members, a)
			default:
				b.others = append(b.others, a.standing)
			}
		}
	}
	for _, b := range all {
		slices.SortFunc(b.members, func(a, b account) int { return strings.Compare(a.id, b.id) })
		slices.Sort(b.others)
	}
	return all
}

// standsFor is the id that a name stands for, or why it stands for nobody. The
// caller holds the lock.
func (d *Directory) standsFor(name string, by *bearers) (id, why string) {
	members, others := by.members, by.others
	pinned := d.pins[name]
	switch {
	case len(members) > 1:
		return "", "several people bear it, so nobody holds the role by it: " + d.called(members) + "; " + settle(name)
	case pinned != "" && len(members) == 1 && members[0].id != pinned:
		return "", fmt.Sprintf("it stood for %s, and %s bears it now, so nobody holds the role by it; %s", d.calledID(pinned), d.called(members), settle(name))
	case len(members) == 1:
		return members[0].id, ""
	case pinned != "" && d.accounts[pinned].standing == deployer.Member && d.accounts[pinned].id != "":
		return pinned, "" // who was renamed is still who was meant
	case pinned != "":
		return "", "it stood for " + d.calledID(pinned) + ", who is no member any more; " + settle(name)
	case len(others) > 0:
		return "", notMeant[others[0]]
	case strings.Contains(name, "@"):
		return "", "Slack knows no such user"
	}
	return "", "Slack has no user with that name; the name is the one under Account settings, not the display name (an id or an e-mail address will do as well)"
}

// settle says how a person says whom a name stands for.
func settle(name string) string {
	return "write the id of who is meant into the config, or run stationmaster roles pin " + name + "=ID"
}

// notMeant says why a name never means an account of such a kind.
var notMeant = map[deployer.Standing]string{
	deployer.Deactivated: "that account is deactivated",
	deployer.Machine:     "that is an app, not a person",
	deployer.Guest:       "that is a guest, who is never meant by a name",
	deployer.OtherTeam:   "that is somebody of another workspace, who is never meant by a name",
	deployer.Stranger:    "that is somebody of another organization, who is never meant by a name",
}

// called are people with their names, for whoever reads the log.
func (d *Directory) called(all []account) string {
	var out []string
	for _, a := range all {
		out = append(out, d.calledID(a.id))
	}
	return strings.Join(out, ", ")
}

func (d *Directory) calledID(id string) string {
	if a, ok := d.accounts[id]; ok && a.standing != deployer.Nobody {
		return id + " (" + nameOf(a.user()) + ")"
	}
	return id
}
