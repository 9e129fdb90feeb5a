package strict

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// A Described is a struct that says what it is called where something is wrong with
// it, such as "a step", and what keys that are written elsewhere are called here; of the
// key "", how it is written that is no mapping.
type Described interface {
	Described() (what string, elsewhere map[string]string)
}

// aliasesMax bounds how often something stands for something else.
const aliasesMax = 10_000

// A decoder puts the nodes of one document into a struct. It goes on after a
// mistake.
//
// A field's tag short says which other form a mapping has: scalar or list, which
// goes into that field; or mapping, which does where the keys are anybody's.
type decoder struct {
	from    *source
	found   *Problems
	plain   bool                // a list that is empty says nothing, and is a mistake where the field's tag empty does not allow it
	within  map[*yaml.Node]bool // what is being said again
	enum    []string            // what the entries of the list may be that is being read; nil: anything
	root    reflect.Type        // of the file
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
	if d.plain && want == "a list" && n.Kind == yaml.ScalarNode {
		hint = d.bracketed(n.Value, key)
	}
	d.wrong(n, "wrong-shape", fmt.Sprintf("%s must be %s, not %s", key, want, is), hint)
}

// bracketed says how a single text is written as a list; "": that can't be told.
func (d *decoder) bracketed(text, key string) string {
	all := text
	if words := Range(text, d.enum); words != nil {
		all = strings.Join(words, ", ")
	}
	if strings.ContainsAny(all, "\n:#[]{}\"") || strings.Contains(all, ",") && !Listed(all) {
		return ""
	}
	return "write it in brackets: " + key + ": [" + all + "]"
}

var listed = regexp.MustCompile(`^[\pL\d_-]+(, *[\pL\d_-]+)+$`)

// Listed reports whether a text is several single words with commas between them.
func Listed(text string) bool { return listed.MatchString(text) }

// Range are the words from one to another that a text such as sat-sun means, of some in
// their order; nil: it is none.
func Range(text string, of []string) []string {
	from, to, _ := strings.Cut(text, "-")
	i := slices.Index(of, from)
	if i < 0 || slices.Contains(of, text) {
		return nil
	}
	n := slices.Index(of[i:], to)
	if n <= 0 {
		return nil
	}
	return of[i : i+n+1]
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
