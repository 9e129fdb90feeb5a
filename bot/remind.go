package bot

import (
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// nudge calls those again who are still awaited, and nobody else. The last one
// also calls whoever asked for the deployment, who can do something about it.
func nudge(m deployer.Message, d deployer.Deployment, n guide) string {
	since := ""
	if s, err := strconv.ParseInt(m.Args[deployer.RemindSince], 10, 64); err == nil {
		since = ", since " + date(time.Unix(s, 0))
	}
	requester, stop := "<@"+d.Requester.ID+">", "stop it with "+code(n.command+" stop "+d.ID, nameMost)
	if m.Role == "" {
		text := requester + ": *" + esc(m.Note.Step, titleMost) + "* still waits for you" + since + ". " + answerAt(m)
		if m.Args[deployer.RemindLast] != "" {
			text += " This is the last reminder: do it, or " + stop + "."
		}
		return text
	}
	who := n.Call(m.Role, answeredBy(d, m.Note.Step))
	if who == "" {
		who = esc(m.Role, nameMost)
	}
	text := who + ": *" + esc(m.Note.Step, titleMost) + "* still waits for you" + since + ". " + answerAt(m)
	if m.Note.Kind == deployer.NoteAsksApprove {
		text = who + ": " + name(n, d.Requester) + " still waits for you to approve " + summaryOf(d) + since + ". " + answerAt(m)
	}
	if m.Args[deployer.RemindLast] != "" {
		text += "\n" + requester + ": " + silence(m, d, n) + strings.TrimPrefix(since, ",") + ". Ask somebody, or " + stop + "."
	}
	return text
}

// answerAt says where to answer.
func answerAt(m deployer.Message) string {
	if m.Note.Kind == deployer.NoteAsksConfirm || m.Note.Kind == deployer.NoteAsksReview {
		return "Press Done on the card above."
	}
	return "The buttons are on the card above."
}

// silence says who has not answered.
func silence(m deployer.Message, d deployer.Deployment, n names) string {
	for _, s := range d.Current() {
		if s.Title == m.Note.Step && len(s.Approvals) > 0 {
			return "only " + join(approvals(s, n), "and", 4) + " of " + esc(m.Role, nameMost) + " answered"
		}
	}
	return "nobody of " + esc(m.Role, nameMost) + " has answered"
}

// answeredBy are the ids of those who are not awaited at the step: whoever has
// approved, and where something is approved the requester, who never may.
func answeredBy(d deployer.Deployment, title string) []string {
	var out []string
	for _, s := range d.Current() {
		if s.Uses != deployer.KindApprove || s.Title != title {
			continue
		}
		out = append(out, d.Requester.ID)
		for _, a := range s.Approvals {
			out = append(out, a.By.ID)
		}
	}
	return out
}
