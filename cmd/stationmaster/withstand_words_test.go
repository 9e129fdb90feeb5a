package main_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// calling is what would notify somebody, or be formatting.
var calling = regexp.MustCompile(`<!(channel|here|everyone)|<@U?EVE|<https?://evil`)

// Words of people are shown as they are, and mention nobody.
func TestHostileWordsAreShownAndMentionNobody(t *testing.T) {
	t.Parallel()
	const nasty = "<!channel> <!here> <@UEVE> @channel & <https://evil.example|click> *bold* `tick` ```block``` \u202e"
	for name, reason := range map[string]string{
		"signs":        nasty,
		"many of them": strings.Repeat(nasty+" ", 999/len(nasty)) + "the end",
		"a flood":      strings.Repeat("&", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := up(t, nil)
			w.typed("ana", `/deploy web v2 --reason "`+reason+`"`)
			w.eventually("there is a card", func() bool { return w.card() != nil })
			w.answer(upgrade, func(string) bool { return true })
			w.close(upgrade.ends)
			w.sound(w.record(upgrade.services...), upgrade)
			if d := w.deployments()[0]; d.Reason != reason {
				t.Errorf("the record says %q", d.Reason)
			}
			w.harmless()
		})
	}
}

// harmless looks through all messages for what calls somebody who must not be called.
func (w *binaryFixture) harmless() {
	w.t.Helper()
	for _, channel := range []string{deploys, "change", "support"} {
		for _, m := range w.slack.Messages(channel) {
			for _, text := range append(mrkdwn(w.t, m.Blocks), m.Text) {
				if found := calling.FindString(text); found != "" {
					w.t.Errorf("#%s: %q would be %q", channel, text, found)
				}
			}
		}
	}
}

// mrkdwn is every text of the blocks in which Slack looks for mentions and links.
func mrkdwn(t *testing.T, blocks json.RawMessage) []string {
	t.Helper()
	if len(blocks) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(blocks, &v); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
				out = append(out, text)
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return out
}

// Words that are no command get an answer that helps, and start nothing.
func TestOddCommandsGetHelpAndStartNothing(t *testing.T) {
	t.Parallel()
	w := up(t, nil)
	for text, part := range map[string]string{
		"/deploy wbe v2":                                       "Did you mean web?",
		"/deploy web v22":                                      "Did you mean v2?",
		"/deploy web v2 --envv prod":                           "Did you mean --env?",
		"/deploy web v2 --env prd":                             "Did you mean prod?",
		"/deploy web":                                          "web has no tag",
		"/deploy statsu":                                       "Did you mean: `/deploy status`",
		`/deploy web v2 --reason "open`:                        "is not closed",
		"/deploy web v2 web v6":                                "named twice",
		"/deploy <!channel> &":                                 "is not a tag",
		"/deploy stop tangerine-99":                            "There is no deployment",
		"/deploy web v2 --procedure deploymnet":                "Did you mean deployment?",
		"/deploy rollback web --to 77":                         "It has: 1",
		"/deploy web v2 --input colour=red":                    "no input",
		"/deploy web " + strings.Repeat("v", 5000):             "is not a tag",
		"/deploy " + strings.Repeat("web v2 ", 700):            "too many",
		"/deploy web v2 --reason " + strings.Repeat("w", 5000): "5000 characters",
		`/deploy web v2 --reason "` + strings.Repeat("<!channel> ", 500) + `"`: "1000 are the most",
	} {
		before := len(w.slack.Ephemerals("ana"))
		w.typed("ana", text)
		w.eventually(fmt.Sprintf("%.60s is answered with %q", text, part), func() bool {
			said := w.slack.Ephemerals("ana")[before:] // Slack's own words about a time-out among them
			return slices.ContainsFunc(said, func(m emulator.Message) bool { return strings.Contains(m.Text, part) })
		})
	}
	for _, m := range w.slack.Ephemerals("ana") {
		if calling.MatchString(m.Text) {
			t.Errorf("an answer is %.300q", m.Text)
		}
	}
	if all := w.deployments(); len(all) != 0 {
		t.Errorf("%d deployments were started", len(all))
	}
}
