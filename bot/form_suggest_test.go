package bot

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// More services than a menu takes: the search is the bot's.
func TestFormWithManyServices(t *testing.T) {
	r := newRig(t, func(s *setup) {
		for _, name := range strings.Fields(many("service-", 120)) {
			s.bot.Services[name] = Service{Procedure: "deployment"}
		}
	})
	r.types("ana", "/deploy")
	got, err := r.Suggest(r.ctx(), emulator.Action{User: "ana", ViewID: r.view("ana"), BlockID: "service", ActionID: "menu"}, "Decant")
	r.must(err)
	contains(t, string(got), `"decanting-service"`)
	if strings.Contains(string(got), "service-1") {
		t.Errorf("too much: %s", got)
	}
}

// The tags are the chosen service's, the newest first, and what was typed can
// always be given.
func TestTagSuggestions(t *testing.T) {
	r := newRig(t, func(s *setup) { s.cluster.tags = []string{"v2.0.1", "v2.0.0", "v1.9.9"} })
	r.eventually("the tags are known", func() bool { return len(r.bot.tags.list("web").tags) > 0 })
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

// An answer of more than 20,480 bytes would be dropped without a word; what was
// typed stays in it.
func TestSuggestionsFit(t *testing.T) {
	var tags []string
	for i := range 300 {
		tags = append(tags, fmt.Sprintf("%03d-%s", i, strings.Repeat("x", 120)))
	}
	got := fitting(tagOptions("x", tags))
	b, err := json.Marshal(suggestions{got})
	if err != nil || len(b) > 20_000 || len(got) < 50 {
		t.Errorf("%d options of %d bytes: %v", len(got), len(b), err)
	}
	if got[0].Value != tags[0] || got[len(got)-1].Value != "x" {
		t.Errorf("it begins with %s and ends with %s", got[0].Value, got[len(got)-1].Value)
	}
	if got := fitting(optionsOf(tags[:150])); len(got) > optionsMax {
		t.Errorf("%d options", len(got))
	}
	if got, _ := json.Marshal(suggestions{fitting(nil)}); string(got) != `{"options":[]}` {
		t.Errorf("none are %s", got)
	}
}

func TestMatching(t *testing.T) {
	words := []string{"api", "apples", "my-api", "web"}
	if got := matching(words, " AP "); !slices.Equal(got, []string{"api", "apples", "my-api"}) {
		t.Errorf("got %v", got)
	}
	if got := matching(words, ""); !slices.Equal(got, words) {
		t.Errorf("got %v", got)
	}
}
