package view

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// Proposal is what clients would be told, as plain text. Times are the
// retailer's.
func Proposal(d deployer.Deployment, s deployer.StepState, zone *time.Location) string {
	words, args := d.Proposal(s)
	start, err := time.Parse(time.RFC3339, args["start"])
	return strings.TrimSpace(fill(words, func(name string) (string, bool) {
		value, ok := args[name]
		if t, wrong := time.Parse(time.RFC3339, value); ok && wrong == nil && err == nil {
			return forClients(t.In(zone), name != "start" && sameDay(t, start, zone)), true
		}
		return mrkdwn.OneLine(value), ok
	}))
}

// forClients is a time as somebody reads it who has nothing but the text; the
// day is left out where it was said before.
func forClients(t time.Time, said bool) string {
	clock := t.Format("15:04 ") + mrkdwn.Abbreviation(t)
	if said {
		return clock
	}
	return t.Format("Monday 2 January, ") + clock
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

// reviewing is what the card shows of a step that waits for somebody to read
// what clients are told.
func (c card) reviewing(s deployer.StepState) string {
	return "Clients would read, in <#" + c.d.Channels[deployer.ChannelClients] + ">:\n" + mrkdwn.Quote(Proposal(c.d, s, c.Zone(c.d.Site.Name)), c.text) +
		"\nDone opens it, to change it before it goes out."
}

// ReviewForm lets somebody change what clients are told before it goes out.
func ReviewForm(d deployer.Deployment, s deployer.StepState, proposed, memo string) slack.ModalViewRequest {
	words := slack.NewPlainTextInputBlockElement(nil, fieldText)
	words.Multiline, words.FocusOnLoad, words.MinLength, words.MaxLength = true, true, 1, deployer.ClientWordsMax
	words.InitialValue = mrkdwn.Clip(proposed, deployer.ClientWordsMax)
	about := "*" + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "*\nThis is posted in <#" + d.Channels[deployer.ChannelClients] + ">, where clients read it, as soon as you send it."
	hint := "How long, what it means for them, when they hear more. No service, version, ticket or id."
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormReview, PrivateMetadata: memo,
		Title: mrkdwn.PlainText("For clients"), Submit: mrkdwn.PlainText("Send"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(mrkdwn.Text(about), nil, nil),
			slack.NewInputBlock(BlockReview, mrkdwn.PlainText("What clients read"), mrkdwn.PlainText(hint), words),
		}},
	}
}
