package deployer_test

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1w": 168 * time.Hour, "1w1d": 192 * time.Hour, "86400s": 24 * time.Hour, "0s": 0,
		"": -1, "15": -1, "m": -1, "1h2h": -1, "30m1h": -1, "1.5h": -1, "-1h": -1, "1 h": -1, "999999w": -1, "9999999s": -1, "1y": -1,
	} {
		if got, err := deployer.ParseSpan(text); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

// Whatever can name something is among the texts.
func TestTextsOfAProcedureAreAllOfThem(t *testing.T) {
	t.Parallel()
	p := deployer.Procedure{
		Messages: map[string]string{"a": "message"}, Titles: map[string]string{"a": "title"}, Values: map[string]string{"a": "value"}, Vars: map[string]string{"a": "var"},
		Phases: []deployer.Phase{{When: "phase"}}, Troubles: []deployer.Trouble{{Causes: []string{"cause"}}}, Rollback: []deployer.Step{{Expect: "rollback"}}, After: []deployer.Step{{Deadline: "after"}},
		Failure: deployer.Failure{Steps: []deployer.Step{{Links: []deployer.Item{{Link: "failure"}}}}},
		Steps: []deployer.Step{{EachOf: "each", With: deployer.Values{
			"a": {Text: "text", List: []string{"list"}, Texts: map[string]string{"x": "texts"}, Items: []deployer.Item{{Title: "item"}}, Rows: []map[string]string{{"query": "row"}}, Inputs: []deployer.Input{{When: "input"}}},
		}}},
	}
	got := map[string]bool{}
	for _, text := range p.Texts() {
		got[text] = true
	}
	for _, want := range []string{"message", "title", "value", "var", "phase", "cause", "rollback", "after", "failure", "each", "text", "list", "texts", "item", "row", "input"} {
		if !got[want] {
			t.Errorf("%q is not among them", want)
		}
	}
}
