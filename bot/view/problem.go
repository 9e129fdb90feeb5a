package view

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// A problem is drawn as it stands now: what it is about, what went wrong, who decides or
// what was decided, and how it was over.
type problem struct {
	deployer.Problem
	step deployer.StepState
	d    deployer.Deployment
	r    Renderer
}

// problemMessage tells of a problem in the channel, or in the thread of that message
// that it is over.
func problemMessage(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	of := d.ProblemOf(m.DedupKey)
	if of == nil || d.Step(of.Step) == nil {
		text = mrkdwn.Escape(m.Kind, mrkdwn.NameMax)
		return text, mrkdwn.Sections([]string{text})
	}
	p := problem{*of, *d.Step(of.Step), d, r}
	if m.Thread {
		text = mrkdwn.Paragraph(subject(d)+":", p.over())
		return text, mrkdwn.Sections([]string{text})
	}
	text = strings.Join(compact(subject(d), p.wrong(), p.next()), "\n")
	return text, append(mrkdwn.Sections([]string{text}), r.cardLine(d)...)
}

// subject is what is deployed where, before all else: a phone shows little more of a
// message.
func subject(d deployer.Deployment) string {
	if len(d.Releases) == 0 {
		return "*" + titled(d.Procedure.Title) + "* in " + mrkdwn.Escape(d.Site.Name, mrkdwn.NameMax) + " " + mrkdwn.Escape(d.Site.Environment, mrkdwn.NameMax)
	}
	return summaryOf(d)
}

// wrong says what failed, why, and how often.
func (p problem) wrong() string {
	how := "failed"
	if p.Ended == 0 && p.step.Broken() {
		how = broken(p.step)
	}
	if p.Fails > 1 {
		how += " " + deployer.Count(p.Fails, "time")
	}
	sign := "🔴 "
	switch {
	case p.Ended != 0 && p.step.Status == deployer.Done && p.step.Skipped.By.ID == "" && p.Decided != deployer.ChoicePatch:
		sign = "✓ "
	case p.Ended != 0:
		sign = "⚪ "
	case p.Decided != "" && !p.waits():
		sign = "🔵 "
	}
	return mrkdwn.Paragraph(sign+"*"+StepTitle(p.step)+" "+how+".*", mrkdwn.Sentence(mrkdwn.Shorten(p.Why, whyMax)))
}

// waits reports whether somebody has to decide about it now.
func (p problem) waits() bool {
	switch {
	case p.Ended != 0 || !p.step.Broken() || p.step.Again != "":
		return false
	case p.Decided == deployer.ChoicePatch && deployer.Patching(p.d) != nil:
		return false
	case p.Decided == deployer.ChoiceRollBack || p.Decided == deployer.ChoiceStop || p.Decided == deployer.ChoiceReject:
		return false
	}
	return true
}

// next says who decides, what was decided, or how it was over.
func (p problem) next() string {
	switch {
	case p.Ended != 0:
		return p.over()
	case !p.waits():
		return p.decided()
	}
	words := strings.Join(p.callees(), " or ") + ": please decide. The buttons are on the card."
	if p.Decided == deployer.ChoiceRetry || p.Decided == deployer.ChoiceCheck || p.Decided == deployer.ChoiceUnpatched {
		words = p.decided() + " " + words
	}
	return words + p.experts()
}

// experts calls those who are to look at it, as far as somebody is known, once: an edit
// notifies nobody.
func (p problem) experts() string {
	var out []string
	for _, role := range p.d.Procedure.Failure.Experts {
		if called := p.r.Mention(role); called != "" {
			out = append(out, called)
		}
	}
	if len(out) == 0 {
		return ""
	}
	words := "\n" + mrkdwn.Join(out, "and", 4) + ": please look at it, and give your view on the card."
	return strings.Join(append([]string{words}, views(p.d, p.r.Names, whyMax)...), "\n")
}

// viewsMax is how many views are shown, the last ones.
const viewsMax = 4

