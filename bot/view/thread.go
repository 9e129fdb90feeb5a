package view

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// How much of a happening stands in the thread.
const (
	whyMax    = 600
	detailMax = 9000 // units, in blocks of at most logMax; all of a message may have 13,200
	logMax    = 2900
)

// Message puts a message into Slack's words, the card aside.
func Message(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	text, blocks = message(m, d, r)
	if !d.Drill.On {
		return text, blocks
	}
	return deployer.MarkDrill(true, text), markFirst(blocks)
}

// markFirst marks the first words of a message of a drill.
func markFirst(blocks []slack.Block) []slack.Block {
	if len(blocks) > 0 {
		if s, ok := blocks[0].(*slack.SectionBlock); ok && s.Text != nil {
			marked := *s
			marked.Text = mrkdwn.Text(mrkdwn.Cut(deployer.MarkDrill(true, s.Text.Text), mrkdwn.SectionMax))
			return append([]slack.Block{&marked}, blocks[1:]...)
		}
	}
	return append(mrkdwn.Sections([]string{strings.TrimRight(deployer.MarkDrill(true, ""), " ·")}), blocks...)
}

func message(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	if deployer.IsProblemKey(m.DedupKey) {
		return problemMessage(m, d, r)
	}
	switch m.Kind {
	case deployer.MessageNote:
		text = note(m, d, r)
	case deployer.MessageAsk:
		text = call(m, d, r)
	case deployer.MessageRemind:
		text = reminder(m, d, r)
	case deployer.MessageEscalated:
		text = mrkdwn.Capital(escalated(m, d, r))
	case deployer.MessagePaged:
		text = paged(m, d, r)
	case deployer.MessageGlass:
		text = glassBroken(m, d, r)
	case deployer.MessageOverridden:
		text = overridden(m, d, r)
	case deployer.MessageLock:
		text = LockMessage(m, r)
	case deployer.MessageRefused:
		text = withReason("*Not deployed:* "+summaryOf(d)+".", mrkdwn.Sentence(mrkdwn.Shorten(m.Note.Why, whyMax)))
	default:
		text, blocks = announcement(m, d, r)
		if m.DirectTo() != "" { // nothing around it says what it is about
			text = subject(d) + "\n" + text
			blocks = append(mrkdwn.Sections([]string{subject(d)}), blocks...)
		}
		if !m.Plain && d.ID != "" {
			blocks = append(blocks, r.cardLine(d)...)
		}
		return text, blocks
	}
	blocks = mrkdwn.Sections([]string{text})
	if m.Note.Kind.StepBroke() {
		for _, part := range mrkdwn.CodeBlocks(m.Note.Detail, detailMax, logMax) {
			blocks = append(blocks, mrkdwn.Section(part))
		}
	}
	who := callees(m, d, r)
	if who != "" {
		blocks = append(blocks, mrkdwn.Sections([]string{who})...)
	}
	if mentions(text+who) && d.ID != "" {
		text = pushed(text, d)
	}
	return text, blocks
}

// mentions reports whether words call somebody, whose phone then shows them.
func mentions(words string) bool {
	return slices.ContainsFunc([]string{"<@", "<!subteam", "<!here", "<!channel", "<!everyone"}, func(mark string) bool { return strings.Contains(words, mark) })
}

// pushed are words as a phone shows them, which has no card above them: what is deployed
// where stands before whoever is called.
func pushed(words string, d deployer.Deployment) string {
	about := subject(d)
	if strings.HasPrefix(words, about) {
		return words
	}
	return mrkdwn.Cut(about+": "+strings.ReplaceAll(words, " "+about, " it"), mrkdwn.MessageMax)
}

