package strict

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"go.yaml.in/yaml/v4"
)

// A Described is a struct that says what it is called where something is wrong with
// it, such as "a step", and what keys that are written elsewhere are called here.
type Described interface {
	Described() (what string, elsewhere map[string]string)
}

// aliasesMax bounds how often something stands for something else.
const aliasesMax = 10_000

// A decoder puts the nodes of one document into a struct. It goes on after a
// mistake.
//
// A field's tag short says which other form a mapping has: scalar or list, which
// goes into that field.
type decoder struct {
	from    *source
	found   *Problems
	plain   bool                // a list that is empty says nothing, and is a mistake where the field's tag empty does not allow it
	within  map[*yaml.Node]bool // what is being said again
	aliases int
}

func (d *decoder) wrong(n *yaml.Node, code, what, hint string) {
	*d.found = append(*d.found, d.from.text(n).Wrong(code, what, hint))
}

// value decodes what stands under a key; "": under none.
func (d *decoder) value(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind == yaml.AliasNode {
		d.alias(n, v, key)
		return
	}
	if isTagged(n) { // that was said, and nothing of it is left
		return
	}
	switch t := v.Type(); {
	case t == reflect.TypeFor[yaml.Node]():
		v.Set(reflect.ValueOf(*n))
	case t == reflect.TypeFor[Node]():
		v.Set(reflect.ValueOf(Node{d.from.text(n), n, d.from}))
	case t == reflect.TypeFor[Text]():
		if n.Kind != yaml.ScalarNode {
			d.unlike(n, key, "a text")
			return
		}
		v.Set(reflect.ValueOf(d.from.text(n)))
	case d.itself(n, v):
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.value(n, v.Elem(), key)
	case isNull(n):
		if start := startOf(v); start.IsValid() {
			start.Set(reflect.ValueOf(Start{d.from.text(n)}))
		}
	case t == reflect.TypeFor[time.Duration]():
		d.duration(n, v, key)
	case t.Kind() == reflect.Slice:
		d.list(n, v, key)
	case t.Kind() == reflect.Map:
		d.mapping(n, v, key)
	case t.Kind() == reflect.Struct:
		d.record(n, v, key)
	default:
		d.scalar(n, v, key)
	}
}

// itself lets a type decode itself that can. Where such a one has decoders of its own
// within, their mistakes come as YAML's.
func (d *decoder) itself(n *yaml.Node, v reflect.Value) bool {
	u, ok := v.Addr().Interface().(interface{ UnmarshalYAML(*yaml.Node) error })
	if !ok {
		return false
	}
	err := u.UnmarshalYAML(n)
	var several *yaml.LoadErrors
	switch {
	case errors.As(err, &several):
		for _, e := range several.Errors {
			*d.found = append(*d.found, Text{Line: e.Mark.Line, Column: e.Mark.Column, from: d.from}.Wrong("wrong-shape", e.Message, ""))
		}
	case err != nil:
		d.wrong(n, "wrong-shape", err.Error(), "")
	}
	return true
}

// alias decodes what stands for something else, as often as it may.
func (d *decoder) alias(n *yaml.Node, v reflect.Value, key string) {
	if d.aliases++; d.within[n.Alias] || d.aliases > aliasesMax {
		d.wrong(n, "alias", fmt.Sprintf("*%s stands for itself, or for too much", n.Value), "write it out")
		return
	}
	d.within[n.Alias] = true
	d.value(n.Alias, v, key)
	delete(d.within, n.Alias)
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0
}

// unlike says that something is not of the shape that it has to be.
func (d *decoder) unlike(n *yaml.Node, key, want string) {
	if key == "" {
		key = "this"
	}
	is := map[yaml.Kind]string{yaml.SequenceNode: "a list", yaml.MappingNode: "a mapping with keys", yaml.ScalarNode: "a single text"}[n.Kind] // which may be a secret
	hint := ""
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && strings.HasPrefix(want, "a text") {
		hint = "words that begin with { have to be in quotes"
	}
	d.wrong(n, "wrong-shape", fmt.Sprintf("%s must be %s, not %s", key, want, is), hint)
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.SequenceNode {
		d.unlike(n, key, "a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.value(c, v.Index(i), "an entry of "+key)
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.MappingNode {
		d.unlike(n, key, "a mapping with keys")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Content)/2))
	for i := 0; i+1 < len(n.Content); i += 2 {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(n.Content[i+1], item, n.Content[i].Value)
		v.SetMapIndex(reflect.ValueOf(n.Content[i].Value).Convert(v.Type().Key()), item)
	}
}

