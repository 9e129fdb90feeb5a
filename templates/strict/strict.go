// Package strict reads YAML that people write: every mistake of a file is
// reported at once, with line and column, and with the nearest key where one
// was mistyped.
package strict

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"go.yaml.in/yaml/v4"
)

// A Problem is one mistake and where it stands. Line and Column count from 1.
type Problem struct {
	File         string
	Line, Column int
	Why          string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Why)
}

// Problems are all mistakes of one or more files, in their order.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns p sorted, or nil if there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Why, b.Why))
	})
	return p
}

// Decode reads one YAML document into a pointer to a struct. The error is
// Problems.
func Decode(file string, data []byte, into any) error { return decode(file, data, into, false) }

// DecodePlain is Decode for what strangers read as well: in it nothing stands
// for something else, as YAML's anchors, aliases and merge keys do.
func DecodePlain(file string, data []byte, into any) error { return decode(file, data, into, true) }

func decode(file string, data []byte, into any, plainly bool) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return Problems{{file, 1, 1, "the file is empty"}}
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		return Problems{syntax(file, err)}
	}
	var found Problems
	if plainly {
		if references(file, &root, &found); len(found) > 0 {
			return found.Err() // whatever else is wrong may come of them
		}
	}
	doubled(file, &root, &found)
	unknown(file, &root, reflect.TypeOf(into), &found)
	var wrong *yaml.LoadErrors
	if err := yaml.Load(data, into, yaml.WithUniqueKeys(false)); errors.As(err, &wrong) {
		for _, e := range wrong.Errors {
			found = append(found, Problem{file, e.Mark.Line, e.Mark.Column, plain(e.Message)})
		}
	} else if err != nil {
		found = append(found, syntax(file, err))
	}
	return found.Err()
}

func syntax(file string, err error) Problem {
	var e *yaml.LoadError
	if errors.As(err, &e) {
		why := e.Message
		if e.ContextMsg != "" {
			why += " " + e.ContextMsg
		}
		at := Text{Line: e.Mark.Line, Column: e.Mark.Column}
		if m := noAnchor.FindStringSubmatch(why); m != nil {
			return at.At(file, "words that begin with * have to be in quotes, else YAML takes them for a reference, here to %q", m[1])
		}
		return at.At(file, "this is not YAML: %s", why)
	}
	return Problem{file, 1, 1, err.Error()}
}

var construct = regexp.MustCompile("^cannot construct !!\\w+(?: `(.*)`)? into (.*)$")

// plain says in a person's words what the decoder says in Go's.
func plain(message string) string {
	m := construct.FindStringSubmatch(message)
	if m == nil {
		return message
	}
	kinds := map[string]string{
		"int": "a whole number", "bool": "true or false", "string": "a text", "time.Duration": "a time such as 15m or 2h",
		"float64": "a number",
	}
	kind := kinds[m[2]]
	switch {
	case strings.HasPrefix(m[2], "[]"):
		kind = "a list"
	case kind == "":
		kind = "a mapping with keys"
	}
	if m[1] == "" {
		return "this must be " + kind
	}
	return fmt.Sprintf("%q is not %s", m[1], kind)
}

// unknown reports the keys of mappings that the type does not have.
func unknown(file string, n *yaml.Node, t reflect.Type, found *Problems) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n.Kind == yaml.DocumentNode:
		for _, c := range n.Content {
			unknown(file, c, t, found)
		}
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for _, c := range n.Content {
			unknown(file, c, t.Elem(), found)
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		for i := 1; i < len(n.Content); i += 2 {
			unknown(file, n.Content[i], t.Elem(), found)
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct && t != reflect.TypeFor[yaml.Node]():
		fields := keys(t)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if f, ok := fields[k.Value]; ok {
				unknown(file, n.Content[i+1], f, found)
				continue
			}
			*found = append(*found, Problem{file, k.Line, k.Column, Unknown("key", k.Value, sorted(fields))})
		}
	}
}

// Unknown says that there is no such thing, and which one was probably meant.
func Unknown(what, word string, known []string) string {
	instead := deployer.SuggestAs("%q", word, known)
	if instead == "" {
		instead = "there are: " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("there is no %s %q; %s", what, word, instead)
}

func keys(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, how, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if how == "inline" {
			maps.Copy(out, keys(f.Type))
		}
		if name != "" && name != "-" {
			out[name] = f.Type
		}
	}
	return out
}

func sorted(m map[string]reflect.Type) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// Text is a scalar that remembers where it stands. The zero value was not
// written.
type Text struct {
	Value        string
	Line, Column int
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *Text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("this must be a text")
	}
	*t = Text{n.Value, n.Line, n.Column}
	return nil
}

// Find returns where a key stands, by its path from the top of a document, or
// where the last key on the way stands that is there.
func Find(data []byte, path ...string) Text {
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil || len(root.Content) == 0 {
		return Text{}
	}
	n, found := root.Content[0], Text{}
	for _, name := range path {
		i := 0 // of the key; its value is behind it
		for i < len(n.Content) && n.Content[i].Value != name {
			i += 2
		}
		if n.Kind != yaml.MappingNode || i >= len(n.Content) {
			break
		}
		found, n = Text{name, n.Content[i].Line, n.Content[i].Column}, n.Content[i+1]
	}
	return found
}

// At makes a Problem about the text.
func (t Text) At(file, format string, args ...any) Problem {
	return Problem{file, max(t.Line, 1), max(t.Column, 1), fmt.Sprintf(format, args...)}
}