// note is one line about what has happened.
func note(all deployer.Message, d deployer.Deployment, n Renderer) string {
	m := all.Note
	step, by, why := "*"+titled(m.Step)+"*", name(n, m.By)+asOf(all), mrkdwn.Sentence(mrkdwn.Shorten(m.Why, whyMax))
	switch m.Kind {
	case deployer.NoteStepDone:
		return mrkdwn.Paragraph(withReason("✓ "+step, why), remarkLine(m.Detail))
	case deployer.NoteDisproved:
		return withReason("✗ "+step+" does not hold any more.", why)
	case deployer.NoteUnproven:
		return withReason("? "+step+" needs a look: it was so, and may not be any more.", why)
	case deployer.NoteStepFailed:
		return withReason("✗ "+step+" failed.", why)
	case deployer.NoteStepNoted:
		return withReason("⚠ "+step+" failed. It goes on without it.", why)
	case deployer.NoteStepInterrupted:
		return withReason("? "+step+" needs a look: nobody can tell from here how it ended.", why)
	case deployer.NoteStepHeld:
		until, _ := time.Parse(time.RFC3339, all.Args[deployer.HeldUntil]) // zero: nobody knows
		return step + " " + n.waitsUntil(d.Site.Name, until, why)
	case deployer.NoteStepReleased:
		return step + " goes on: nothing holds it any more."
	case deployer.NoteUntold:
		return withReason("? The stop needs a decision.", mrkdwn.Capital(why))
	case deployer.NoteConfirmed:
		return answeredNote(all, d, n)
	case deployer.NoteApproved:
		return approvedNote(m, step, by)
	case deployer.NoteCarried:
		return "✓ " + step + " · " + by + " approved the same images in " + mrkdwn.Escape(m.Detail, mrkdwn.NameMax) + ", which counts here"
	case deployer.NoteVoided:
		return withReason(step+" has to be approved again.", why)
	case deployer.NoteDecided:
		return toRequester(all.To) + decided(m.Choice, m, by, why)
	case deployer.NoteReviewed:
		return "✓ " + step + " · read by " + by
	case deployer.NoteWarning:
		return withReason("<@"+d.Requester.ID+">:", why)
	case deployer.NoteTargetChanged:
		return withReason("⚠ "+why, "It goes on, since nobody was asked to approve it.")
	case deployer.NoteArrived:
		return "✓ *" + mrkdwn.Escape(m.Detail, mrkdwn.NameMax) + "* has what is wanted already: " + by + " had taken over."
	case deployer.NoteRechecked:
		return withReason(step+":", why)
	case deployer.NoteUndelivered:
		return withReason("✗ "+undelivered(m.DedupKey, d, n)+" could not be delivered.", why)
	case deployer.NoteUnaddressed:
		return "⚠ " + why
	case deployer.NoteCardLost:
		return withReason("This is the card now.", why+" Its buttons do not count any more.")
	case deployer.NoteEnded:
		return ended(m.Status, d, why)
	}
	return withReason(mrkdwn.Escape(string(m.Kind), mrkdwn.NameMax)+" "+step, why)
}

// approvedNote says who has approved a step and, where it takes several yeses, as what,
// and who is missing.
func approvedNote(m deployer.Note, step, by string) string {
	line := "✓ " + step + " · approved by " + by
	if m.Detail != "" {
		line += " as " + mrkdwn.Escape(m.Detail, mrkdwn.NameMax)
	}
	if m.Why != "" {
		line += "; " + mrkdwn.Shorten(m.Why, whyMax) + " is missing"
	}
	return line
}

// answeredNote says who has done a step, or answered it, and with what.
func answeredNote(m deployer.Message, d deployer.Deployment, r Renderer) string {
	line, by := "✓ *"+titled(m.Note.Step)+"*", name(r, m.Note.By)+asOf(m)
	item := mrkdwn.Escape(m.Note.Detail, mrkdwn.NameMax)
	s := d.Step(m.Args[deployer.AnsweredStep])
	switch {
	case s == nil:
		return line + " · done by " + by
	case awaited.CallsRoles(*s):
		return line + " · " + by + " is here for " + item
	case item != "":
		line += ", " + item
	}
	how := " · answered by "
	if s.Hand {
		how = " · done by hand by "
	} else if len(deployer.FieldsOf(*s, m.Note.Detail)) == 0 {
		how = " · done by "
	}
	line += how + by
	if why := mrkdwn.Sentence(mrkdwn.Shorten(m.Note.Why, whyMax)); why != "" {
		line += ": " + why
	}
	values := map[string]string{}
	for key, value := range m.Args {
		if id, ok := strings.CutPrefix(key, deployer.AnsweredField); ok {
			values[id] = value
		}
	}
	if filled := r.filled(d, *s, m.Note.Detail, values, 2*whyMax); filled != "" {
		line += "\n" + filled
	}
	return line
}

// remarkLine is what people should know of a step though it went well.
func remarkLine(remark string) string {
	if remark == "" {
		return ""
	}
	return "\n⚠ " + mrkdwn.Sentence(mrkdwn.Shorten(remark, whyMax))
}

func decided(what deployer.Choice, m deployer.Note, by, why string) string {
	switch what {
	case deployer.ChoiceStop, deployer.ChoiceReject:
		return why // it says who, and why
	case deployer.ChoiceHold:
		return withReason(by+" holds it: nothing is decided by itself.", why)
	case deployer.ChoiceTakeOver:
		return withReason("*"+by+" has taken over.* Nothing is done by the bot until it is handed back; what is under way is watched to its end.", mrkdwn.Capital(why))
	case deployer.ChoiceHandBack:
		return withReason(by+" has handed it back. The bot looks at what was done by hand, and goes on.", mrkdwn.Capital(why))
	case deployer.ChoiceReviewed:
		return "✓ Reviewed by " + by + ": what was answered in the place of others."
	case deployer.ChoiceSkip:
		return withReason(by+" skipped *"+titled(m.Step)+"*.", why)
	case deployer.ChoiceProceed:
		return "✓ *" + gateWords(m.Step, m.Detail) + "* · " + by + " let it proceed"
	case deployer.ChoiceAbort:
		return withReason("✗ *"+gateWords(m.Step, m.Detail)+"* · "+by+" aborted it.", mrkdwn.Capital(why))
	case deployer.ChoicePatch:
		return withReason(by+" decided: *Patch forward* "+mrkdwn.Escape(m.Detail, mrkdwn.TitleMax)+".", why)
	case deployer.ChoiceUnpatched:
		return withReason("*It is not patched forward.*", why+" Please decide. The buttons are on the card above.")
	case deployer.ChoiceRollBack:
		return withReason(by+" decided: *Roll back* "+mrkdwn.Escape(m.Detail, mrkdwn.TitleMax)+".", why)
	}
	return withReason(by+" decided: *"+mrkdwn.Escape(string(what), mrkdwn.NameMax)+"* on "+titled(m.Step)+".", why)
}

