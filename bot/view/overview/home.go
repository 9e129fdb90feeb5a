// Package overview is what people see of many deployments at once: a person's home tab, and the lists that commands answer
// with, of what is under way, has ended, runs, or is locked.
package overview

import (
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// HomeDeploy is the button of a home tab that no card has.
const HomeDeploy = "home/deploy"

// How much stands on a home tab, which takes a hundred blocks. What does not
// fit is counted.
const (
	HomePendingMax = 11 // of three blocks each
	HomeLinesMax   = 12 // of what else is under way, in each of two parts
	HomeEndedMax   = 8

	unreadableMax = 5
)

// A Home is what one person's home tab shows. It is drawn from what is known,
// and asks nobody.
type Home struct {
	view.Renderer
	Me    deployer.Actor
	Roles []string              // as far as is known; each click is checked anew
	Live  []deployer.Deployment // that this person may see, the newest first: all, or those that are shown
	More  HomeMore              // what there is besides Live
	Ended []deployer.Deployment // likewise
	Locks []string              // a line for each in force
	Link  func(deployer.Deployment) string
	Where []string // the channels where deployments are started

	Progress func(id string) map[string]deployer.Progress // of what waits for its turn: who is in front; nil: it is not known
	Now      time.Time
}

// HomeMore counts what a tab does not show though it is under way.
type HomeMore struct {
	Pending      int      // questions to this person
	Mine, Others int      // deployments in these parts
	Unread       int      // deployments that were not read yet
	Unreadable   []string // ids of those that can't be
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
	return homePart("You started", h.lines(list, h.More.Mine)...)
}

// others are what else is under way.
func (h Home) others() []slack.Block {
	list := h.running(func(d deployer.Deployment) bool { return d.Requester.ID != h.Me.ID })
	blocks := append(h.lines(list, h.More.Others), h.unknown()...)
	switch {
	case len(blocks) > 0:
		return homePart("Under way", blocks...)
	case len(h.Live) > 0:
		return nil
	}
	return homePart("Under way", h.paragraph("Nothing is under way. "+h.howTo()))
}

// unknown is what is under way and can't be shown, or not yet.
func (h Home) unknown() []slack.Block {
	blocks := mrkdwn.Sections(UnreadableLines(h.More.Unreadable))
	if h.More.Unread > 0 {
		blocks = append(blocks, slack.NewContextBlock("", mrkdwn.Text(Unread(h.More.Unread))))
	}
	return blocks
}

// Unread says that some deployments are not in a list yet.
func Unread(n int) string { return fmt.Sprintf("%d more are being read, and come in a moment.", n) }

// UnreadableLines stand for deployments that can't be read, in a list.
func UnreadableLines(ids []string) []string {
	var lines []string
	for _, id := range ids[:min(len(ids), unreadableMax)] {
		lines = append(lines, view.SignalWrong("*"+mrkdwn.Escape(id, mrkdwn.NameMax)+"* can’t be read by this program; its places stay held."))
	}
	if more := len(ids) - unreadableMax; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more that can’t be read", more))
	}
	return lines
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

// lines are a line for each, and how many more there are besides the list.
func (h Home) lines(list []deployer.Deployment, besides int) []slack.Block {
	var out []slack.Block
	for _, d := range list[:min(len(list), HomeLinesMax)] {
		out = append(out, slack.NewSectionBlock(mrkdwn.Text(mrkdwn.Cut(h.UnderWay(d), mrkdwn.SectionMax)), nil, nil))
	}
	return append(out, h.more(max(len(list)-HomeLinesMax, 0)+besides)...)
}

// locked is what nobody can deploy now.
func (h Home) locked() []slack.Block {
	if len(h.Locks) == 0 {
		return nil
	}
	out := mrkdwn.Sections(h.Locks[:min(len(h.Locks), HomeLinesMax)])
	return homePart("Locked", append(out, h.more(len(h.Locks)-HomeLinesMax)...)...)
}

// recent are those that have ended last.
func (h Home) recent() []slack.Block {
	if len(h.Ended) == 0 {
		return nil
	}
	var lines []string
	for _, d := range h.Ended[:min(len(h.Ended), HomeEndedMax)] {
		lines = append(lines, HistoryEntry(h.Renderer, Named(d), h.Link(d), d.Site.Name+" "+d.Site.Environment))
	}
	return homePart("Recent", mrkdwn.Sections(lines)...)
}

// homePart is a part of the tab under its title.
func homePart(title string, blocks ...slack.Block) []slack.Block {
	return append([]slack.Block{slack.NewDividerBlock(), slack.NewHeaderBlock(mrkdwn.PlainText(mrkdwn.Plain(title, 150)))}, blocks...)
}

func (h Home) paragraph(text string) slack.Block {
	return slack.NewSectionBlock(mrkdwn.Text(text), nil, nil)
}

// more counts what is not shown.
func (h Home) more(n int) []slack.Block {
	if n <= 0 {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(fmt.Sprintf("and %d more · all of a retailer’s: %s in its channel", n, mrkdwn.Code(h.Command+" status", mrkdwn.NameMax))))}
}

// UnderWay is a live deployment in three short lines.
func (h Home) UnderWay(d deployer.Deployment) string {
	var progress map[string]deployer.Progress
	if deployer.Queueing(d) && h.Progress != nil {
		progress = h.Progress(d.ID)
	}
	return view.UnderWay(h.Renderer, d, progress, h.Me, h.Link(d), h.Now)
}
