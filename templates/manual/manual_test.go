package manual

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/catalog"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

var some = []deployer.Kind{
	{
		Name: "approve", Doc: "people say yes to exactly what will be done", Work: deployer.WorkPeople,
		Params: []deployer.Param{
			{Name: "role", Type: deployer.TypeRole, Instead: "roles", Doc: "who may; or roles"},
			{Name: "count", Type: deployer.TypeNumber, Default: "1", Doc: "how many different people of role"},
		},
		Fails: []string{"rejected"},
	},
	{Name: "job.run", Doc: "a command runs once", Work: deployer.WorkSystem, Repeat: deployer.RepeatConditional, Mutates: true, Params: []deployer.Param{
		{Name: "command", Type: deployer.TypeText, Required: true, Doc: "for a shell"},
		{Name: "in", Type: deployer.TypeText, Options: []string{"job", "pod"}, Default: "job", Doc: "where"},
	}, Outputs: []deployer.Param{{Name: "output", Type: deployer.TypeText, Doc: "its last lines"}}},
	{Name: "rollout", Doc: "what this is all for", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatConditional, Mutates: true, Deploys: true, Expect: "every pod is new"},
	{Name: "check", Doc: strings.Repeat("a condition holds, or the step fails ", 4), Work: deployer.WorkFact, Params: []deployer.Param{{Name: "that", Type: deployer.TypeCond, Required: true, Doc: "the condition"}}},
	{Name: "job.look", Doc: "an end is read", Work: deployer.WorkSystem, Repeat: deployer.RepeatReads},
}

func TestKindsAreListedByWhoDoesThem(t *testing.T) {
	goldentest.Compare(t, "testdata/all.txt", []byte(All(some)))
}

func TestAKindSaysEverything(t *testing.T) {
	var all strings.Builder
	for _, k := range some {
		all.WriteString(One(k) + "\n")
	}
	goldentest.Compare(t, "testdata/one.txt", []byte(all.String()))
}

func TestThePageHasAllKinds(t *testing.T) {
	goldentest.Compare(t, "testdata/all.md", []byte(Markdown(some)))
}

func TestTheTableSaysWhatIsDoneByHand(t *testing.T) {
	byHand := func(k deployer.Kind) bool { return k.Name == "job.run" }
	goldentest.Compare(t, "testdata/table.md", []byte(Table(some, byHand)))
}

func TestProgramsReadTheKinds(t *testing.T) {
	data, err := JSON(some)
	if err != nil {
		t.Fatal(err)
	}
	var got []struct {
		Name, Repeat string
		Acts         bool
		With         []struct{ Required bool }
	}
	if err := json.Unmarshal(data, &got); err != nil || len(got) != len(some) {
		t.Fatalf("%v: %s", err, data)
	}
	for _, k := range got {
		if k.Name == "job.run" && (!k.Acts || k.Repeat != "conditional" || !k.With[0].Required) || k.Name == "job.look" && k.Acts {
			t.Errorf("%+v", k)
		}
	}
}

// TestEveryKindHasItsSentences: what has none can't be read in the manual, nor in an editor.
func TestEveryKindHasItsSentences(t *testing.T) {
	for _, k := range append(deployer.CoreKinds(), catalog.Kinds()...) {
		if k.Doc == "" {
			t.Errorf("%s has no sentence", k.Name)
		}
		for _, p := range append(k.Params, k.Outputs...) {
			if p.Doc == "" {
				t.Errorf("%s of %s has no sentence", p.Name, k.Name)
			}
		}
		for _, line := range strings.Split(One(k), "\n") {
			if len([]rune(line)) > width+12 {
				t.Errorf("%s: too wide: %s", k.Name, line)
			}
		}
	}
}
