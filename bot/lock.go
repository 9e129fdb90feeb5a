package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// messageLock is the kind of the word to the channel that something was locked
// or unlocked. It belongs to no deployment.
const messageLock = "lock"

// relock locks or unlocks a service, or all of an environment, and tells the
// channel. The lock is on disk before anybody hears of it; that word alone may
// be lost, and whoever comes upon the lock is told by it.
func (b *Bot) relock(ctx context.Context, c slack.SlashCommand, r request, by deployer.Person) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.no(err)
	}
	env, err := b.environment(st.retailer, r.Env)
	if err != nil {
		return b.no(err)
	}
	service := ""
	if len(r.Words) > 0 {
		if service, err = b.service(r.Words[0]); err != nil {
			return b.no(err)
		}
	}
	by = b.named(ctx, by)
	what := b.whole(service, st.retailer, env)
	if r.Verb == "unlock" {
		if err := b.engine.Unlock(ctx, st.retailer, env, service, by); err != nil {
			return b.no(err)
		}
		return b.tellLock(st, what+" is no longer locked: "+esc(by.Name, nameMost)+" has ended that.")
	}
	now := time.Now()
	l := deployer.Lock{Service: service, By: by, Reason: r.Reason, At: now, Until: now.Add(cmp.Or(r.For, deployer.LockUsual))}
	if err := b.engine.Lock(ctx, st.retailer, env, l); err != nil {
		return b.no(err)
	}
	return b.tellLock(st, what+" is locked by "+esc(by.Name, nameMost)+" until "+date(l.Until)+": "+sentence(esc(l.Reason, 300))+
		"\nNobody else starts a deployment there. To end it: "+code(unlocking(b.cfg.Command, service, env), nameMost))
}

func unlocking(command, service, env string) string {
	if service == "" {
		return command + " unlock --env " + env
	}
	return command + " unlock " + service + " --env " + env
}

// whole says what is locked.
func (b *Bot) whole(service, retailer, env string) string {
	where := esc(retailer, nameMost) + " " + esc(env, nameMost)
	if service == "" {
		return "*Everything in " + where + "*"
	}
	return "*" + esc(service, nameMost) + "* in " + where
}

// tellLock says it in the channel. It is not repeated where that fails.
func (b *Bot) tellLock(st station, say string) answer {
	b.homes.ring()
	return answer{after: func(ctx context.Context) {
		_, _, err := b.api.PostMessageContext(ctx, st.channel, content("🔒 "+say, nil), slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType: eventType, EventPayload: map[string]any{"deployment": "", "message": messageLock, "key": messageLock},
		}))
		if err != nil {
			b.log.Warn("that something was locked or unlocked could not be said", "channel", st.channel, "err", err)
		}
	}}
}

// locks lists what is locked for a retailer.
func (b *Bot) locks(ctx context.Context, st station, env string) answer {
	all, err := b.records.AllLocks(ctx)
	if err != nil {
		return b.no(err)
	}
	lines := lockLines(all, time.Now(), func(l deployer.Locks) bool {
		return l.Retailer == st.retailer && (env == "" || l.Environment == env)
	})
	if len(lines) == 0 {
		return answer{say: "Nothing is locked for " + esc(strings.TrimSpace(st.retailer+" "+env), nameMost) + "."}
	}
	return answer{say: strings.Join(lines, "\n")}
}

// lockLines says of each lock in force who holds it, why, and until when.
func lockLines(all []deployer.Locks, now time.Time, want func(deployer.Locks) bool) []string {
	var lines []string
	for _, in := range all {
		if !want(in) {
			continue
		}
		for _, l := range in.InForce(now) {
			lines = append(lines, "🔒 *"+esc(cmp.Or(l.Service, "everything"), nameMost)+"* · "+esc(in.Retailer, nameMost)+" "+esc(in.Environment, nameMost)+
				"\n"+esc(l.By.Name, nameMost)+", until "+date(l.Until)+": "+sentence(esc(l.Reason, 300)))
		}
	}
	slices.Sort(lines)
	return lines
}

// locked says what is locked by whom, why, and until when.
func (b *Bot) locked(v voice, l deployer.Locked) string {
	what := cmp.Or(l.Service, "Everything")
	return v.text(what+" in "+l.Retailer+" "+l.Environment+" is locked by "+b.people.Person(l.By)+" until", 300) + " " + v.time(l.Until) +
		v.text(": "+sentence(l.Reason), 500)
}
