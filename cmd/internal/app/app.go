// Package app is stationmaster as a whole: config, wiring, start and stop. It
// is a package and not main so that the demo and tests can start it too.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/templates/language"
)

// Options are what does not stand in the config file.
type Options struct {
	BotToken, AppToken deployer.Secret
	SlackURL           string      // as slackapi.CheckURL wants it; "" is slack.com
	Kube               kube.Config // its Clusters and its Grace are taken from the config
	Version            string
	Log                *slog.Logger
	Now                func() time.Time // the clock of deployments, and by which Slack is away; nil: time.Now
}

// An App is one process of stationmaster.
type App struct {
	cfg     Config
	opts    Options
	store   *store.Store
	kube    *kube.System
	systems *systems
	slack   *slackapi.Client
	people  *directory.Directory
	bot     *bot.Bot
	engine  *engine.Engine
	doers   map[string]deployer.Runner // of all systems, by name
	listen  net.Listener
	socket  net.Listener // for terminals; nil: there is none
	audit   auditState
}

// Manifest is the Slack app's manifest in YAML, for a slash command of that name.
func Manifest(command string) []byte { return bot.Manifest(command) }

// New opens the store and the address to listen on and wires everything. It
// connects to no other system before Run. Close must be called, Run or not.
func New(ctx context.Context, cfg Config, opts Options) (*App, error) {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if err := slackapi.CheckURL(opts.SlackURL); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, opts: opts}
	var err error
	if a.store, err = store.Open(ctx, cfg.Store); err != nil {
		return nil, err
	}
	if cfg.Listen != "" {
		if a.listen, err = net.Listen("tcp", cfg.Listen); err != nil {
			return nil, errors.Join(fmt.Errorf("listen: %w", err), a.store.Close())
		}
	}
	if err := a.openSocket(); err != nil {
		return nil, errors.Join(err, a.close())
	}
	a.wire()
	return a, nil
}

func (a *App) wire() {
	opts := a.opts
	opts.Kube.Clusters, opts.Kube.Grace, opts.Kube.Store = a.cfg.Clusters, a.cfg.Grace, a.store.ID()
	images := registry.New(registry.Config{Hosts: a.cfg.Registries})
	opts.Kube.Manifests = images.Manifests
	a.kube = kube.New(opts.Kube)
	a.systems = &systems{cfg: a.cfg, kube: a.kube, registry: images, past: launch.Past{Deployments: a.store}}
	var cfg bot.Config
	cfg, a.slack, a.people = slackSide(a.cfg, opts, store.PinsOf(a.store))
	a.engine = engine.New(engine.Config{
		Journal: a.store, Resolver: a.systems, Runners: a.runners(), People: a.people, Members: func(role string) []deployer.Actor { return directory.Members(a.people, role) },
		Log: opts.Log, Progressed: func(id string) { a.bot.Dirty(id) }, Settle: a.cfg.Settle,
		Store: a.store.ID(), Policy: a.cfg.Policy, Language: language.Runtime{}, Hold: a.hold, Rules: a.cfg.settings().Verdicts, Now: opts.Now,
		Launch:  func(ctx context.Context, in deployer.Intent) (deployer.Start, error) { return a.bot.Launch(ctx, in) },
		CardURL: func(ctx context.Context, d deployer.Deployment) string { return a.bot.CardURL(ctx, d) },
	})
	a.bot = bot.New(cfg, a.slack, a.people, bot.Ports{
		Orders: a.engine, Locker: a.engine, Deployments: a.store, InFlight: a.store, Locks: a.store, Trails: a.store,
		Mailbox: a.store, Arrivals: a.store, Systems: a.systems, Pins: store.PinsOf(a.store),
		Head:  func(ctx context.Context) (string, error) { return signedHead(ctx, a.store, a.cfg.Audit.Key) },
		Holds: a.holds, Altered: a.audit.altered, Store: a.store.ID(), Quarantined: a.engine.Quarantined, Language: language.Runtime{},
	})
}

// slackSide is what the bot is made on: its config, a client of Slack, and the
// people who hold roles, whose names are pinned there. None of them connects to anything.
func slackSide(cfg Config, opts Options, pins directory.Pins) (bot.Config, *slackapi.Client, *directory.Directory) {
	c, slack := botConfig(cfg, opts), slackapi.New(opts.BotToken, opts.AppToken, opts.SlackURL)
	people := map[string][]string{}
	for id, p := range cfg.People {
		people[id] = p.Accounts
	}
	return c, slack, directory.New(directory.Config{
		API: slack.Client, Roles: c.AllRoles(), People: people, Access: cfg.Access, Pins: pins, Log: opts.Log, Now: opts.Now,
	})
}

// botConfig is the part of the config that the bot knows.
func botConfig(cfg Config, opts Options) bot.Config {
	out := bot.Config{
		Command: cfg.Command, Channels: cfg.Channels, Procedures: cfg.Procedures, Policy: cfg.Policy, Settle: cfg.Settle, Log: opts.Log,
		Has: has, Launch: cfg.settings(), Now: opts.Now,
		Roles: map[string]directory.Role{}, Messages: cfg.Messages, LeadTimes: cfg.LeadTimes,
		Retailers: map[string]view.Retailer{}, Services: map[string]view.Service{},
	}
	for name, r := range cfg.Roles {
		out.Roles[name] = directory.Role(r)
	}
	for name, r := range cfg.Retailers {
		envs := map[string]view.Environment{}
		for env, e := range r.Environments {
			envs[env] = view.Environment{Default: e.Default, Follows: cfg.follows(deployer.Site{Name: name, Environment: env})}
		}
		out.Retailers[name] = view.Retailer{TAM: r.TAM, Zone: r.Zone, Links: r.Links, Channels: r.Channels, Messages: r.Messages, Environments: envs, SharedChannel: r.Shared}
		if r.Services != nil {
			only := out.Retailers[name]
			only.Services = sorted(r.Services)
			out.Retailers[name] = only
		}
	}
	for name, s := range cfg.Services {
		out.Services[name] = view.Service{Owner: cmp.Or(cfg.Owners[name].Name, s.Owner), Procedure: cfg.who(deployer.Site{}, name).Procedure, Links: cfg.linksOf(name)}
	}
	return out
}

// Run works until ctx ends, which is no error, or until a part cannot go on,
// which ends all of them. When it returns nothing runs any more.
func (a *App) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	var parts sync.WaitGroup
	part := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			err := run(ctx)
			if err == nil && ctx.Err() == nil {
				err = errors.New("it ended by itself")
			}
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			fail(err)
		})
	}
	part("run deployments", a.engine.Run)
	part("talk to Slack", a.bot.Run)
	if v := a.cfg.Audit.Verify; v != nil {
		part("verify the records", nightly{name: "verify", schedule: v, store: store.JobsOf(a.store), job: a.verifyRecords, log: a.opts.Log}.run)
	}
	if a.listen != nil {
		part("serve "+a.listen.Addr().String(), a.serve)
	}
	if a.socket != nil {
		part("answer at "+a.cfg.Socket.Path, a.answerTerminals)
	}
	a.opts.Log.Info("stationmaster runs", "version", a.opts.Version, "store", a.cfg.Store)
	<-ctx.Done()
	parts.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// Close gives everything back. Call it after Run has returned.
func (a *App) Close() error {
	a.kube.Close()
	return a.close()
}

// close gives back what New has opened.
func (a *App) close() error {
	for _, l := range []net.Listener{a.listen, a.socket} {
		if l != nil {
			_ = l.Close() // closed already if it was served
		}
	}
	return a.store.Close()
}
