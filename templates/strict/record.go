package strict

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

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
		if described, ok := v.Interface().(Described); ok {
			_, others := described.Described()
			if last := &(*d.found)[len(*d.found)-1]; others[""] != "" && last.Hint == "" {
				last.Hint = others[""]
				last.Why += "; " + last.Hint
			}
		}
		return
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("short") == "mapping" {
			d.value(n, v.Field(i), key)
			return
		}
	}
	fields, said := fieldsOf(v.Type()), map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if said[k.Value] {
			continue // the first counts until one of them is gone
		}
		said[k.Value] = true
		if f, ok := fields[k.Value]; ok {
			if c := n.Content[i+1]; d.plain && !f.mayBeEmpty && c.Kind == yaml.SequenceNode && len(c.Content) == 0 {
				d.wrong(c, "empty-list", k.Value+" is empty", "write at least one, or take it away")
			}
			d.enum = f.enum
			d.value(n.Content[i+1], v.FieldByIndex(f.at), k.Value)
			d.enum = nil
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
		case "mapping":
			forms = append(forms, "a mapping with keys")
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
		n.Content[i-1].Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 && spelling.Nearest(k.Value, known) == "":
		hint = "if it belongs to the words before the comma, put them in quotes"
	case d.atTop(k.Value, v.Type()):
		hint = "it stands at the top of the file"
	default:
		hint = Instead(k.Value, known)
	}
	d.wrong(k, "unknown-key", fmt.Sprintf("there is no key %q%s", k.Value, in), hint)
}

// atTop reports whether a key with more below it belongs to the file, and not to what is
// within.
func (d *decoder) atTop(key string, within reflect.Type) bool {
	if d.root == nil || d.root.Kind() != reflect.Struct || within == d.root {
		return false
	}
	f, ok := fieldsOf(d.root)[key]
	return ok && d.root.FieldByIndex(f.at).Type != reflect.TypeFor[Text]()
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
	at         []int
	mayBeEmpty bool
	enum       []string
}

// fieldsKnown are those of each struct that was decoded, so that it is looked at once.
var fieldsKnown sync.Map // of map[string]field, by reflect.Type

// fieldsOf are the fields of a struct by their keys.
func fieldsOf(t reflect.Type) map[string]field {
	if known, ok := fieldsKnown.Load(t); ok {
		return known.(map[string]field)
	}
	out := map[string]field{}
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name, how, _ := strings.Cut(tag.Get("yaml"), ",")
		if how == "inline" {
			for key, f := range fieldsOf(t.Field(i).Type) {
				f.at = append([]int{i}, f.at...)
				out[key] = f
			}
		}
		if name != "" && name != "-" {
			out[name] = field{[]int{i}, tag.Get("empty") != "", strings.FieldsFunc(tag.Get("enum"), func(r rune) bool { return r == ',' })}
		}
	}
	fieldsKnown.Store(t, out)
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

// keysWithin are the keys of all structs in a type.
func keysWithin(t reflect.Type) []string {
	var out []string
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || seen[t] {
			return
		}
		seen[t] = true
		out = append(out, keysOf(t)...)
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && (f.Tag.Get("yaml") != "" || f.Tag.Get("short") != "") {
				walk(f.Type)
			}
		}
	}
	walk(t)
	return out
}
