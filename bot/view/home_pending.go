package view

import (
	"fmt"
	"maps"
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
		for _, a := range Asks(d) {
			if a.Awaits(h.Me.ID, h.Roles) {
				out = append(out, PendingItem{d, d.Step(a.Step), a.Since})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b PendingItem) int { return a.since.Compare(b.since) })
	return out
}

// waiting is what this person can answer, with the buttons of the card.
func (h Home) waiting() []slack.Block {
	all := h.PendingItems()
	n := len(all) + h.More.Pending
	if n == 0 {
		return homePart("Waiting for you", h.paragraph(signalGood+"Nothing waits for you."))
	}
	var out []slack.Block
	for _, item := range all[:min(len(all), HomePendingMax)] {
		out = append(out, h.PendingBlocks(item)...)
	}
	return homePart(fmt.Sprintf("Waiting for you · %d", n), append(out, h.more(n-min(len(all), HomePendingMax))...)...)
}

// PendingBlocks show one of them, with the buttons that answer it.
func (h Home) PendingBlocks(item PendingItem) []slack.Block {
	c := card{Renderer: h.Renderer, d: item.Deployment, now: h.Now, cardBudget: cardBudgets[1]}
	lines := []string{c.title(), c.change(), c.unproved(), c.targetRemarks()}
	if len(item.Deployment.Targets) > 1 {
		lines = append(lines, serviceLines{c}.services()...)
	}
	buttons := c.options()
	switch {
	case item.step == nil:
		lines = append(lines, signalWrong+c.state())
	case decidedAlone(item.Deployment, *item.step):
		words, decide := cardQuestion{c}.beside(*item.step)
		lines, buttons = append(lines, words), decide
	default:
		lines, buttons = append(lines, signalWait+cardQuestion{c}.question(*item.step)), c.answers(*item.step)
		if item.step.Approves() && len(item.Deployment.Targets) > c.cardBudget.services { // nobody approves what they can't see
			lines, buttons = append(lines, "Not all of it fits here: approve it on the card."), nil
		}
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

// An Ask is something that people are awaited for in a deployment: the answer to
// a question, or a decision.
type Ask struct {
	Step   string   // "": a decision
	Roles  []string // who is awaited: whoever holds one of these
	Person string   // and they; "": nobody
	Except []string // people who are not awaited, though they hold a role
	Since  time.Time
}

// Awaits reports whether somebody is awaited.
func (a Ask) Awaits(person string, roles []string) bool {
	if a.Person != "" && a.Person == person {
		return true
	}
	return !slices.Contains(a.Except, person) && slices.ContainsFunc(a.Roles, func(role string) bool { return slices.Contains(roles, role) })
}

// Asks are what people are awaited for now. The requester confirms what names no
// role; whoever decides could, and is not awaited.
func Asks(d deployer.Deployment) []Ask {
	var out []Ask
	for _, s := range d.Current() {
		if decidedAlone(d, s) {
			out = append(out, Ask{Step: s.ID, Roles: d.Deciders(), Person: d.Requester.ID, Since: deployer.BrokenAt(s)})
		}
		if s.Status != deployer.Active || d.Status == deployer.Halting {
			continue
		}
		a := Ask{Step: s.ID, Roles: []string{s.Role()}, Since: s.Asked()}
		_, _, gated := s.GateOf()
		switch {
		case gated && s.GateRole() == "": // it is answered elsewhere
			continue
		case gated:
			a.Roles = []string{s.GateRole()}
		case callsRoles(s):
			a.Roles = deployer.Unanswered(d, s)
		case s.Confirms(), s.ForClients() && d.AwaitsPerson(s):
			if s.Role() == "" {
				a.Roles, a.Person = nil, d.Requester.ID
			}
		case s.Approves() && len(deployer.OpenRequests(s)) > 0:
			if a.Roles = nil; d.Requester.Kind != deployer.ActorPerson {
				a.Roles = d.Deciders()
			} else {
				a.Person = d.Requester.ID
			}
		case s.Approves():
			if counts := s.With["roles"].Counts; len(counts) > 0 {
				a.Roles = slices.Sorted(maps.Keys(counts))
			}
			a.Except = []string{d.Requester.ID}
			for _, given := range s.Approvals {
				a.Except = append(a.Except, given.By.ID)
			}
		default:
			continue
		}
		out = append(out, a)
	}
	if s := d.Broken(); d.Status == deployer.Deciding && s != nil && len(d.Open()) == 0 {
		out = append(out, Ask{Roles: d.Deciders(), Person: d.Requester.ID, Since: deployer.BrokenAt(*s)})
	}
	if all := d.Untold(); d.Status == deployer.Halting && len(all) > 0 && len(d.Options()) > 0 {
		out = append(out, Ask{Roles: d.Deciders(), Person: d.Requester.ID, Since: all[0].At})
	}
	return out
}

// decidedAlone reports whether a step did not go well, and people decide about it by
// itself now.
func decidedAlone(d deployer.Deployment, s deployer.StepState) bool {
	broken := s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted
	return broken && !decidedWithAll(d, s) && len(deployer.StepOptions(d, s)) > 0
}

// Readers are the roles that have a part in a deployment, sorted: whoever holds one
// may see it though its channel is not for all.
func Readers(d deployer.Deployment) []string {
	roles := slices.Clone(d.Deciders())
	for _, s := range d.Steps {
		for _, role := range slices.Concat([]string{s.Role(), s.GateRole()}, s.With["roles"].List, slices.Collect(maps.Keys(s.With["roles"].Counts))) {
			if role != "" {
				roles = append(roles, role)
			}
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}
