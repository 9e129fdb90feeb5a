package bot

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// How old a group's members may be, and how long Slack is waited for.
const (
	memberFresh = 2 * time.Second        // older: asked again at the click
	memberStale = 3 * time.Minute        // older, and Slack can't be asked: nobody is a member
	memberAsk   = 2 * time.Second        // how long a click waits for Slack
	nameWithin  = 300 * time.Millisecond // how long an order waits for a name
)

// A directory knows who holds which role. Users are looked up once, when the
// bot starts; the members of groups at every click that is not just after
// another. Safe for concurrent use.
type directory struct {
	api   *slack.Client
	roles map[string]Role
	log   *slog.Logger
	now   func() time.Time

	mu     sync.Mutex
	users  map[string]map[string]bool // role: ids
	groups map[string][]*group        // role
	called map[string]string          // user id: how they are called
}

// A group is a user group with its members as Slack last told.
type group struct {
	id, handle string
	asking     chan struct{} // holds one: who asks Slack
	at         time.Time     // of the answer; guarded by the directory, like members
	members    []string
}

func newDirectory(api *slack.Client, roles map[string]Role, log *slog.Logger) *directory {
	return &directory{
		api: api, roles: roles, log: log, now: time.Now,
		users: map[string]map[string]bool{}, groups: map[string][]*group{}, called: map[string]string{},
	}
}

// Roles returns the roles that somebody holds now. A group that Slack could
// not be asked about for minutes has no members: better refused than guessed.
func (d *directory) Roles(ctx context.Context, id string) ([]string, error) {
	var roles []string
	for role := range d.roles {
		d.mu.Lock()
		held, groups := d.users[role][id], d.groups[role]
		d.mu.Unlock()
		for _, g := range groups {
			held = held || slices.Contains(d.membersOf(ctx, g), id)
		}
		if held {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles, ctx.Err()
}

// membersOf returns a group's members, asking Slack where the answer is old.
func (d *directory) membersOf(ctx context.Context, g *group) []string {
	if members, age := d.known(g); age < memberFresh {
		return members
	}
	ctx, cancel := context.WithTimeout(ctx, memberAsk)
	defer cancel()
	select {
	case g.asking <- struct{}{}:
		defer func() { <-g.asking }()
	case <-ctx.Done():
	}
	members, age := d.known(g)
	if age < memberFresh || ctx.Err() != nil && age < memberStale {
		return members // somebody else has asked meanwhile
	}
	if err := d.ask(ctx, g); err != nil {
		d.log.Warn("who is in a user group could not be asked", "group", g.handle, "err", err, "known for", age.Round(time.Second))
		if age >= memberStale {
			return nil
		}
	}
	members, _ = d.known(g)
	return members
}

func (d *directory) known(g *group) ([]string, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return g.members, d.now().Sub(g.at)
}

func (d *directory) ask(ctx context.Context, g *group) error {
	members, err := d.api.GetUserGroupMembersContext(ctx, g.id)
	if err != nil {
		return fmt.Errorf("ask Slack who is in @%s: %w", g.handle, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	g.members, g.at = members, d.now()
	return nil
}

// unknown names the user groups that nobody counts as a member of, because
// Slack can't be asked.
func (d *directory) unknown() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, g := range d.distinct() {
		if d.now().Sub(g.at) >= memberStale {
			out = append(out, "@"+g.handle)
		}
	}
	slices.Sort(out)
	return out
}

// distinct returns every group once. The caller holds the lock.
func (d *directory) distinct() []*group {
	var out []*group
	for _, groups := range d.groups {
		for _, g := range groups {
			if !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	return out
}

// Role returns the names of those who hold the role, as far as they are known.
func (d *directory) Role(role string) []string {
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
func (d *directory) Mention(role string) string {
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

// callMost is how many people are called one by one.
const callMost = 8

// Call mentions those who hold the role and are not among but: each by name
// where they are few and known, else their groups as a whole.
func (d *directory) Call(role string, but []string) string {
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
	if !known || len(ids) == 0 || len(ids) > callMost {
		return d.Mention(role)
	}
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		out = append(out, "<@"+id+">")
	}
	return strings.Join(out, " ")
}

// Person returns how somebody is called.
func (d *directory) Person(p deployer.Person) string {
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

// meet returns somebody who has just done something, by the name that is known
// or by their handle.
func (d *directory) meet(id, handle string) deployer.Person {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.called[id]; name != "" {
		handle = name
	}
	return deployer.Person{ID: id, Name: handle}
}

// order gives an order by the name that its giver is called by, which goes into
// the record. Slack is asked once, for a moment; after that nobody waits.
func (b *Bot) order(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	ask, cancel := context.WithTimeout(ctx, nameWithin)
	b.people.learn(ask, o.By.ID)
	cancel()
	o.By = b.people.meet(o.By.ID, o.By.Name)
	return b.engine.Do(ctx, o)
}

// learn finds out how somebody is called, unless that is known. It may fail:
// then their handle has to do.
func (d *directory) learn(ctx context.Context, id string) {
	d.mu.Lock()
	known := d.called[id] != ""
	d.mu.Unlock()
	if known {
		return
	}
	u, err := d.api.GetUserInfoContext(ctx, id)
	if err != nil {
		d.log.Info("how somebody is called can't be asked", "user", id, "err", err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.called[id] = nameOf(*u)
}
