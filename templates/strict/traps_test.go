package strict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/templates/strict"
)

// What YAML reads otherwise than its writer is told in the writer's words, where it
// begins.
func TestTrapsAreToldWhereTheyBegin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: 'it's so'\n":                          `1:7: these words are in quotes only up to the ' in them; put the whole into double quotes, or write '' for it`,
		"listen: \"never closed\nname: \"other\"\n":  `1:9: the quote that begins here is not closed; add a " where the words end`,
		"listen: \"never closed\nname: other\n":      `1:9: the quote that begins here is not closed; add a " where the words end`,
		"name: one: two\n":                           `1:7: words with ": " in them have to be in quotes, else YAML takes them for a mapping`,
		"services:\n  web:\n    owner: a\n   api:\n": `4:4: this line is not indented like the keys around it; move it to the column of the keys that it belongs to`,
		"list:\n  - a\n  name: b\n":                  `3:3: this line stands in a list and does not begin with -; indent it to the entry that it belongs to, or move it out of the list`,
		"list: - a\n":                                `1:7: a list that is written with - begins in a line of its own; write it in brackets, or in lines below`,
		"listen: a\n---\nlisten: b\nlissten: c\n":    `2:1: a second document begins here, and a file is one; put it into a file of its own`,
		"listen: a\nlissten: b\n---\nlisten: c\n":    "2:1: there is no key \"lissten\"; did you mean \"listen\"?\nsm.yaml:3:1: a second document begins here, and a file is one; put it into a file of its own",
		"name: \"a \\d\"\n":                          `1:10: in double quotes a \ begins an escape, and this is none; use single quotes, or write \\`,
		"name: *a\nlisten: @b\n":                     "1:7: words that begin with * have to be in quotes, else YAML takes them for a reference\nsm.yaml:2:9: words that begin with @ have to be in quotes, else YAML can't read them",
		"name: |\n  *a* : {b} \"c\nlisten: @b\n":     `3:9: words that begin with @ have to be in quotes, else YAML can't read them`,
		"wait: 1d2h\ncount: 1\nname: no\n":           "",
		"wait: 15\n":                                 `1:7: 15 has no unit; write 15s, 15m or 15h`,
		"list: &a [*a]\n":                            `1:7: an entry of list must be a text, not a list`,
	} {
		var c config
		got := ""
		if err := strict.Decode("sm.yaml", []byte(text), &c); err != nil {
			got = err.Error()
		}
		if want != "" {
			want = "sm.yaml:" + want
		}
		if got != want {
			t.Errorf("%q: got\n%s\nwant\n%s", text, got, want)
		}
	}
}

// A place in a text is found where it is written: in quotes with escapes, and in lines.
func TestPlacesWithinTexts(t *testing.T) {
	t.Parallel()
	type words struct {
		A strict.Text `yaml:"a"`
	}
	for text, want := range map[string][2]int{
		"a: one X\n":              {1, 8},
		"a: 'it''s X'\n":          {1, 11},
		"a: \"a\\n\\u00e4 X\"\n":  {1, 15},
		"a: \"ä ü X\"\n":          {1, 9},
		"a: |\n  one\n  two X\n":  {3, 7},
		"a: |\n    one\n     X\n": {3, 6},
	} {
		var w words
		if err := strict.Decode("x", []byte(text), &w); err != nil {
			t.Fatal(err)
		}
		runes := []rune(w.A.Value)
		at := 0
		for at < len(runes) && runes[at] != 'X' {
			at++
		}
		if got := w.A.From(at); got.Line != want[0] || got.Column != want[1] {
			t.Errorf("%q: got %d:%d, want %v", text, got.Line, got.Column, want)
		}
	}
}

// Words behind which a comment stands at once may have lost a part of them.
func TestACommentMaySwallowWords(t *testing.T) {
	t.Parallel()
	type words struct {
		A strict.Text `yaml:"a"`
	}
	for text, want := range map[string]string{
		"a: one # two\n": "# two", "a: one   # two\n": "", "a: \"one\" # two\n": "", "a: one\n": "", "a: one#two\n": "",
	} {
		var w words
		if err := strict.Decode("x", []byte(text), &w); err != nil || w.A.Swallowed() != want {
			t.Errorf("%q: %q, %v", text, w.A.Swallowed(), err)
		}
	}
}

// What is not YAML is looked through in a time that grows with its length: four times the text takes four times as
// long, and a search that began anew at each place would take sixteen times.
func TestTrapsOfAVeryLongLine(t *testing.T) {
	var few, many time.Duration
	for try := range 3 { // a machine that has other work may be slow for a while
		if few, many = refusal(t, 500), refusal(t, 2_000); many <= 10*few {
			break
		}
		if try == 2 {
			t.Errorf("four times the text takes %s instead of %s", many, few)
		}
	}
	t.Logf("four times the text takes %s instead of %s", many, few)
	text := "a: " + strings.Repeat("{a: ", 10_001) + "1" + strings.Repeat("}", 10_001) + "\n"
	var into struct{}
	if err := strict.Decode("a.yaml", []byte(text), &into); err == nil {
		t.Error("that is nested too deep")
	}
}

// refusal returns the shortest of three times that it takes to refuse so many brackets of which one is not closed.
func refusal(t *testing.T, deep int) time.Duration {
	text := "a: " + strings.Repeat("{a: ", deep) + "1" + strings.Repeat("}", deep-1) + "\n"
	var into struct{}
	shortest := time.Hour
	for range 3 {
		began := time.Now()
		if err := strict.Decode("a.yaml", []byte(text), &into); err == nil {
			t.Error("one of them is not closed")
		}
		shortest = min(shortest, time.Since(began))
	}
	return shortest
}
