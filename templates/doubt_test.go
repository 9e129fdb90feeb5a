package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A procedure that deploys nothing, or proves nothing of what it deploys, is
// allowed, and doubted with its place.
func TestWhatDeploysOrProvesNothingIsDoubted(t *testing.T) {
	t.Parallel()
	const rollback = "rollback:\n  steps:\n"
	for name, test := range map[string]struct{ steps, back, want string }{
		"only a wait":              {"{id: wait, uses: wait, with: {for: 1m}}", "", `p.yaml:1:5: "p" rolls nothing out: what is deployed by it ends with “Nothing was rolled out”; add a step that does, such as {id: rollout, uses: rollout}`},
		"a rollout and no proof":   {"{id: out, uses: rollout}", "", `p.yaml:7:25: nothing proves what "out" brings: no step below it that waits for it looks whether that runs, so that it ends as “not proven”; add one, such as {id: pods, uses: see}`},
		"proven by its side":       {"{id: out, uses: rollout}\n      - {id: pods, uses: see, needs: []}", "", `p.yaml:7:25: nothing proves what "out" brings`},
		"proven at last":           {"{id: out, uses: rollout}\n      - {id: told, uses: confirm}\n      - {id: pods, uses: see}", "", ""},
		"a rollback that does not": {"{id: out, uses: rollout}\n      - {id: pods, uses: see}", rollback + "    - {id: look, uses: confirm}", `p.yaml:11:12: the rollback of "p" puts nothing back; add a step that does, such as {id: back, uses: rollout}`},
		"one that is not proven":   {"{id: out, uses: rollout}\n      - {id: pods, uses: see}", rollback + "    - {id: back, uses: rollout}", `p.yaml:11:24: nothing proves what "back" brings`},
		"and one that is":          {"{id: out, uses: rollout}\n      - {id: pods, uses: see}", rollback + "    - {id: back, uses: rollout}\n    - {id: seen, uses: see}", ""},
		"a mistake is enough":      {"{id: wait, uses: wait}", "", ""},
	} {
		text := "id: p\ntitle: P\nunapproved: a test\nphases:\n  - id: go\n    steps:\n      - " + test.steps + "\n" + test.back + "\n"
		k := known
		see := deployer.Kind{Name: "see", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
		k.Kinds = append(slices.Clone(k.Kinds), see)
		var doubts []string
		k.Doubt = func(p strict.Problem) { doubts = append(doubts, p.Error()) }
		if _, err := templates.Parse(k, "p.yaml", []byte(text)); err != nil && test.want != "" {
			t.Errorf("%s: %v", name, err)
		}
		got := strings.ReplaceAll(strings.Join(doubts, "\n"), "kubernetes.verify", "see")
		if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: doubted is %q, want %q", name, got, test.want)
		}
	}
}

// What is written and probably not meant is told, and nothing of it is refused.
func TestWhatIsProbablyNotMeantIsDoubted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ inputs, steps, messages, want string }{
		{"[{id: risk, label: Risk}]", "{id: starting, uses: announce, with: {to: [deploys]}}", `{starting: "{{inputs.risk}} {{other}} {{service}} {inputs.risk}"}`, `{{inputs.risk}} prints {inputs.risk} as it is written; for its value write {inputs.risk}`},
		{"[{id: risk, label: Risk}]", "{id: starting, uses: announce, with: {to: [deploys]}}", `{starting: "{{ inputs.risk }} by {requester"}`, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{"[]", "{id: starting, uses: announce, with: {to: [deploys]}}", `{startin: "{what}"}`, `nothing tells the message "startin"; did you mean "starting"?`},
		{"[]", "{id: starting, uses: announce, with: {to: [deploys]}}", `{elsewhere: "{what}"}`, `nothing tells the message "elsewhere"; name it in an announce, or take it away`},
	} {
		inputs := "inputs: " + test.inputs + "\n"
		if test.inputs == "[]" {
			inputs = ""
		}
		text := "id: p\ntitle: P\nservices: none\n" + inputs + "phases:\n  - id: go\n    steps:\n      - " + test.steps + "\nmessages: " + test.messages + "\n"
		var doubts []string
		k := templates.Known{Kinds: kinds(t), Channels: []string{"deploys"}, Doubt: func(p strict.Problem) { doubts = append(doubts, p.Why) }}
		if _, err := templates.Parse(k, "p.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", test.messages, err)
		}
		if got := strings.Join(doubts, "\n"); got != test.want {
			t.Errorf("%s: doubted is %q, want %q", test.messages, got, test.want)
		}
	}
}
