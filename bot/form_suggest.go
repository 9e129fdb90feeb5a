package bot

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
)

// readSuggestion answers what somebody types into a menu. Nobody waits for it
// longer than for the next letter, so it has a queue of its own.
func (b *Bot) readSuggestion(c slack.InteractionCallback) task {
	return task{key: "suggest/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		var found []*slack.OptionBlockObject
		switch c.BlockID {
		case view.BlockTag:
			var s view.FormState
			if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &s); err != nil {
				b.log.Error("a form's memo can't be read", "err", err)
			}
			// Not the form's state: Slack sends one that is behind (bolt-js 1146).
			found = view.TagOptions(strings.TrimSpace(c.Value), b.tags.known(ctx, s.Service))
		default:
			found = view.OptionsOf(view.Matching(slices.Sorted(maps.Keys(b.cfg.Services)), c.Value))
		}
		return answer{payload: view.SuggestionsOf(found)}
	}}
}
