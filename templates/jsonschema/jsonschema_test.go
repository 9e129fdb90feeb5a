package jsonschema

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type word struct{ Value string }

type base struct {
	Role word `yaml:"role" doc:"Who may."`
}

type tree struct {
	Base   base            `yaml:",inline"`
	Title  string          `yaml:"title" doc:"What is read." required:"yes" examples:"Ready"`
	Kind   word            `yaml:"kind" doc:"What it is." enum:"a,b"`
	For    time.Duration   `yaml:"for" doc:"How long."`
	Leaves []tree          `yaml:"leaves" doc:"Those below."`
	By     map[string]*int `yaml:"by" doc:"By name."`
	Either either          `yaml:"either" doc:"One or many."`
	Hidden string
}

type either struct{}

func (either) JSONSchema(*Maker) Schema { return Schema{"type": []string{"string", "array"}} }

// A struct becomes an object that takes no other keys, each with its sentence; one that
// holds itself is defined once.
func TestASchemaIsMadeOfAStruct(t *testing.T) {
	t.Parallel()
	m := New(func(t reflect.Type) bool { return t == reflect.TypeFor[word]() })
	got, err := Print(m.File("https://example/tree", "A tree", reflect.TypeFor[tree]()))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Print(New(func(t reflect.Type) bool { return t == reflect.TypeFor[word]() }).File("https://example/tree", "A tree", reflect.TypeFor[tree]()))
	if err != nil || string(again) != string(got) {
		t.Errorf("it is another one the second time: %v", err)
	}
	s := New(func(t reflect.Type) bool { return t == reflect.TypeFor[word]() }).File("x", "y", reflect.TypeFor[tree]())
	words := []string{"string", "number", "boolean"}
	want := map[string]any{
		"role":   Schema{"type": words, "description": "Who may."},
		"title":  Schema{"type": words, "description": "What is read.", "examples": []string{"Ready"}},
		"kind":   Schema{"type": "string", "description": "What it is.", "enum": []string{"a", "b"}},
		"for":    Schema{"type": "string", "description": "How long.", "pattern": `^(\d+(w|d|h|m|s|ms))+$`, "examples": []string{"15m"}},
		"leaves": Schema{"type": "array", "items": Schema{"$ref": "#/$defs/tree"}, "description": "Those below."},
		"by":     Schema{"type": []string{"object", "null"}, "additionalProperties": Schema{"type": "integer"}, "description": "By name."},
		"either": Schema{"$ref": "#/$defs/either", "description": "One or many."},
	}
	if diff := cmp.Diff(want, s["properties"]); diff != "" {
		t.Error(diff)
	}
	if s["additionalProperties"] != false || !cmp.Equal(s["required"], []string{"title"}) || s["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("%v", s)
	}
	if defs := s["$defs"].(map[string]any); len(defs) != 2 {
		t.Errorf("%v", defs)
	}
}