// record decodes a mapping into a struct, or one of its short forms.
func (d *decoder) record(n *yaml.Node, v reflect.Value, key string) {
	if start := startOf(v); start.IsValid() {
		start.Set(reflect.ValueOf(Start{d.from.text(n)}))
	}
	if n.Kind != yaml.MappingNode {
		form := map[yaml.Kind]string{yaml.ScalarNode: "scalar", yaml.SequenceNode: "list"}[n.Kind]
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("short") == form {
				d.value(n, v.Field(i), key)
				return
			}
		}
		d.unlike(n, key, wanted(v))
		return
	}
	fields := fieldsOf(v)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if f, ok := fields[k.Value]; ok {
			if c := n.Content[i+1]; d.plain && !f.mayBeEmpty && c.Kind == yaml.SequenceNode && len(c.Content) == 0 {
				d.wrong(c, "empty-list", k.Value+" is empty", "write at least one, or take it away")
			}
			d.value(n.Content[i+1], f.Value, k.Value)
			continue
		}
		d.unknown(n, i, v, keysOf(v.Type()))
	}
}

// wanted says what a struct is written as.
func wanted(v reflect.Value) string {
	var forms []string
	for i := range v.NumField() {
		switch v.Type().Field(i).Tag.Get("short") {
		case "scalar":
			forms = append(forms, "a text")
		case "list":
			forms = append(forms, "a list")
		}
	}
	if keys := keysOf(v.Type()); len(keys) > 0 {
		forms = append(forms, "a mapping with keys")
	}
	return strings.Join(forms, " or ")
}

// unknown says that a mapping has no such key, and which was meant.
func (d *decoder) unknown(n *yaml.Node, i int, v reflect.Value, known []string) {
	k, in, elsewhere := n.Content[i], "", map[string]string(nil)
	if described, ok := v.Interface().(Described); ok {
		what, others := described.Described()
		in, elsewhere = " in "+what, others
	}
	if len(known) == 0 {
		d.unlike(n, "", wanted(v))
		return
	}
	hint := elsewhere[k.Value]
	switch {
	case hint != "":
	case i > 0 && n.Style&yaml.FlowStyle != 0 && isNull(n.Content[i+1]) && n.Content[i+1].Value == "" && n.Content[i-1].Kind == yaml.ScalarNode &&
		n.Content[i-1].Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 && deployer.Nearest(k.Value, known) == "":
		hint = "if it belongs to the words before the comma, put them in quotes"
	default:
		hint = Instead(k.Value, known)
	}
	d.wrong(k, "unknown-key", fmt.Sprintf("there is no key %q%s", k.Value, in), hint)
}

func startOf(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if v.Field(i).Type() == reflect.TypeFor[Start]() {
				return v.Field(i)
			}
		}
	}
	return reflect.Value{}
}

// A field is one of a struct.
type field struct {
	reflect.Value
	mayBeEmpty bool
}

// fieldsOf are the fields of a struct by their keys.
func fieldsOf(v reflect.Value) map[string]field {
	out := map[string]field{}
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		name, how, _ := strings.Cut(tag.Get("yaml"), ",")
		if how == "inline" {
			maps.Copy(out, fieldsOf(v.Field(i)))
		}
		if name != "" && name != "-" {
			out[name] = field{v.Field(i), tag.Get("empty") != ""}
		}
	}
	return out
}

// keysOf are the keys of a struct, in the order of its fields.
func keysOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		name, how, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if how == "inline" {
			out = append(out, keysOf(t.Field(i).Type)...)
		}
		if name != "" && name != "-" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, key string) {
	want := map[reflect.Kind]string{
		reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Float64: "a number",
	}[v.Kind()]
	if n.Kind != yaml.ScalarNode {
		d.unlike(n, key, want)
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		var b bool
		if b = n.Value == "true"; !b && n.Value != "false" {
			err = strconv.ErrSyntax
		}
		v.SetBool(b)
	case reflect.Int:
		var i int
		i, err = strconv.Atoi(n.Value)
		v.SetInt(int64(i))
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(n.Value, 64)
		v.SetFloat(f)
	}
	if err != nil {
		d.wrong(n, "wrong-shape", fmt.Sprintf("%q is not %s", n.Value, want), "")
	}
}

func (d *decoder) duration(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.ScalarNode {
		d.unlike(n, key, "a time such as 15m or 2h")
		return
	}
	span, what, hint := Span(n.Value)
	if what != "" {
		d.wrong(n, "duration", what, hint)
		return
	}
	v.SetInt(int64(span))
}
