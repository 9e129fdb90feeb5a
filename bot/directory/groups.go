package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// Who is in a user group is asked at the click, since a click may decide about
// production. But usergroups.users.list is a tier 2 method: twenty calls a
// minute, for all groups together. So it is asked as often as that allows, of
// the group that was asked longest ago, and otherwise what was told last counts.
// That is kept right by Slack's events: who is taken out of a group is out at
// once, and who comes in is in with the next asking. Should an event be lost,
// what counts is older than askEvery for each group only while Slack does not
// answer, and after memberStale nobody is a member any more.
const (
	MemberFreshWithin  = 2 * time.Second // older: asked again at the click
	memberCountsWithin = 3 * time.Minute // older, and Slack can't be asked: nobody is a member
	askWithin          = 2 * time.Second // how long a click waits for Slack
	askBurst           = 5               // with askEvery, twenty in any minute
	askEvery           = 4 * time.Second
)

// A group is a user group with its members as Slack last told. All but the
// names is guarded by the directory.
type group struct {
	id, handle string
	asking     chan struct{} // holds one: who asks Slack
	askedAt    time.Time     // of the question that was answered; zero: nobody is a member until Slack was asked
	members    []string
	changes    int  // how many events told of a change
	doubted    bool // an event told of a change that is not in members yet
}

func newAsks() *rate.Limiter { return rate.NewLimiter(rate.Every(askEvery), askBurst) }

// membersOf returns a group's members, asking Slack where the answer is old.
func (d *Directory) membersOf(ctx context.Context, g *group) []string {
	if members, age, fresh := d.known(g); fresh || age < memberCountsWithin && !d.mayAsk() {
		return members
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	select {
	case g.asking <- struct{}{}:
		defer func() { <-g.asking }()
	case <-ctx.Done():
	}
	members, age, fresh := d.known(g)
	if fresh || ctx.Err() != nil && age < memberCountsWithin {
		return members // somebody else has asked meanwhile
	}
	err := d.turn(ctx, age)
	if errors.Is(err, errNoTurn) {
		return members
	}
	if err == nil {
		err = d.ask(ctx, g)
	}
	if err != nil {
		d.log.Warn("who is in a user group could not be asked", "group", g.handle, "err", err, "known for", age.Round(time.Second))
		if age >= memberCountsWithin {
			return nil
		}
	}
	members, _, _ = d.known(g)
	return members
}

// known returns what Slack told last, how old that is, and whether it needs no
// asking.
func (d *Directory) known(g *group) (members []string, age time.Duration, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	age = d.now().Sub(g.askedAt)
	return g.members, age, age < MemberFreshWithin && !g.doubted
}

// errNoTurn means that Slack was asked so often already that what is known has
// to do.
var errNoTurn = errors.New("Slack was asked often enough")

func (d *Directory) mayAsk() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.spare(d.now())
}

// spare reports whether there is more than one turn to ask: the last one is for
// a group that was not asked for so long that nobody would count as a member.
// The caller holds the lock.
func (d *Directory) spare(now time.Time) bool {
	return !now.Before(d.pausedUntil) && d.groupAsks.TokensAt(now) >= 2
}

// turn takes a turn to ask. What is too old to count is waited for.
func (d *Directory) turn(ctx context.Context, age time.Duration) error {
	d.mu.Lock()
	now := d.now()
	shut, spare := d.pausedUntil.Sub(now), d.spare(now)
	mine := (spare || age >= memberCountsWithin) && d.groupAsks.AllowN(now, 1)
	d.mu.Unlock()
	switch {
	case mine && shut <= 0:
		return nil
	case age < memberCountsWithin:
		return errNoTurn
	case shut > 0 && !slackapi.Sleep(ctx, shut):
		return fmt.Errorf("wait until Slack wants to be asked: %w", ctx.Err())
	case mine:
		return nil
	}
	if err := d.groupAsks.Wait(ctx); err != nil {
		return fmt.Errorf("wait for a turn to ask Slack: %w", err)
	}
	return nil
}

func (d *Directory) ask(ctx context.Context, g *group) error {
	d.mu.Lock()
	news, asked := g.changes, d.now()
	d.mu.Unlock()
	members, err := d.api.GetUserGroupMembersContext(ctx, g.id)
	d.mu.Lock()
	defer d.mu.Unlock()
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		d.pausedUntil = d.now().Add(limit.RetryAfter)
	}
	if err != nil {
		return fmt.Errorf("ask Slack who is in @%s: %w", g.handle, err)
	}
	if news == g.changes { // else the answer may be older than what an event told
		g.members, g.askedAt, g.doubted = members, asked, false
	}
	return nil
}

// A membership is a group whose members hold a role.
type membership struct {
	role  string
	group *group
}

// byAge returns all groups of all roles. The first is the one that was asked
// longest ago, so that none is forgotten where turns are few.
func (d *Directory) byAge() []membership {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []membership
	for role, groups := range d.groups {
		for _, g := range groups {
			out = append(out, membership{role, g})
		}
	}
	slices.SortFunc(out, func(a, b membership) int { return a.group.askedAt.Compare(b.group.askedAt) })
	return out
}

// MembersChanged takes in that a group has changed. Who left is out at once.
// Who came is in when Slack is asked, which is done here if there is a turn: an
// event may come late, after they were taken out again.
func (d *Directory) MembersChanged(ctx context.Context, id string, left []string) {
	d.change(ctx, id, func(g *group) {
		g.members = slices.DeleteFunc(slices.Clone(g.members), func(m string) bool { return slices.Contains(left, m) })
	})
}

// GroupUpdated takes in that a group has changed in another way. One that was
// switched off has no members.
func (d *Directory) GroupUpdated(ctx context.Context, id, handle string, off bool) {
	d.change(ctx, id, func(g *group) {
		if off {
			g.members = nil
		}
		if handle != g.handle {
			d.wake()
		}
	})
}

// change changes what is known of a group, and has Slack asked about it.
func (d *Directory) change(ctx context.Context, id string, change func(*group)) {
	d.mu.Lock()
	d.changes++
	var changed []*group
	for _, g := range d.distinct() {
		if g.id == id {
			change(g)
			g.changes++
			g.doubted = true
			changed = append(changed, g)
		}
	}
	d.mu.Unlock()
	for _, g := range changed {
		d.membersOf(ctx, g)
	}
}

// UnknownGroups names the user groups that nobody counts as a member of, because
// Slack can't be asked.
func (d *Directory) UnknownGroups() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, g := range d.distinct() {
		if d.now().Sub(g.askedAt) >= memberCountsWithin {
			out = append(out, "@"+g.handle)
		}
	}
	slices.Sort(out)
	return out
}

// distinct returns every group once. The caller holds the lock.
func (d *Directory) distinct() []*group {
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
