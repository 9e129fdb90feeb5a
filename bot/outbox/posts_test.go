package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
)

// posts lists what stands in the channels: one entry for each message with its
// thread. Their order depends on which of two independent messages was faster;
// that within a thread does not.
func (f *fixture) posts(channels ...string) []string {
	var out []string
	for _, channel := range channels {
		for _, m := range f.slack.Messages(channel) {
			if m.ThreadTS != "" && m.ThreadTS != m.TS {
				continue
			}
			entry := channel + " " + bottest.LabelOf(m)
			for _, r := range f.slack.Thread(channel, m.TS) {
				if r.TS != m.TS {
					entry += "\n  " + bottest.LabelOf(r)
				}
			}
			out = append(out, entry)
		}
	}
	slices.Sort(out)
	return out
}

// card is what the card says, or "".
func (f *fixture) card(id string) string {
	d, err := f.Load(context.Background(), id)
	if err != nil {
		f.T.Fatal(err)
	}
	for _, m := range f.slack.Messages(bottest.DeploysID) {
		if m.TS == d.Card.TS {
			return m.Text
		}
	}
	return ""
}

// A sentMessage is a message of ours in a channel.
type sentMessage struct {
	kind, key string
	at        time.Time
}

// postsSince lists what was posted in a channel and its threads, in order.
func (f *fixture) postsSince(from time.Time, channel string) []sentMessage {
	var out []sentMessage
	for _, m := range f.slack.Messages(channel) {
		var seconds, micros int64
		if _, err := fmt.Sscanf(m.TS, "%d.%d", &seconds, &micros); err != nil {
			f.T.Fatal(err)
		}
		s := sentMessage{fmt.Sprint(m.Metadata.EventPayload["message"]), fmt.Sprint(m.Metadata.EventPayload["key"]), time.Unix(seconds, micros*1000)}
		if !s.at.Before(from) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b sentMessage) int { return a.at.Compare(b.at) })
	return out
}

// expectNothingRefused holds that Slack took every call.
func (f *fixture) expectNothingRefused() {
	f.T.Helper()
	for _, u := range f.slack.Usage() {
		if u.Refused > 0 {
			f.T.Errorf("Slack refused %d calls of %s %s", u.Refused, u.Method, u.Channel)
		}
	}
}
