package bot

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/view"
)

// suggestTags answers what somebody types into the menu of tags.
func (f forms) suggestTags(ctx context.Context, r *request) answer {
	var s view.FormState
	if err := readMemo(r, &s); err != nil {
		f.log.Error("a form's memo can't be read", "err", err)
	}
	// Not the form's state: Slack sends one that is behind (bolt-js 1146).
	return answer{payload: view.SuggestionsOf(view.TagOptions(strings.TrimSpace(r.callback.Value), f.tags.known(ctx, s.Service)))}
}

// suggestServices answers what somebody types into the menu of services.
func (f forms) suggestServices(_ context.Context, r *request) answer {
	names := view.Matching(slices.Sorted(maps.Keys(f.cfg.Services)), r.callback.Value)
	return answer{payload: view.SuggestionsOf(view.OptionsOf(names))}
}
