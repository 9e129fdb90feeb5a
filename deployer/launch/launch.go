// Package launch makes a deployment of what anything asks for: a command, a
// form, a schedule, a pipeline. Words become services, versions, a procedure,
// inputs, channels and warnings; what comes out is a [deployer.Start], to be
// ordered by whoever asks, or a *[deployer.Refusal]. Where a mistake belongs to
// one part of the request, it is wrapped in a [FieldError] that names the part.
//
// Nothing is written down here, and nothing outside is asked but the tags and
// channels behind [Ports]. Whether all is there that a procedure needs, whether
// a place is taken or locked, and who may start it, is the core's decision.
package launch

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Config is what words can mean. It must not be changed after New.
type Config struct {
	Services   map[string]string             // by name: the id of the procedure that it follows, unless an environment has another
	Procedures map[string]deployer.Procedure // by id
	Sites      map[string]Site               // by name
	Messages   map[string]string             // by name: over the procedures' own words
	LeadTimes  map[string]time.Duration      // how long ahead a deployment is announced, by the value of the input "risk"; 0: not ahead
	// Has reports whether the system is there that does the steps of a kind at a site;
	// where it is not, a person does them. nil: every system is there.
	Has func(kind deployer.Kind, site, environment string) bool
	Settings
}

// A Site is where something is deployed for somebody: a retailer.
type Site struct {
	Environments map[string]Environment
	Channels     map[string]string // by their names in procedures: the chat system's name or id
	Messages     map[string]string // by name: over those for all sites
	Linked       []string          // inputs of which a link is made: they take a key alone
	Terms        map[string]string // what names stand for in the words of messages, such as tam
}

// An Environment is a part of a site.
type Environment struct {
	Default bool              // it is meant where none is named
	Follows map[string]string // services that follow another procedure here: its id
}

// Ports are what is looked up. Each is called with the context of the request.
type Ports struct {
	// Channel returns the id of a channel by its configured name or id. An error
	// is what the person is told: that the bot is not in it, for example.
	Channel func(ctx context.Context, name string) (id string, err error)
	// Lacks returns the tags that a service has, if they are known and tag is
	// not among them; otherwise none.
	Lacks       func(ctx context.Context, service, tag string) []string
	Deployments Deployments
	// Holders says who can answer for a role; nil: a start is not warned of
	// questions that nobody can answer.
	Holders func(role string) deployer.Holders
	// Person returns who is meant by a word that people use for somebody. An error is
	// what the person is told; nil: words are kept as they are.
	Person func(ctx context.Context, word string) (deployer.Actor, error)
}

// Deployments are what was written down.
type Deployments interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// List returns what a query selects, the newest first.
	List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error)
}

// A Request is what is asked for. Only Site and Channel must be there, and Releases
// for a procedure that is about services, or else Procedure.
type Request struct {
	By          string // the id of who asks; "": it is not known
	Site        string
	Environment string             // "": the site's default
	Channel     string             // the id of the channel where it is followed
	Releases    []deployer.Release // with a tag, or with a revision that its system has
	Procedure   string             // its id; "": the one that all the services follow
	Inputs      map[string]string  // by id; what is not there has its default
	Reason      string
	Drill       deployer.Drill
	Asked       time.Time // when; a start that is planned is so far ahead of it
	// Planned reads when it starts; nil: at once. It is asked when it is known that
	// the procedure waits for it.
	Planned func() (time.Time, error)
	// Time reads a moment that somebody wrote for an input, past or to come; nil: only
	// RFC 3339 is read.
	Time func(text string) (time.Time, error)
}

// A Launcher knows what words mean. Make it with New. It is safe for concurrent
// use as far as its ports are.
type Launcher struct {
	cfg   Config
	ports Ports
}

// New makes a Launcher. It asks nothing before it is asked.
func New(cfg Config, p Ports) Launcher { return Launcher{cfg: cfg, ports: p} }

