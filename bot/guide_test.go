package bot

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestTimesWhereTheRetailerIs(t *testing.T) {
	for zone, want := range map[string]string{
		"": "", "UTC": "", "America/New_York": "17:00 EST", "Europe/Berlin": "23:00 CET", "Asia/Tokyo": "07:00 JST",
		"America/Sao_Paulo": "19:00 Sao Paulo", "Asia/Kathmandu": "03:45 Kathmandu",
	} {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		g := guide{names: phoneBook{}, retailers: map[string]Retailer{"tangerine": {Zone: z}}}
		if got := g.there("tangerine", tenPM); got != want {
			t.Errorf("in %s it is %q, want %q", zone, got, want)
		}
	}
	if got := (guide{}).at("nobody", tenPM); got != clock(tenPM) {
		t.Errorf("without a retailer it is %q", got)
	}
}

// What somebody types as an input can be a link; it can't be one to anything
// but a page, and mentions nobody.
func TestInputsAsLinks(t *testing.T) {
	d := deployer.Deployment{ID: "tangerine-1", Retailer: "tangerine", Inputs: map[string]string{
		"key": "CHG-1/2 & more", "page": "https://jira.example/browse/CHG-1?a=1&b=<2>", "script": "javascript://x%0aalert(1)",
		"words": "none, <!channel>", "bar": "https://jira.example/a|b",
		"long": "https://tickets.intranet.example/departments/production/CHG-12345/",
	}}
	g := guide{names: phoneBook{}, retailers: map[string]Retailer{"tangerine": {Links: map[string]deployer.Link{
		"key": "https://jira.example/browse/{key}",
	}}}}
	for id, want := range map[string]string{
		"key":    "<https://jira.example/browse/CHG-1%2F2%20&amp;%20more|CHG-1/2 &amp; more>",
		"page":   "<https://jira.example/browse/CHG-1?a=1&amp;b=%3C2%3E|jira.example/browse/CHG-1>",
		"script": "javascript://x%0aalert(1)",
		"words":  "none, &lt;!channel&gt;",
		"long":   "<https://tickets.intranet.example/departments/production/CHG-12345/|…xample/departments/production/CHG-12345>",
		"bar":    "<https://jira.example/a%7Cb|jira.example/a¦b>",
	} {
		if got := g.input(d, id, nameMax); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}

// Only those who are awaited are called: each by name while they are few.
func TestCallLeavesOutWhoIsNotAwaited(t *testing.T) {
	r := newRig(t)
	bob, rosa := "<@"+r.UserID("bob")+">", "<@"+r.UserID("rosa")+">"
	people := r.bot.people
	r.eventually("the group is known", func() bool { return len(people.Role("tech-lead")) == 2 })
	if got := people.Call("tech-lead", nil); got != bob+" "+rosa && got != rosa+" "+bob {
		t.Errorf("all: %s", got)
	}
	if got := people.Call("tech-lead", []string{r.UserID("bob")}); got != rosa {
		t.Errorf("without Bob: %s", got)
	}
	if got := people.Call("tech-lead", []string{r.UserID("bob"), r.UserID("rosa")}); got != people.Mention("tech-lead") {
		t.Errorf("where nobody is left, everybody is called: %s", got)
	}
	if got := people.Call("nobody", nil); got != "" {
		t.Errorf("a role that nobody has: %s", got)
	}
}
