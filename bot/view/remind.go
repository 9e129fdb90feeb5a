package view

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// reminder calls those again who are still awaited, and nobody else. The last one
// also calls whoever asked for the deployment, who can do something about it.
func reminder(m deployer.Message, d deployer.Deployment, r Renderer) string {
	since := ""
	if s, err := strconv.ParseInt(m.Args[deployer.RemindSince], 10, 64); err == nil {
		since = ", since " + mrkdwn.Date(time.Unix(s, 0))
	}
	if m.Note.Kind == deployer.NoteAsksGate {
		return gateReminder(m, d, r, since)
	}
	requester, stop := "<@"+d.Requester.ID+">", "stop it with "+mrkdwn.Code(r.Command+" stop "+d.ID, mrkdwn.NameMax)
	if m.Role == "" {
		text := requester + ": *" + titled(m.Note.Step) + "* still waits for you" + since + ". " + answerAt(m)
		if m.Note.Kind == deployer.NoteAsksReply {
			text = requester + ": " + name(r, m.Note.By) + " still waits for your reply at *" + titled(m.Note.Step) + "*" + since + ". " + answerAt(m)
		}
		if m.Args[deployer.RemindLast] != "" {
			text += " This is the last reminder: do it, or " + stop + "."
		}
		return text
	}
	who := r.Call(m.Role, answeredBy(d, m.Note.Step))
	if who == "" {
		who = mrkdwn.Escape(m.Role, mrkdwn.NameMax)
	}
	text := who + ": *" + titled(m.Note.Step) + "* still waits for you" + since + ". " + answerAt(m)
	if m.Note.Kind == deployer.NoteAsksApprove {
		text = who + ": " + name(r, d.Requester) + " still waits for you to approve " + summaryOf(d) + since + ". " + answerAt(m)
	}
	if m.Args[deployer.RemindLast] != "" {
		text += "\n" + requester + ": " + whoIsSilent(m, d, r) + strings.TrimPrefix(since, ",") + ". Ask somebody, or " + stop + "."
	}
	return text
}

// gateReminder calls those again who answer a gate, or whoever asked for the
// deployment, where nobody can answer it here.
func gateReminder(m deployer.Message, d deployer.Deployment, r Renderer, since string) string {
	requester := "<@" + d.Requester.ID + ">"
	who := requester
	if m.Role != "" {
		who = cmp.Or(r.Call(m.Role, nil), mrkdwn.Escape(m.Role, mrkdwn.NameMax))
	}
	text := who + ": *" + gateWords(m.Note.Step, m.Note.Detail) + "* still waits for an answer" + since + ": " +
		mrkdwn.Sentence(mrkdwn.Shorten(m.Note.Why, whyMax)) + " " + gateAnswer(m)
	if m.Args[deployer.RemindLast] != "" {
		text += "\n" + requester + ": this is the last reminder. Ask somebody, or stop it with " + mrkdwn.Code(r.Command+" stop "+d.ID, mrkdwn.NameMax) + "."
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

// whoIsSilent says who has not answered.
func whoIsSilent(m deployer.Message, d deployer.Deployment, n Names) string {
	for _, s := range d.Current() {
		if s.Title == m.Note.Step && len(s.Approvals) > 0 {
			return "only " + mrkdwn.Join(approvals(s, n), "and", 4) + " of " + mrkdwn.Escape(m.Role, mrkdwn.NameMax) + " answered"
		}
	}
	return "nobody of " + mrkdwn.Escape(m.Role, mrkdwn.NameMax) + " has answered"
}

// answeredBy are the ids of those who are not awaited at the step: whoever has
// approved, and where something is approved the requester, who never may.
func answeredBy(d deployer.Deployment, title string) []string {
	var out []string
	for _, s := range d.Current() {
		if !s.Approves() || s.Title != title {
			continue
		}
		out = append(out, d.Requester.ID)
		for _, a := range s.Approvals {
			out = append(out, a.By.ID)
		}
	}
	return out
}
