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

// The buttons of a home tab that no card has.
const (
	HomeDeploy = "home/deploy"
	homeOpen   = "home/open" // a link
)

// How much stands on a home tab, which takes a hundred blocks. What does not
// fit is counted.
const (
	homePendingMax = 11 // of three blocks each
	homeLinesMax   = 12 // of what else is under way, in each of two parts
	HomeEndedMax   = 8
)

// A Home is what one person's home tab shows. It is drawn from what is known,
// and asks nobody.
type Home struct {
	Renderer
	Me    deployer.Person
	Roles []string              // as far as is known; each click is checked anew
	Live  []deployer.Deployment // that this person may see, the newest first
	Ended []deployer.Deployment // likewise
	Locks []string              // a line for each in force
	Link  func(deployer.Deployment) string
	Where []string // the channels where deployments are started
	Now   time.Time
}

// View draws the tab. A new part is a new line here.
func (t Home) View() slack.HomeTabViewRequest {
	deploy := slack.NewButtonBlockElement(HomeDeploy, "deploy", mrkdwn.PlainText("Deploy a service"))
	blocks := []slack.Block{slack.NewActionBlock("home", deploy)}
	for _, part := range []func() []slack.Block{t.waiting, t.mine, t.others, t.locked, t.recent} {
		blocks = append(blocks, part()...)
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// A PendingItem is something that waits for this person.
type PendingItem struct {
	Deployment deployer.Deployment
	step       *deployer.StepState // a question; nil: a decision
	since      time.Time
}

// PendingItems are what waits for this person, the longest first.
func (t Home) PendingItems() []PendingItem {
	var out []PendingItem
	for _, d := range t.Live {
		for _, s := range d.Current() {
			if t.awaited(d, s) {
				out = append(out, PendingItem{d, &s, s.Began})
			}
		}
		if s := d.Broken(); d.Status == deployer.Deciding && s != nil && len(d.Open()) == 0 && d.MayDecide(t.Me, t.Roles) {
			out = append(out, PendingItem{d, nil, s.Finished})
		}
	}
	slices.SortStableFunc(out, func(a, b PendingItem) int { return a.since.Compare(b.since) })
	return out
}

// awaited reports whether a step waits for this person. The requester confirms
// what names no role; whoever decides could, and is not waited for.
func (t Home) awaited(d deployer.Deployment, s deployer.StepState) bool {
	if s.Status != deployer.Active || d.Status == deployer.Halting {
		return false
	}
	holds := slices.Contains(t.Roles, s.Role)
	switch {
	case s.Uses == deployer.KindConfirm, s.ForClients() && d.AwaitsPerson(s):
		return holds || s.Role == "" && d.Requester.ID == t.Me.ID
	case s.Uses == deployer.KindApprove:
		given := slices.ContainsFunc(s.Approvals, func(a deployer.Approval) bool { return a.By.ID == t.Me.ID })
		return holds && d.Requester.ID != t.Me.ID && !given
	}
	return false
}

// waiting is what this person can answer, with the buttons of the card.
func (t Home) waiting() []slack.Block {
	all := t.PendingItems()
	if len(all) == 0 {
		return part("Waiting for you", t.said(signalGood+"Nothing waits for you."))
	}
	var out []slack.Block
	for _, m := range all[:min(len(all), homePendingMax)] {
		out = append(out, t.PendingBlocks(m)...)
	}
	return part(fmt.Sprintf("Waiting for you · %d", len(all)), append(out, t.more(len(all)-homePendingMax)...)...)
}

func (t Home) PendingBlocks(m PendingItem) []slack.Block {
	c := card{Renderer: t.Renderer, d: m.Deployment, now: t.Now, cardBudget: cardBudgets[1]}
	lines := []string{c.title(), c.change(), c.unproved()}
	if len(m.Deployment.Targets) > 1 {
		lines = append(lines, c.services()...)
	}
	buttons := c.options()
	if m.step != nil {
		lines, buttons = append(lines, signalWait+c.question(*m.step)), c.answers(*m.step)
		if m.step.Uses == deployer.KindApprove && len(m.Deployment.Targets) > c.cardBudget.services { // nobody approves what they can't see
			lines, buttons = append(lines, "Not all of it fits here: approve it on the card."), nil
		}
	} else {
		lines = append(lines, signalWrong+c.state())
	}
	if link := t.Link(m.Deployment); link != "" {
		open := slack.NewButtonBlockElement(homeOpen, "open", mrkdwn.PlainText("Open the card"))
		open.URL = link
		buttons = append(buttons, open)
	}
	text := strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
	out := []slack.Block{
		slack.NewSectionBlock(mrkdwn.Text(mrkdwn.Cut(text, mrkdwn.SectionMax)), nil, nil),
		slack.NewContextBlock("", mrkdwn.Text(c.request()+" · "+mrkdwn.Escape(m.Deployment.ID, mrkdwn.NameMax))),
	}
	if len(buttons) > 0 {
		out = append(out, slack.NewActionBlock(mrkdwn.Plain(fmt.Sprintf("%s/%d/%s", m.Deployment.ID, m.Deployment.Seq, stepID(m.step)), 255), buttons...))
	}
	return out
}

func stepID(s *deployer.StepState) string {
	if s == nil {
		return "decide"
	}
	return s.ID
}

// mine is what this person started and does not have to answer now.
func (t Home) mine() []slack.Block {
	list := t.running(func(d deployer.Deployment) bool { return d.Requester.ID == t.Me.ID })
	if len(list) == 0 {
		return nil
	}
	return part("You started", t.lines(list)...)
}

// others are what else is under way.
func (t Home) others() []slack.Block {
	list := t.running(func(d deployer.Deployment) bool { return d.Requester.ID != t.Me.ID })
	switch {
	case len(list) > 0:
		return part("Under way", t.lines(list)...)
	case len(t.Live) > 0:
		return nil
	}
	return part("Under way", t.said("Nothing is under way. "+t.howTo()))
}

// running are those live ones that stand in no other part.
func (t Home) running(which func(deployer.Deployment) bool) []deployer.Deployment {
	waits := map[string]bool{}
	for _, m := range t.PendingItems() {
		waits[m.Deployment.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(t.Live), func(d deployer.Deployment) bool { return waits[d.ID] || !which(d) })
}

func (t Home) howTo() string {
	if len(t.Where) == 0 {
		return "Invite stationmaster to a channel where deployments are started."
	}
	return "Start one: type " + mrkdwn.Code(t.Command, mrkdwn.NameMax) + " in " + mrkdwn.Escape(mrkdwn.Join(slices.Clone(t.Where), "or", 3), 300) + ", or press *Deploy a service*."
}

func (t Home) lines(list []deployer.Deployment) []slack.Block {
	var out []slack.Block
	for _, d := range list[:min(len(list), homeLinesMax)] {
		out = append(out, slack.NewSectionBlock(mrkdwn.Text(mrkdwn.Cut(t.UnderWay(d), mrkdwn.SectionMax)), nil, nil))
	}
	return append(out, t.more(len(list)-homeLinesMax)...)
}

// UnderWay is a live deployment in three short lines.
func (t Home) UnderWay(d deployer.Deployment) string {
	c := card{Renderer: t.Renderer, d: d, now: t.Now, cardBudget: cardBudgets[2]}
	head, _, _ := strings.Cut(c.headline(), "\n")
	signal := c.signal(head)
	if d.Status == deployer.Running && len(c.active(true)) > 0 {
		signal = signalWait + head
	}
	who := "you"
	if d.Requester.ID != t.Me.ID {
		who = name(t.Names, d.Requester)
	}
	return t.named(c) + "\n" + signal + "\nAsked by " + who + " · " + mrkdwn.Date(d.Created)
}

// named is which deployment it is, and leads to its card.
func (t Home) named(c card) string {
	id := mrkdwn.Escape(c.d.ID, mrkdwn.NameMax)
	if link := t.Link(c.d); link != "" {
		id = mrkdwn.Link(link, id)
	}
	what := c.change()
	if what == "" {
		what = wanted(c.d.Releases)
	}
	return c.title() + " · " + id + "\n" + what
}

// locked is what nobody can deploy now.
func (t Home) locked() []slack.Block {
	if len(t.Locks) == 0 {
		return nil
	}
	out := mrkdwn.Sections(t.Locks[:min(len(t.Locks), homeLinesMax)])
	return part("Locked", append(out, t.more(len(t.Locks)-homeLinesMax)...)...)
}

// recent are those that have ended last.
func (t Home) recent() []slack.Block {
	if len(t.Ended) == 0 {
		return nil
	}
	var lines []string
	for _, d := range t.Ended[:min(len(t.Ended), HomeEndedMax)] {
		lines = append(lines, HistoryEntry(t.Renderer, d.Summarize(), t.Link(d), d.Retailer+" "+d.Environment))
	}
	return part("Recent", mrkdwn.Sections(lines)...)
}

// part is a part of the tab under its title.
func part(title string, blocks ...slack.Block) []slack.Block {
	return append([]slack.Block{slack.NewDividerBlock(), slack.NewHeaderBlock(mrkdwn.PlainText(mrkdwn.Plain(title, 150)))}, blocks...)
}

func (t Home) said(text string) slack.Block {
	return slack.NewSectionBlock(mrkdwn.Text(text), nil, nil)
}

// more counts what is not shown.
func (t Home) more(n int) []slack.Block {
	if n <= 0 {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(fmt.Sprintf("and %d more · all of a retailer’s: %s in its channel", n, mrkdwn.Code(t.Command+" status", mrkdwn.NameMax))))}
}
