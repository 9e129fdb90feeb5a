package view

import (
	"strconv"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// queued says who a deployment waits for that has not had its turn, and what becomes of
// it by itself.
func queued(c card) string {
	const rest = "It begins by itself. Nothing is touched yet."
	front := c.progress[""].InFront
	if front.ID == "" {
		return "*Waits for its turn.*\n" + rest
	}
	return "*Waits for its turn: " + Ordinal(front.Place) + " in the queue*, behind " + mrkdwn.Escape(front.ID, mrkdwn.NameMax) + ".\n" + mrkdwn.Paragraph(inFront(c, front), rest, "If its turn has not come by "+mrkdwn.Date(deployer.QueuedUntil(c.d))+", it is given up.")
}

// inFront says who is let go first, and what they are at.
func inFront(c card, f deployer.InFront) string {
	id := mrkdwn.Escape(f.ID, mrkdwn.NameMax)
	if c.LinkTo != nil {
		if link := c.LinkTo(f.Card); link != "" {
			id = mrkdwn.Link(link, id)
		}
	}
	who := name(c.Names, f.By)
	if f.Releases != "" {
		who = mrkdwn.Escape(f.Releases, c.text) + ", " + who
	}
	doing := mrkdwn.Escape(f.Doing, c.text)
	if f.Role != "" {
		doing += " by " + mrkdwn.Join(holdersOrSomebody(c.Names, f.Role), "or", 4)
	}
	return "First comes " + id + " (" + who + "), which " + doing + "."
}

// Ordinal is a place in a queue, such as 2nd.
func Ordinal(n int) string {
	ending := "th"
	if tens := n % 100; tens < 11 || tens > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return strconv.Itoa(n) + ending
}
