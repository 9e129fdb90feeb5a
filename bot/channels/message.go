package channels

import (
	"context"
	"errors"
	"html"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// How much of a channel is read for a message, and how often Slack is asked.
const (
	pageSize   = 200
	pagesMax   = 10
	triesMax   = 3
	waitAtMost = 30 * time.Second
)

// A messages looks whether a channel has a message already: of an announcement that is
// not to be posted then. It only reads. Its Outcome is never an error of Slack's: where
// that does not answer, it says so, and the announcement is posted.
type messages struct{ api *slack.Client }

// Look finds nothing that was begun: a read leaves nothing behind.
func (m messages) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

// Act does nothing.
func (m messages) Act(context.Context, deployer.Intent) (string, error) { return "", nil }

// Follow reads the channel since the deployment began.
func (m messages) Follow(ctx context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	out := m.seen(ctx, in)
	return out, ctx.Err()
}

// seen is what came of reading it.
func (m messages) seen(ctx context.Context, in deployer.Intent) deployer.Outcome {
	pattern, err := regexp.Compile(in.With["unless"].Text)
	if err != nil {
		return deployer.Outcome{Result: deployer.Failed, Why: "The pattern can't be read: " + err.Error()}
	}
	there, err := m.has(ctx, in, pattern)
	if err != nil {
		return deployer.Outcome{Result: deployer.Failed, Why: err.Error()}
	}
	return deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{deployer.OutputThere: {Flag: there}}}
}

var errTooMuch = errors.New("too much was said there since it began")

// has reports whether a message matches that is not of the deployment itself.
func (m messages) has(ctx context.Context, in deployer.Intent, pattern *regexp.Regexp) (bool, error) {
	what := slack.GetConversationHistoryParameters{ChannelID: in.Where[deployer.WhereChannel], Limit: pageSize, IncludeAllMetadata: true}
	if since, err := time.Parse(time.RFC3339, in.Where[deployer.WhereSince]); err == nil {
		what.Oldest = slackTime(since)
	}
	for range pagesMax {
		page, err := m.page(ctx, what)
		if err != nil {
			return false, tried("read the channel", err)
		}
		for _, said := range page.Messages {
			if !ours(said, in.Deployment) && slices.ContainsFunc(textsOf(said), pattern.MatchString) {
				return true, nil
			}
		}
		if what.Cursor = page.ResponseMetaData.NextCursor; what.Cursor == "" {
			return false, nil
		}
	}
	return false, errTooMuch
}

// page reads one page, again where Slack asks for a pause or does not answer.
func (m messages) page(ctx context.Context, what slack.GetConversationHistoryParameters) (*slack.GetConversationHistoryResponse, error) {
	for try := 1; ; try++ {
		page, err := m.api.GetConversationHistoryContext(ctx, &what)
		outcome, wait := slackapi.OutcomeOf(err)
		if outcome == slackapi.Delivered || outcome == slackapi.Rejected || outcome == slackapi.Unauthorized || try == triesMax {
			return page, err
		}
		select {
		case <-time.After(min(max(wait, time.Second), waitAtMost)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// slackTime is a time as Slack writes that of a message.
func slackTime(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) + ".000000" }

// ours reports whether the bot has posted a message about a deployment.
func ours(m slack.Message, deployment string) bool {
	of, _ := m.Metadata.EventPayload["deployment"].(string)
	return m.Metadata.EventType == "stationmaster" && of == deployment
}

// textsOf are what people read of a message, without Slack's escapes.
func textsOf(m slack.Message) []string {
	parts := []string{m.Text}
	for _, a := range m.Attachments {
		parts = append(parts, a.Pretext, a.Title, a.Text, a.Fallback)
	}
	for _, b := range m.Blocks.BlockSet {
		switch b := b.(type) {
		case *slack.SectionBlock:
			if b.Text != nil {
				parts = append(parts, b.Text.Text)
			}
		case *slack.HeaderBlock:
			if b.Text != nil {
				parts = append(parts, b.Text.Text)
			}
		}
	}
	for i, p := range parts {
		parts[i] = html.UnescapeString(p)
	}
	return parts
}
