package view

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

const ArgMax = 500

const announcementBlocksMax = 4

// announcement fills the words of a procedure. They are mrkdwn by whoever
// wrote the procedure; the values in them are not, and are escaped. Words that
// a person has written for clients hold no markup at all.
func announcement(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	words := fill(m.Words, values{m, d, r}.of)
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
