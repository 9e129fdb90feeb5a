package strict

import (
	"regexp"

	"go.yaml.in/yaml/v4"
)

// noAnchor is what YAML says of a reference to nothing.
var noAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)

// doubled reports the keys that stand in one mapping twice, wherever that is:
// also where it is decoded later. Nobody sees which of the two would count.
func doubled(file string, n *yaml.Node, found *Problems) {
	first := map[string]*yaml.Node{}
	for i, c := range n.Content {
		doubled(file, c, found)
		if n.Kind != yaml.MappingNode || i%2 != 0 || c.Kind != yaml.ScalarNode {
			continue
		}
		if f := first[c.Value]; f != nil {
			*found = append(*found, textOf(c).At(file, "there is %q already, at %d:%d; keep one of the two", c.Value, f.Line, f.Column))
			continue
		}
		first[c.Value] = c
	}
}

// references reports whatever stands for something that is written elsewhere,
// each where it stands.
func references(file string, n *yaml.Node, found *Problems) {
	if n.Anchor != "" {
		*found = append(*found, textOf(n).At(file, "&%[1]s names what follows, to say it again by *%[1]s; what is said twice is written twice, since a stranger can't read *%[1]s, and words that begin with & have to be in quotes", n.Anchor))
	}
	if n.Kind == yaml.AliasNode {
		*found = append(*found, textOf(n).At(file, "what is said twice is written twice; a stranger can't read *%s", n.Value))
	}
	for i, c := range n.Content {
		ofMerge := func(key *yaml.Node) bool {
			return n.Kind == yaml.MappingNode && key.Kind == yaml.ScalarNode && key.Value == "<<"
		}
		switch {
		case i%2 == 0 && ofMerge(c):
			*found = append(*found, textOf(c).At(file, "what is said twice is written twice; a stranger can't read <<"))
		case i%2 == 1 && ofMerge(n.Content[i-1]) && c.Kind == yaml.AliasNode: // its key has said it
		default:
			references(file, c, found)
		}
	}
}

func textOf(n *yaml.Node) Text { return Text{n.Value, n.Line, n.Column} }
