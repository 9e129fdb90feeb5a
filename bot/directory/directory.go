package directory

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

const (
	rolesEvery       = time.Hour   // everybody is looked up again by themselves
	rolesFreshWithin = time.Minute // and no sooner than that when something has changed
)

// A Directory knows who holds which role. Everybody is looked up when the bot
// starts, then every hour, after a time without a socket, and when an event
// tells of a change; the members of groups again at the click, unless that was
// just done. Safe for concurrent use.
type Directory struct {
	api   *slack.Client
	roles map[string]Role
	log   *slog.Logger
	now   func() time.Time
	due   chan struct{} // holds one: everybody should be looked up again

	pinned   Pins
	access   []deployer.Standing
	accounts *accounts

	mu          sync.Mutex
	resolved    bool                       // Resolve has come to its end once
	pins        map[string]string          // a name of the configuration: the id that it stands for
	entries     []Entry                    // what those of the roles that name people have come to
	lacks       map[string]string          // an entry of a role's groups: why it stands for none
	users       map[string]map[string]bool // role: ids
	groups      map[string][]*group        // role
	names       map[string]string          // user id: how they are called
	handleOf    map[string]string          // user id: the name that nobody else of the workspace has
	namedAt     map[string]time.Time       // user id: when Slack said so
	nameAsks    *rate.Limiter              // turns to ask for a name
	groupAsks   *rate.Limiter              // turns to ask about a group
	pausedUntil time.Time                  // not before that, since Slack wants a pause
	changes     int                        // how many events told of a change of a group
}

// A Config is what a Directory is made of.
type Config struct {
	API    *slack.Client
	Roles  map[string]Role
	People map[string][]string // by an id of a human: their others
	Access []deployer.Standing // who besides members may give orders, and so counts as somebody who can answer
	Pins   Pins                // where is kept which id a name stands for; nil: for as long as the Directory lives
	Log    *slog.Logger        // nil: slog.Default
	Now    func() time.Time    // nil: time.Now
}

// New makes a Directory that knows nobody yet.
func New(c Config) *Directory {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Pins == nil {
		c.Pins = &ownPins{}
	}
	names := rate.NewLimiter(rate.Every(nameEvery), nameBurst)
	return &Directory{
		pinned: c.Pins, access: c.Access, accounts: newAccounts(c, names),
		api: c.API, roles: c.Roles, log: c.Log, now: c.Now, due: make(chan struct{}, 1),
		nameAsks: names, groupAsks: newAsks(),
		users: map[string]map[string]bool{}, groups: map[string][]*group{}, names: map[string]string{}, handleOf: map[string]string{}, namedAt: map[string]time.Time{},
	}
}

// wake has everybody looked up, soon. It never waits.
func (d *Directory) wake() {
	select {
	case d.due <- struct{}{}:
	default:
	}
}

// DoubtAll forgets how fresh everything is: events may have been lost.
func (d *Directory) DoubtAll() {
	d.mu.Lock()
	clear(d.namedAt)
	d.accounts.doubt()
	for _, g := range d.distinct() {
		g.doubted = true
	}
	d.mu.Unlock()
	d.wake()
}

// Run keeps what is known young until ctx ends.
func (d *Directory) Run(ctx context.Context) {
	for slackapi.Sleep(ctx, rolesFreshWithin) {
		select {
		case <-d.due:
		case <-time.After(rolesEvery - rolesFreshWithin):
		case <-ctx.Done():
			return
		}
		unknown, err := d.Resolve(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("the people of the roles could not be looked up again", "err", err)
		}
		d.LogUnknown(unknown)
	}
}

// LogUnknown says in the log who is unknown.
func (d *Directory) LogUnknown(unknown []error) {
	for _, s := range unknown {
		d.log.Error("somebody in the configuration is unknown to Slack and holds no role", "err", s)
	}
}
