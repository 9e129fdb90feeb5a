package directory

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// How old what is known of people may be, and how long Slack is waited for.
const (
	nameFreshWithin = time.Hour              // older: asked again when they do something
	nameEvery       = 700 * time.Millisecond // users.info is tier 4: a hundred a minute
	nameBurst       = 15
	rolesEvery      = time.Hour   // everybody is looked up again by themselves
	rolesLimit      = time.Minute // and no sooner than that when something has changed
)

// A Directory knows who holds which role. Users are looked up when the bot
// starts, then every hour, after a time without a socket, and when an event
// tells of a change; the members of groups at the click. Safe for concurrent
// use.
type Directory struct {
	api   *slack.Client
	roles map[string]Role
	log   *slog.Logger
	now   func() time.Time
	due   chan struct{} // holds one: everybody should be looked up again

	mu          sync.Mutex
	users       map[string]map[string]bool // role: ids
	groups      map[string][]*group        // role
	called      map[string]string          // user id: how they are called
	asked       map[string]time.Time       // user id: when Slack said so
	nameAsks    *rate.Limiter              // turns to ask for a name
	groupAsks   *rate.Limiter              // turns to ask about a group
	pausedUntil time.Time                  // not before that, since Slack wants a pause
	changes     int                        // how many events told of a change of a group
}

// A Config is what a Directory is made of.
type Config struct {
	API   *slack.Client
	Roles map[string]Role
	Log   *slog.Logger     // nil: slog.Default
	Now   func() time.Time // nil: time.Now
}

// New makes a Directory that knows nobody yet.
func New(c Config) *Directory {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Directory{
		api: c.API, roles: c.Roles, log: c.Log, now: c.Now, due: make(chan struct{}, 1),
		nameAsks: rate.NewLimiter(rate.Every(nameEvery), nameBurst), groupAsks: newAsks(),
		users: map[string]map[string]bool{}, groups: map[string][]*group{}, called: map[string]string{}, asked: map[string]time.Time{},
	}
}

// Roles returns the roles that somebody holds now. A group that Slack could
// not be asked about for minutes has no members: better refused than guessed.
func (d *Directory) Roles(ctx context.Context, id string) ([]string, error) {
	holds := map[string]bool{}
	d.mu.Lock()
	for role := range d.roles {
		holds[role] = d.users[role][id]
	}
	d.mu.Unlock()
	for _, m := range d.byAge() {
		if !holds[m.role] {
			holds[m.role] = slices.Contains(d.membersOf(ctx, m.group), id)
		}
	}
	maps.DeleteFunc(holds, func(_ string, held bool) bool { return !held })
	return slices.Sorted(maps.Keys(holds)), ctx.Err()
}

// Held are the roles that somebody holds as far as is known, without asking
// Slack: enough to show, and never to decide.
func (d *Directory) Held(id string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var roles []string
	for role := range d.roles {
		in := func(g *group) bool { return slices.Contains(g.members, id) }
		if d.users[role][id] || slices.ContainsFunc(d.groups[role], in) {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles
}

// Role returns the names of those who hold the role, as far as they are known.
func (d *Directory) Role(role string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := maps.Clone(d.users[role])
	if ids == nil {
		ids = map[string]bool{}
	}
	for _, g := range d.groups[role] {
		for _, id := range g.members {
			ids[id] = true
		}
	}
	var out []string
	for id := range ids {
		if name := d.called[id]; name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Mention calls those who hold the role.
func (d *Directory) Mention(role string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, g := range d.groups[role] {
		out = append(out, "<!subteam^"+g.id+">")
	}
	for _, id := range slices.Sorted(maps.Keys(d.users[role])) {
		out = append(out, "<@"+id+">")
	}
	return strings.Join(out, " ")
}

// callMax is how many people are called one by one.
const callMax = 8

// Call mentions those who hold the role and are not among but: each by name
// where they are few and known, else their groups as a whole.
func (d *Directory) Call(role string, but []string) string {
	d.mu.Lock()
	ids, known := maps.Clone(d.users[role]), true
	for _, g := range d.groups[role] {
		known = known && len(g.members) > 0
		for _, id := range g.members {
			if ids == nil {
				ids = map[string]bool{}
			}
			ids[id] = true
		}
	}
	d.mu.Unlock()
	for _, id := range but {
		delete(ids, id)
	}
	if !known || len(ids) == 0 || len(ids) > callMax {
		return d.Mention(role)
	}
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		out = append(out, "<@"+id+">")
	}
	return strings.Join(out, " ")
}

// Person returns how somebody is called.
func (d *Directory) Person(p deployer.Person) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.called[p.ID]; name != "" {
		return name
	}
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// PersonOf returns somebody who has just done something, by the name that is known
// or by their handle.
func (d *Directory) PersonOf(id, handle string) deployer.Person {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.called[id]; name != "" {
		handle = name
	}
	return deployer.Person{ID: id, Name: handle}
}

// LearnName finds out how somebody is called, unless that is known, and reports
// whether it is news. It may fail: then what they were called before, or their
// handle, has to do.
func (d *Directory) LearnName(ctx context.Context, id string) bool {
	if d.KnowsName(id) || d.nameAsks.Wait(ctx) != nil {
		return false
	}
	u, err := d.api.GetUserInfoContext(ctx, id)
	if err != nil {
		d.log.Info("how somebody is called can't be asked", "user", id, "err", err)
		return false
	}
	return d.name(*u)
}

// KnowsName reports whether Slack said not long ago how somebody is called.
func (d *Directory) KnowsName(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.asked[id]
	return ok && d.now().Sub(at) < nameFreshWithin
}

// name notes what Slack says of somebody, and reports whether it is news.
func (d *Directory) name(u slack.User) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.called[u.ID]
	d.called[u.ID], d.asked[u.ID] = nameOf(u), d.now()
	return d.called[u.ID] != before
}

// UserChanged takes in what an event tells of somebody. Of a workspace's
// thousands, only those matter who are known already or named by a role.
func (d *Directory) UserChanged(u slack.User) {
	d.mu.Lock()
	_, known := d.called[u.ID]
	holds, named := false, false
	for role, r := range d.roles {
		holds = holds || d.users[role][u.ID]
		named = named || slices.ContainsFunc(r.Users, func(entry string) bool { return isNamed(u, handle(entry)) })
		if u.Deleted && d.users[role][u.ID] {
			d.users[role] = maps.Clone(d.users[role])
			delete(d.users[role], u.ID)
		}
	}
	d.mu.Unlock()
	if known {
		d.name(u)
	}
	if holds != (named && !u.Deleted) {
		d.wake() // somebody came back, or has another handle or address
	}
}

func isNamed(u slack.User, entry string) bool {
	return entry == u.ID || entry == u.Name || u.Profile.Email != "" && strings.EqualFold(entry, u.Profile.Email)
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
	clear(d.asked)
	for _, g := range d.distinct() {
		g.doubted = true
	}
	d.mu.Unlock()
	d.wake()
}

// Run keeps what is known young until ctx ends.
func (d *Directory) Run(ctx context.Context) {
	for slackapi.Sleep(ctx, rolesLimit) {
		select {
		case <-d.due:
		case <-time.After(rolesEvery - rolesLimit):
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
