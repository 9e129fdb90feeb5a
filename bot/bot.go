// Package bot is Slack's side of stationmaster: what people type and press
// becomes orders for the engine, and what the engine commits becomes messages.
//
// In: a [Bot] holds two Socket Mode sockets. Envelopes go from them into queues
// by channel or deployment, become one [deployer.Order], and are acknowledged
// after the commit. Out: letters lie in the [Mailbox] from the commit on until
// Slack has taken them.
//
// The bot keeps nothing of its own. What it remembers of people and channels is
// a cache that Slack can fill again.
package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// An Engine takes orders. It is safe for concurrent use.
type Engine interface {
	// Do carries out an order and returns once it is committed. A refusal is a
	// *deployer.Refusal.
	Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error)
	// Lock keeps new deployments of a service, or with "" of all, away. Unlock
	// ends that. Both commit a letter that tells the channel. A refusal is a
	// *deployer.Refusal.
	Lock(ctx context.Context, retailer, environment string, l deployer.Lock, channel string) error
	Unlock(ctx context.Context, retailer, environment, service string, by deployer.Person, channel string) error
	// Progress is how far the effects under way have come, by their keys.
	Progress(id string) map[string]deployer.Progress
}

// Records are what was written down. They are safe for concurrent use.
type Records interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// Live returns the ids of the deployments that have not ended.
	Live(ctx context.Context) ([]string, error)
	// AllLocks returns what is locked, environment by environment, with what has
	// ended meanwhile.
	AllLocks(ctx context.Context) ([]deployer.Locks, error)
	// List returns what matches, the newest first.
	List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error)
	// Trail returns a deployment's history, the first record first, and proves
	// that it is what was written: with an error the records are those before
	// the first that is not. An unknown id is deployer.ErrNotFound.
	Trail(ctx context.Context, id string) ([]deployer.Record, error)
}

// A Mailbox holds what must be sent. It is safe for concurrent use.
type Mailbox interface {
	// Messages returns letters in the order of their keys, from behind after.
	Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error)
	// Discard forgets a letter, unless a newer one has taken its place.
	Discard(ctx context.Context, l deployer.OutboxMessage) error
	// Arrivals tells of new letters until ctx ends. Several may be told as one.
	Arrivals(ctx context.Context) (<-chan struct{}, error)
}

// Systems are read for versions and history. They are safe for concurrent use.
type Systems interface {
	// Versions says what runs; services none means all.
	Versions(ctx context.Context, retailer, environment string, services []string) ([]deployer.Serving, error)
	// Revisions are a service's own history, the newest first.
	Revisions(ctx context.Context, retailer, environment, service string) ([]deployer.Revision, error)
	// Tags that exist, the newest first where that is known. None: not known.
	Tags(ctx context.Context, service string) ([]string, error)
}

// A Config is what the bot needs to know. It must not be changed after New.
type Config struct {
	BotToken   deployer.Secret // xoxb-
	AppToken   deployer.Secret // xapp-
	APIURL     string          // ends in "/api/"; "" is slack.com
	Command    string          // such as /deploy
	Channels   *regexp.Regexp  // which channels take commands; its group "retailer" says for whom
	Roles      map[string]Role
	Retailers  map[string]Retailer
	Services   map[string]Service
	Procedures map[string]deployer.Procedure
	Messages   map[string]string        // by name: over the procedures' own words
	LeadTimes  map[string]time.Duration // by risk: how long ahead a deployment is announced
	// Settle is how long a post without an answer may still take effect; 0 is 10 s.
	Settle time.Duration
	Log    *slog.Logger // nil: slog.Default
}

// A Role is held by the users and by the members of the groups.
type Role struct {
	Users  []string // Slack names, ids, e-mail addresses
	Groups []string // handles or ids of user groups
}

// A Retailer is whom deployments are for.
type Retailer struct {
	TAM          string
	Zone         *time.Location           // where its people are; nil is UTC
	Links        map[string]deployer.Link // by what people read; one named like an input is that input's
	Channels     map[string]string        // name in a procedure: Slack channel, name or id
	Messages     map[string]string        // over those for all
	Environments map[string]Environment
}

// An Environment of a retailer.
type Environment struct{ Default bool }

// A Service can be deployed.
type Service struct {
	Owner     string
	Procedure string                   // id of the one it follows unless told otherwise
	Links     map[string]deployer.Link // by what people read
}

// names says how people and roles are called. It answers from memory, so that
// rendering never waits for Slack. Role and Person are plain text, not yet
// escaped; Mention and Call are mrkdwn that calls the people (their notification).
type names interface {
	Role(role string) []string // the people who hold it; nil where unknown
	Mention(role string) string
	Call(role string, but []string) string // as Mention, without the people with those ids
	Person(p deployer.Person) string
}

