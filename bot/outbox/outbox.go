package outbox

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A Mailbox holds what must be sent. It is safe for concurrent use.
type Mailbox interface {
	// Messages returns messages in the order of their keys, from behind after.
	Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error)
	// MessagesIn returns the messages of a box, in the order of their keys.
	MessagesIn(ctx context.Context, box deployer.Box) ([]deployer.OutboxMessage, error)
	// Discard forgets a message, unless a newer one has taken its place.
	Discard(ctx context.Context, m deployer.OutboxMessage) error
}

// A Watcher tells what happens to a Mailbox.
type Watcher interface {
	// Arrivals tells the boxes of messages that came, changed or went, until ctx
	// ends. The zero Box stands for any: all has to be read.
	Arrivals(ctx context.Context) (<-chan deployer.Box, error)
}

// Deployments are the deployments that messages are about. They are safe for
// concurrent use.
type Deployments interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
}

// An Engine is told what was delivered. It is safe for concurrent use.
type Engine interface {
	// Do carries out an order and returns once it is committed.
	Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error)
	// Progress is how far the effects under way have come, by their keys.
	Progress(id string) map[string]deployer.Progress
}

// An Outbox brings what lies in the mailbox to Slack, every message once; the
// package comment says what it promises. All methods may be called from any
// goroutine; Run once.
type Outbox struct {
	*poster
	ports    Ports
	renderer view.Renderer

	startedAt    time.Time    // of Run: what an older process sent may still take effect for a while after it
	mailboxReads atomic.Int64 // reads of the mailbox that were begun; the number of the last one
	undelivered  atomic.Int64 // messages that could never be delivered
	withoutPlans atomic.Bool  // Slack has refused the list of a card's steps by its name: no card has one until the next start

	withoutReactions atomic.Bool // the token lacks their scope: no card gets one until the next start
	scanned          bool        // a scan has succeeded: what comes now is new. Run's goroutine alone touches it

	mu     sync.Mutex
	queues map[string]*queue // by channel
	dirty  map[string]bool   // deployments whose card may show something else now

	dirtyWake chan struct{} // dirty has something
	editWake  chan struct{} // a card has something new to show
	workers   sync.WaitGroup
}

// Ports are what an outbox works with, besides Slack.
type Ports struct {
	Mailbox     Mailbox
	Arrivals    Watcher
	Deployments Deployments
	Engine      Engine
	// Head is the head of the store's chain of records, HEAD or HEAD.SIGNATURE, which
	// goes out with every MessageComplete as it is then; nil: nothing does.
	Head func(context.Context) (string, error)
	// Author is who we are; it is known when Run begins. nil: that is not compared.
	Author func() Author
	// Link is the address of a message, such as a card; "": it is not known. nil: none is.
	Link  func(context.Context, deployer.Post) string
	Store string // the id of our store; "": it has none
}

// New makes an outbox. The client must not repeat calls by itself.
func New(client *slack.Client, ports Ports, g view.Renderer, log *slog.Logger, p Pace) *Outbox {
	return &Outbox{
		poster: newPoster(client, p.WithDefaults(), log), ports: ports, renderer: g,
		queues: map[string]*queue{}, dirty: map[string]bool{},
		dirtyWake: make(chan struct{}, 1), editWake: make(chan struct{}, 1),
	}
}

// Undelivered is how many messages could never be delivered.
func (o *Outbox) Undelivered() int64 { return o.undelivered.Load() }

// Dirty says that the card of a deployment may show something else now: its pods
// have moved on, or somebody's name is known. It never waits.
func (o *Outbox) Dirty(deployment string) {
	o.mu.Lock()
	o.dirty[deployment] = true
	o.mu.Unlock()
	select {
	case o.dirtyWake <- struct{}{}:
	default:
	}
}

// handOutDirty tells the queues which of their cards may show something else
// now. That holds for a first card that is being posted too: it may have been
// drawn before.
func (o *Outbox) handOutDirty(ctx context.Context) {
	o.mu.Lock()
	dirty := o.dirty
	o.dirty = map[string]bool{}
	o.mu.Unlock()
	for id := range dirty {
		d, err := o.ports.Deployments.Load(ctx, id)
		if err != nil {
			continue // its next change will show it
		}
		o.mu.Lock()
		q := o.queue(d.Channels[deployer.ChannelDeploys])
		o.mu.Unlock()
		q.markDirty(id)
	}
}

// queue returns the channel's queue. The caller holds the lock.
func (o *Outbox) queue(channel string) *queue {
	q := o.queues[channel]
	if q == nil {
		q = newQueue(o, channel)
		o.queues[channel] = q
	}
	return q
}
