package bot

import (
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// How much of a happening stands in the thread.
const (
	whyMost    = 600
	detailMost = 9000 // units, in blocks of at most logMost; all of a message may have 13,200
	logMost    = 2900
)

// renderLetter puts a message into Slack's words, the card aside.
func renderLetter(m deployer.Message, d deployer.Deployment, n guide) (text string, blocks []slack.Block) {
	switch m.Kind {
	case deployer.MessageNote:
		text = note(m.Note, d, n)
	case deployer.MessageAsk:
		text = call(m, d, n)
	case deployer.MessageRemind:
		text = nudge(m, d, n)
	case deployer.MessageLock:
		text = lockWord(m, n)
	case deployer.MessageRefused:
		text = said("*Not deployed:* "+summaryOf(d)+".", sentence(brief(m.Note.Why, whyMost)))
	default:
		return announcement(m, d, n)
	}
	blocks = sections([]string{text})
	if m.Note.Kind.StepBroke() {
		for _, part := range codeBlocks(m.Note.Detail, detailMost, logMost) {
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
	if d.Status != deployer.Deciding || !m.Note.Kind.StepBroke() {
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
	step, by, why := "*"+esc(m.Step, titleMost)+"*", name(n, m.By), sentence(brief(m.Why, whyMost))
	switch m.Kind {
	case deployer.NoteStepDone:
		return said("✓ "+step, why)
	case deployer.NoteStepFailed:
		return said("✗ "+step+" failed.", why)
	case deployer.NoteStepInterrupted:
		return said("? "+step+" needs a look: nobody can tell from here how it ended.", why)
	case deployer.NoteConfirmed:
		return "✓ " + step + " · done by " + by
	case deployer.NoteApproved:
		return "✓ " + step + " · approved by " + by
	case deployer.NoteVoided:
		return said(step+" has to be approved again.", why)
	case deployer.NoteDecided:
		return decided(m.Decision, m, by, why)
	case deployer.NoteReviewed:
		return "✓ " + step + " · read by " + by + " before it went out"
	case deployer.NoteLate:
		return said("<@"+d.Requester.ID+">:", why)
	case deployer.NoteUndelivered:
		return said("✗ "+undelivered(m.DedupKey, d)+" could not be delivered.", why)
	case deployer.NoteEnded:
		return ended(m.Status, d, why)
	}
	return said(esc(string(m.Kind), nameMost)+" "+step, why)
}

func decided(what deployer.Decision, m deployer.Note, by, why string) string {
	switch what {
	case deployer.DecideStop, deployer.DecideReject:
		return why // it says who, and why
	case deployer.DecideSkip:
		return said(by+" skipped *"+esc(m.Step, titleMost)+"*.", why)
	case deployer.DecideRollBack:
		return said(by+" decided: *Roll back* "+esc(m.Detail, titleMost)+".", why)
	}
	return said(by+" decided: *"+esc(string(what), nameMost)+"* on "+esc(m.Step, titleMost)+".", why)
}

func ended(s deployer.Status, d deployer.Deployment, why string) string {
	took := "Took " + span(d.Took(d.Ended)) + "."
	switch s {
	case deployer.Complete:
		return said("✓ *Complete.* "+took, why)
	case deployer.RolledBack:
		return said("✓ *Rolled back.* "+took, why)
	}
	return "*" + capital(esc(string(s), nameMost)) + ".* " + took // why was said by whoever decided it
}

// undelivered says in words which message its key stands for.
func undelivered(key string, d deployer.Deployment) string {
	step, channel, _ := deployer.ParseAnnouncementKey(key)
	if s := d.Step(step); s != nil {
		return "*" + esc(s.Title, titleMost) + "* for " + esc(channel, nameMost)
	}
	switch deployer.MessageKindOf(key) {
	case deployer.MessageCard:
		return "The card"
	case deployer.MessageAsk:
		return "A call for somebody"
	case deployer.MessageRemind:
		return "A reminder"
	case deployer.MessageFailed:
		return "The word that it failed"
	}
	return "The message " + code(key, nameMost)
}

// call is a new message, since an edit notifies nobody: it mentions whoever is
// newly awaited.
func call(m deployer.Message, d deployer.Deployment, n names) string {
	who := "<@" + m.To + ">"
	if m.To == "" {
		who = n.Mention(m.Role)
	}
	if who == "" {
		who = esc(m.Role, nameMost)
	}
	why := sentence(brief(m.Note.Why, whyMost))
	if m.Note.Kind == deployer.NoteAsksApprove {
		return paragraph(who+": "+name(n, d.Requester)+" asks you to approve "+summaryOf(d)+".", why, "The buttons are on the card above.")
	}
	return said(who+": your turn, *"+esc(m.Note.Step, titleMost)+"*. Press Done on the card above.", why)
}

// summaryOf says what is deployed where.
func summaryOf(d deployer.Deployment) string {
	return join(changes(d), "and", 4) + " in " + esc(d.Retailer, nameMost) + " " + esc(d.Environment, nameMost)
}

// changes has what each service goes to, and from what as soon as that is
// known.
func changes(d deployer.Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		if !t.Live {
			out = append(out, esc(t.Service, nameMost)+" "+fromTo(t))
		}
	}
	if len(d.Targets) > 0 {
		return out
	}
	for _, w := range d.Releases {
		out = append(out, esc(w.Service, nameMost)+" "+goal(w))
	}
	return out
}

// goal is what somebody typed: a tag, or a revision of the history.
func goal(w deployer.Release) string {
	if w.Revision != "" {
		return "revision " + code(w.Revision, nameMost)
	}
	return code(w.Tag, nameMost)
}

func said(line, why string) string {
	if why == "" {
		return line
	}
	return line + " " + why
}
