package bot

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"time"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
)

// Ports are what the bot talks to besides Slack. Each is safe for concurrent use.
type Ports struct {
	Orders      Orders
	Locker      Locker
	Deployments Deployments
	InFlight    inflight.Records
	Locks       Locks
	Trails      Trails
	Mailbox     outbox.Mailbox
	Arrivals    outbox.Watcher
	Systems     Systems
	Pins        directory.Pins    // nil: nothing is remembered of channels' names
	Language    deployer.Language // of the conditions of forms; nil: all that may be asked is asked

	// Head is the head of the chain over all records, HEAD or HEAD.SIGNATURE, which
	// goes out with every word of a good end; nil: none does.
	Head func(context.Context) (string, error)
	// Holds says why the records do not hold the newest that counts of some heads
	// that went out before, the newest first: they were changed, or put back to an
	// older state. It is asked when Run begins, and by CheckHead, for those that Slack
	// shows of this Store; nil: it is not.
	Holds func(ctx context.Context, heads []string) error
	// Altered says what was found to be wrong with the records by themselves; nil:
	// nobody looks.
	Altered func() error
	Store   string // the id of the store; "": it has none
	// Quarantined tells why deployments are not run, by their ids; nil: all are.
	Quarantined func() map[string]string
}

// Orders are carried out by the engine.
type Orders interface {
	// Do carries out an order and returns once it is committed. A refusal is a
	// *deployer.Refusal.
	Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error)
	// Progress is how far the effects under way have come, by their keys.
	Progress(id string) map[string]deployer.Progress
	// Queue returns the deployments that wait for their places.
	Queue(ctx context.Context) ([]deployer.Deployment, error)
}

// A Locker keeps new deployments away. Both methods commit a message that tells
// the channel. A refusal is a *deployer.Refusal.
type Locker interface {
	// Lock keeps deployments of a service, or with "" of all, away.
	Lock(ctx context.Context, retailer, environment string, l deployer.Lock, channel string) error
	// Unlock ends that.
	Unlock(ctx context.Context, retailer, environment, service string, by deployer.Actor, channel string) error
}

// Deployments are what was written down.
type Deployments interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// Holders returns who holds the places, by place; free ones are absent.
	Holders(ctx context.Context, places []string) (map[string]string, error)
	// List returns what matches, the newest first.
	List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error)
}

// Locks are read for lists.
type Locks interface {
	// AllLocks returns what is locked, environment by environment, with what has
	// ended meanwhile.
	AllLocks(ctx context.Context) ([]deployer.Locks, error)
}

// Trails are the histories of deployments.
type Trails interface {
	// Trail returns a deployment's history, the first record first, and proves
	// that it is what was written: with an error the records are those before
	// the first that is not. An unknown id is deployer.ErrNotFound.
	Trail(ctx context.Context, id string) ([]deployer.Record, error)
}

// Systems are read for versions and history.
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
	Command    string         // such as /deploy
	Channels   *regexp.Regexp // which channels take commands; its group "retailer" says for whom
	Roles      map[string]directory.Role
	Retailers  map[string]view.Retailer
	Services   map[string]view.Service
	Procedures map[string]deployer.Procedure
	Policy     func(deployer.Site) deployer.Policy // who may do what there, which the core decides by; nil: the procedures alone say
	Messages   map[string]string                   // by name: over the procedures' own words
	LeadTimes  map[string]time.Duration            // by risk: how long ahead a deployment is announced
	// Has reports whether the system that does the steps of a kind is there; see launch.Config.
	Has func(kind deployer.Kind, site, environment string) bool
	// Launch is what a start is filled with besides what the rest of the config says.
	Launch launch.Settings
	// Settle is how long a post without an answer may still take effect; 0 is 10 s.
	Settle time.Duration
	Now    func() time.Time // the clock by which Slack is away; nil: time.Now
	Log    *slog.Logger     // nil: slog.Default
}

// AllRoles are the configured roles, and one for each retailer's technical
// account manager, so that they are looked up and called as everybody else.
func (c Config) AllRoles() map[string]directory.Role {
	roles := maps.Clone(c.Roles)
	if roles == nil {
		roles = map[string]directory.Role{}
	}
	for name, r := range c.Retailers {
		if r.TAM != "" {
			roles[view.TAMRole(name)] = directory.Role{Users: []string{r.TAM}}
		}
	}
	return roles
}
