package bot

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/deployer"
)

// lock keeps deployments of a service, or of all in an environment, away, and holds those
// that are under way before they change anything. The channel is told by a message that
// is committed with it.
func (c commands) lock(ctx context.Context, r *request) answer {
	by, now := c.knownPerson(ctx, r.by), time.Now()
	return c.changeLocks(ctx, r, by, func(site, channel string) error {
		return c.Locker.Lock(ctx, site, r.env, deployer.Lock{
			Service: lockedService(r), By: by, Reason: r.typed.Reason, At: now,
			Until: now.Add(cmp.Or(r.typed.For, deployer.LockUsual)), Origin: r.nonce(),
		}, channel)
	})
}

// unlock ends a lock, and tells the channel in the same way.
func (c commands) unlock(ctx context.Context, r *request) answer {
	by := c.knownPerson(ctx, r.by)
	return c.changeLocks(ctx, r, by, func(site, channel string) error {
		return c.Locker.Unlock(ctx, site, r.env, lockedService(r), by, channel)
	})
}

// changeLocks changes the locks of the channel's retailer, or of all retailers.
func (c commands) changeLocks(ctx context.Context, r *request, by deployer.Actor, change func(site, channel string) error) answer {
	return c.lockChanged(c.unlessFlooding(by, func() error {
		if r.typed.All {
			return c.everywhere(ctx, r, change)
		}
		return change(r.scope.Retailer, r.scope.Channel)
	}))
}

// everywhere changes the locks of all retailers that have the environment, each told in
// its own channel. Where one can't be changed, the others are all the same.
func (c commands) everywhere(ctx context.Context, r *request, change func(site, channel string) error) error {
	channels := map[string]string{}
	scopes, _ := c.scopes(ctx)
	for _, at := range scopes {
		channels[at.Retailer] = at.Channel
	}
	var failed []string
	var last error
	for _, site := range slices.Sorted(maps.Keys(c.cfg.Retailers)) {
		if _, has := c.cfg.Retailers[site].Environments[r.env]; !has {
			continue
		}
		if err := change(site, cmp.Or(channels[site], r.scope.Channel)); err != nil {
			failed, last = append(failed, site), err
		}
	}
	if refused, ok := errors.AsType[*deployer.Refusal](last); ok {
		return deployer.Refuse("Everywhere else it is done.", "Not in %s: %s", strings.Join(failed, ", "), refused.Why)
	}
	return last
}

// lockedService is the service that is meant; "" is all of them.
func lockedService(r *request) string {
	if len(r.services) == 0 {
		return ""
	}
	return r.services[0]
}

func (c commands) lockChanged(err error) answer {
	if err != nil {
		return c.refuse(err)
	}
	c.homes.Redraw()
	return answer{}
}

// locks lists what is locked for a retailer.
func (c commands) locks(ctx context.Context, r *request) answer {
	all, err := c.Locks.AllLocks(ctx)
	if err != nil {
		return c.refuse(err)
	}
	lines := overview.LockLines(c.renderer, all, time.Now(), func(l deployer.Locks) bool {
		return l.Site.Name == r.scope.Retailer && (r.env == "" || l.Site.Environment == r.env)
	})
	if len(lines) == 0 {
		return answer{text: "Nothing is locked for " + mrkdwn.Escape(strings.TrimSpace(r.scope.Retailer+" "+r.env), mrkdwn.NameMax) + "."}
	}
	return answer{text: strings.Join(lines, "\n")}
}