// views say what the experts would decide, and who of them has not said anything: nobody
// waits for a role that nobody holds.
func views(d deployer.Deployment, n Names, most int) []string {
	if !deployer.AsksExperts(d) {
		return nil
	}
	var out, silent []string
	all := d.Decision.Views
	for _, v := range all[max(0, len(all)-viewsMax):] {
		roles := escapedAll(strings.Split(v.Roles, "\n"))
		out = append(out, name(n, v.By)+" ("+mrkdwn.Join(roles, "and", 4)+"): *"+mrkdwn.Escape(string(v.Choice), mrkdwn.NameMax)+"*, "+mrkdwn.Sentence(mrkdwn.Shorten(v.Why, most)))
	}
	for _, role := range deployer.Unheard(d) {
		if len(n.Role(role)) > 0 {
			silent = append(silent, mrkdwn.Escape(role, mrkdwn.NameMax))
		}
	}
	switch len(silent) {
	case 0:
		return out
	case 1:
		return append(out, silent[0]+" has not said anything yet.")
	}
	return append(out, mrkdwn.Join(silent, "and", 4)+" have not said anything yet.")
}

// callees are mentions of those who decide. Whoever asked for it is called in the card's
// thread, and only named here.
func (p problem) callees() []string {
	var out []string
	if p.d.Requester.Name != "" {
		out = append(out, name(p.r, p.d.Requester))
	}
	for _, role := range p.d.Deciders() {
		called := p.r.Mention(role)
		if called == "" {
			called = "somebody of " + mrkdwn.Escape(role, mrkdwn.NameMax)
		}
		out = append(out, called)
	}
	return out
}

// decided says what was decided last, and by whom.
func (p problem) decided() string {
	by, itself := name(p.r, p.By), p.By.Kind == deployer.ActorEngine
	why := mrkdwn.Capital(mrkdwn.Sentence(mrkdwn.Shorten(p.Comment, whyMax)))
	switch p.Decided {
	case deployer.ChoiceCheck:
		return "Checked again by " + by + "."
	case deployer.ChoiceRetry:
		return "Retried by " + by + "."
	case deployer.ChoiceSkip:
		return withReason(by+" skipped it.", why)
	case deployer.ChoiceByHand:
		return withReason(by+" has done it by hand.", why)
	case deployer.ChoicePatch:
		return withReason(by+" decided: *Patch forward*.", why)
	case deployer.ChoiceUnpatched:
		return withReason("*It is not patched forward.*", why)
	case deployer.ChoiceRollBack:
		if itself {
			return "*It goes back* by itself, as the procedure says."
		}
		return withReason(by+" decided: *Roll back*.", why)
	case deployer.ChoiceStop, deployer.ChoiceReject:
		if itself {
			return "*It is stopped*, as the procedure says."
		}
		return withReason(by+" stopped it.", why)
	}
	return ""
}

// over says how it was over.
func (p problem) over() string {
	switch {
	case p.step.Skipped.By.ID != "" || p.Decided == deployer.ChoiceSkip:
		return mrkdwn.Paragraph("*Over.*", p.decided())
	case p.Decided == deployer.ChoicePatch:
		return mrkdwn.Paragraph("*Over.*", p.decided())
	case p.d.Status == deployer.RolledBack && !p.step.Over():
		return "*Over: rolled back.*"
	case p.d.Status == deployer.Stopped && !p.step.Over():
		return mrkdwn.Paragraph("*Over: stopped.*", p.decided())
	}
	if p.Decided == deployer.ChoiceByHand && p.step.Over() {
		return mrkdwn.Paragraph("*Over.*", p.decided())
	}
	return mrkdwn.Paragraph("*Over:* it is done after all.", p.decided())
}

// cardLine leads to the card, where it is known where that is.
func (r Renderer) cardLine(d deployer.Deployment) []slack.Block {
	if r.CardLink == "" {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(mrkdwn.Link(r.CardLink, mrkdwn.Escape(d.ID, mrkdwn.NameMax))))}
}
