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

// A ticket is often given as a URL: what people read is where it leads.
func TestAnAddressShowsItsHostWholeAndFirst(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 60) + ".example"
	for in, want := range map[string]string{
		"https://jira.example/browse/CHG-1?a=1#top":                         "jira.example/browse/CHG-1",
		"https://jira.example/":                                             "jira.example",
		"http://jira.example:8080/x":                                        "jira.example:8080/x",
		"https://tickets.example/departments/production/lines/CHG-12345":    "tickets.example/…duction/lines/CHG-12345",
		"https://evil.example/x/aaaaaaaaaaaaaaa//jira.example/browse/TAN-1": "evil.example/…/jira.example/browse/TAN-1",
		"https://" + long + "/browse/some/where/TAN-1":                      long + "/…me/where/TAN-1",
		"https://jirа.example/browse/TAN-1":                                 "xn--jir-8cd.example/browse/TAN-1",
		"https://xn--jir-8cd.example/":                                      "xn--jir-8cd.example",
		"https://JIRA.example/a%2Fb":                                        "jira.example/a%2Fb",
		"https://jira.example@evil.example/browse/TAN-1":                    "",
		"https://jira.example:443@evil.example/":                            "",
		"https://jira.example\\@evil.example/":                              "",
		"https://jira.example%2Fbrowse@evil.example":                        "",
		"https:///jira.example/x":                                           "",
		"TAN-1":                                                             "",
	} {
		if got := BareAddress(in); got != want {
			t.Errorf("%s shows %q, want %q", in, got, want)
		}
		if linked := Link(in, "x"); (linked == "x") != (want == "") || want != "" && !strings.Contains(linked, "://"+strings.SplitN(want, "/", 2)[0]) {
			t.Errorf("%s is linked as %s, which does not lead to %s", in, linked, want)
		}
	}
}