// A Bot is one process's side of one Slack app. Make it with New.
type Bot struct {
	cfg     Config
	records Records
	box     Mailbox
	systems Systems
	log     *slog.Logger

	http   *http.Client
	api    *slack.Client
	people *directory
	places *places
	tags   tagLists
	memory memory
	heard  memory // of events
	homes  *homes
	pump   pump
	links  []*link
	gaps   gaps

	engine Engine          // from Run on
	life   context.Context // from Run on: ends a little after Run is told to
	me     atomic.Pointer[self]
	out    atomic.Pointer[outbox]

	patience time.Duration // until an envelope is given up
	stagger  time.Duration // between the beginnings of the two sockets
	pace     pace
}

const (
	callWithin   = 10 * time.Second // one call of Slack's API
	finishWithin = 3 * time.Second  // what was begun when Run is told to end
)

// New makes a Bot. It connects to nothing before Run or Check.
func New(cfg Config, records Records, box Mailbox, systems Systems) *Bot {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Settle <= 0 {
		cfg.Settle = 10 * time.Second
	}
	b := &Bot{
		cfg: cfg, records: records, box: box, systems: systems, log: cfg.Log,
		patience: ackWithin, stagger: 15 * time.Second, pace: pace{Timeout: callWithin, Settle: cfg.Settle},
	}
	b.http = &http.Client{Timeout: callWithin}
	options := []slack.Option{slack.OptionHTTPClient(b.http), slack.OptionAppLevelToken(string(cfg.AppToken))}
	if cfg.APIURL != "" {
		options = append(options, slack.OptionAPIURL(cfg.APIURL))
	}
	b.api = slack.New(string(cfg.BotToken), options...)
	b.people = newDirectory(b.api, withTAMs(cfg), b.log)
	b.places = newPlaces(b.api, b.log)
	b.homes = newHomes(b.pace)
	b.tags.systems = systems
	for range 2 {
		b.links = append(b.links, &link{api: b.api, http: b.http, take: b.take, gaps: &b.gaps, log: b.log})
	}
	b.gaps.after(b.reread)
	return b
}

// withTAMs are the roles, and one for each retailer's technical account
// manager, so that they are looked up and called as everybody else.
func withTAMs(cfg Config) map[string]Role {
	roles := maps.Clone(cfg.Roles)
	if roles == nil {
		roles = map[string]Role{}
	}
	for name, r := range cfg.Retailers {
		if r.TAM != "" {
			roles[tamOf(name)] = Role{Users: []string{r.TAM}}
		}
	}
	return roles
}

// tamOf is a role that no config can name: the technical account manager's.
func tamOf(retailer string) string { return "tam of " + retailer }

// Run connects to Slack, takes orders to the engine and sends what must be
// sent, until ctx ends, which is no error. An error means that Slack refuses a
// token, or that the mailbox can't be watched. Call it once.
func (b *Bot) Run(ctx context.Context, e Engine) error {
	b.engine = e
	if err := b.warm(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	parent := ctx
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	out := newOutbox(b.api, b.box, b.records, e, b.guide(), b.log, b.pace)
	b.out.Store(out)

	// The sockets and what was begun live a little longer than everything else:
	// it is finished and acknowledged.
	life, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	b.life = life
	var crew, lines sync.WaitGroup
	crew.Go(func() { fail(out.Run(ctx)) })
	crew.Go(func() { b.gaps.run(ctx) })
	crew.Go(func() { b.people.run(ctx) })
	crew.Go(func() { b.places.run(ctx) })
	crew.Go(func() { b.keepHomes(ctx) })
	crew.Go(func() { b.tags.warm(ctx, sorted(b.cfg.Services)) })
	for i, l := range b.links {
		lines.Go(func() {
			if err := l.run(life, time.Duration(i)*b.stagger); err != nil {
				fail(err)
			}
		})
	}
	<-ctx.Done()
	late := time.AfterFunc(finishWithin, hangUp)
	b.pump.close()
	late.Stop()
	hangUp()
	lines.Wait()
	crew.Wait()
	if parent.Err() != nil {
		return nil
	}
	return context.Cause(ctx)
}

// Roles are those that somebody holds now, as Slack tells.
func (b *Bot) Roles(ctx context.Context, personID string) ([]string, error) {
	return b.people.Roles(ctx, personID)
}

// Dirty says that the card of a deployment may show something else than it does,
// though nothing was written down: its pods have moved on, or somebody's name is
// known. It never waits, and does nothing before Run.
func (b *Bot) Dirty(deployment string) {
	if out := b.out.Load(); out != nil {
		out.Dirty(deployment)
	}
}

// Undelivered is how many messages could never be delivered since Run began.
func (b *Bot) Undelivered() int64 {
	if out := b.out.Load(); out != nil {
		return out.lost.Load()
	}
	return 0
}

// Ready returns nil while a socket is open and the outbox can send.
func (b *Bot) Ready() error {
	out := b.out.Load()
	if out == nil {
		return errors.New("Slack has not been reached yet")
	}
	for _, l := range b.links {
		if slices.ContainsFunc(l.sockets(), (*socket).stays) {
			return out.Healthy()
		}
	}
	return errors.New("no socket to Slack is open")
}
