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
func (h Home) View() slack.HomeTabViewRequest {
	deploy := slack.NewButtonBlockElement(HomeDeploy, "deploy", mrkdwn.PlainText("Deploy a service"))
	blocks := []slack.Block{slack.NewActionBlock("home", deploy)}
	for _, part := range []func() []slack.Block{h.waiting, h.mine, h.others, h.locked, h.recent} {
		blocks = append(blocks, part()...)
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// mine is what this person started and does not have to answer now.
func (h Home) mine() []slack.Block {
	list := h.running(func(d deployer.Deployment) bool { return d.Requester.ID == h.Me.ID })
	if len(list) == 0 {
		return nil
	}
	return part("You started", h.lines(list)...)
}

// others are what else is under way.
func (h Home) others() []slack.Block {
	list := h.running(func(d deployer.Deployment) bool { return d.Requester.ID != h.Me.ID })
	switch {
	case len(list) > 0:
		return part("Under way", h.lines(list)...)
	case len(h.Live) > 0:
		return nil
	}
	return part("Under way", h.said("Nothing is under way. "+h.howTo()))
}

// running are those live ones that stand in no other part.
func (h Home) running(which func(deployer.Deployment) bool) []deployer.Deployment {
	waits := map[string]bool{}
	for _, item := range h.PendingItems() {
		waits[item.Deployment.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(h.Live), func(d deployer.Deployment) bool { return waits[d.ID] || !which(d) })
}

func (h Home) howTo() string {
	if len(h.Where) == 0 {
		return "Invite stationmaster to a channel where deployments are started."
	}
	return "Start one: type " + mrkdwn.Code(h.Command, mrkdwn.NameMax) + " in " + mrkdwn.Escape(mrkdwn.Join(slices.Clone(h.Where), "or", 3), 300) + ", or press *Deploy a service*."
}

func (h Home) lines(list []deployer.Deployment) []slack.Block {
	var out []slack.Block
	for _, d := range list[:min(len(list), homeLinesMax)] {
		out = append(out, slack.NewSectionBlock(mrkdwn.Text(mrkdwn.Cut(h.UnderWay(d), mrkdwn.SectionMax)), nil, nil))
	}
	return append(out, h.more(len(list)-homeLinesMax)...)
}

// UnderWay is a live deployment in three short lines.
func (h Home) UnderWay(d deployer.Deployment) string {
	c := card{Renderer: h.Renderer, d: d, now: h.Now, cardBudget: cardBudgets[2]}
	head, _, _ := strings.Cut(c.headline(), "\n")
	signal := c.signal(head)
	if d.Status == deployer.Running && len(c.active(true)) > 0 {
		signal = signalWait + head
	}
	who := "you"
	if d.Requester.ID != h.Me.ID {
		who = name(h.Names, d.Requester)
	}
	return h.named(c) + "\n" + signal + "\nAsked by " + who + " · " + mrkdwn.Date(d.Created)
}

// named is which deployment it is, and leads to its card.
func (h Home) named(c card) string {
	id := mrkdwn.Escape(c.d.ID, mrkdwn.NameMax)
	if link := h.Link(c.d); link != "" {
		id = mrkdwn.Link(link, id)
	}
	what := c.change()
	if what == "" {
		what = wanted(c.d.Releases)
	}
	return c.title() + " · " + id + "\n" + what
}

// locked is what nobody can deploy now.
func (h Home) locked() []slack.Block {
	if len(h.Locks) == 0 {
		return nil
	}
	out := mrkdwn.Sections(h.Locks[:min(len(h.Locks), homeLinesMax)])
	return part("Locked", append(out, h.more(len(h.Locks)-homeLinesMax)...)...)
}

// recent are those that have ended last.
func (h Home) recent() []slack.Block {
	if len(h.Ended) == 0 {
		return nil
	}
	var lines []string
	for _, d := range h.Ended[:min(len(h.Ended), HomeEndedMax)] {
		lines = append(lines, HistoryEntry(h.Renderer, d.Summarize(), h.Link(d), d.Retailer+" "+d.Environment))
	}
	return part("Recent", mrkdwn.Sections(lines)...)
}

// part is a part of the tab under its title.
func part(title string, blocks ...slack.Block) []slack.Block {
	return append([]slack.Block{slack.NewDividerBlock(), slack.NewHeaderBlock(mrkdwn.PlainText(mrkdwn.Plain(title, 150)))}, blocks...)
}

func (h Home) said(text string) slack.Block {
	return slack.NewSectionBlock(mrkdwn.Text(text), nil, nil)
}

// more counts what is not shown.
func (h Home) more(n int) []slack.Block {
	if n <= 0 {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(fmt.Sprintf("and %d more · all of a retailer’s: %s in its channel", n, mrkdwn.Code(h.Command+" status", mrkdwn.NameMax))))}
}
