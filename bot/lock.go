package bot

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// setLock locks or unlocks a service, or all of an environment. The channel is
// told by a letter that is committed with it.
func (b *Bot) setLock(ctx context.Context, c slack.SlashCommand, r command.Request, by deployer.Person) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	env, err := b.environment(st.Retailer, r.Env)
	if err != nil {
		return b.refuse(err)
	}
	service := ""
	if len(r.Words) > 0 {
		if service, err = b.service(r.Words[0]); err != nil {
			return b.refuse(err)
		}
	}
	by = b.knownPerson(ctx, by)
	if r.Verb == "unlock" {
		err = b.engine.Unlock(ctx, st.Retailer, env, service, by, st.Channel)
	} else {
		now := time.Now()
		err = b.engine.Lock(ctx, st.Retailer, env, deployer.Lock{
			Service: service, By: by, Reason: r.Reason, At: now, Until: now.Add(cmp.Or(r.For, deployer.LockUsual)),
			Origin: fingerprint("command", c.TeamID, c.TriggerID),
		}, st.Channel)
	}
	if err != nil {
		return b.refuse(err)
	}
	b.homes.ring()
	return answer{}
}

// locks lists what is locked for a retailer.
func (b *Bot) locks(ctx context.Context, st view.Scope, env string) answer {
	all, err := b.records.AllLocks(ctx)
	if err != nil {
		return b.refuse(err)
	}
	lines := view.LockLines(all, time.Now(), func(l deployer.Locks) bool {
		return l.Retailer == st.Retailer && (env == "" || l.Environment == env)
	})
	if len(lines) == 0 {
		return answer{text: "Nothing is locked for " + mrkdwn.Escape(strings.TrimSpace(st.Retailer+" "+env), mrkdwn.NameMax) + "."}
	}
	return answer{text: strings.Join(lines, "\n")}
}
