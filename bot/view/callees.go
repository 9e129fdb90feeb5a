package view

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// callees mentions whoever has to know of a note: the card alone notifies nobody. Of
// what went wrong that is who asked for the deployment, since the others who decide are
// called in the channel; where another card has taken the place of one, and where nobody
// can tell after a stop, it is all who decide.
func callees(m deployer.Message, d deployer.Deployment, n Names) string {
	if m.Note.Kind.StepBroke() {
		return callRequester(m, d)
	}
	if m.Note.Kind == deployer.NoteDecided && m.Note.Choice == deployer.ChoiceTakeOver {
		return callMeanwhile(m, d, n)
	}
	anew := m.Note.Kind == deployer.NoteCardLost
	broke := anew && deployer.AwaitsDecision(d)
	untold := d.Status == deployer.Halting && (m.Note.Kind == deployer.NoteUntold || anew) && len(d.Options()) > 0
	if !broke && !untold {
		return callAwaited(m, d, n)
	}
	who := []string{"<@" + d.Requester.ID + ">"}
	for _, role := range d.Deciders() {
		if mention := n.Mention(role); mention != "" {
			who = append(who, mention)
		}
	}
	return mrkdwn.Join(who, "or", 4) + ": please decide. The buttons are on the card above."
}

// callRequester mentions who asked for a deployment, behind what went wrong for the
// first time.
func callRequester(m deployer.Message, d deployer.Deployment) string {
	switch {
	case m.To == "":
		return ""
	case deployer.AwaitsDecision(d):
		return "<@" + m.To + ">: please decide. The buttons are on the card above."
	}
	return "<@" + m.To + ">: the card above says what becomes of it."
}

// callAwaited mentions those who are awaited at the steps, behind the note that the
// card is another one: they were called when there was the one before.
func callAwaited(m deployer.Message, d deployer.Deployment, n Names) string {
	if m.Note.Kind != deployer.NoteCardLost || d.Status != deployer.Running {
		return ""
	}
	var who []string
	for _, s := range d.Current() {
		if s.Status != deployer.Active || !d.AwaitsPerson(s) {
			continue
		}
		mention, role := "<@"+d.Requester.ID+">", s.Role()
		if _, _, gated := s.GateOf(); gated {
			mention, role = "", s.GateRole() // nobody here, where its system asks
		}
		if role != "" {
			mention = n.Mention(role)
		}
		if mention != "" && !slices.Contains(who, mention) {
			who = append(who, mention)
		}
	}
	if len(who) == 0 {
		return ""
	}
	return mrkdwn.Join(who, "and", 4) + ": the buttons are on the card above."
}

// callMeanwhile mentions those who are awaited while somebody has taken over, but for
// them.
func callMeanwhile(m deployer.Message, d deployer.Deployment, n Names) string {
	var who []string
	add := func(mention string) {
		if mention != "" && !slices.Contains(who, mention) {
			who = append(who, mention)
		}
	}
	for _, a := range awaited.Of(d) {
		if a.Person != "" && a.Person != m.Note.By.ID && a.Person != m.To {
			add("<@" + a.Person + ">")
		}
		for _, role := range a.Roles {
			if role != "" {
				add(n.Mention(role))
			}
		}
	}
	if len(who) == 0 {
		return ""
	}
	return mrkdwn.Join(who, "and", 4) + ": what you are asked on the card above still waits for you."
}

// toRequester calls who asked for a deployment, where somebody else has ended it.
func toRequester(id string) string {
	if id == "" {
		return ""
	}
	return "<@" + id + ">: "
}

// undelivered says in words which message its key stands for.
func undelivered(key string, d deployer.Deployment, n Names) string {
	step, channel, _ := deployer.ParseAnnouncementKey(key)
	if id, direct := strings.CutPrefix(key[strings.LastIndex(key, "/")+1:], deployer.DirectKey("")); direct {
		what := "A direct message"
		if s := d.Step(step); s != nil && s.Announces() {
			what = "*" + StepTitle(*s) + "*"
		}
		return what + " for " + name(n, deployer.Actor{ID: id})
	}
	if s := d.Step(step); s != nil && slices.Contains(s.To(), channel) {
		return "*" + StepTitle(*s) + "* for " + mrkdwn.Escape(channel, mrkdwn.NameMax)
	}
	switch deployer.MessageKindOf(key) {
	case deployer.MessageCard:
		return "The card"
	case deployer.MessageAsk:
		return "A call for somebody"
	case deployer.MessageRemind:
		return "A reminder"
	case deployer.MessageOverridden:
		return "The word that somebody goes on all the same"
	case deployer.MessageFailed:
		return "The word that it failed"
	case deployer.MessageDecide:
		return "The word of a problem"
	}
	return "The message " + mrkdwn.Code(key, mrkdwn.NameMax)
}
