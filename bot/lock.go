package bot

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/deployer"
)

// lock keeps deployments of a service, or of all in an environment, away. The
// channel is told by a message that is committed with it.
func (c commands) lock(ctx context.Context, r *request) answer {
	by, now := c.knownPerson(ctx, r.by), time.Now()
	return c.lockChanged(c.unlessFlooding(by, func() error {
		return c.Locker.Lock(ctx, r.scope.Retailer, r.env, deployer.Lock{
			Service: lockedService(r), By: by, Reason: r.typed.Reason, At: now,
			Until: now.Add(cmp.Or(r.typed.For, deployer.LockUsual)), Origin: r.nonce(),
		}, r.scope.Channel)
	}))
}

// unlock ends a lock, and tells the channel in the same way.
func (c commands) unlock(ctx context.Context, r *request) answer {
	by := c.knownPerson(ctx, r.by)
	return c.lockChanged(c.unlessFlooding(by, func() error {
		return c.Locker.Unlock(ctx, r.scope.Retailer, r.env, lockedService(r), by, r.scope.Channel)
	}))
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
