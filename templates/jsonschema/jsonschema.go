// Package jsonschema makes the JSON Schema (draft 2020-12) of a YAML file from the Go
// structs that it is decoded into, so that editors and the loader go by one source.
//
// A field is a property by its tag yaml, and inlined fields are those of their struct.
// Its other tags are:
//
//	doc:"…"       the sentence that an editor shows; every property has one
//	enum:"a,b"    the only values
//	examples:"x"  one that an editor offers
//	required:"y"  it has to be there
//	short:"…"     the field is what may stand in the place of the whole mapping: a
//	              scalar, a list, or a mapping with any keys; it needs no key
//
// Objects take no other properties. Where nothing is written behind a key, YAML has
// null: so every object may be null. A type that is written in another way than it is
// made says so itself: see [Writer].
package jsonschema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A Schema is one, or a part of one. encoding/json writes it in the order of its keys.
type Schema map[string]any

// A Writer is a type that is written in its own way.
type Writer interface {
	// JSONSchema is asked of the zero value. The maker makes the schemas of other types.
	JSONSchema(m *Maker) Schema
}

// A Maker makes the schemas of types. Structs are defined once, by their names, so that
// one may hold itself. Make it with New.
type Maker struct {
	// Field says more about a property by the other tags of its field; nil: nothing.
	Field func(f reflect.StructField, s Schema) Schema

	scalar func(reflect.Type) bool
	defs   map[string]any
	names  map[reflect.Type]string
}

// New returns a Maker. Scalar says which structs are single words in the file, such as
// a text that remembers where it stands; nil: none.
func New(scalar func(reflect.Type) bool) *Maker {
	if scalar == nil {
		scalar = func(reflect.Type) bool { return false }
	}
	return &Maker{scalar: scalar, defs: map[string]any{}, names: map[reflect.Type]string{}}
}

// File is the schema of a whole file that is decoded into the type.
func (m *Maker) File(id, title string, t reflect.Type) Schema {
	s := m.object(t)
	s["$schema"], s["$id"], s["title"] = "https://json-schema.org/draft/2020-12/schema", id, title
	if len(m.defs) > 0 {
		s["$defs"] = m.defs
	}
	return s
}

// Print is a schema as it is published.
func Print(s Schema) ([]byte, error) {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("write the JSON Schema: %w", err)
	}
	return []byte(out.String()), nil
}

// Words are what may stand where a text is wanted: YAML takes 5 and true for others.
func Words() Schema { return Schema{"type": []string{"string", "number", "boolean"}} }

// Span is a duration as people write it.
func Span() Schema {
	return Schema{"type": "string", "pattern": `^(\d+(w|d|h|m|s|ms))+$`, "examples": []string{"15m"}}
}

// Of is the schema of a type.
func (m *Maker) Of(t reflect.Type) Schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if w, ok := reflect.Zero(t).Interface().(Writer); ok {
		return m.defined(t, func() Schema { return w.JSONSchema(m) })
	}
	switch {
	case m.scalar(t):
		return Words()
	case t == reflect.TypeFor[time.Duration]():
		return Span()
	}
	switch t.Kind() {
	case reflect.Struct:
		return m.defined(t, func() Schema { return m.object(t) })
	case reflect.Map:
		return Schema{"type": []string{"object", "null"}, "additionalProperties": m.Of(t.Elem())}
	case reflect.Slice:
		return Schema{"type": "array", "items": m.Of(t.Elem())}
	case reflect.Bool:
		return Schema{"type": "boolean"}
	case reflect.Int:
		return Schema{"type": "integer"}
	case reflect.Float64:
		return Schema{"type": "number"}
	}
	return Words()
}

// defined is a reference to the schema of a named type, which is made once.
func (m *Maker) defined(t reflect.Type, schema func() Schema) Schema {
	if t.Name() == "" {
		return schema()
	}
	name, ok := m.names[t]
	if !ok {
		name = strings.TrimSuffix(t.Name(), "File")
		m.names[t] = name // before it is made: it may hold itself
		m.defs[name] = schema()
	}
	return Schema{"$ref": "#/$defs/" + name}
}

// Struct is the schema of a struct where it stands, by its fields alone.
func (m *Maker) Struct(zero any) Schema { return m.object(reflect.TypeOf(zero)) }

// object is the schema of a struct.
func (m *Maker) object(t reflect.Type) Schema {
	s := Schema{"type": []string{"object", "null"}, "additionalProperties": false}
	properties, required := map[string]any{}, []string{}
	m.properties(t, properties, &required)
	s["properties"] = properties
	if len(required) > 0 {
		slices.Sort(required)
		s["type"], s["required"] = "object", required
	}
	short := m.short(t)
	if len(properties) > 0 || len(short) == 0 {
		short = append(short, s)
	}
	if len(short) > 1 {
		return Schema{"anyOf": short}
	}
	return short[0]
}

// short are the schemas of what may stand in the place of a struct's mapping.
func (m *Maker) short(t reflect.Type) (out []Schema) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("short") != "" {
			s := m.property(f)
			delete(s, "description")
			out = append(out, s)
		}
	}
	return out
}

func (m *Maker) properties(t reflect.Type, into map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, how, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if how == "inline" {
			m.properties(f.Type, into, required)
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		into[name] = m.property(f)
		if f.Tag.Get("required") != "" {
			*required = append(*required, name)
		}
	}
}

// property is the schema of one field.
func (m *Maker) property(f reflect.StructField) Schema {
	s := m.Of(f.Type)
	if doc := f.Tag.Get("doc"); doc != "" {
		s["description"] = doc
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		of := s
		if items, ok := s["items"].(Schema); ok {
			of = items // of a list, it is about its entries
		}
		of["type"], of["enum"] = "string", strings.Split(enum, ",")
	}
	if example := f.Tag.Get("examples"); example != "" {
		s["examples"] = []string{example}
	}
	if m.Field != nil {
		s = m.Field(f, s)
	}
	return s
}
