package hometab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/deployer"
)

// settle is how long a tab waits for what has changed to be read.
const settle = 500 * time.Millisecond

// A snapshot is what all the tabs are drawn from, besides the index of what is under
// way. A deployment is loaded when a tab shows it, once for all tabs.
type snapshot struct {
	ended  []deployer.Deployment
	locks  []deployer.Locks
	loaded map[string]deployer.Deployment
}

// takeSnapshot reads what has ended last and what is locked.
func (h *Tabs) takeSnapshot(ctx context.Context) (snapshot, error) {
	h.InFlight.Settle(ctx, settle)
	h.rememberEnded(ctx)
	locks, err := h.Locks.AllLocks(ctx)
	if err != nil {
		return snapshot{}, fmt.Errorf("list what is locked: %w", err)
	}
	return snapshot{ended: h.InFlight.Ended(), locks: locks, loaded: map[string]deployer.Deployment{}}, nil
}

// rememberEnded reads, once, what had ended last before the process began. While that
// can't be done, tabs show the rest.
func (h *Tabs) rememberEnded(ctx context.Context) {
	if h.endedRead {
		return
	}
	list, err := h.Deployments.List(ctx, deployer.Query{})
	if err != nil {
		if ctx.Err() == nil && !h.endedFailed {
			h.Log.Error("what has ended can't be listed; home tabs show the rest", "err", err)
		}
		h.endedFailed = true
		return
	}
	left := 4 * overview.HomeEndedMax
	for _, s := range list {
		if !s.Status.Ended() || left == 0 {
			continue
		}
		left--
		d, err := h.Deployments.Load(ctx, s.ID)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.Log.Error("a deployment that has ended can't be read", "deployment", s.ID, "err", err)
			continue
		}
		h.InFlight.Remember(d)
	}
	h.endedRead = true
}

// viewOf is what somebody gets to see of a snapshot.
func (h *Tabs) viewOf(ctx context.Context, user string, all snapshot) overview.Home {
	r := h.Reader(user)
	t := overview.Home{
		Renderer: h.Renderer, Me: h.People.PersonOf(user, ""), Roles: r.Roles, Now: time.Now(),
		Link: func(d deployer.Deployment) string { return h.Link(ctx, d) }, Progress: h.Progress,
		Ended: slices.DeleteFunc(slices.Clone(all.ended), func(d deployer.Deployment) bool { return !r.MayRead(d) }),
	}
	public := map[string]bool{}
	scopes, private := h.Scopes(ctx)
	for _, at := range scopes {
		if !private[at.Channel] {
			t.Where, public[at.Retailer] = append(t.Where, "#"+at.Name), true
		}
	}
	t.Locks = overview.LockLines(h.Renderer, all.locks, t.Now, func(l deployer.Locks) bool { return public[l.Site.Name] })
	h.fillLive(ctx, &t, r, all)
	t.More.Unreadable = slices.DeleteFunc(t.More.Unreadable, func(id string) bool { return !public[id[:max(strings.LastIndexByte(id, '-'), 0)]] })
	return t
}

// fillLive loads what a tab shows of what is under way, and counts the rest.
func (h *Tabs) fillLive(ctx context.Context, t *overview.Home, r inflight.Reader, all snapshot) {
	s := h.InFlight.Select(r, overview.HomePendingMax, overview.HomeLinesMax)
	t.More = overview.HomeMore{Pending: s.Pending.More, Mine: s.Mine.More, Others: s.Others.More, Unread: s.Unread, Unreadable: s.Unreadable}
	for _, id := range slices.Concat(s.Pending.Shown, s.Mine.Shown, s.Others.Shown) {
		d, known := all.loaded[id]
		if !known {
			var err error
			switch d, err = h.Deployments.Load(ctx, id); {
			case errors.Is(err, deployer.ErrNotFound), ctx.Err() != nil:
				continue
			case err != nil:
				h.Log.Error("a deployment can't be read", "deployment", id, "err", err)
				t.More.Unreadable = append(t.More.Unreadable, id)
				continue
			}
			all.loaded[id] = d
		}
		if deployer.Lives(d) {
			t.Live = append(t.Live, d)
		}
	}
	slices.SortFunc(t.Live, func(a, b deployer.Deployment) int { return b.Created.Compare(a.Created) })
}
