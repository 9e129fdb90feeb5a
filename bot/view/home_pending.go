package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// A PendingItem is something that waits for this person.
type PendingItem struct {
	Deployment deployer.Deployment
	step       *deployer.StepState // a question; nil: a decision
	since      time.Time
}

// PendingItems are what waits for this person, the longest first.
func (h Home) PendingItems() []PendingItem {
	var out []PendingItem
	for _, d := range h.Live {
		for _, s := range d.Current() {
			if h.awaited(d, s) {
				out = append(out, PendingItem{d, &s, s.Asked()})
			}
		}
		if s := d.Broken(); d.Status == deployer.Deciding && s != nil && len(d.Open()) == 0 && d.MayDecide(h.Me, h.Roles) {
			out = append(out, PendingItem{d, nil, s.Finished})
		}
		if all := d.Untold(); d.Status == deployer.Halting && len(d.Options()) > 0 && d.MayDecide(h.Me, h.Roles) {
			out = append(out, PendingItem{d, nil, all[0].At})
		}
	}
	slices.SortStableFunc(out, func(a, b PendingItem) int { return a.since.Compare(b.since) })
	return out
}

// awaited reports whether a step waits for this person. The requester confirms
// what names no role; whoever decides could, and is not waited for.
func (h Home) awaited(d deployer.Deployment, s deployer.StepState) bool {
	if s.Status != deployer.Active || d.Status == deployer.Halting {
		return false
	}
	holds := slices.Contains(h.Roles, s.Role())
	_, _, gated := s.GateOf()
	switch {
	case gated:
		return s.GateRole() != "" && slices.Contains(h.Roles, s.GateRole())
	case s.Confirms(), s.ForClients() && d.AwaitsPerson(s):
		return holds || s.Role() == "" && d.Requester.ID == h.Me.ID
	case s.Approves():
		given := slices.ContainsFunc(s.Approvals, func(a deployer.Approval) bool { return a.By.ID == h.Me.ID })
		return holds && d.Requester.ID != h.Me.ID && !given
	}
	return false
}

// waiting is what this person can answer, with the buttons of the card.
func (h Home) waiting() []slack.Block {
	all := h.PendingItems()
	if len(all) == 0 {
		return homePart("Waiting for you", h.paragraph(signalGood+"Nothing waits for you."))
	}
	var out []slack.Block
	for _, item := range all[:min(len(all), homePendingMax)] {
		out = append(out, h.PendingBlocks(item)...)
	}
	return homePart(fmt.Sprintf("Waiting for you · %d", len(all)), append(out, h.more(len(all)-homePendingMax)...)...)
}

// PendingBlocks show one of them, with the buttons that answer it.
func (h Home) PendingBlocks(item PendingItem) []slack.Block {
	c := card{Renderer: h.Renderer, d: item.Deployment, now: h.Now, cardBudget: cardBudgets[1]}
	lines := []string{c.title(), c.change(), c.unproved()}
	if len(item.Deployment.Targets) > 1 {
		lines = append(lines, serviceLines{c}.services()...)
	}
	buttons := c.options()
	if item.step != nil {
		lines, buttons = append(lines, signalWait+c.question(*item.step)), c.answers(*item.step)
		if item.step.Approves() && len(item.Deployment.Targets) > c.cardBudget.services { // nobody approves what they can't see
			lines, buttons = append(lines, "Not all of it fits here: approve it on the card."), nil
		}
	} else {
		lines = append(lines, signalWrong+c.state())
	}
	if link := h.Link(item.Deployment); link != "" {
		open := slack.NewButtonBlockElement(homeOpen, "open", mrkdwn.PlainText("Open the card"))
		open.URL = link
		buttons = append(buttons, open)
	}
	text := strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
	out := []slack.Block{
		slack.NewSectionBlock(mrkdwn.Text(mrkdwn.Cut(text, mrkdwn.SectionMax)), nil, nil),
		slack.NewContextBlock("", mrkdwn.Text(c.request()+" · "+mrkdwn.Escape(item.Deployment.ID, mrkdwn.NameMax))),
	}
	if len(buttons) > 0 {
		out = append(out, slack.NewActionBlock(mrkdwn.Plain(fmt.Sprintf("%s/%d/%s", item.Deployment.ID, item.Deployment.Seq, stepID(item.step)), 255), buttons...))
	}
	return out
}

func stepID(s *deployer.StepState) string {
	if s == nil {
		return "decide"
	}
	return s.ID
}
