package schema

import (
	"maps"
	"reflect"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/jsonschema"
	"github.com/stationmaster/stationmaster/templates/source"
)

// how says how a text is written that is computed.
var how = map[string]string{
	source.IsCond: "CEL: yes or no", source.IsTime: "CEL: a moment", source.IsList: "a list, or CEL that comes to one", source.IsAny: "CEL",
	source.IsDuration: "such as 30s, 15m, 1h30m, 2d",
}

// field is the schema of a key of the file by its tags, as package source says them.
func field(f reflect.StructField, s jsonschema.Schema) jsonschema.Schema {
	switch name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name {
	case "with": // each kind says what stands there
		return jsonschema.Schema{"type": []string{"object", "null"}, "description": f.Tag.Get("doc")}
	case "vars":
		s["additionalProperties"] = jsonschema.Schema{"type": []string{"string", "number", "boolean", "null"}}
	}
	if f.Type == reflect.TypeFor[source.Names]() {
		return several(f)
	}
	of := s // what the tags are about: of a list, its entries
	if items, ok := s["items"].(jsonschema.Schema); ok {
		of = items
	}
	shape(of, f.Tag.Get("is"))
	return described(f, s)
}

// several is the schema of a key that is one text or a list of them.
func several(f reflect.StructField) jsonschema.Schema {
	one := jsonschema.Words()
	shape(one, f.Tag.Get("is"))
	if words := f.Tag.Get("enum"); words != "" {
		one["type"], one["enum"] = "string", strings.Split(words, ",")
	}
	return described(f, jsonschema.Schema{"anyOf": []any{one, jsonschema.Schema{"type": "array", "items": one}}})
}

// described is a schema with the sentence of a key, and what it is where nothing is said.
func described(f reflect.StructField, s jsonschema.Schema) jsonschema.Schema {
	otherwise := f.Tag.Get("default")
	if d := literal(s, otherwise); d != nil {
		s["default"] = d
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		s["description"] = sentence(doc, how[f.Tag.Get("is")], unless(otherwise))
	}
	return s
}

// shape is what a text has to look like.
func shape(s jsonschema.Schema, is string) {
	switch is {
	case source.IsFlag:
		s["type"] = "boolean"
	case source.IsNumber:
		s["type"], s["minimum"] = "integer", 0
	case source.IsDuration:
		maps.Copy(s, jsonschema.Span())
	case source.IsID:
		s["type"], s["pattern"] = []string{"string", "number"}, `^[a-z0-9][a-z0-9_-]*$`
	case source.IsClock:
		s["type"], s["pattern"] = "string", `^([01]?\d|2[0-4]):[0-5]\d$`
	case source.IsRole, source.IsChannel, source.IsMessage, source.IsStep:
		s["type"] = []string{"string", "number"}
	}
}

// param is the schema of a kind's parameter.
func param(m *jsonschema.Maker, p deployer.Param) jsonschema.Schema {
	s := value(m, p)
	if ref, ok := s["$ref"]; ok {
		s = jsonschema.Schema{"$ref": ref}
	}
	written := ""
	switch p.Type {
	case deployer.TypeTime:
		written = how[source.IsTime]
	case deployer.TypeCond:
		written = how[source.IsCond]
	case deployer.TypeDuration:
		written = how[source.IsDuration]
	}
	s["description"] = sentence(p.Doc, written, unless(p.Default))
	if d := literal(s, p.Default); d != nil {
		s["default"] = d
	}
	return s
}

func value(m *jsonschema.Maker, p deployer.Param) jsonschema.Schema {
	list := func(of jsonschema.Schema) jsonschema.Schema {
		return jsonschema.Schema{"type": "array", "items": of, "minItems": 1}
	}
	object := func(of any) jsonschema.Schema {
		return jsonschema.Schema{"type": "object", "additionalProperties": of}
	}
	switch p.Type {
	case deployer.TypeNumber:
		return jsonschema.Schema{"type": "integer", "minimum": 0}
	case deployer.TypeFlag:
		return jsonschema.Schema{"type": "boolean"}
	case deployer.TypeDuration:
		return jsonschema.Span()
	case deployer.TypeChannels, deployer.TypeRoles, deployer.TypeSteps, deployer.TypeList, deployer.TypeHolds:
		return list(jsonschema.Words())
	case deployer.TypeItems:
		return list(m.Of(reflect.TypeFor[source.Item]()))
	case deployer.TypeInputs:
		return list(m.Of(reflect.TypeFor[source.Input]()))
	case deployer.TypeChoices:
		return list(m.Of(reflect.TypeFor[source.Choice]()))
	case deployer.TypeChecks:
		return list(m.Of(reflect.TypeFor[source.Check]()))
	case deployer.TypeTexts, deployer.TypeOutputs:
		return object(jsonschema.Words())
	case deployer.TypeCounts:
		return object(jsonschema.Schema{"type": "integer", "minimum": 1})
	case deployer.TypeRunner:
		return runner()
	}
	if len(p.Options) > 0 {
		return jsonschema.Schema{"type": "string", "enum": p.Options}
	}
	return jsonschema.Words()
}

// runner is the schema of how a service is rolled out: what stands beside uses is the
// system's.
func runner() jsonschema.Schema {
	return jsonschema.Schema{
		"type": "object",
		"properties": jsonschema.Schema{
			"uses": jsonschema.Schema{"type": "string", "enum": []string{"kubernetes", "helm", "jenkins", "github", "hand"}, "description": "which system"},
		},
		"additionalProperties": jsonschema.Schema{"anyOf": []any{
			jsonschema.Words(), jsonschema.Schema{"type": "object", "additionalProperties": jsonschema.Words()}, jsonschema.Schema{"type": "array", "items": jsonschema.Words()},
		}},
	}
}
