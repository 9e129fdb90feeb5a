package bot

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestEsc(t *testing.T) {
	for in, want := range map[string]string{
		"a & b < c > d":              "a &amp; b &lt; c &gt; d",
		"<!channel> wake up":         "&lt;!channel&gt; wake up",
		"<@UBOB> and <!subteam^S1>":  "&lt;@UBOB&gt; and &lt;!subteam^S1&gt;",
		"@here @Channel me@here.com": "@\u2060here @\u2060Channel me@\u2060here.com",
		"two\nlines\tand  spaces":    "two lines and spaces",
		"`code` ```block```":         "ˋcodeˋ ˋˋˋblockˋˋˋ",
		"tag\u202egnp.exe":           "taggnp.exe",
		"bad \xff utf":               "bad \uFFFD utf",
		"12345678901234567890":       "12345678901234567890",
		"123456789012345678901":      "1234567890123456789" + ellipsis,
		"&&&&&":                      "&amp;&amp;&amp;" + ellipsis,
		"":                           "",
	} {
		most := 60
		if strings.HasPrefix(in, "123") || strings.HasPrefix(in, "&&") {
			most = 20
		}
		if got := escape(in, most); got != want {
			t.Errorf("esc(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCodeBlocksKeepTheEnd(t *testing.T) {
	got := codeBlocks(strings.Repeat("begin\n", 100)+"the ``` end & <here>", 60, 80)
	if len(got) != 1 || !strings.HasSuffix(got[0], "the ˋˋˋ end &amp; &lt;here&gt;\n```") || units(got[0]) > 80 {
		t.Errorf("codeBlocks = %q", got)
	}
	if got := codeBlocks("\n\n", 60, 60); len(got) != 0 {
		t.Errorf("codeBlocks of nothing = %q", got)
	}
}

// A long log stands in several blocks, line by line, and none is missing.
func TestLongLogIsShownInBlocks(t *testing.T) {
	var log []string
	for i := range 50 {
		log = append(log, fmt.Sprintf("%02d level=info %s", i, strings.Repeat("x", 120)))
	}
	m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{What: "step-failed", Step: "Roll out", Detail: strings.Join(log, "\n")}}
	_, blocks := drawMessage(m, deployer.Deployment{}, noted)
	var shown []string
	for _, b := range blocks[1:] {
		text := b.(*slack.SectionBlock).Text.Text
		if units(text) > sectionMax || !strings.HasPrefix(text, "```\n") || !strings.HasSuffix(text, "\n```") {
			t.Errorf("a block of %d units: %q", units(text), text)
		}
		shown = append(shown, strings.Split(strings.Trim(text, "`\n"), "\n")...)
	}
	if diff := cmp.Diff(log, shown); diff != "" || textUnits(blocks) > allTextMax {
		t.Errorf("%d units in all (-log +shown):\n%s", textUnits(blocks), diff)
	}
}

// Outside of the entities that we write, no <, > or & may be left.
var loose = regexp.MustCompile("[<>`]|&(?:[^algt]|a[^m]|l[^t]|g[^t]|$)")

// unfenced is what stands in code blocks.
func unfenced(blocks []string) string {
	out := ""
	for _, b := range blocks {
		out += strings.TrimSuffix(strings.TrimPrefix(b, "```\n"), "\n```")
	}
	return out
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"<!channel>", "<@U1>", "a`b", "&lt;", "@here", "```", "https://evil.example|x", "\u202e", "\xf0\x28", "*b*"} {
		f.Add(s, uint8(40))
	}
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		most := int(n) + 10
		for name, got := range map[string]string{"esc": escape(s, most), "code": strings.Trim(code(s, most), "`"),
			"block": unfenced(codeBlocks(s, most, most+8))} {
			if loose.MatchString(got) {
				t.Errorf("%s(%q) leaves a mark that means something: %q", name, s, got)
			}
			if units(got) > most || !utf8.ValidString(got) {
				t.Errorf("%s(%q, %d) = %q: %d units", name, s, most, got, units(got))
			}
		}
		if got := escape(s, most); broadcast.MatchString(got) {
			t.Errorf("esc(%q) = %q calls a channel", s, got)
		}
	})
}

// What people and systems say cannot mention, link or break out of an
// announcement, whatever it is and wherever it is cut.
func FuzzAnnouncement(f *testing.F) {
	f.Add("*{service}* is starting, see <https://wiki.example|the page>: {reason}", "<!channel> {to} `x` &", uint16(3))
	f.Add("{reason}{reason}{nobody}", "@here", uint16(900))
	f.Fuzz(func(t *testing.T, words, value string, times uint16) {
		words = strings.Repeat(words, int(times)%50+1)
		text, blocks := announcement(deployer.Message{Kind: "starting", Words: words, Args: map[string]string{"reason": value, "service": value}}, deployer.Deployment{}, guide{})
		if units(text) > messageMax || !utf8.ValidString(text) {
			t.Errorf("the text has %d units", units(text))
		}
		if e := faults(blocks); e != "" {
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

func TestPlaceholders(t *testing.T) {
	args := map[string]string{"service": "web & <co>", "to": "{reason}", "reason": "secret"}
	got := fill("{service} {to} {unknown} {} {to", values{m: deployer.Message{Args: args}}.of)
	if want := "web &amp; &lt;co&gt; {reason} {unknown} {} {to"; got != want {
		t.Errorf("fill = %q, want %q", got, want)
	}
}
