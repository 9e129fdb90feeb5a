package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardQuestion is what people are asked on a card.
type cardQuestion struct{ card }

// questions are what people are asked, with their buttons. A single
// question shares its row with the decisions.
func (c cardQuestion) questions() []slack.Block {
	asked, rest := c.active(true), 0
	if len(asked) > c.cardBudget.questions {
		asked, rest = asked[:c.cardBudget.questions], len(asked)-c.cardBudget.questions
	}
	var out []slack.Block
	options := c.options()
	for _, s := range asked {
		out = append(out, mrkdwn.Sections([]string{signalWait + c.question(s)})...)
		answers := c.answers(s)
		if len(asked) == 1 {
			options = append(answers, options...)
		} else if len(answers) > 0 {
			out = append(out, c.actions(s.ID, answers))
		}
	}
	if rest > 0 {
		out = append(out, mrkdwn.Sections([]string{deployer.Count(rest, "more question") + " after these."})...)
	}
	if len(options) > 0 {
		out = append(out, c.actions("options", options))
	}
	return out
}

// question says what is asked, of whom, since when.
func (c cardQuestion) question(s deployer.StepState) string {
	lines := []string{"*" + c.asks(s) + "*"}
	if why := c.unanswerable(s); why != "" {
		lines = append(lines, signalWrong+why)
	}
	lines = append(lines, c.otherwise(s))
	if s.Approves() {
		if given := approvals(s, c.Names); len(given) > 0 {
			lines = append(lines, fmt.Sprintf("%d of %d so far: %s", len(given), max(s.Count(), 1), mrkdwn.Join(given, "and", 4)))
		}
		if back := cardBack(c).wayBackLater(); back != "" && s.Part == deployer.PartMain {
			lines = append(lines, back)
		}
		if lost := cardBack(c).lost("The rollback undoes this, too"); lost != "" && s.Part == deployer.PartRollback {
			lines = append(lines, lost)
		}
		if s.Why != "" {
			lines = append(lines, "Asked again: "+mrkdwn.Shorten(s.Why, c.text))
		}
	}
	if _, _, ok := s.GateOf(); ok {
		return strings.Join(append(lines, c.elsewhere(s)...), "\n")
	}
	if s.Expect != "" {
		lines = append(lines, "Expected: "+mrkdwn.Escape(s.Expect, c.text))
	}
	lines = append(lines, c.checklist(s.Items())...)
	if s.ForClients() {
		lines = append(lines, c.reviewing(s))
	}
	return strings.Join(lines, "\n")
}

// otherwise says since when nobody has answered, and what happens if it stays
// so. Nothing more is promised.
func (c cardQuestion) otherwise(s deployer.StepState) string {
	out := []string{mrkdwn.Ago("Asked", s.Asked())}
	switch r := c.d.Reminder(s); {
	case !r.IsZero():
		out = append(out, "reminder "+c.timely(r))
	case s.Reminded > 0:
		out = append(out, "last reminder "+c.timely(s.Asked().Add(s.Remind[s.Reminded-1])))
	}
	if s.Timeout > 0 && !s.Expired {
		out = append(out, "it fails "+c.timely(s.Began.Add(s.Timeout))+" without an answer")
	}
	return strings.Join(out, " · ")
}

// asks says who is waited for, and for what.
func (c cardQuestion) asks(s deployer.StepState) string {
	if g, item, ok := s.GateOf(); ok {
		return c.asksAtGate(s, g, deployer.ItemName(c.d, s, item))
	}
	switch {
	case s.Approves():
		return "Waiting for " + mrkdwn.Join(c.approvers(s), "or", 4) + " to approve"
	case s.Role() != "":
		return "Waiting for " + mrkdwn.Join(holdersOrSomebody(c.Names, s.Role()), "or", 4) + ": " + mrkdwn.Escape(s.Title, mrkdwn.TitleMax)
	}
	return "Waiting for " + name(c.Names, c.d.Requester) + ": " + mrkdwn.Escape(s.Title, mrkdwn.TitleMax)
}

// asksAtGate says who is waited for at a gate, and what its system asks.
func (c cardQuestion) asksAtGate(s deployer.StepState, g deployer.Gate, item string) string {
	who := "somebody in " + system(s)
	if s.GateRole() != "" {
		who = mrkdwn.Join(holdersOrSomebody(c.Names, s.GateRole()), "or", 4)
	}
	return "Waiting for " + who + ": " + gateWords(s.Title, item) + ": " + mrkdwn.Escape(g.Asks, c.text)
}

// gateWords is the step at whose gate something waits, and which of several items.
func gateWords(title, item string) string {
	words := mrkdwn.Escape(title, mrkdwn.TitleMax)
	if item != "" {
		words += " of " + mrkdwn.Escape(item, mrkdwn.NameMax)
	}
	return words
}

// system is the system that a step works in, as its kind is called: jenkins.
func system(s deployer.StepState) string {
	if name, _, ok := strings.Cut(s.Uses, "."); ok {
		return mrkdwn.Escape(name, mrkdwn.NameMax)
	}
	return "its system"
}

// elsewhere says where a gate is answered that nobody can answer here.
func (c cardQuestion) elsewhere(s deployer.StepState) []string {
	if len(c.answers(s)) > 0 {
		return nil
	}
	return []string{"It is answered in " + system(s) + ", not here."}
}

// approvers are those who may still approve: not the requester, and nobody
// twice.
func (c cardQuestion) approvers(s deployer.StepState) []string {
	not := []string{c.d.Requester.ID}
	for _, a := range s.Approvals {
		not = append(not, a.By.ID)
	}
	who := holders(c.Names, s.Role(), not...)
	switch {
	case len(who) > 0:
		return who
	case len(c.Role(s.Role())) == 0:
		return []string{"somebody of " + mrkdwn.Escape(s.Role(), mrkdwn.NameMax) + " other than " + name(c.Names, c.d.Requester)}
	}
	return []string{"somebody else of " + mrkdwn.Escape(s.Role(), mrkdwn.NameMax)}
}

func approvals(s deployer.StepState, n Names) []string {
	var out []string
	for _, a := range s.Approvals {
		out = append(out, name(n, a.By))
	}
	return out
}

// checklist shows what is confirmed together.
func (c cardQuestion) checklist(items []deployer.Item) []string {
	var out []string
	for i, it := range items {
		if i == c.items {
			return append(out, fmt.Sprintf("• and %d more", len(items)-i))
		}
		out = append(out, "• "+mrkdwn.Link(it.Link, mrkdwn.Escape(it.Title, mrkdwn.TitleMax)))
	}
	return out
}
