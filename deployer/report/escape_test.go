package report

import (
	"strings"
	"testing"
)

// What people write stands in a line of Markdown as they wrote it, and does nothing.
func TestTextsAreEscaped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"web v2 – all well": "web v2 – all well", "a|b": `a\|b`, "*a* _b_ ~~c~~ `d` $e$": "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\`d\\` \\$e\\$",
		"<b>&amp;</b>": `\<b>\&amp;\</b>`, "[a](https://x.example)": `\[a\](https\://x.example)`, "www.x.example": `www\.x.example`,
		"# a # b #": `\# a \# b \#`, "1. a 1. b": `1\. a 1. b`, "1.5 a": "1.5 a", "1.": `1\.`, "12) a": `12\) a`, "- a - b": `\- a - b`, "> a > b": `\> a > b`, "=": `\=`,
		`a\|b`: `a\\\|b`, " a\n\n b\tc ": "a b c", ":smile: 14:30 web:v2": `\:smile: 14:30 web:v2`,
		"@channel ana@x.example @": "@\u2060channel ana@x.example @", "a\u202eb": `a\<U+202E>b`, "👩\u200d🚀️": "👩\u200d🚀️",
	} {
		if got := escape(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := block("a\n````\n\u202eb\n\n"); got != "`````text\na\n````\n\uFFFDb\n`````\n" {
		t.Errorf("a block is %q", got)
	}
	if got := linked(link{"a]b", "https://x.example/a>b|c"}); got != `[a\]b](<https://x.example/a%3Eb%7Cc>)` {
		t.Errorf("a link is %q", got)
	}
}

// Only what leads somewhere as it is, and holds no secret, is a link.
func TestOnlyAddressesAreLinks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://x.example/a?b=c": true, "http://x.example": true, "javascript:alert(1)": false, "x.example": false, "https://ana:pw@x.example": false,
		"https://{service}.example": false, "https://x.example/a b": false, "https://x.example/\u202e": false, "https://x.example/?token=abcdef123": false, "": false,
	} {
		if _, got := address(text); got != want {
			t.Errorf("whether %q is a link: %t", text, got)
		}
	}
}

// A cell that a spreadsheet would compute is made harmless, so that it can be told what it was.
func TestCellsAreHarmless(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "a=1": "a=1", "=1+2": "'=1+2", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\n=1": "'\n=1", "＝1": "'＝1", "'a": "''a", "a'": "a'",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
	if got := lines(map[string]string{"b": "x: y", "a": "two\nlines", "c: d": "", "e": `"f"`}); got != strings.Join([]string{`a: "two\nlines"`, `b: x: y`, `"c: d": ""`, `e: "\"f\""`}, "\n") {
		t.Errorf("texts by name are %s", got)
	}
}
