package bot

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
)

// More services than a menu takes: the search is the bot's.
func TestFormSearchesManyServices(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		for _, name := range strings.Fields(many("service-", 120)) {
			s.bot.Services[name] = view.Service{Procedure: "deployment"}
		}
	})
	r.types("ana", "/deploy")
	got, err := r.Suggest(r.ctx(), emulator.Action{User: "ana", ViewID: r.view("ana"), BlockID: "service", ActionID: "menu"}, "Decant")
	r.must(err)
	bottest.Contains(t, string(got), `"decanting-service"`)
	if strings.Contains(string(got), "service-1") {
		t.Errorf("too much: %s", got)
	}
}

// A retailer is offered what it has, and nothing else.
func TestFormOffersTheServicesOfItsRetailer(t *testing.T) {
	t.Parallel()
	r := view.Renderer{
		Services:  map[string]view.Service{"web": {}, "api": {}, "cron": {}},
		Retailers: map[string]view.Retailer{"lemon": {Services: []string{"cron", "web"}}, "tangerine": {}},
	}
	for retailer, want := range map[string]string{"lemon": "cron web", "tangerine": "api cron web"} {
		if got := strings.Join(form.Offered(r, retailer), " "); got != want {
			t.Errorf("%s is offered %s", retailer, got)
		}
	}
}

// The tags are the chosen service's, the newest first, and what was typed can
// always be given.
func TestTagSuggestionsAreTheServicesOwnAndWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) { s.systems.tags = []string{"v2.0.1", "v2.0.0", "v1.9.9"} })
	r.eventually("the tags are known", func() bool { return len(r.bot.tags.LastRead("web")) > 0 })
	r.types("ana", "/deploy")
	r.chooses("ana", "service", "web")
	for text, want := range map[string][]string{
		"":        {"v2.0.1", "v2.0.0", "v1.9.9"},
		"V2":      {"v2.0.1", "v2.0.0", "V2 · as typed"},
		"v2.0.0":  {"v2.0.0"},
		"v2.0.2":  {"v2.0.0 · did you mean this?", "v2.0.2 · as typed"},
		"b c":     nil,
		" v1.9 ":  {"v1.9.9", "v1.9 · as typed"},
		"release": {"release · as typed"},
	} {
		got, err := r.Suggest(r.ctx(), emulator.Action{User: "ana", ViewID: r.view("ana"), BlockID: "tag", ActionID: "menu"}, text)
		r.must(err)
		var answer slack.OptionsResponse
		r.must(json.Unmarshal(got, &answer))
		var texts []string
		for _, o := range answer.Options {
			texts = append(texts, o.Text.Text)
			if !strings.HasPrefix(o.Text.Text, o.Value) {
				t.Errorf("%q: %q gives %q", text, o.Text.Text, o.Value)
			}
		}
		if diff := cmp.Diff(want, texts); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