// Start fills an order from what a request means. Its Origin is the caller's to
// say.
func (l Launcher) Start(ctx context.Context, r Request) (deployer.Start, error) {
	env, releases, err := l.target(r)
	if err != nil {
		return deployer.Start{}, err
	}
	p, err := l.procedure(r, env, releases)
	if err != nil {
		return deployer.Start{}, err
	}
	if err := suits(p, env, releases); err != nil {
		return deployer.Start{}, err
	}
	if err := heldRollout(p); err != nil {
		return deployer.Start{}, err
	}
	site := deployer.Site{Name: r.Site, Environment: env}
	place := l.place(site)
	if place.Product {
		site.Kind = deployer.SiteProduct
	}
	start := deployer.Start{
		Site: site, Releases: releases, Reason: r.Reason, Terms: maps.Clone(l.cfg.Sites[r.Site].Terms), Place: l.locale(site, place, releases),
		Drill: r.Drill,
	}
	frozen := freezer{Launcher: l, site: site, place: place, services: servicesOf(releases)}
	if start.Procedure, err = frozen.freeze(p); err != nil {
		return deployer.Start{}, err
	}
	if err := failing(start.Procedure, r.Drill); err != nil {
		return deployer.Start{}, err
	}
	if start.Planned, err = r.planned(p); err != nil {
		return deployer.Start{}, FieldError{Field: FieldPlanned, Err: err}
	}
	warnings, err := l.fill(ctx, r, &start, place)
	if err != nil {
		return deployer.Start{}, err
	}
	for _, w := range releases {
		if err := l.CheckTag(ctx, w.Service, w.Tag); err != nil {
			return deployer.Start{}, FieldError{Field: FieldTag, Err: err}
		}
	}
	start.Warnings = slices.Concat(warnings, frozen.warnings)
	start.Earlier, err = l.earlier(ctx, r, start)
	return start, err
}

// fill fills in what somebody gives: the inputs, and what follows from them and from
// when it starts. It returns what is unusual.
func (l Launcher) fill(ctx context.Context, r Request, start *deployer.Start, place Place) (warnings []string, err error) {
	f := filler{
		reader: reader{ctx: ctx, time: r.Time, person: l.ports.Person}, language: l.cfg.Language, linked: l.cfg.Sites[r.Site].Linked,
		draft: deployer.Deployment{
			Site: start.Site, Place: start.Place, Procedure: start.Procedure, Releases: start.Releases, Planned: start.Planned,
			Requester: deployer.Actor{ID: r.By}, Created: r.Asked, Reason: r.Reason, Terms: start.Terms,
		},
		asked: deployer.Moment{Now: r.Asked},
	}
	if start.Inputs, start.Procedure.Inputs, err = f.inputs(start.Procedure.Inputs, r.Inputs); err != nil {
		return nil, err
	}
	outside, err := f.rules(ctx, r, start, place, l)
	if err != nil {
		return nil, err
	}
	var lacks []string
	if start.Channels, lacks, err = l.channels(ctx, r, start.Procedure); err != nil {
		return nil, err
	}
	asked := r.Asked.Truncate(time.Second) // as plans are: what is asked for a day ahead is a day ahead
	warnings = l.warnings(r, start.Procedure, start.Planned.Sub(asked), start.Inputs)
	warnings = append(warnings, outside...)
	return append(warnings, lackingChannels(r.Site, lacks)...), nil
}

// target is where a request goes, and what: with the names that are configured.
func (l Launcher) target(r Request) (env string, releases []deployer.Release, err error) {
	if _, ok := l.cfg.Sites[r.Site]; !ok {
		return "", nil, Unknown("There is no retailer", r.Site, slices.Sorted(maps.Keys(l.cfg.Sites)), "There are")
	}
	if env, err = l.Environment(r.Site, r.Environment); err != nil {
		return "", nil, err
	}
	for _, w := range r.Releases {
		if w.Service, err = l.Service(w.Service); err != nil {
			return "", nil, err
		}
		releases = append(releases, w)
	}
	return env, releases, l.lacks(deployer.Site{Name: r.Site, Environment: env}, releases)
}

// planned is when a deployment starts; zero: at once. A procedure that would not
// wait for it is no procedure for a plan.
func (r Request) planned(p deployer.Procedure) (time.Time, error) {
	switch {
	case r.Planned == nil:
		return time.Time{}, nil
	case p.HasPlannedStart():
		return r.Planned()
	}
	return time.Time{}, deployer.Refuse("Leave the time out, or put a step into it: {id: planned-start, uses: wait, with: {until: planned}}",
		"The procedure %s does not wait for a planned start.", p.ID)
}

// reworded is the procedure with the words that the config has for its
// messages: those of the site over those for all over its own. They are frozen
// into a deployment with it.
func (l Launcher) reworded(p deployer.Procedure, site string) deployer.Procedure {
	p.Messages = maps.Clone(p.Messages)
	for name := range p.Messages {
		for _, over := range []map[string]string{l.cfg.Messages, l.cfg.Sites[site].Messages} {
			if words, ok := over[name]; ok {
				p.Messages[name] = words
			}
		}
	}
	return p
}
