package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

// The schema that editors fetch is the one that the program has.
func TestThePublishedSchemaIsTrue(t *testing.T) {
	t.Parallel()
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "config.schema.json", schema)
}

// compiled is the schema, as any validator takes it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// document is a YAML text as JSON has it.
func document(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return named(v)
}

// named is a document with texts for keys and dates, as an editor has it: YAML 1.2 knows no dates.
func named(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case []any:
		for i := range v {
			v[i] = named(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = named(v[k])
		}
	case map[any]any:
		out := map[string]any{}
		for k, inner := range v {
			if day, ok := k.(time.Time); ok {
				k = day.Format(time.DateOnly)
			}
			out[fmt.Sprint(k)] = named(inner)
		}
		return out
	}
	return v
}

// Whatever the loader takes the schema takes.
func TestTheSchemaTakesWhatTheLoaderTakes(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	data, err := os.ReadFile(forty)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"the forty": string(data)}
	for _, block := range strings.Split(string(readme), "```yaml\n")[1:] {
		if text, _, _ := strings.Cut(block, "```"); strings.Contains(text, "\nslack:") {
			texts["the example"] = text
			if !strings.HasPrefix(text, "# yaml-language-server: $schema="+schemaID+"\n") {
				t.Error("the example does not name its schema")
			}
		}
	}
	if len(texts) != 2 {
		t.Fatal("there is no example")
	}
	for name, text := range texts {
		if err := s.Validate(document(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// And what has the wrong shape it refuses.
func TestTheSchemaRefusesMistakesOfShape(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	for name, text := range map[string]string{
		"a key":         "retialers: {}",
		"a deeper key":  "retailers: {lemon: {zoen: UTC}}",
		"a list":        "roles: {lead: {users: bob}}",
		"a flag":        "retailers: {lemon: {shared_channel: perhaps}}",
		"a runner":      "services: {web: {rollout: {uses: helm, workload: deployment/web, image: web}}}",
		"no rollout":    "services: {web: {owner: me}}",
		"a message":     "messages: {complete: [a]}",
		"a message's":   "messages: {complete: {titel: a}}",
		"no time":       "settle: 30",
		"a nested list": "groups: {west: {retailers: lemon}}",
	} {
		if err := s.Validate(document(t, text)); err == nil {
			t.Errorf("%s is taken: %s", name, text)
		}
	}
	for name, text := range map[string]string{
		"a line":  "retailers: {lemon: }",
		"words":   "messages: {complete: done, failed: {title: a, text: b}}",
		"numbers": "vars: {port: 8080}",
	} {
		if err := s.Validate(document(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each key has a sentence.
func TestEveryKeyOfTheSchemaHasASentence(t *testing.T) {
	t.Parallel()
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		properties, _ := m["properties"].(map[string]any)
		for name, p := range properties {
			said, _ := p.(map[string]any)["description"].(string)
			if len(said) < 10 || !strings.HasSuffix(said, ".") {
				t.Errorf("%s has no sentence: %q", filepath.Join(path, name), said)
			}
		}
		for name, inner := range m {
			walk(filepath.Join(path, name), inner)
		}
	}
	walk("", doc)
}
