package app

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"go.yaml.in/yaml/v4"
)

// A tableKind is a step kind as the table of the language has it: testdata/kinds.yaml.
type tableKind struct {
	Group   string    `yaml:"group"`
	Each    string    `yaml:"each"`
	Acts    bool      `yaml:"acts"`
	Repeat  string    `yaml:"repeat"`
	Deploys bool      `yaml:"deploys"`
	Doc     string    `yaml:"doc"`
	With    yaml.Node `yaml:"with"`
	Out     yaml.Node `yaml:"out"`
	Fails   []string  `yaml:"fails"`
}

// mutating are the kinds that change what runs: the page on the language lists them,
// and the table does not tell them from those that change something else.
var mutating = []string{"rollout", "promote", "job.run", "jenkins.build", "github.workflow", "probe.http", "run"}

// The loader, the schema, the manual and the runners share one table, and it is the
// language's: no kind, parameter, output or failure more or less, in its words.
func TestKindsAreThoseOfTheLanguage(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]tableKind
	if err := yaml.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	for _, k := range Kinds() {
		want, ok := table[k.Name]
		if !ok {
			t.Errorf("the language has no kind %s", k.Name)
			continue
		}
		delete(table, k.Name)
		same(t, k.Name+": doc", k.Doc, want.Doc)
		same(t, k.Name+": group", group(k), want.Group)
		same(t, k.Name+": each", map[deployer.Scope]string{deployer.ScopeServices: "services"}[k.Scope], want.Each)
		same(t, k.Name+": acts", acts(k), want.Acts)
		same(t, k.Name+": repeat", repeat(k), want.Repeat)
		same(t, k.Name+": deploys", k.Deploys, want.Deploys)
		same(t, k.Name+": mutates", k.Mutates, slices.Contains(mutating, k.Name))
		same(t, k.Name+": with", params(k.Params), tableParams(t, k.Name, want.With))
		same(t, k.Name+": out", params(k.Outputs), tableParams(t, k.Name, want.Out))
		same(t, k.Name+": fails", strings.Join(k.Fails, ", "), strings.Join(want.Fails, ", "))
	}
	for name := range table {
		t.Errorf("there is no kind %s", name)
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is\n%v\nnot\n%v", what, got, want)
	}
}

// group is who does it: a kind of a system's is named after that.
func group(k deployer.Kind) string {
	switch {
	case k.Work == deployer.WorkPeople, k.Work == deployer.WorkMessages:
		return "people"
	case strings.Contains(k.Name, "."):
		return "system"
	}
	return "core"
}

// acts reports whether every step of the kind changes something.
func acts(k deployer.Kind) bool {
	return k.Repeat != "" && k.Repeat != deployer.RepeatReads && !(len(k.Reads.Values) > 0 && slices.Contains(k.Reads.Values, ""))
}

func repeat(k deployer.Kind) string {
	switch {
	case !acts(k):
		return ""
	case k.OfTarget && k.Name == deployer.KindRollout:
		return "its runner's"
	}
	return string(k.Repeat)
}

// params are the lines of the table that say the same.
func params(all []deployer.Param) string {
	var out []string
	for _, p := range all {
		kind, byDefault := string(p.Type), cmp.Or(p.Default, "none")
		if len(p.Options) > 0 {
			kind = strings.Join(p.Options, "|")
		}
		if p.Required {
			byDefault = "required"
		}
		out = append(out, p.Name+": "+kind+", "+byDefault+", "+p.Doc)
	}
	return strings.Join(out, "\n")
}

// tableParams are the lines of a mapping of the table: of type, default and what it
// is, or of an output, which has no default.
func tableParams(t *testing.T, kind string, n yaml.Node) string {
	t.Helper()
	var out []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		var words []string
		for _, w := range n.Content[i+1].Content {
			words = append(words, w.Value)
		}
		if len(words) == 2 {
			words = slices.Insert(words, 1, "none")
		}
		if len(words) != 3 {
			t.Fatalf("%s: %s has %q", kind, n.Content[i].Value, words)
		}
		out = append(out, n.Content[i].Value+": "+strings.Join(words, ", "))
	}
	return strings.Join(out, "\n")
}
