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
// answer, and after memberCountsWithin nobody is a member any more.
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
	off        bool // it is switched off: it has no members
}

// newAsks are the turns to ask about groups.
func newAsks() *rate.Limiter { return rate.NewLimiter(rate.Every(askEvery), askBurst) }

// membersOf returns a group's members. What Slack told a moment ago is the answer.
// What is older is asked again, as often as Slack permits; in between, what it
// told last has to do. Where it has been silent for too long, nobody is a member.
func (d *Directory) membersOf(ctx context.Context, g *group) []string {
	last := d.lastAnswer(g)
	if last.fresh() || last.counts() && !d.mayAsk() {
		return last.members
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	defer g.waitForOthers(ctx)()
	last = d.lastAnswer(g) // somebody else may have asked meanwhile
	if last.fresh() || last.counts() && ctx.Err() != nil {
		return last.members
	}
	err := d.askInTurn(ctx, g, last)
	switch {
	case errors.Is(err, errNoTurn):
		return last.members
	case err != nil:
		d.log.Warn("who is in a user group could not be asked", "group", g.handle, "err", err, "known for", last.age.Round(time.Second))
		if !last.counts() {
			return nil
		}
	}
	return d.lastAnswer(g).members
}

// An answer is what Slack told last of a group.
type answer struct {
	members []string
	age     time.Duration
	doubted bool // an event told of a change since
	off     bool
}

func (a answer) fresh() bool  { return a.off || a.age < MemberFreshWithin && !a.doubted }
func (a answer) counts() bool { return a.age < memberCountsWithin }

func (d *Directory) lastAnswer(g *group) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return answer{g.members, d.now().Sub(g.askedAt), g.doubted, g.off}
}

// waitForOthers waits until nobody else asks about the group, or until ctx ends.
// Call what it returns when Slack has answered.
func (g *group) waitForOthers(ctx context.Context) (done func()) {
	select {
	case g.asking <- struct{}{}:
		return func() { <-g.asking }
	case <-ctx.Done():
		return func() {}
	}
}

// askInTurn asks Slack about a group as soon as there is a turn. For an answer
// that still counts none is waited for: then it is errNoTurn.
func (d *Directory) askInTurn(ctx context.Context, g *group, last answer) error {
	taken, pause := d.takeTurn(last)
	switch {
	case taken && pause <= 0:
	case last.counts():
		return errNoTurn
	default:
		if err := d.waitForTurn(ctx, taken, pause); err != nil {
			return err
		}
	}
	return d.ask(ctx, g)
}

// errNoTurn means that Slack was asked so often already that what is known has
// to do.
var errNoTurn = errors.New("Slack was asked often enough")

// mayAsk reports whether there is a turn for a group whose last answer counts.
func (d *Directory) mayAsk() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.spareTurn(d.now())
}

// spareTurn reports whether there is more than one turn to ask: the last one is
// for a group that was not asked for so long that nobody would count as a member.
// The caller holds the lock.
func (d *Directory) spareTurn(now time.Time) bool {
	return !now.Before(d.pausedUntil) && d.groupAsks.TokensAt(now) >= 2
}

// takeTurn takes a turn if there is one for a group with that last answer. Pause
// is for how long Slack wants not to be asked, turn or not.
func (d *Directory) takeTurn(last answer) (taken bool, pause time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	taken = (d.spareTurn(now) || !last.counts()) && d.groupAsks.AllowN(now, 1)
	return taken, d.pausedUntil.Sub(now)
}

// waitForTurn waits for the end of the pause and, if none was taken, for a turn.
func (d *Directory) waitForTurn(ctx context.Context, taken bool, pause time.Duration) error {
	if pause > 0 && !slackapi.Sleep(ctx, pause) {
		return fmt.Errorf("wait until Slack wants to be asked: %w", ctx.Err())
	}
	if taken {
		return nil
	}
	if err := d.groupAsks.Wait(ctx); err != nil {
		return fmt.Errorf("wait for a turn to ask Slack: %w", err)
	}
	return nil
}

// ask asks Slack who is in a group.
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

// UnknownGroups names the user groups that nobody counts as a member of, because
// Slack can't be asked.
func (d *Directory) UnknownGroups() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, g := range d.distinct() {
		if !g.off && d.now().Sub(g.askedAt) >= memberCountsWithin {
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
