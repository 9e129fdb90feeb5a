package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// suggestMax bounds an answer with suggestions, in bytes: Slack drops what is
// larger than 20,480 without a word, and the menu stays empty.
const suggestMax = 18_000

// readSuggestion answers what somebody types into a menu. Nobody waits for it
// longer than for the next letter, so it has a queue of its own.
func (b *Bot) readSuggestion(c slack.InteractionCallback) task {
	return task{key: "suggest/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		var found []*slack.OptionBlockObject
		switch c.BlockID {
		case blockTag:
			var s formState
			if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &s); err != nil {
				b.log.Error("a form's memo can't be read", "err", err)
			}
			// Not the form's state: Slack sends one that is behind (bolt-js 1146).
			found = tagOptions(strings.TrimSpace(c.Value), b.tags.known(ctx, s.Service))
		default:
			found = optionsOf(matching(slices.Sorted(maps.Keys(b.cfg.Services)), c.Value))
		}
		return answer{payload: suggestionsOf(found)}
	}}
}

// suggestions are slack.OptionsResponse, which leaves out a list that is empty:
// Slack takes that for a failure.
type suggestions struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// suggestionsOf are as many of the options as fit into an answer.
func suggestionsOf(options []*slack.OptionBlockObject) any { return suggestions{fitting(options)} }

// matching are the words that contain what was typed, those that begin with it
// first.
func matching(words []string, typed string) []string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	var first, then []string
	for _, w := range words {
		switch at := strings.Index(strings.ToLower(w), typed); {
		case at == 0:
			first = append(first, w)
		case at > 0:
			then = append(then, w)
		}
	}
	return append(first, then...)
}

// tagOptions are the tags that fit what was typed, in the order of the list,
// and last what was typed itself: a list may be behind, and any tag can be
// given.
func tagOptions(typed string, tags []string) []*slack.OptionBlockObject {
	found := tags
	if typed != "" {
		found = slices.DeleteFunc(slices.Clone(tags), func(t string) bool {
			return !strings.Contains(strings.ToLower(t), strings.ToLower(typed))
		})
	}
	var out []*slack.OptionBlockObject
	for _, t := range found[:min(len(found), optionsMax-1)] {
		if validTag(t) {
			out = append(out, option(t))
		}
	}
	if len(out) == 0 {
		if n := deployer.Nearest(typed, tags); n != "" {
			out = append(out, optionAs(n, n+" · did you mean this?"))
		}
	}
	if validTag(typed) && !slices.Contains(tags, typed) {
		out = append(out, optionAs(typed, typed+" · as typed"))
	}
	return out
}

// fitting leaves out of the middle of the list what does not fit into an
// answer.
func fitting(options []*slack.OptionBlockObject) []*slack.OptionBlockObject {
	options = options[:min(len(options), optionsMax)]
	size := func() int {
		frame, err := json.Marshal(options)
		if err != nil {
			panic(fmt.Sprint("bot: options hold only strings: ", err))
		}
		return len(frame)
	}
	for len(options) > 1 && size() > suggestMax {
		options = slices.Delete(options, len(options)-2, len(options)-1)
	}
	if options == nil {
		return []*slack.OptionBlockObject{} // null is no list
	}
	return options
}
