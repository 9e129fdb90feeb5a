package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// reminder calls those again who are still awaited, and nobody else. The last one
// also calls whoever asked for the deployment, who can do something about it.
func reminder(m deployer.Message, d deployer.Deployment, r Renderer) string {
	since := sinceWords(m)
	if m.Note.Kind == deployer.NoteAsksGate {
		return gateReminder(m, d, r, since)
	}
	if m.Note.Kind == deployer.NoteAsksDecide {
		return decisionReminder(m, d, r, since)
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

// sinceWords say since when those who are awaited have not come.
func sinceWords(m deployer.Message) string {
	s, err := strconv.ParseInt(m.Args[deployer.RemindSince], 10, 64)
	if err != nil {
		return ""
	}
	return ", since " + mrkdwn.Date(time.Unix(s, 0))
}

// decisionReminder calls those again who decide what becomes of what did not go well.
func decisionReminder(m deployer.Message, d deployer.Deployment, r Renderer, since string) string {
	who := []string{"<@" + d.Requester.ID + ">"}
	for _, role := range d.Deciders() {
		if mention := r.Mention(role); mention != "" {
			who = append(who, mention)
		}
	}
	text := mrkdwn.Join(who, "or", 4) + ": *" + titled(m.Note.Step) + "* still waits for your decision" + since + ". The buttons are on the card above."
	if m.Args[deployer.RemindLast] != "" {
		text += " This is the last reminder."
	}
	return text
}

// escalated calls whoever may answer now, or is paged, since nobody has come.
func escalated(m deployer.Message, d deployer.Deployment, r Renderer) string {
	what := unanswered(m, d, r) + sinceWords(m) + "."
	who := cmp.Or(r.Mention(m.Role), mrkdwn.Escape(m.Role, mrkdwn.NameMax))
	none := m.Role == "" || r.Mention(m.Role) == "" && len(r.Role(m.Role)) == 0
	switch level := deployer.Level(m.Args[deployer.EscalatedLevel]); {
	case level == deployer.LevelDeputies && none:
		return what + " No deputies are known who could answer too."
	case level == deployer.LevelDeputies:
		return who + ": " + what + " You may answer too now. The buttons are on the card above."
	case level == deployer.LevelPage && d.Drill.On:
		return what + " Whoever is on call for " + mrkdwn.Escape(cmp.Or(m.Role, "it"), mrkdwn.NameMax) + " would be paged now: in a drill, nobody is."
	case level == deployer.LevelPage && none:
		return what + " Nobody is known who could be paged."
	case level == deployer.LevelPage:
		return "🚨 " + who + ", you are paged: " + what + " See the card above."
	case none:
		return what + " Nobody is known who could break the glass."
	}
	return who + ": " + what + " You may answer now, with a reason. Everybody is told, and it is reviewed. The buttons are on the card above."
}

// paged is what somebody who is paged reads, wherever they are.
func paged(m deployer.Message, d deployer.Deployment, r Renderer) string {
	return mrkdwn.Paragraph(subject(d)+": 🚨 *you are paged.*", mrkdwn.Capital(unanswered(m, d, r))+sinceWords(m)+".",
		"The card is in <#"+mrkdwn.Escape(d.Channels[deployer.ChannelDeploys], mrkdwn.NameMax)+">: "+mrkdwn.Escape(d.ID, mrkdwn.NameMax)+".")
}

// unanswered says what nobody has answered.
func unanswered(m deployer.Message, d deployer.Deployment, r Renderer) string {
	step := "*" + titled(m.Note.Step) + "*"
	switch m.Note.Kind {
	case deployer.NoteAsksDecide:
		return "nobody has decided yet about " + step + ", which did not go well"
	case deployer.NoteAsksApprove:
		return "nobody has approved " + summaryOf(d) + " yet, as " + name(r, d.Requester) + " asks (" + step + ")"
	case deployer.NoteAsksGate:
		return "nobody has answered *" + gateWords(m.Note.Step, m.Note.Detail) + "* yet: " + mrkdwn.TrimStop(mrkdwn.Shorten(m.Note.Why, whyMax))
	}
	return "nobody has answered " + step + " yet"
}

// glassBroken tells everybody that somebody has answered in the place of those who did
// not come.
func glassBroken(m deployer.Message, d deployer.Deployment, r Renderer) string {
	of := ""
	if m.Note.Step != "" {
		of = " at *" + titled(m.Note.Step) + "*"
	}
	return mrkdwn.Paragraph("⚠ *Glass broken* on "+summaryOf(d)+" ("+mrkdwn.Escape(d.ID, mrkdwn.NameMax)+"): "+name(r, m.Note.By)+" answered *"+mrkdwn.Escape(string(m.Note.Choice), mrkdwn.NameMax)+"*"+of+
		" in the place of "+mrkdwn.Escape(m.Note.Detail, mrkdwn.NameMax)+", of whom nobody came.", mrkdwn.Capital(mrkdwn.Sentence(mrkdwn.Shorten(m.Note.Why, whyMax))), "A review is owed.")
}

// asOf says in whose place somebody has answered.
func asOf(m deployer.Message) string {
	switch deployer.Level(m.Args[deployer.AnsweredAs]) {
	case deployer.LevelDeputies:
		return ", as a deputy"
	case deployer.LevelBreakGlass:
		return ", breaking the glass"
	}
	return ""
}

// cardPatience is what a card says of those who have not come.
type cardPatience struct{ card }

// patience says what has come since nobody has answered, who may answer now, and what
// comes next.
func (c cardPatience) patience(q deployer.Awaiting) []string {
	lines, ahead := c.passed(q), q.Ahead()
	if len(ahead) == 0 {
		return lines
	}
	words := map[deployer.Level]string{
		deployer.LevelDeputies: "Deputies are asked ", deployer.LevelPage: mrkdwn.Capital(c.pagedWho(q)) + " is paged ", deployer.LevelBreakGlass: "The glass may be broken ",
	}
	return append(lines, words[ahead[0].Level]+c.timely(ahead[0].At)+".")
}

// pagedWho is who is paged about a question.
func (c cardPatience) pagedWho(q deployer.Awaiting) string {
	if c.d.Procedure.OnCall != "" {
		return "on-call"
	}
	return mrkdwn.Join(escapedAll(deployer.Paged(c.d, q)), "and", 2)
}

// passed says what has come since nobody has answered, and who may answer now.
func (c cardPatience) passed(q deployer.Awaiting) []string {
	var lines []string
	if q.Passed(deployer.LevelPage) {
		lines = append(lines, mrkdwn.Capital(c.pagedWho(q))+" was paged "+c.timely(q.Since.Add(q.Escalate.Page))+".")
	}
	glass := c.d.Procedure.BreakGlass
	deputies := deployer.StandIns(c.d, q)
	if q.Passed(deployer.LevelBreakGlass) && glass != "" {
		deputies = deputies[:len(deputies)-1]
	}
	if who := c.answering(deputies); len(who) > 0 {
		lines = append(lines, mrkdwn.Join(who, "or", 4)+" may answer too, as a deputy.")
	} else if q.Passed(deployer.LevelDeputies) {
		lines = append(lines, "No deputies are known who could answer.")
	}
	if !q.Passed(deployer.LevelBreakGlass) {
		return lines
	}
	if who := c.answering([]string{glass}); len(who) > 0 {
		return append(lines, mrkdwn.Join(who, "or", 4)+" may answer with a reason, which is reviewed.")
	}
	return append(lines, "Nobody is known who could break the glass.")
}

// standIns are the people who may answer a question besides those who are awaited.
func (c cardPatience) standIns(q deployer.Awaiting) []string {
	return c.answering(deployer.StandIns(c.d, q))
}

// answering are the people of some roles, without whoever asked for the deployment.
func (c cardPatience) answering(roles []string) []string {
	var out []string
	for _, role := range roles {
		for _, who := range holders(c.Names, role, c.d.Requester.ID) {
			if !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}

func escapedAll(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, mrkdwn.Escape(n, mrkdwn.NameMax))
	}
	return out
}
