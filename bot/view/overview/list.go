package overview

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
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
	if stay := view.StaysNew(d); s.Status == deployer.RolledBack && len(stay) > 0 {
		s.Why = "Still new: " + mrkdwn.Join(stay, "and", 4) + "."
	}
	return s
}

const historyReasonMax = 150 // units of a reason in a list

// HistoryEntry is a deployment in a list, in two short lines: what became of it, then
// where, by whom and when.
func HistoryEntry(r view.Renderer, s deployer.Summary, link, where string) string {
	id := mrkdwn.Escape(s.ID, mrkdwn.NameMax)
	if link != "" {
		id = mrkdwn.Link(link, id)
	}
	d := deployer.Deployment{Status: s.Status, Why: s.Why}
	return fmt.Sprintf("%s\n%s · *%s* · %s · %s · %s", view.Signal(d, deployer.MarkDrill(s.Drill, view.ReleaseWords(s.Releases))), id, ending(s), mrkdwn.Escape(where, mrkdwn.NameMax),
		r.Called(s.Requester), mrkdwn.Date(s.Created))
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
	signal := view.SignalGood
	if s.Ready < s.Total || s.Note != "" {
		signal = view.SignalWait
	}
	line := signal(fmt.Sprintf("*%s* %s", mrkdwn.Escape(s.Service, mrkdwn.NameMax), view.Runs(s)))
	if s.Note != "" {
		line += " · " + mrkdwn.Escape(s.Note, 200)
	}
	return line
}

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

// JoinLines joins the lines of a list and says how many are not shown.
func JoinLines(lines []string, all int) string {
	if more := all - (len(lines) - 1); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// LockLines says of each lock in force who holds it, why, and until when.
func LockLines(r view.Renderer, all []deployer.Locks, now time.Time, want func(deployer.Locks) bool) []string {
	var lines []string
	for _, in := range all {
		if !want(in) {
			continue
		}
		for _, l := range in.InForce(now) {
			lines = append(lines, "🔒 *"+mrkdwn.Escape(cmp.Or(l.Service, "everything"), mrkdwn.NameMax)+"* · "+mrkdwn.Escape(in.Site.Name, mrkdwn.NameMax)+" "+mrkdwn.Escape(in.Site.Environment, mrkdwn.NameMax)+
				"\n"+r.Called(l.By)+", until "+mrkdwn.Date(l.Until)+": "+mrkdwn.Sentence(mrkdwn.Escape(l.Reason, 300)))
		}
	}
	slices.Sort(lines)
	return lines
}
