package view

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// How much of a happening stands in the thread.
const (
	whyMax    = 600
	detailMax = 9000 // units, in blocks of at most logMost; all of a message may have 13,200
	logMax    = 2900
)

// Message puts a message into Slack's words, the card aside.
func Message(m deployer.Message, d deployer.Deployment, n Guide) (text string, blocks []slack.Block) {
	switch m.Kind {
	case deployer.MessageNote:
		text = note(m.Note, d, n)
	case deployer.MessageAsk:
		text = call(m, d, n)
	case deployer.MessageRemind:
		text = remindText(m, d, n)
	case deployer.MessageLock:
		text = LockMessage(m, n)
	case deployer.MessageRefused:
		text = withReason("*Not deployed:* "+summaryOf(d)+".", mrkdwn.Sentence(mrkdwn.Shorten(m.Note.Why, whyMax)))
	default:
		return announcement(m, d, n)
	}
	blocks = mrkdwn.Sections([]string{text})
	if strings.HasPrefix(m.Note.What, "step-") {
		for _, part := range mrkdwn.CodeBlocks(m.Note.Detail, detailMax, logMax) {
			blocks = append(blocks, mrkdwn.Section(part))
		}
	}
	if who := callDeciders(m, d, n); who != "" {
		blocks = append(blocks, mrkdwn.Sections([]string{who})...)
	}
	return text, blocks
}

// callDeciders mentions those who may decide, behind the note of what went
// wrong: the card alone notifies nobody.
func callDeciders(m deployer.Message, d deployer.Deployment, n Names) string {
	if d.Status != deployer.Deciding || m.Note.What != "step-failed" && m.Note.What != "step-interrupted" {
		return ""
	}
	who := []string{"<@" + d.Requester.ID + ">"}
	for _, role := range d.Deciders() {
		if mention := n.Mention(role); mention != "" {
			who = append(who, mention)
		}
	}
	return mrkdwn.Join(who, "or", 4) + ": please decide. The buttons are on the card above."
}

// note is one line about what has happened.
func note(m deployer.Note, d deployer.Deployment, n Names) string {
	step, by, why := "*"+mrkdwn.Escape(m.Step, mrkdwn.TitleMax)+"*", name(n, m.By), mrkdwn.Sentence(mrkdwn.Shorten(m.Why, whyMax))
	what, decision, _ := strings.Cut(m.What, ":")
	switch what {
	case "step-done":
		return withReason("✓ "+step, why)
	case "step-failed":
		return withReason("✗ "+step+" failed.", why)
	case "step-interrupted":
		return withReason("? "+step+" needs a look: nobody can tell from here how it ended.", why)
	case "confirmed":
		return "✓ " + step + " · done by " + by
	case "approved":
		return "✓ " + step + " · approved by " + by
	case "voided":
		return withReason(step+" has to be approved again.", why)
	case "decided":
		return decided(deployer.Decision(decision), m, by, why)
	case "reviewed":
		return "✓ " + step + " · read by " + by + " before it went out"
	case "late":
		return withReason("<@"+d.Requester.ID+">:", why)
	case "undelivered":
		return withReason("✗ "+undelivered(m.Step, d)+" could not be delivered.", why)
	case "ended":
		return ended(deployer.Status(decision), d, why)
	}
	return withReason(mrkdwn.Escape(m.What, mrkdwn.NameMax)+" "+step, why)
}

func decided(what deployer.Decision, m deployer.Note, by, why string) string {
	switch what {
	case deployer.DecideStop, deployer.DecideReject:
		return why // it says who, and why
	case deployer.DecideSkip:
		return withReason(by+" skipped *"+mrkdwn.Escape(m.Step, mrkdwn.TitleMax)+"*.", why)
	case deployer.DecideRollBack:
		return withReason(by+" decided: *Roll back* "+mrkdwn.Escape(m.Detail, mrkdwn.TitleMax)+".", why)
	}
	return withReason(by+" decided: *"+mrkdwn.Escape(string(what), mrkdwn.NameMax)+"* on "+mrkdwn.Escape(m.Step, mrkdwn.TitleMax)+".", why)
}

func ended(s deployer.Status, d deployer.Deployment, why string) string {
	took := "Took " + mrkdwn.Span(d.Took(d.Ended)) + "."
	switch s {
	case deployer.Complete:
		return withReason("✓ *Complete.* "+took, why)
	case deployer.RolledBack:
		return withReason("✓ *Rolled back.* "+took, why)
	}
	return "*" + mrkdwn.Capital(mrkdwn.Escape(string(s), mrkdwn.NameMax)) + ".* " + took // why was said by whoever decided it
}

// undelivered says in words which message its mark stands for.
func undelivered(mark string, d deployer.Deployment) string {
	first, channel, _ := strings.Cut(mark, "/")
	if s := d.Step(first); s != nil {
		return "*" + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "* for " + mrkdwn.Escape(channel, mrkdwn.NameMax)
	}
	switch first {
	case deployer.MessageCard:
		return "The card"
	case deployer.MessageAsk:
		return "A call for somebody"
	case deployer.MessageRemind:
		return "A reminder"
	case deployer.MessageFailed:
		return "The word that it failed"
	}
	return "The message " + mrkdwn.Code(mark, mrkdwn.NameMax)
}

// call is a new message, since an edit notifies nobody: it mentions whoever is
// newly awaited.
func call(m deployer.Message, d deployer.Deployment, n Names) string {
	who := "<@" + m.To + ">"
	if m.To == "" {
		who = n.Mention(m.Role)
	}
	if who == "" {
		who = mrkdwn.Escape(m.Role, mrkdwn.NameMax)
	}
	why := mrkdwn.Sentence(mrkdwn.Shorten(m.Note.Why, whyMax))
	if m.Note.What == deployer.KindApprove {
		return mrkdwn.Paragraph(who+": "+name(n, d.Requester)+" asks you to approve "+summaryOf(d)+".", why, "The buttons are on the card above.")
	}
	return withReason(who+": your turn, *"+mrkdwn.Escape(m.Note.Step, mrkdwn.TitleMax)+"*. Press Done on the card above.", why)
}

// summaryOf says what is deployed where.
func summaryOf(d deployer.Deployment) string {
	return mrkdwn.Join(changes(d), "and", 4) + " in " + mrkdwn.Escape(d.Retailer, mrkdwn.NameMax) + " " + mrkdwn.Escape(d.Environment, mrkdwn.NameMax)
}

// changes has what each service goes to, and from what as soon as that is
// known.
func changes(d deployer.Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		if !t.Live {
			out = append(out, mrkdwn.Escape(t.Service, mrkdwn.NameMax)+" "+fromTo(t))
		}
	}
	if len(d.Targets) > 0 {
		return out
	}
	for _, w := range d.Releases {
		out = append(out, mrkdwn.Escape(w.Service, mrkdwn.NameMax)+" "+goal(w))
	}
	return out
}

// goal is what somebody typed: a tag, or a revision of the history.
func goal(w deployer.Release) string {
	if w.Revision != "" {
		return "revision " + mrkdwn.Code(w.Revision, mrkdwn.NameMax)
	}
	return mrkdwn.Code(w.Tag, mrkdwn.NameMax)
}

func withReason(line, why string) string {
	if why == "" {
		return line
	}
	return line + " " + why
}
