package language_test

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
)

// quick is a procedure with a bit of everything.
func quick() deployer.Procedure {
	p := deployer.Procedure{
		ID: "quick", Title: "Quick deployment", Kinds: slices.Concat(deployer.CoreKinds(), kinds),
		Inputs: []deployer.Input{
			{ID: "risk", Kind: deployer.InputChoice, Options: []string{"low", "high"}, Default: "low"},
			{ID: "due", Kind: deployer.InputTime},
			{ID: "downtime", Kind: deployer.InputBoolean},
			{ID: "pods-wanted", Kind: deployer.InputNumber},
			{ID: "length", Kind: deployer.InputDuration, Default: "1h"},
			{ID: "impact", Clients: true},
			{ID: "who", Kind: deployer.InputPerson},
			{ID: "features", Many: true},
			{ID: "way", Kind: deployer.InputChoice, Options: []string{"a", "b"}},
		},
		Vars: map[string]string{"url": "https://{service}.{retailer}.example", "bridge": "https://meet.example"},
		Values: map[string]string{
			"careful": `inputs.risk == "high"`, "others": "retailers.filter(r, r != retailer.name)", "soaked": "steps.soak.done",
			"mine": "service.name", "late": "has(inputs.due) && inputs.due < now", "dated": "has(inputs.due)", "in-time": "true",
		},
		Steps: []deployer.Step{
			{ID: "ready", Uses: "confirm"},
			{ID: "ride", Uses: "decide", With: deployer.Values{"choices": {Rows: []map[string]string{{"id": "ride"}, {"id": "alone"}}}}},
			{ID: "form", Uses: "ask", With: deployer.Values{"inputs": {Inputs: []deployer.Input{{ID: "build-id"}, {ID: "sure", Kind: deployer.InputBoolean}}}}},
			{ID: "soak", Uses: "wait"},
			{ID: "health", Uses: "probe.http", EachOf: deployer.EachService},
			{ID: "image", Uses: "registry.check"},
			{ID: "data", Uses: "job.run", With: deployer.Values{"outputs": {Texts: map[string]string{"file": "(.)"}}}},
			{ID: "odd", Uses: "confrim"},
		},
		Messages: map[string]string{"starting": "x"},
	}
	p.Bind()
	p.Steps[len(p.Steps)-1].Kind = nil
	return p
}

// kinds are some that steps of every sort have, as they are declared elsewhere.
var kinds = []deployer.Kind{
	{Name: "probe.http", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads, Params: []deployer.Param{
		{Name: "url", Type: deployer.TypeURL, Escape: deployer.EscapeURL}, {Name: "body", Type: deployer.TypeText, Escape: deployer.EscapeJSON},
		{Name: "headers", Type: deployer.TypeTexts}, {Name: "contains", Type: deployer.TypeText},
	}},
	{
		Name: "decide", Work: deployer.WorkPeople, Scope: deployer.ScopeOnce, Asks: &deployer.Asks{Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}},
		Params:  []deployer.Param{{Name: "choices", Type: deployer.TypeChoices}},
		Outputs: []deployer.Param{{Name: "choice", Type: deployer.TypeChoice}, {Name: "reason", Type: deployer.TypeText}},
	},
	{
		Name: "ask", Work: deployer.WorkPeople, Scope: deployer.ScopeOnce, Asks: &deployer.Asks{Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}},
		Params: []deployer.Param{{Name: "inputs", Type: deployer.TypeInputs}},
	},
	{
		Name: "registry.check", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Outputs: []deployer.Param{{Name: "digest", Type: deployer.TypeText}, {Name: "created", Type: deployer.TypeTime}},
	},
	{
		Name: "job.run", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional, Mutates: true,
		Params:  []deployer.Param{{Name: "command", Type: deployer.TypeText, Escape: deployer.EscapeShell}, {Name: "outputs", Type: deployer.TypeOutputs}},
		Outputs: []deployer.Param{{Name: "output", Type: deployer.TypeText}},
	},
	{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads},
}

// names are those of the quick procedure, whose third step stands in line 19.
func names() *language.Names {
	n := language.NewNames(quick())
	n.Roles = []string{"tech-lead", "sre"}
	n.Line = func(id string) int { return map[string]int{"health": 19}[id] }
	return n
}

// soak is where its step soak stands: what is above is over.
var soak = language.Place{Step: "soak", Over: func(id string) bool {
	return slices.Contains([]string{"ready", "ride", "form", "image", "data", "odd"}, id)
}}

func wrong(t *testing.T, got []language.Mistake, at int, want string) {
	t.Helper()
	switch {
	case len(got) == 0 && want != "":
		t.Errorf("nothing is said; want %s", want)
	case len(got) == 0:
	case len(got) > 1:
		t.Errorf("more than one thing is said: %q", got)
	case got[0].At != at || got[0].String() != want:
		t.Errorf("\ngot  %d: %s\nwant %d: %s", got[0].At, got[0], at, want)
	}
}
