package templates_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer"
)

// kinds are all step kinds of the language, from its own table.
func kinds(t testing.TB) []deployer.Kind {
	t.Helper()
	all, err := kindsOnce()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(all)
}

var kindsOnce = sync.OnceValues(func() ([]deployer.Kind, error) {
	data, err := os.ReadFile("testdata/kinds/kinds.yaml")
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		return nil, err
	}
	var out []deployer.Kind
	top := root.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		k, err := kindOf(top[i].Value, top[i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
})

func kindOf(name string, n *yaml.Node) (deployer.Kind, error) {
	var row struct {
		Group, Each, Repeat, Doc string
		Deploys                  bool
		Fails                    []string
	}
	if err := n.Decode(&row); err != nil {
		return deployer.Kind{}, err
	}
	k := deployer.Kind{Name: name, Doc: row.Doc, Fails: row.Fails, Deploys: row.Deploys, Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}
	if row.Each == "services" {
		k.Scope = deployer.ScopeServices
	}
	if row.Repeat != "" {
		k.Repeat = deployer.Repeat(row.Repeat)
	}
	switch {
	case name == deployer.KindAnnounce:
		k.Work, k.Asks = deployer.WorkMessages, &deployer.Asks{Role: "review"}
	case row.Group == "people":
		k.Work, k.Asks = deployer.WorkPeople, &deployer.Asks{Role: "role", Subject: name == deployer.KindApprove}
	case name == deployer.KindWait:
		k.Work = deployer.WorkTime
	case name == "check":
		k.Work = deployer.WorkFact
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case "with":
			k.Params = paramsOf(name, n.Content[i+1])
		case "out":
			k.Outputs = paramsOf("", n.Content[i+1])
		}
	}
	for _, p := range k.Params {
		if p.Name == "proceed" {
			k.Gate = p.Name
		}
	}
	return k, nil
}

func paramsOf(kind string, n *yaml.Node) []deployer.Param {
	var out []deployer.Param
	for i := 0; i+1 < len(n.Content); i += 2 {
		row := n.Content[i+1].Content
		p := deployer.Param{Name: n.Content[i].Value, Type: deployer.ParamType(row[0].Value), Doc: row[len(row)-1].Value}
		if strings.Contains(row[0].Value, "|") {
			p.Type, p.Options = deployer.TypeText, strings.Split(row[0].Value, "|")
		}
		if kind != "" {
			p.Required = row[1].Value == "required"
		}
		switch kind + "." + p.Name {
		case "approve.role":
			p.Instead = "roles"
		case "wait.for":
			p.Instead = "until"
		case "job.run.command":
			p.Escape = deployer.EscapeShell
		}
		out = append(out, p)
	}
	return out
}
