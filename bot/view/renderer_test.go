package view

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

func TestTimesAreShownWhereTheRetailerIs(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"": "", "UTC": "", "America/New_York": "17:00 EST", "Europe/Berlin": "23:00 CET", "Asia/Tokyo": "07:00 JST",
		"America/Sao_Paulo": "19:00 Sao Paulo", "Asia/Kathmandu": "03:45 Kathmandu",
	} {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		r := Renderer{Names: bottest.PhoneBook{}, Retailers: map[string]Retailer{"tangerine": {Zone: z}}}
		if got := r.localTime("tangerine", bottest.TenPM); got != want {
			t.Errorf("in %s it is %q, want %q", zone, got, want)
		}
	}
	if got := (Renderer{}).clock("nobody", bottest.TenPM); got != mrkdwn.Clock(bottest.TenPM) {
		t.Errorf("without a retailer it is %q", got)
	}
}

// What somebody types as an input can be a link; it can't be one to anything
// but a page, and mentions nobody.
func TestInputsBecomeLinksToPagesAlone(t *testing.T) {
	t.Parallel()
	d := deployer.Deployment{ID: "tangerine-1", Site: deployer.Site{Name: "tangerine"}, Inputs: map[string]string{
		"key": "CHG-1.2", "page": "https://jira.example/browse/CHG-1?a=1&b=<2>", "script": "javascript://x%0aalert(1)",
		"words": "none, <!channel>", "bar": "https://jira.example/a|b",
		"long": "https://tickets.intranet.example/departments/production/CHG-12345/",
	}}
	r := Renderer{Names: bottest.PhoneBook{}, Retailers: map[string]Retailer{"tangerine": {Links: map[string]urltemplate.Link{
		"key": "https://jira.example/browse/{key}",
	}}}}
	for id, want := range map[string]string{
		"key":    "<https://jira.example/browse/CHG-1.2|CHG-1.2>",
		"page":   "<https://jira.example/browse/CHG-1?a=1&amp;b=%3C2%3E|jira.example/browse/CHG-1>",
		"script": "javascript://x%0aalert(1)",
		"words":  "none, &lt;!channel&gt;",
		"long":   "<https://tickets.intranet.example/departments/production/CHG-12345/|tickets.intranet.example/…tion/CHG-12345>",
		"bar":    "<https://jira.example/a%7Cb|jira.example/a%7Cb>",
	} {
		if got := r.input(d, id, mrkdwn.NameMax); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}

func TestTheEnvironmentThatIsMeantIsTheDefaultOrTheOnlyOne(t *testing.T) {
	t.Parallel()
	for want, envs := range map[string]map[string]Environment{
		"prod": {"prod": {Default: true}, "a": {}}, "only": {"only": {}}, "": {"a": {}, "b": {}},
	} {
		if got, ok := DefaultEnvironment(envs); got != want || ok != (want != "") {
			t.Errorf("of %v it is %q, %t", envs, got, ok)
		}
	}
}

// An input that has a link takes only its key: a URL in it is shown by its host,
// whatever stands behind that.
func TestATicketElsewhereDoesNotReadLikeOurs(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"TAN-1": "<https://jira.example/browse/TAN-1|TAN-1>",
		"https://evil.example/x/aaaaaaaaaaaa//jira.example/browse/TAN-1": "<https://evil.example/x/aaaaaaaaaaaa//jira.example/browse/TAN-1|evil.example/…/jira.example/browse/TAN-1>",
		"https://jira.example@evil.example/browse/TAN-1":                 "https://jira.example@evil.example/browse/TAN-1",
		"https://jirа.example/browse/TAN-1":                              "<https://xn--jir-8cd.example/browse/TAN-1|xn--jir-8cd.example/browse/TAN-1>",
		"TAN-1 https://evil.example":                                     "TAN-1 https://evil.example",
		"../../evil":                                                     "../../evil",
		"TAN-1?x=1":                                                      "TAN-1?x=1",
	} {
		d := deployer.Deployment{Site: deployer.Site{Name: "tangerine"}, Inputs: map[string]string{"ticket": value}}
		if got := linkedRenderer.input(d, "ticket", 80); got != want {
			t.Errorf("%s is shown as %s, want %s", value, got, want)
		}
	}
}
