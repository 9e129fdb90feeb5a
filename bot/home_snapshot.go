package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A snapshot is what all the tabs are drawn from.
type snapshot struct {
	live, ended []deployer.Deployment
	locks       []deployer.Locks
}

// takeSnapshot reads what is under way and what has ended last.
func (b *Bot) takeSnapshot(ctx context.Context) (snapshot, error) {
	var out snapshot
	ids, err := b.Deployments.Live(ctx)
	if err != nil {
		return out, fmt.Errorf("list what is under way: %w", err)
	}
	for _, id := range ids {
		d, err := b.Deployments.Load(ctx, id)
		if err != nil {
			return out, fmt.Errorf("read what is under way: %w", err)
		}
		if !d.Status.Ended() {
			out.live = append(out.live, d)
		}
	}
	slices.SortFunc(out.live, func(a, b deployer.Deployment) int { return b.Created.Compare(a.Created) })
	list, err := b.Deployments.List(ctx, deployer.Query{Limit: 4 * view.HomeEndedMax})
	if err != nil {
		return out, fmt.Errorf("list what has ended: %w", err)
	}
	for _, s := range list {
		if !s.Status.Ended() {
			continue
		}
		d, err := b.Deployments.Load(ctx, s.ID)
		if err != nil {
			return out, fmt.Errorf("read what has ended: %w", err)
		}
		out.ended = append(out.ended, d)
	}
	if out.locks, err = b.Locks.AllLocks(ctx); err != nil {
		return out, fmt.Errorf("list what is locked: %w", err)
	}
	return out, nil
}

// homeViewOf is what somebody gets to see of a snapshot.
func (b *Bot) homeViewOf(ctx context.Context, user string, all snapshot) view.Home {
	roles := b.people.Held(user)
	shown := func(list []deployer.Deployment) []deployer.Deployment {
		return slices.DeleteFunc(slices.Clone(list), func(d deployer.Deployment) bool { return !b.mayRead(user, roles, d) })
	}
	t := view.Home{
		Renderer: b.renderer, Me: b.people.PersonOf(user, ""), Roles: roles, Live: shown(all.live), Ended: shown(all.ended),
		Link: func(d deployer.Deployment) string { return b.links.to(ctx, d.Card) }, Now: time.Now(),
	}
	public := map[string]bool{}
	for _, n := range b.channels.Names() {
		retailer := b.retailerOf(n)
		if c, in := b.channels.Known(n); in && !c.Private && b.cfg.Retailers[retailer].Environments != nil {
			t.Where, public[retailer] = append(t.Where, "#"+n), true
		}
	}
	t.Locks = view.LockLines(all.locks, t.Now, func(l deployer.Locks) bool { return public[l.Retailer] })
	return t
}

// mayRead reports whether a deployment is shown to somebody who has not asked
// for it: what is posted to a private channel only to those who have a part in
// it.
func (b *Bot) mayRead(user string, roles []string, d deployer.Deployment) bool {
	if c, in := b.channels.Known(d.Channels[deployer.ChannelDeploys]); in && !c.Private {
		return true
	}
	return d.MayDecide(deployer.Person{ID: user}, roles) ||
		slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool {
			return s.Role() != "" && slices.Contains(roles, s.Role()) || s.GateRole() != "" && slices.Contains(roles, s.GateRole())
		})
}
