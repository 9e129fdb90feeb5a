// Package schema makes the JSON Schema of a procedure's file, for editors: from the structs
// that a file is read into, and from the step kinds. It knows shapes; ids, roles, messages,
// placeholders and conditions are the loader's.
package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/jsonschema"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// ID is what the schema is called.
const ID = "https://stationmaster.dev/procedure.schema.json"

// Procedure is the schema of a procedure whose steps are of these kinds, as it is
// published.
func Procedure(kinds []deployer.Kind) ([]byte, error) {
	m := jsonschema.New(func(t reflect.Type) bool { return t == reflect.TypeFor[strict.Text]() })
	m.Field = field
	file := m.File(ID, "Procedure", reflect.TypeFor[source.File]())
	defs := file["$defs"].(map[string]any)
	step := defs["Step"].(jsonschema.Schema)
	step["properties"].(map[string]any)["uses"] = uses(kinds)
	byKind(m, defs, step, kinds)
	orInclude(step)
	orInclude(defs["Phase"].(jsonschema.Schema))
	return jsonschema.Print(file)
}

// orInclude lets what is included stand alone in the place of a step or a phase.
func orInclude(s jsonschema.Schema) {
	s["if"] = jsonschema.Schema{"required": []string{"include"}}
	s["then"] = jsonschema.Schema{"maxProperties": 1}
	s["else"] = jsonschema.Schema{"required": s["required"]}
	delete(s, "required")
}

// uses is the schema of what names a kind, with each kind's sentence.
func uses(kinds []deployer.Kind) jsonschema.Schema {
	names, docs := make([]string, 0, len(kinds)), make([]string, 0, len(kinds))
	for _, k := range kinds {
		names, docs = append(names, k.Name), append(docs, k.Doc)
	}
	return jsonschema.Schema{"type": "string", "description": "the step kind", "enum": names, "enumDescriptions": docs}
}

// byKind holds what stands under with to the kind that uses names.
func byKind(m *jsonschema.Maker, defs map[string]any, step jsonschema.Schema, kinds []deployer.Kind) {
	var all []any
	for _, k := range kinds {
		name := "with " + k.Name
		defs[name] = with(m, k)
		then := jsonschema.Schema{"properties": jsonschema.Schema{
			"uses": jsonschema.Schema{"description": k.Doc},
			"with": jsonschema.Schema{"$ref": "#/$defs/" + strings.ReplaceAll(name, " ", "%20")},
		}}
		if needs(k) {
			then["required"] = []string{"with"}
		}
		all = append(all, jsonschema.Schema{
			"if":   jsonschema.Schema{"properties": jsonschema.Schema{"uses": jsonschema.Schema{"const": k.Name}}, "required": []string{"uses"}},
			"then": then,
		})
	}
	step["allOf"] = all
}

// needs reports whether a kind has a parameter that has to be given.
func needs(k deployer.Kind) bool {
	return slices.ContainsFunc(k.Params, func(p deployer.Param) bool { return p.Required || p.Instead != "" })
}

// with is the schema of a kind's parameters.
func with(m *jsonschema.Maker, k deployer.Kind) jsonschema.Schema {
	properties, required, either := jsonschema.Schema{}, []string{}, []any{}
	for _, p := range k.Params {
		properties[p.Name] = param(m, p)
		switch {
		case p.Required:
			required = append(required, p.Name)
		case p.Instead != "":
			either = append(either, jsonschema.Schema{"anyOf": []any{
				jsonschema.Schema{"required": []string{p.Name}}, jsonschema.Schema{"required": []string{p.Instead}},
			}})
		}
	}
	s := jsonschema.Schema{"type": "object", "description": k.Doc, "additionalProperties": false, "properties": properties}
	if !needs(k) {
		s["type"] = []string{"object", "null"}
	}
	if len(required) > 0 {
		s["required"] = required
	}
	if len(either) > 0 {
		s["allOf"] = either
	}
	return s
}

// sentence is a doc with what else an editor should show: how it is written, and what it
// is where nothing is said.
func sentence(doc, written, otherwise string) string {
	for _, more := range []string{written, otherwise} {
		if more != "" {
			doc += " · " + more
		}
	}
	return doc
}

func unless(otherwise string) string {
	if otherwise == "" {
		return ""
	}
	return "otherwise " + otherwise
}

// literal is a default as JSON has it; nil where it is only words about it.
func literal(s jsonschema.Schema, otherwise string) any {
	switch kind, _ := s["type"].(string); kind {
	case "boolean":
		return otherwise == "true"
	case "integer":
		if n, err := strconv.Atoi(otherwise); err == nil {
			return n
		}
	case "string":
		if enum, ok := s["enum"].([]string); ok && slices.Contains(enum, otherwise) {
			return otherwise
		}
	}
	return nil
}
