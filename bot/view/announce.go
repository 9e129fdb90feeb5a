package view

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// How much stands in an announcement: ArgMax units of one value, so many lines of one
// that is a list, and so many blocks.
const (
	ArgMax                = 500
	argLinesMax           = 20
	announcementBlocksMax = 4
)

// announcement fills the words of a procedure, and their title, where they have one.
// They are mrkdwn by whoever wrote the procedure; the values in them are not, and are
// escaped. Words that a person has written for clients hold no markup at all.
func announcement(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	value := values{m, d, r}.of
	words := fill(fillLinks(m.Words, m.Args), value)
	if title := strings.ReplaceAll(mrkdwn.OneLine(titleOf(m, d)), "*", ""); title != "" {
		words = "*" + fill(title, value) + "*\n" + words
	}
	if m.Plain {
		words = mrkdwn.EscapeLines(m.Words)
	}
	if strings.TrimSpace(words) == "" {
		words = mrkdwn.Escape(m.Kind, mrkdwn.NameMax) + " " + mrkdwn.Escape(m.Args["what"], ArgMax)
	}
	for rest := words; rest != "" && len(blocks) < announcementBlocksMax; {
		part := mrkdwn.Cut(rest, mrkdwn.SectionMax)
		rest = strings.TrimLeft(rest[len(part):], "\n ")
		if part = strings.TrimRight(part, "\n "); part != "" {
			blocks = append(blocks, mrkdwn.Section(part))
		}
	}
	return strings.TrimRight(mrkdwn.Cut(words, mrkdwn.MessageMax), "\n "), blocks
}

// titleOf is the title of the words that a message tells.
func titleOf(m deployer.Message, d deployer.Deployment) string {
	if id, _, ok := deployer.ParseAnnouncementKey(m.DedupKey); ok {
		if s := d.Step(id); s != nil {
			return d.Procedure.Titles[s.Message()]
		}
	}
	f := d.Procedure.Failure
	name, ok := map[string]string{
		deployer.MessageFailed: f.Message, deployer.MessageOver: f.Over, deployer.MessageStopped: f.Stopped,
		deployer.MessageHeld: f.Held, deployer.MessageResumed: f.Resumed,
	}[m.Kind]
	if !ok {
		name = m.Kind
	}
	return d.Procedure.Titles[name]
}

// Proposal is what clients would be told, as plain text. Times are the
// retailer's.
func Proposal(d deployer.Deployment, s deployer.StepState, zone *time.Location) string {
	words, args := telling.Proposal(d, s)
	if title := d.Procedure.Titles[s.Message()]; title != "" {
		words = title + "\n" + words
	}
	start, err := time.Parse(time.RFC3339, args["start"])
	return strings.TrimSpace(fill(words, func(path string, alone bool) (string, bool) {
		value, ok := args[path]
		if t, wrong := time.Parse(time.RFC3339, value); ok && wrong == nil {
			return forClients(t.In(zone), path != "start" && err == nil && sameDay(t, start, zone)), true
		}
		if alone {
			return strings.TrimSpace(value), ok // of a list, a line each
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
	words := slack.NewPlainTextInputBlockElement(nil, field.Text)
	words.Multiline, words.FocusOnLoad, words.MinLength, words.MaxLength = true, true, 1, deployer.ClientWordsMax
	words.InitialValue = mrkdwn.Clip(proposed, deployer.ClientWordsMax)
	about := "*" + title(s) + "*\nThis is posted in <#" + d.Channels[deployer.ChannelClients] + ">, where clients read it, as soon as you send it."
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
