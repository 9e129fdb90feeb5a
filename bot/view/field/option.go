package field

import (
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
)

// Option is an option of a menu that reads as its value.
func Option(value string) *slack.OptionBlockObject { return OptionAs(value, value) }

// Options are the options of a menu, each reading as its value.
func Options(values []string) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, v := range values {
		out = append(out, Option(v))
	}
	return out
}

// OptionAs is an option that reads otherwise than its value.
func OptionAs(value, text string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, mrkdwn.PlainText(mrkdwn.Plain(text, OptionMax)), nil)
}
