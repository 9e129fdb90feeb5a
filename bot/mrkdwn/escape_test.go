package mrkdwn

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscapedValuesMeanNothing(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a & b < c > d":              "a &amp; b &lt; c &gt; d",
		"<!channel> wake up":         "&lt;!channel&gt; wake up",
		"<@UBOB> and <!subteam^S1>":  "&lt;@UBOB&gt; and &lt;!subteam^S1&gt;",
		"@here @Channel me@here.com": "@\u2060here @\u2060Channel me@\u2060here.com",
		"two\nlines\tand  spaces":    "two lines and spaces",
		"`code` ```block```":         "ˋcodeˋ ˋˋˋblockˋˋˋ",
		"tag\u202egnp.exe":           "tag⟨U+202E⟩gnp.exe",
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
		if got := Escape(in, most); got != want {
			t.Errorf("esc(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCodeIsNeverEmptyNorOpen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"v1.2": "`v1.2`", "": "`–`", "a`b": "`aˋb`", "1234567890": "`1234567…`"} {
		if got := Code(in, 10); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
}

func TestNobodyReadsADigestWhole(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("0123456789abcdef", 4)
	if got := Shorten("r/web@sha256:"+digest+" & more", 60); got != "r/web@sha256:0123456789ab… &amp; more" {
		t.Errorf("it is %q", got)
	}
}

func TestQuotedWordsKeepTheirLinesAndMeanNothing(t *testing.T) {
	t.Parallel()
	if got := Quote(" Ten minutes,\r\n<!channel>\n\n@here ", 300); got != "> Ten minutes,\n> &lt;!channel&gt;\n> \n> @\u2060here" {
		t.Errorf("it is %q", got)
	}
	if got := Quote(strings.Repeat("long ", 500), 10); Units(got) > 4*TitleMax+2 {
		t.Errorf("it has %d units", Units(got))
	}
	if got := Plain("<a> & `b`\n", 40); got != "<a> & `b`" {
		t.Errorf("plain text is %q", got)
	}
}

func TestCodeBlocksKeepTheEnd(t *testing.T) {
	t.Parallel()
	got := CodeBlocks(strings.Repeat("begin\n", 100)+"the ``` end & <here>", 60, 80)
	if len(got) != 1 || !strings.HasSuffix(got[0], "the ˋˋˋ end &amp; &lt;here&gt;\n```") || Units(got[0]) > 80 {
		t.Errorf("codeBlocks = %q", got)
	}
	if got := CodeBlocks("\n\n", 60, 60); len(got) != 0 {
		t.Errorf("codeBlocks of nothing = %q", got)
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
		for name, got := range map[string]string{"esc": Escape(s, most), "code": strings.Trim(Code(s, most), "`"),
			"block": unfenced(CodeBlocks(s, most, most+8))} {
			if loose.MatchString(got) {
				t.Errorf("%s(%q) leaves a mark that means something: %q", name, s, got)
			}
			if Units(got) > most || !utf8.ValidString(got) {
				t.Errorf("%s(%q, %d) = %q: %d units", name, s, most, got, Units(got))
			}
		}
		if got := Escape(s, most); broadcast.MatchString(got) {
			t.Errorf("esc(%q) = %q calls a channel", s, got)
		}
	})
}
