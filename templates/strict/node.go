package strict

import (
	"reflect"

	"go.yaml.in/yaml/v4"
)

// A Node is something of a document that is decoded later, once it is known what
// it has to be. The zero value was not written.
type Node struct {
	Text // where it begins, and its value where it is a scalar

	raw  *yaml.Node
	from *source
}

// An Entry is one key of a mapping with what stands under it.
type Entry struct {
	Key   Text
	Value Node
}

func (s *source) node(n *yaml.Node) Node { return Node{s.text(n), n, s} }

func (n Node) is(kind yaml.Kind) bool { return n.raw != nil && n.raw.Kind == kind }

// IsText reports whether it is a scalar.
func (n Node) IsText() bool { return n.is(yaml.ScalarNode) }

// IsNothing reports whether nothing is written there.
func (n Node) IsNothing() bool { return n.raw == nil || isNull(n.raw) }

// IsList reports whether it is a list.
func (n Node) IsList() bool { return n.is(yaml.SequenceNode) }

// IsMapping reports whether it is a mapping.
func (n Node) IsMapping() bool { return n.is(yaml.MappingNode) }

// Flow reports whether it is written in braces or brackets.
func (n Node) Flow() bool { return n.raw != nil && n.raw.Style&yaml.FlowStyle != 0 }

// List are the entries of a list.
func (n Node) List() []Node {
	if !n.IsList() {
		return nil
	}
	out := make([]Node, len(n.raw.Content))
	for i, c := range n.raw.Content {
		out[i] = n.from.node(c)
	}
	return out
}

// Entries are the keys of a mapping, in their order.
func (n Node) Entries() []Entry {
	if !n.IsMapping() {
		return nil
	}
	var out []Entry
	for i := 0; i+1 < len(n.raw.Content); i += 2 {
		out = append(out, Entry{n.from.text(n.raw.Content[i]), n.from.node(n.raw.Content[i+1])})
	}
	return out
}

// Get is what stands under a key of a mapping; the zero Node where there is none.
func (n Node) Get(key string) Entry {
	for _, e := range n.Entries() {
		if e.Key.Value == key {
			return e
		}
	}
	return Entry{}
}

// Decode puts it into a pointer to a struct, a list or a map. Key is what it stands
// under.
func (n Node) Decode(key string, into any) Problems {
	var found Problems
	if n.raw != nil {
		d := decoder{from: n.from, found: &found, plain: true, within: map[*yaml.Node]bool{}}
		d.value(n.raw, reflect.ValueOf(into).Elem(), key)
	}
	return found
}
