package urltemplate_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

func TestALinkTakesTheValuesOfItsPlaceholders(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"service": "web", "from": "v1", "to": "release/2?x=1#y", "retailer": "tangerine", "ticket": "CHG-1 & 2", "dots": "..", "up": "a/../b",
	}
	for link, want := range map[urltemplate.Link]string{
		"https://git.example/{service}/compare/{from}...{to}":   "https://git.example/web/compare/v1...release%2F2%3Fx=1%23y",
		"https://{retailer}.example/d?var={to}":                 "https://tangerine.example/d?var=release%2F2%3Fx%3D1%23y",
		"https://logs.example/app#/discover?q={service}&v={to}": "https://logs.example/app#/discover?q=web&v=release%2F2%3Fx=1%23y",
		"https://jira.example/browse/{ticket}":                  "https://jira.example/browse/CHG-1%20&%202",
		"https://jira.example/browse/{environment}":             "", // not known
		"https://{ticket}.example/":                             "", // no host
		"https://jira.example/{dots}/admin":                     "", // a step in the path
		"https://jira.example/{up}/admin":                       "", // for who takes %2F for a slash
		"https://jira.example/.{dots}/x":                        "https://jira.example/.../x",
		"https://jira.example/?q={dots}&p={up}":                 "https://jira.example/?q=..&p=a%2F..%2Fb",
	} {
		got, err := link.For(values)
		if got != want && err == nil || (err != nil) != (want == "") {
			t.Errorf("%s is %q, %v, want %q", link, got, err, want)
		}
	}
}

func TestAMistakeInALinkIsNamed(t *testing.T) {
	t.Parallel()
	for link, want := range map[urltemplate.Link]string{
		"https://git.example/{service}/{from}#{to}": "",
		"https://git.example/{servce}":              "did you mean {service}?",
		"https://git.example/#{nobody}":             "there is no placeholder {nobody}",
		"https://git.example/{service":              "a brace has no partner",
		"git.example/{service}":                     "begins with https://",
		"javascript:alert(1)":                       "begins with https://",
		"https://ana:secret@git.example/":           "a user or a password",
		"":                                          "begins with https://",
	} {
		err := link.Check(urltemplate.ServicePlaceholders)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", link, err, want)
		}
	}
}

// Whatever stands in a value, the link still goes to the host that was written,
// and is one that Slack's "<…|…>" can hold.
func FuzzLink(f *testing.F) {
	f.Add("web", "v1|<!channel>")
	f.Add("..", "@evil.example/\n>")
	f.Fuzz(func(t *testing.T, service, to string) {
		got, err := urltemplate.Link("https://git.example/{service}/x{to}?a={to}#{to}").For(map[string]string{"service": service, "to": to})
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Host != "git.example" || strings.ContainsAny(got, "<>| \n\"") {
			t.Errorf("%q and %q make %q (%v)", service, to, got, err)
		}
	})
}
