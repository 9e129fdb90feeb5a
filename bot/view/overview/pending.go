package overview

import (
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/view"
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
		for _, a := range awaited.Of(d) {
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
		return homePart("Waiting for you", h.paragraph(view.SignalGood("Nothing waits for you.")))
	}
	var out []slack.Block
	for _, item := range all[:min(len(all), HomePendingMax)] {
		out = append(out, h.PendingBlocks(item)...)
	}
	return homePart(fmt.Sprintf("Waiting for you · %d", n), append(out, h.more(n-min(len(all), HomePendingMax))...)...)
}

// PendingBlocks show one of them, with the buttons that answer it.
func (h Home) PendingBlocks(item PendingItem) []slack.Block {
	return view.Pending(h.Renderer, item.Deployment, item.step, h.Link(item.Deployment), h.Now)
}
