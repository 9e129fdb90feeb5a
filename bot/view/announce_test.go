package view

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/placeholder"
	"github.com/stationmaster/stationmaster/deployer"
)

// What people and systems say cannot mention, link or break out of an
// announcement, whatever it is and wherever it is cut.
func FuzzAnnouncement(f *testing.F) {
	f.Add("*{service}* is starting, see <https://wiki.example|the page>: {reason}", "<!channel> {to} `x` &", uint16(3))
	f.Add("{reason}{reason}{nobody}", "@here", uint16(900))
	f.Fuzz(func(t *testing.T, words, value string, times uint16) {
		words = strings.Repeat(words, int(times)%50+1)
		text, blocks := announcement(deployer.Message{Kind: "starting", Words: words, Args: map[string]string{"reason": value, "service": value}}, deployer.Deployment{}, Renderer{})
		if mrkdwn.Units(text) > mrkdwn.MessageMax || !utf8.ValidString(text) {
			t.Errorf("the text has %d units", mrkdwn.Units(text))
		}
		if e := bottest.BlockFaults(blocks); e != "" {
			t.Error(e)
		}
		if plainOf(words) == "" && strings.Contains(text, "<!") {
			t.Errorf("a value mentions: %q", text)
		}
	})
}

// plainOf returns the characters of the words that have a meaning of their own.
func plainOf(words string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>&`@", r) {
			return r
		}
		return -1
	}, words)
}

func TestPlaceholdersAreFilledOnceAndEscaped(t *testing.T) {
	t.Parallel()
	args := map[string]string{"service": "web & <co>", "to": "{reason}", "reason": "secret"}
	got := placeholder.Fill("{service} {to} {unknown} {} {to", values{m: deployer.Message{Args: args}}.of)
	if want := "web &amp; &lt;co&gt; {reason} {unknown} {} {to"; got != want {
		t.Errorf("fill = %q, want %q", got, want)
	}
}
