package strict

import (
	"slices"
	"strings"
	"testing"
)

// ids puts an id in the place of a name that stands under users.
func ids(path []string, value string) string {
	known := map[string]string{"bob": "U0BOB", "eve@example.com": "U0EVE", "@ana": "U0ANA", "O'Neil": "U0NEIL"}
	if slices.Contains(path, "users") {
		return known[value]
	}
	return ""
}

func TestWordsAreReplacedWhereTheyStand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"a list in a line": {
			"roles:\n  lead: {users: [bob, 'carl', \"eve@example.com\"], groups: [bob]}\n",
			"roles:\n  lead: {users: [U0BOB, 'carl', U0EVE], groups: [bob]} # bob, eve@example.com\n",
		},
		"a list of lines": {
			"roles:\n  lead:\n    # who leads\n    users:\n      - bob\n\n      - \"@ana\"   # the boss\n      - carl\n",
			"roles:\n  lead:\n    # who leads\n    users:\n      - U0BOB # bob\n\n      - U0ANA   # @ana # the boss\n      - carl\n",
		},
		"no line at the end, and other line ends": {"users: [bob]\r\nb: bob\r\nc: {users: bob}", "users: [U0BOB] # bob\r\nb: bob\r\nc: {users: U0BOB} # bob"},
		"a sign in quotes":                        {"a: {users: [bob], b: \"x # y\"}\n", "a: {users: [U0BOB], b: \"x # y\"} # bob\n"},
		"letters of two bytes":                    {"é: {ü: ö, users: [bob]}\n", "é: {ü: ö, users: [U0BOB]} # bob\n"},
		"nothing":                                 {"# bob\nusers: [U0BOB]\n", "# bob\nusers: [U0BOB]\n"},
	} {
		got, err := Rewrite([]byte(c.before), ids)
		if err != nil || string(got) != c.after {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

func TestWhatCantBeReplacedIsLeft(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a text of several lines": "users: >-\n  bob\n", "an anchor": "users: &b bob\n", "an escaped text": `users: "bo\x62"`,
		"a doubled quote": "users: 'O''Neil'",
	} {
		got, err := Rewrite([]byte(text), ids)
		if err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}