func ended(s deployer.Status, d deployer.Deployment, why string) string {
	took := "Took " + mrkdwn.Span(d.Took(d.Ended)) + "."
	switch s {
	case deployer.Complete, deployer.RolledBack:
		return withReason(endedWell(s, d)+" "+took, why)
	}
	return "*" + mrkdwn.Capital(mrkdwn.Escape(string(s), mrkdwn.NameMax)) + ".* " + took // why was said by whoever decided it
}

// endedWell is how a deployment ended that went through all of its steps. What that
// does not stand for, its reason says.
func endedWell(s deployer.Status, d deployer.Deployment) string {
	short, _ := deployer.ShortOf(d)
	switch {
	case short == deployer.ShortOfNothing && s == deployer.Complete:
		return "✓ *Complete.*"
	case short == deployer.ShortOfNothing:
		return "✓ *Rolled back.*"
	case s == deployer.Complete:
		return "*Done.*"
	case short == deployer.ShortOfRollout:
		return "*The rollback is over.*"
	}
	return "*Rolled back.*"
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
	if m.Note.Kind == deployer.NoteAsksApprove {
		return mrkdwn.Paragraph(who+": "+name(n, d.Requester)+" asks you to approve "+summaryOf(d)+".", why, "The buttons are on the card above.")
	}
	switch m.Note.Kind {
	case deployer.NoteAsksReply:
		return mrkdwn.Paragraph(withReason(who+": "+name(n, m.Note.By)+" asks for changes at *"+titled(m.Note.Step)+"*.", why), "Press Reply on the card above.")
	case deployer.NoteReplied:
		return mrkdwn.Paragraph(withReason(who+": "+name(n, m.Note.By)+" replies at *"+titled(m.Note.Step)+"*.", why), changedSince(m.Note.Detail), "The buttons are on the card above.")
	case deployer.NoteAsksOverride:
		return who + ": *" + titled(m.Note.Step) + "* waits: " + why + " You may override that on the card above, with a reason."
	}
	if m.Note.Kind == deployer.NoteAsksGate {
		return who + ": *" + gateWords(m.Note.Step, m.Note.Detail) + "* asks: " + why + " " + gateAnswer(m)
	}
	return withReason(who+": your turn, *"+titled(m.Note.Step)+"*. Press Done on the card above.", why)
}

// changedSince says what has changed since somebody asked for changes, or that nothing of
// what is approved has.
func changedSince(changes string) string {
	if changes == "" {
		return "What is to be approved is the same."
	}
	return "Changed since: " + mrkdwn.Shorten(changes, whyMax)
}

// overridden tells a channel that somebody goes on although a window or a freeze refuses.
func overridden(m deployer.Message, d deployer.Deployment, n Names) string {
	return "⚠ " + name(n, m.Note.By) + " (" + mrkdwn.Escape(m.Args[deployer.OverriddenAs], mrkdwn.NameMax) + ") overrides “" +
		mrkdwn.Shorten(strings.TrimSuffix(m.Note.Why, "."), whyMax) + "” for " + mrkdwn.Escape(d.ID, mrkdwn.NameMax) + ", " + summaryOf(d) + ": " +
		mrkdwn.Sentence(mrkdwn.Shorten(m.Args[deployer.OverriddenReason], whyMax))
}

// gateAnswer says where a gate is answered.
func gateAnswer(m deployer.Message) string {
	if m.Role == "" {
		return "It is answered in the system that asks it."
	}
	return "The buttons are on the card above."
}

// summaryOf says what is deployed where.
func summaryOf(d deployer.Deployment) string {
	return mrkdwn.Join(changes(d), "and", 4) + " in " + mrkdwn.Escape(d.Site.Name, mrkdwn.NameMax) + " " + mrkdwn.Escape(d.Site.Environment, mrkdwn.NameMax)
}

// changes has what each service goes to, and from what as soon as that is
// known.
func changes(d deployer.Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		if !deployer.IsLive(d, t) {
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
