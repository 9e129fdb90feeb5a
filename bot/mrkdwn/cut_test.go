package mrkdwn

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextsAreCutWhereNothingBreaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		limit      int
		want       string
	}{
		{"it fits", "one two", 7, "one two"},
		{"between words", "one two three", 9, "one two "},
		{"between lines", "one two\nthree four", 12, "one two\n"},
		{"a line too short to end there", "a\ntwo three four", 11, "a\ntwo "},
		{"no place but inside a word", "abcdefgh", 3, "abc"},
		{"never inside a link", "see <https://a.example|the page> now", 20, "see "},
		{"never inside an entity", "a &amp; b", 4, "a "},
		{"a link with nothing before it", "<https://a.example|x>", 5, "<ht"},
		{"what is no entity", "a & b c", 5, "a & "},
		{"letters of two units", "🚂🚂🚂", 5, "🚂🚂"},
	} {
		got := Cut(c.text, c.limit)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if Units(got) > c.limit {
			t.Errorf("%s: %d units", c.name, Units(got))
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("see <https://a.example|the page> &amp; go\nhome", uint8(12))
	f.Add("🚂<@U1>", uint8(1))
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		s, limit := strings.ToValidUTF8(s, ""), int(n)+2
		got := Cut(s, limit)
		if !strings.HasPrefix(s, got) || Units(got) > limit || !utf8.ValidString(got) {
			t.Errorf("Cut(%q, %d) = %q", s, limit, got)
		}
	})
}

func TestPartsStandSideBySideWhileThereIsRoom(t *testing.T) {
	t.Parallel()
	parts := []string{"one", "two", "three"}
	for limit, want := range map[int]string{2: "", 3: "one", 9: "one · two", 16: "one · two", 17: "one · two · three"} {
		if got := JoinWithin(parts, limit); got != want {
			t.Errorf("within %d: %q, want %q", limit, got, want)
		}
	}
}

func TestClippedTextSaysSo(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"abc": "abc", "abcd": "ab…", "äöüß": "äö…", "": ""} {
		if got := Clip(in, 3); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
