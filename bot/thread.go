package bot

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// How much of a happening stands in the thread.
const (
	whyMax    = 600
	detailMax = 9000 // units, in blocks of at most logMost; all of a message may have 13,200
	logMax    = 2900
)

// drawMessage puts a message into Slack's words, the card aside.
func drawMessage(m deployer.Message, d deployer.Deployment, n guide) (text string, blocks []slack.Block) {
	switch m.Kind {
	case deployer.MessageNote:
		text = note(m.Note, d, n)
	case deployer.MessageAsk:
		text = call(m, d, n)
	case deployer.MessageRemind:
		text = remindText(m, d, n)
	case deployer.MessageLock:
		text = lockWord(m, n)
	case deployer.MessageRefused:
		text = withReason("*Not deployed:* "+summaryOf(d)+".", sentence(shorten(m.Note.Why, whyMax)))
	default:
		return announcement(m, d, n)
	}
	blocks = sections([]string{text})
	if strings.HasPrefix(m.Note.What, "step-") {
		for _, part := range codeBlocks(m.Note.Detail, detailMax, logMax) {
			blocks = append(blocks, section(part))
		}
	}
	if who := callDeciders(m, d, n); who != "" {
		blocks = append(blocks, sections([]string{who})...)
	}
	return text, blocks
}

// callDeciders mentions those who may decide, behind the note of what went
// wrong: the card alone notifies nobody.
func callDeciders(m deployer.Message, d deployer.Deployment, n names) string {
	if d.Status != deployer.Deciding || m.Note.What != "step-failed" && m.Note.What != "step-interrupted" {
		return ""
	}
	who := []string{"<@" + d.Requester.ID + ">"}
	for _, role := range d.Deciders() {
		if mention := n.Mention(role); mention != "" {
			who = append(who, mention)
		}
	}
	return join(who, "or", 4) + ": please decide. The buttons are on the card above."
}

// note is one line about what has happened.
func note(m deployer.Note, d deployer.Deployment, n names) string {
	step, by, why := "*"+escape(m.Step, titleMax)+"*", name(n, m.By), sentence(shorten(m.Why, whyMax))
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
	return withReason(escape(m.What, nameMax)+" "+step, why)
}

func decided(what deployer.Decision, m deployer.Note, by, why string) string {
	switch what {
	case deployer.DecideStop, deployer.DecideReject:
		return why // it says who, and why
	case deployer.DecideSkip:
		return withReason(by+" skipped *"+escape(m.Step, titleMax)+"*.", why)
	case deployer.DecideRollBack:
		return withReason(by+" decided: *Roll back* "+escape(m.Detail, titleMax)+".", why)
	}
	return withReason(by+" decided: *"+escape(string(what), nameMax)+"* on "+escape(m.Step, titleMax)+".", why)
}

func ended(s deployer.Status, d deployer.Deployment, why string) string {
	took := "Took " + span(d.Took(d.Ended)) + "."
	switch s {
	case deployer.Complete:
		return withReason("✓ *Complete.* "+took, why)
	case deployer.RolledBack:
		return withReason("✓ *Rolled back.* "+took, why)
	}
	return "*" + capital(escape(string(s), nameMax)) + ".* " + took // why was said by whoever decided it
}

// undelivered says in words which message its mark stands for.
func undelivered(mark string, d deployer.Deployment) string {
	first, channel, _ := strings.Cut(mark, "/")
	if s := d.Step(first); s != nil {
		return "*" + escape(s.Title, titleMax) + "* for " + escape(channel, nameMax)
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
	return "The message " + code(mark, nameMax)
}

// call is a new message, since an edit notifies nobody: it mentions whoever is
// newly awaited.
func call(m deployer.Message, d deployer.Deployment, n names) string {
	who := "<@" + m.To + ">"
	if m.To == "" {
		who = n.Mention(m.Role)
	}
	if who == "" {
		who = escape(m.Role, nameMax)
	}
	why := sentence(shorten(m.Note.Why, whyMax))
	if m.Note.What == deployer.KindApprove {
		return paragraph(who+": "+name(n, d.Requester)+" asks you to approve "+summaryOf(d)+".", why, "The buttons are on the card above.")
	}
	return withReason(who+": your turn, *"+escape(m.Note.Step, titleMax)+"*. Press Done on the card above.", why)
}

// summaryOf says what is deployed where.
func summaryOf(d deployer.Deployment) string {
	return join(changes(d), "and", 4) + " in " + escape(d.Retailer, nameMax) + " " + escape(d.Environment, nameMax)
}

// changes has what each service goes to, and from what as soon as that is
// known.
func changes(d deployer.Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		if !t.Live {
			out = append(out, escape(t.Service, nameMax)+" "+fromTo(t))
		}
	}
	if len(d.Targets) > 0 {
		return out
	}
	for _, w := range d.Releases {
		out = append(out, escape(w.Service, nameMax)+" "+goal(w))
	}
	return out
}

// goal is what somebody typed: a tag, or a revision of the history.
func goal(w deployer.Release) string {
	if w.Revision != "" {
		return "revision " + code(w.Revision, nameMax)
	}
	return code(w.Tag, nameMax)
}

func withReason(line, why string) string {
	if why == "" {
		return line
	}
	return line + " " + why
}
