package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// ending is how a deployment ended, and after how long.
func ending(s deployer.Summary) string {
	words := strings.ReplaceAll(string(s.Status), "-", " ")
	if s.Status == deployer.Complete && s.Why != "" {
		words = "done" // and its reason says what it was not
	}
	if s.Status == deployer.RolledBack && s.Why != "" {
		words += " in part" // and its reason says what was not
	}
	if s.Ended.IsZero() || s.Status == deployer.Refused {
		return words
	}
	return words + " after " + mrkdwn.Span(s.Ended.Sub(s.Created))
}

// Named is the line of a deployment in a list, with the version that a revision
// has turned out to be in its place, and with what a rollback has left.
func Named(d deployer.Deployment) deployer.Summary {
	s := d.Summarize()
	s.Releases = slices.Clone(s.Releases)
	for i, w := range s.Releases {
		if t := d.Target(w.Service); w.Tag == "" && t != nil {
			s.Releases[i].Tag = t.After.Version
		}
	}
	if stay := staysNew(d); s.Status == deployer.RolledBack && len(stay) > 0 {
		s.Why = "Still new: " + mrkdwn.Join(stay, "and", 4) + "."
	}
	return s
}

const historyReasonMax = 150 // units of a reason in a list

// HistoryEntry is a deployment in a list, in two short lines: what became of it, then
// where, by whom and when.
func HistoryEntry(r Renderer, s deployer.Summary, link, where string) string {
	id := mrkdwn.Escape(s.ID, mrkdwn.NameMax)
	if link != "" {
		id = mrkdwn.Link(link, id)
	}
	c := card{Renderer: r, d: deployer.Deployment{Status: s.Status, Why: s.Why}}
	return fmt.Sprintf("%s\n%s · *%s* · %s · %s · %s", c.signal(releaseWords(s.Releases)), id, ending(s), mrkdwn.Escape(where, mrkdwn.NameMax),
		name(r.Names, s.Requester), mrkdwn.Date(s.Created))
}

// HistoryReason is why a deployment was asked for, and why it has not gone well.
func HistoryReason(s deployer.Summary) string {
	out := ""
	if s.Reason != "" {
		out += " · “" + mrkdwn.Escape(s.Reason, historyReasonMax) + "”"
	}
	if s.Why != "" {
		out += " · " + mrkdwn.Shorten(s.Why, historyReasonMax)
	}
	return out
}

// ServingLine says what a service runs.
func ServingLine(s deployer.Serving) string {
	signal := signalGood
	if s.Ready < s.Total || s.Note != "" {
		signal = signalWait
	}
	line := fmt.Sprintf("%s*%s* %s", signal, mrkdwn.Escape(s.Service, mrkdwn.NameMax), runs(s))
	if s.Note != "" {
		line += " · " + mrkdwn.Escape(s.Note, 200)
	}
	return line
}

// runs is what a service runs on how many pods: of one version how many are
// ready, of several how many there are of each.
func runs(s deployer.Serving) string {
	one := len(s.Pods) == 0 || len(s.Pods) == 1 && s.Pods[0].Version == s.State.Version
	if one {
		return fmt.Sprintf("%s · %d of %d ready", mrkdwn.Code(s.State.Version, mrkdwn.NameMax), min(s.Ready, s.Total), s.Total)
	}
	var out []string
	for i, r := range s.Pods {
		if i == spreadMax {
			out = append(out, fmt.Sprintf("%d more versions", len(s.Pods)-i))
			break
		}
		words := fmt.Sprintf("%s on %d", mrkdwn.Code(r.Version, mrkdwn.NameMax), r.Pods)
		if r.Ready < r.Pods {
			words += fmt.Sprintf(" (%d ready)", r.Ready)
		}
		out = append(out, words)
	}
	if !slices.ContainsFunc(s.Pods, func(r deployer.VersionCount) bool { return r.Version == s.State.Version }) {
		out = append(out, "none of "+mrkdwn.Code(s.State.Version, mrkdwn.NameMax))
	}
	return strings.Join(out, ", ")
}

// spreadMax is how many versions of a service stand on one line.
const spreadMax = 4

// RevisionLine is an entry of a workload's history; failed says that its
// deployment did not complete.
func RevisionLine(r deployer.Revision, failed bool) string {
	line := fmt.Sprintf("%s %s · %s", mrkdwn.Code(r.State.Revision, mrkdwn.NameMax), mrkdwn.Code(r.State.Version, mrkdwn.NameMax), mrkdwn.Date(r.Created))
	if r.By != "" {
		line += " · " + mrkdwn.Escape(r.By, mrkdwn.NameMax)
	}
	if r.Current {
		line += " · *runs now*"
	}
	if failed {
		line += " · did not complete"
	}
	return line
}

// releaseWords is what was asked for, in short.
func releaseWords(releases []deployer.Release) string {
	var out []string
	for _, w := range releases {
		to := w.Tag
		if to == "" {
			to = "revision " + w.Revision
		}
		out = append(out, mrkdwn.Escape(w.Service, mrkdwn.NameMax)+" "+mrkdwn.Code(to, mrkdwn.NameMax))
	}
	return mrkdwn.Join(out, "and", 3)
}

// JoinLines joins the lines of a list and says how many are not shown.
func JoinLines(lines []string, all int) string {
	if more := all - (len(lines) - 1); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// ServiceList names what was wanted.
func ServiceList(releases []deployer.Release) string { return strings.Join(ServicesOf(releases), ", ") }

// ServicesOf are the services that are wanted.
func ServicesOf(releases []deployer.Release) []string {
	var out []string
	for _, w := range releases {
		out = append(out, w.Service)
	}
	return out
}

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
