package deployer_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

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
