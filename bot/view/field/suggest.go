package field

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// suggestMax bounds an answer with suggestions, in bytes: Slack drops what is
// larger than 20,480 without a word, and the menu stays empty.
const suggestMax = 18_000

// suggestions are slack.OptionsResponse, which leaves out a list that is empty:
// Slack takes that for a failure.
type suggestions struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// Suggestions are as many of the options as fit into an answer.
func Suggestions(options []*slack.OptionBlockObject) any { return suggestions{fitting(options)} }

// Matching are the words that contain what was typed, those that begin with it
// first.
func Matching(words []string, typed string) []string {
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

// TagOptions are the tags that fit what was typed, in the order of the list,
// and last what was typed itself: a list may be behind, and any tag can be
// given.
func TagOptions(typed string, tags []string) []*slack.OptionBlockObject {
	found := tags
	if typed != "" {
		found = slices.DeleteFunc(slices.Clone(tags), func(t string) bool {
			return !strings.Contains(strings.ToLower(t), strings.ToLower(typed))
		})
	}
	var out []*slack.OptionBlockObject
	for _, t := range found[:min(len(found), OptionsMax-1)] {
		if deployer.ValidTag(t) {
			out = append(out, Option(t))
		}
	}
	if len(out) == 0 {
		if n := spelling.Nearest(typed, tags); n != "" {
			out = append(out, OptionAs(n, n+" · did you mean this?"))
		}
	}
	if deployer.ValidTag(typed) && !slices.Contains(tags, typed) {
		out = append(out, OptionAs(typed, typed+" · as typed"))
	}
	return out
}

// fitting leaves out of the middle of the list what does not fit into an
// answer.
func fitting(options []*slack.OptionBlockObject) []*slack.OptionBlockObject {
	options = options[:min(len(options), OptionsMax)]
	size := func() int {
		frame, err := json.Marshal(options)
		if err != nil {
			panic(fmt.Sprint("field: options hold only strings: ", err))
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
