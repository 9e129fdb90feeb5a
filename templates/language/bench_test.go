package language_test

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
)

// section1 is about as large as the procedure on the first page of the language.
func section1() deployer.Procedure {
	p := deployer.Procedure{
		ID: "quick", Kinds: slices.Concat(deployer.CoreKinds(), kinds),
		Inputs: []deployer.Input{{ID: "risk", Kind: deployer.InputChoice, Options: []string{"low", "high"}, Default: "low"}},
		Vars:   map[string]string{"url": "https://{service}.{retailer}.example"}, Values: map[string]string{"careful": `inputs.risk == "high"`},
		Steps: []deployer.Step{
			{ID: "ready", Uses: "confirm"}, {ID: "approve", Uses: "approve"}, {ID: "starting", Uses: "announce"}, {ID: "rollout", Uses: "rollout"},
			{ID: "pods", Uses: "kubernetes.verify"}, {ID: "health", Uses: "probe.http", EachOf: deployer.EachService},
		},
	}
	p.Bind()
	return p
}

func check(p deployer.Procedure) int {
	n := language.NewNames(p)
	wrong := len(n.CheckValues()) + len(n.CheckExpression("values.careful", deployer.TypeCond, language.Place{Step: "ready"}))
	for _, text := range []string{"{vars.url}/health", "{failure.step}", "*Deploy is starting:* {what} in {retailer}, approved by {approvers}.", "{failure.step}: {failure.why} {@tam}"} {
		wrong += len(n.CheckText(text, language.Place{Service: true, Failure: true}))
	}
	return wrong + len(n.Unused())
}

func BenchmarkCheck(b *testing.B) {
	p := section1()
	for b.Loop() {
		if check(p) != 0 {
			b.Fatal("nothing is wrong with it")
		}
	}
}

func BenchmarkExpression(b *testing.B) {
	n := names()
	for b.Loop() {
		n.CheckExpression(`has(inputs.due) && inputs.due < now && inputs.risk == "high"`, deployer.TypeCond, soak)
	}
}

func BenchmarkCompute(b *testing.B) {
	m := at("web")
	for b.Loop() {
		if _, err := (language.Runtime{}).Compute(`values.late && steps.image.all.exists(i, i.digest == "x")`, deployer.TypeCond, m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWith(b *testing.B) {
	m := at("web")
	m.Deployment.Step("health").With = deployer.Values{"url": {Text: "{vars.url}/health"}, "body": {Text: `{"a": "{inputs.impact}"}`}}
	for b.Loop() {
		if _, err := (language.Runtime{}).With(m); err != nil {
			b.Fatal(err)
		}
	}
}
