// Package bot is Slack's side of stationmaster: what people type and press
// becomes orders for the engine, and what the engine commits becomes messages.
// Data runs one way: Slack, bot, engine, one commit, outbox, Slack. Nothing
// calls back up.
//
// # How a click travels
//
//  1. Slack sends an envelope down either of two sockets (bot/socketmode).
//     Bot.receive takes it off at once.
//  2. readRequest makes a request of it (request.go): its kind and id, who did
//     it, and where.
//  3. The route of that kind and id (routes.go) says in which queue it waits, by
//     what it is known when it is delivered again, what it needs, and who handles
//     it. A request without a route is acknowledged and forgotten.
//  4. In its turn, resolve finds out once what it means (resolve.go, scope.go):
//     the retailer by the channel, the environment, services, a deployment.
//  5. The handler (click.go for a button, commands.go for a command) gives one
//     [deployer.Order]. The engine decides, and returns when it is committed. Who
//     may is decided there, by id, with the roles that bot/directory tells.
//  6. The envelope is acknowledged on the socket that it came by (intake.go).
//     What was refused is told to the person alone.
//  7. What the commit says lies in the [outbox.Mailbox] until bot/outbox has
//     brought it to Slack, drawn by bot/view.
//
// A slash command, a form and a shortcut travel the same way. Events only correct
// caches (events.go).
//
// The bot keeps nothing of its own. What it remembers of people and channels is
// a cache that Slack can fill again.
package bot

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/flood"
	"github.com/stationmaster/stationmaster/bot/hometab"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/permalink"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/bot/tags"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A Bot is one process's side of one Slack app. Make it with New.
type Bot struct {
	*resolver
	table map[routeKey]route

	answered   recentAnswers
	eventsSeen recentAnswers

	client      *slackapi.Client
	connections []*socketmode.Connection
	outages     socketmode.Outages
	peers       socketmode.Peers
	made        time.Time
	met         atomic.Bool // Slack was reached, and the caches are filled
}

const finishWithin = 3 * time.Second // what was begun when Run is told to end

// New makes a Bot on what its app is made of: Slack, the people, and the ports.
// It connects to nothing before Run or Check, which needs no ports but Systems.
func New(cfg Config, s *slackapi.Client, people *directory.Directory, p Ports) *Bot {
	return newBot(cfg, s, people, p, tuning{})
}

func newBot(cfg Config, s *slackapi.Client, people *directory.Directory, p Ports, t tuning) *Bot {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	t = t.withDefaults(cfg.Settle)
	renderer := view.Renderer{Names: people, Command: cfg.Command, Retailers: cfg.Retailers, Services: cfg.Services, Procedures: cfg.Procedures, Language: p.Language}
	index := inflight.New(p.InFlight, cfg.Log)
	p.Orders = indexedOrders{p.Orders, index}
	all := &shared{
		cfg: cfg, Ports: p, log: cfg.Log, tuning: t,
		api: s.Client, people: people, channels: directory.NewChannels(s.Client, p.Pins, cfg.Log), renderer: renderer,
		tags: tags.New(p.Systems), links: permalink.New(s.Client, cfg.Log),
		inFlight: index, flood: flood.New(flood.Burst, flood.Every),
	}
	all.out = outbox.New(s.Client, outbox.Ports{
		Mailbox: p.Mailbox, Arrivals: p.Arrivals, Deployments: p.Deployments, Engine: p.Orders, Head: p.Head,
		Author: func() outbox.Author { return all.whoAmI().author() }, Store: p.Store,
		Link: func(ctx context.Context, at deployer.Post) string { return all.links.To(ctx, at) },
	}, renderer, cfg.Log, t.pace)
	all.life, all.hangUp = context.WithCancel(context.Background())
	b := &Bot{resolver: newResolver(all)}
	all.homes = hometab.New(hometab.Ports{
		API: s.Client, Deployments: p.Deployments, Locks: p.Locks, InFlight: index, People: people, Renderer: renderer, Log: cfg.Log,
		Link:   func(ctx context.Context, d deployer.Deployment) string { return all.links.To(ctx, d.Card) },
		Reader: b.reader, Scopes: b.scopes, Progress: p.Orders.Progress,
	}, hometab.Pace{Rest: t.rest, Again: t.again, Calls: t.pace})
	b.table = b.routes()
	b.peers.Log, b.client, b.made = b.log, s, time.Now()
	for range socketmode.PerProcess {
		b.connections = append(b.connections, &socketmode.Connection{API: s, Receive: b.receive, Outages: &b.outages, Peers: &b.peers, Log: b.log})
	}
	b.outages.After(b.reread)
	return b
}

func (t tuning) withDefaults(settle time.Duration) tuning {
	t.answerWithin, t.stagger = cmp.Or(t.answerWithin, ackWithin), cmp.Or(t.stagger, 15*time.Second)
	t.nameWithin = cmp.Or(t.nameWithin, nameWithin)
	t.pace.Timeout = slackapi.CallWithin
	if t.pace.Settle = settle; settle <= 0 {
		t.pace.Settle = 10 * time.Second
	}
	return t
}

// Run connects to Slack, takes orders to the engine and sends what must be
// sent, until ctx ends, which is no error. An error means that Slack refuses a
// token, or that the mailbox can't be watched. Call it once.
func (b *Bot) Run(ctx context.Context) error {
	defer b.hangUp()
	if err := b.warm(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	b.met.Store(true)
	parent := ctx
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	// The sockets and what was begun live a little longer than everything else:
	// it is finished and acknowledged.
	var workers, lines sync.WaitGroup
	workers.Go(func() { fail(b.out.Run(ctx)) })
	workers.Go(func() { b.outages.Run(ctx) })
	workers.Go(func() { b.people.Run(ctx) })
	workers.Go(func() { b.channels.Run(ctx) })
	workers.Go(func() { fail(b.inFlight.Run(ctx)) })
	workers.Go(func() { _ = b.CheckHead(ctx) }) // it is in the log
	workers.Go(func() { b.redrawCards(ctx) })
	workers.Go(func() { b.homes.Run(ctx) })
	workers.Go(func() { b.tags.Warm(ctx, slices.Sorted(maps.Keys(b.cfg.Services))) })
	for i, l := range b.connections {
		lines.Go(func() {
			if err := l.Run(b.life, time.Duration(i)*b.stagger); err != nil {
				fail(err)
			}
		})
	}
	<-ctx.Done()
	late := time.AfterFunc(finishWithin, b.hangUp)
	b.queues.Close()
	late.Stop()
	b.hangUp()
	lines.Wait()
	workers.Wait()
	if parent.Err() != nil {
		return nil
	}
	return context.Cause(ctx)
}

// Dirty says that the card of a deployment may show something else than it does,
// though nothing was written down: its pods have moved on, or somebody's name is
// known. It never waits, and does nothing before Slack was reached.
func (b *Bot) Dirty(deployment string) {
	if b.met.Load() {
		b.out.Dirty(deployment)
	}
}

// Undelivered is how many messages could never be delivered since Run began.
func (b *Bot) Undelivered() int64 { return b.out.Undelivered() }

// Ready returns nil while a socket is open, all that people press comes here, and the
// outbox can send.
func (b *Bot) Ready() error {
	if !b.met.Load() {
		return errors.New("Slack has not been reached yet")
	}
	for _, l := range b.connections {
		if slices.ContainsFunc(l.Sockets(), (*socketmode.Socket).Stays) {
			return errors.Join(b.peers.Err(), b.out.Healthy())
		}
	}
	return errors.New("no socket to Slack is open")
}
