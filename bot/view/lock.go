package view

import (
	"cmp"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// LockMessage tells a channel that something was locked, or unlocked. Whoever held
// a lock that somebody else took away is called.
func LockMessage(m deployer.Message, r Renderer) string {
	service, env := m.Args["service"], m.Args["environment"]
	what, by := lockedWhat(service, m.Args["retailer"], env), name(r.Names, m.Note.By)
	if m.Note.Kind == deployer.NoteUnlocked {
		whose := "their own lock"
		if holder := m.Args["holder"]; holder != m.Note.By.ID {
			whose = "the lock of <@" + holder + ">"
		}
		return "🔓 " + what + " is no longer locked: " + by + " has ended " + whose + "."
	}
	until := ""
	if t, err := time.Parse(time.RFC3339, m.Args["until"]); err == nil {
		until = " until " + mrkdwn.Date(t)
	}
	return "🔒 " + what + " is locked by " + by + until + ": " + mrkdwn.Sentence(mrkdwn.Escape(m.Note.Why, 300)) +
		"\nNobody else starts a deployment there, and what is under way waits before it changes anything. To end it: " + mrkdwn.Code(unlocking(r.Command, service, env), mrkdwn.NameMax)
}

func unlocking(command, service, env string) string {
	if service == "" {
		return command + " unlock --env " + env
	}
	return command + " unlock " + service + " --env " + env
}

// lockedWhat says what is locked.
func lockedWhat(service, retailer, env string) string {
	where := mrkdwn.Escape(retailer, mrkdwn.NameMax) + " " + mrkdwn.Escape(env, mrkdwn.NameMax)
	if service == "" {
		return "*Everything in " + where + "*"
	}
	return "*" + mrkdwn.Escape(service, mrkdwn.NameMax) + "* in " + where
}

// LockLines says of each lock in force who holds it, why, and until when.
func (r Renderer) LockLines(all []deployer.Locks, now time.Time, want func(deployer.Locks) bool) []string {
	var lines []string
	for _, in := range all {
		if !want(in) {
			continue
		}
		for _, l := range in.InForce(now) {
			lines = append(lines, "🔒 *"+mrkdwn.Escape(cmp.Or(l.Service, "everything"), mrkdwn.NameMax)+"* · "+mrkdwn.Escape(in.Site.Name, mrkdwn.NameMax)+" "+mrkdwn.Escape(in.Site.Environment, mrkdwn.NameMax)+
				"\n"+name(r.Names, l.By)+", until "+mrkdwn.Date(l.Until)+": "+mrkdwn.Sentence(mrkdwn.Escape(l.Reason, 300)))
		}
	}
	slices.Sort(lines)
	return lines
}
