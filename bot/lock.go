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

// setLock locks or unlocks a service, or all of an environment. The channel is
// told by a letter that is committed with it.
func (b *Bot) setLock(ctx context.Context, c slack.SlashCommand, r request, by deployer.Person) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	env, err := b.environment(st.retailer, r.Env)
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
		err = b.engine.Unlock(ctx, st.retailer, env, service, by, st.channel)
	} else {
		now := time.Now()
		err = b.engine.Lock(ctx, st.retailer, env, deployer.Lock{
			Service: service, By: by, Reason: r.Reason, At: now, Until: now.Add(cmp.Or(r.For, deployer.LockUsual)),
			Origin: fingerprint("command", c.TeamID, c.TriggerID),
		}, st.channel)
	}
	if err != nil {
		return b.refuse(err)
	}
	b.homes.ring()
	return answer{}
}

// lockWord tells a channel that something was locked, or unlocked. Whoever held
// a lock that somebody else took away is called.
func lockWord(m deployer.Message, g guide) string {
	service, env := m.Args["service"], m.Args["environment"]
	what, by := whole(service, m.Args["retailer"], env), name(g.names, m.Note.By)
	if m.Note.What == deployer.NoteUnlocked {
		whose := "their own lock"
		if holder := m.Args["holder"]; holder != m.Note.By.ID {
			whose = "the lock of <@" + holder + ">"
		}
		return "🔓 " + what + " is no longer locked: " + by + " has ended " + whose + "."
	}
	until := ""
	if t, err := time.Parse(time.RFC3339, m.Args["until"]); err == nil {
		until = " until " + date(t)
	}
	return "🔒 " + what + " is locked by " + by + until + ": " + sentence(escape(m.Note.Why, 300)) +
		"\nNobody else starts a deployment there. To end it: " + code(unlocking(g.command, service, env), nameMax)
}

func unlocking(command, service, env string) string {
	if service == "" {
		return command + " unlock --env " + env
	}
	return command + " unlock " + service + " --env " + env
}

// whole says what is locked.
func whole(service, retailer, env string) string {
	where := escape(retailer, nameMax) + " " + escape(env, nameMax)
	if service == "" {
		return "*Everything in " + where + "*"
	}
	return "*" + escape(service, nameMax) + "* in " + where
}

// locks lists what is locked for a retailer.
func (b *Bot) locks(ctx context.Context, st scope, env string) answer {
	all, err := b.records.AllLocks(ctx)
	if err != nil {
		return b.refuse(err)
	}
	lines := lockLines(all, time.Now(), func(l deployer.Locks) bool {
		return l.Retailer == st.retailer && (env == "" || l.Environment == env)
	})
	if len(lines) == 0 {
		return answer{text: "Nothing is locked for " + escape(strings.TrimSpace(st.retailer+" "+env), nameMax) + "."}
	}
	return answer{text: strings.Join(lines, "\n")}
}

// lockLines says of each lock in force who holds it, why, and until when.
func lockLines(all []deployer.Locks, now time.Time, want func(deployer.Locks) bool) []string {
	var lines []string
	for _, in := range all {
		if !want(in) {
			continue
		}
		for _, l := range in.InForce(now) {
			lines = append(lines, "🔒 *"+escape(cmp.Or(l.Service, "everything"), nameMax)+"* · "+escape(in.Retailer, nameMax)+" "+escape(in.Environment, nameMax)+
				"\n"+escape(l.By.Name, nameMax)+", until "+date(l.Until)+": "+sentence(escape(l.Reason, 300)))
		}
	}
	slices.Sort(lines)
	return lines
}

// locked says what is locked by whom, why, and until when.
func (g guide) locked(v textStyle, l deployer.Locked) string {
	what := cmp.Or(l.Service, "Everything")
	return v.text(what+" in "+l.Retailer+" "+l.Environment+" is locked by "+g.Person(l.By)+" until", 300) + " " + v.time(l.Until) +
		v.text(": "+sentence(l.Reason), 500)
}
