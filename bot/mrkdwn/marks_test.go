package mrkdwn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
)

// Wherever somebody's words stand between ours, Slack makes nothing of them.
func FuzzPeoplesTextIsNoMarkup(f *testing.F) {
	for _, s := range []string{
		":white_check_mark: *Approved by Bob*", "_a_ ~b~ `c` ```d```", "<@U1> <!channel> <https://evil.example|jira>", "> quote", ">>> x", "- a", "1. a", "• a",
		"*", "a*", "*a", ":a", "a:b:", "::", ":a::b:", "*a*b", "a_b_", "é*x*", "&gt; a", "a\u200b*b*", "0)", "-", "*\u0301a*", "\u2060*a*", "@here :x", "𝗕𝗼𝗹𝗱 *", ":１:", "a:\u2060b:",
	} {
		f.Add(s, uint8(60))
	}
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		most := int(n) + 10
		escaped, code := mrkdwn.Escape(s, most), mrkdwn.Code(s, most)
		if escaped == "" {
			return
		}
		for _, format := range []string{"%s", "Bob: %s", "%s: b", "*%s*", "• *%s* so", "“%s”", "> %s", "%s · %s", "1. %s, *b*", "<https://a.example|%s>: %[1]s"} {
			args := []any{escaped, escaped}[:max(strings.Count(format, "%s")-strings.Count(format, "%[1]s"), 1)]
			plain := slices.Repeat([]any{"x"}, len(args))
			got, want := bottest.Marks(fmt.Sprintf(format, args...)), bottest.Marks(fmt.Sprintf(format, plain...))
			if !slices.Equal(got, want) {
				t.Errorf("%+q becomes %+q: in %q that has %q, and not %q", s, escaped, format, got, want)
			}
		}
		if got := bottest.Marks(code + ": " + code); !slices.Equal(got, []string{"code", "code"}) {
			t.Errorf("%+q becomes %+q, which has %q", s, code, got)
		}
		if got := mrkdwn.OneLine(mrkdwn.OneLine(s)); got != mrkdwn.OneLine(s) {
			t.Errorf("%+q is shown as %+q at the second time", s, got)
		}
		if got := bottest.Marks(mrkdwn.EscapeLines(s)); len(got) > 0 {
			t.Errorf("the lines of %+q have %q", s, got)
		}
	})
}
