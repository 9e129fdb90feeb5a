package schema

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/catalog"
)

// kinds stand for those of a program: the core's and those of systems.
var kinds = append(deployer.CoreKinds(), catalog.Kinds()...)

// compiled is the schema, ready to judge.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	printed, err := Procedure(kinds)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(ID, parsed); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(ID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read is a YAML document as a JSON Schema sees it.
func read(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Load([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestShapesAreJudged(t *testing.T) {
	s := compiled(t)
	step := func(text string) string {
		return "id: x\ntitle: X\nphases:\n  - id: p\n    steps:\n      - " + strings.ReplaceAll(text, "\n", "\n        ")
	}
	for _, c := range []struct {
		text string
		want string // in what is said of it; "": nothing is wrong
	}{
		{step("{id: a, uses: confirm}"), ""},
		{step("{id: a, uses: confirm, with: {items: [One, {title: Two, link: 'https://x.example', evidence: link}]}}"), ""},
		{step("{id: a, uses: confirm, with: {itms: [One]}}"), "itms"},
		{step("{id: a, uses: confrim}"), "value must be one of"},
		{step("{id: a, uses: approve}"), "with"},
		{step("{id: a, uses: approve, with: {}}"), "role"},
		{step("{id: a, uses: approve, with: {roles: {tech-lead: 1}}}"), ""},
		{step("{id: a, uses: approve, with: {roles: {tech-lead: one}}}"), "want integer"},
		{step("{id: a, uses: confirm, estimat: 5m}"), "estimat"},
		{step("{id: a, uses: confirm, timeout: 15}"), "want string"},
		{step("{id: a, uses: confirm, timeout: 1h30m}"), ""},
		{step("{id: a, uses: confirm, on_failure: go-on}"), "value must be one of"},
		{step("{uses: confirm}"), "missing property 'id'"},
		{step("{include: closing}"), ""},
		{step("{include: closing, title: T}"), "maxProperties"},
		{step("{id: a, uses: confirm, retries: 2}"), ""},
		{step("{id: a, uses: confirm, retries: {times: 2, every: 5s}}"), ""},
		{step("{id: a, uses: confirm, order: [1, 5, rest]}"), ""},
		{step("{id: a, uses: confirm, each: services}"), ""},
		{step("{id: a, uses: rollout, with: {runner: {uses: jenkins, parameters: {a: b}}}}"), ""},
		{"id: x\ntitle: X\nmessages: {a: Words, b: {title: T, text: W}}\nvars: {a: , b: 1}", ""},
		{"id: x\ntitle: X\nmessages: {a: {titel: T, text: W}}", "titel"},
		{"id: x", "missing property 'title'"},
		{"id: x\ntitle: X\njobs: []", "jobs"},
	} {
		err := s.Validate(read(t, c.text))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n%v", c.text, err)
		}
	}
}

// TestNothingIsLeftOpen: wherever an object has properties, it takes no others, and each has
// its sentence.
func TestNothingIsLeftOpen(t *testing.T) {
	printed, err := Procedure(kinds)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	var look func(at string, v any)
	look = func(at string, v any) {
		list, _ := v.([]any)
		for _, e := range list {
			look(at, e)
		}
		o, _ := v.(map[string]any)
		for name, e := range o {
			look(at+"/"+name, e)
		}
		properties, ok := o["properties"].(map[string]any)
		if !ok || strings.Contains(at, "allOf") {
			return
		}
		if _, ok := o["additionalProperties"]; !ok {
			t.Errorf("%s takes everything", at)
		}
		for name, p := range properties {
			if p, ok := p.(map[string]any); ok && p["description"] == nil {
				t.Errorf("%s of %s has no sentence", name, at)
			}
		}
	}
	look("", parsed)
}
