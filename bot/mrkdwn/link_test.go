package mrkdwn

import (
	"strings"
	"testing"
)

func TestOnlyPagesBecomeLinks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://a.example/x?a=1&b=2": "<https://a.example/x?a=1&amp;b=2|a¦b>",
		"http://a.example/a b|c":      "<http://a.example/a%20b%7Cc|a¦b>",
		"javascript:alert(1)":         "a|b",
		"https://":                    "a|b",
		"mailto:ana@a.example":        "a|b",
		"::":                          "a|b",
		"https://a.example/" + strings.Repeat("x", 500): "a|b",
		"https://a.example/<!channel>":                  "<https://a.example/%3C%21channel%3E|a¦b>",
	} {
		if got := Link(address, "a|b"); got != want {
			t.Errorf("%s becomes %s, want %s", address, got, want)
		}
	}
}

func TestOfALongAddressItsEndIsSeen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"jira.example/browse/CHG-1?a=1#top":                      "jira.example/browse/CHG-1",
		"jira.example/":                                          "jira.example",
		"tickets.example/departments/production/lines/CHG-12345": "…/departments/production/lines/CHG-12345",
	} {
		if got := BareAddress(in); got != want {
			t.Errorf("%s shows %s, want %s", in, got, want)
		}
	}
}
