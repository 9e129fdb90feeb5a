package launch

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/rules"
)

// Settings are what a start is filled with besides what was asked for. The zero value
// fills in nothing: every system is there, and no var is set.
type Settings struct {
	// Language computes conditions of inputs and windows, and options; nil: inputs are
	// asked whatever their conditions, and windows with one do not count.
	Language deployer.Language
	// Place says what is known of a site; nil: nothing.
	Place func(deployer.Site) Place
	// Vars are what the config sets of the vars of procedures at a site, for a service
	// or, with "", for none in particular; nil: nothing.
	Vars func(site deployer.Site, service string) map[string]string
	// Runners are the systems that can roll out; nil: each that a step names.
	Runners []string
	Roles   []string          // that the config has: one that is called like a built-in role is meant instead
	Owners  map[string]Owner  // by service
	Titles  map[string]string // by the message's name: over the procedures' own
	Idle    []string          // procedures that come with the program and that nothing here uses, sorted

	BreakGlass string // the role whose people may answer where nobody comes; "": nobody
}

// A Place is what is known of a site besides its name.
type Place struct {
	Product    bool // it is one, and no retailer
	TAM        bool // it has a technical account manager
	Title      string
	Zone       *time.Location // nil: UTC
	Namespace  string
	Groups     []string
	Countries  []string          // whose public holidays are holidays here, as rules.Countries has them
	Freezes    []rules.Freeze    // all there are
	Services   []string          // that it has; nil: all
	Components []string          // on the status page
	Holidays   map[string]string // by day, as YYYY-MM-DD: what it is
	Titles     map[string]string // over those for all sites
}

// An Owner is who owns a service.
type Owner struct {
	Name    string // as people read it
	Role    string // of its people; "": none is known
	Channel string // where they are found; "": it is not known
}

// Rules are what windows and freezes are asked with at the place.
func (p Place) Rules() rules.Place {
	return rules.Place{Zone: p.Zone, Countries: p.Countries, Holidays: p.Holidays, Groups: p.Groups, Freezes: p.Freezes}
}

// place is what is known of a site.
func (l Launcher) place(site deployer.Site) Place {
	var p Place
	if l.cfg.Place != nil {
		p = l.cfg.Place(site)
	}
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	return p
}

// vars are what the config sets at a site for a service.
func (l Launcher) vars(site deployer.Site, service string) map[string]string {
	if l.cfg.Vars == nil {
		return nil
	}
	return l.cfg.Vars(site, service)
}

// A reader reads what people write for inputs of some kinds.
type reader struct {
	ctx    context.Context
	time   func(text string) (time.Time, error)
	person func(ctx context.Context, word string) (deployer.Actor, error)
}
