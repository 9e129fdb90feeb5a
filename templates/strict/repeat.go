package strict

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// doubled reports the keys that stand in one mapping twice, wherever that is:
// also where it is decoded later. Nobody sees which of the two would count. Entry says
// that the node is one of a list. Where the id of such a one stands twice, and a dash was
// forgotten, that alone is said, and split is true: half of what is written is in the wrong
// place.
func doubled(from *source, n *yaml.Node, entry bool, found *Problems) (split bool) {
	var first map[string]*yaml.Node
	if n.Kind == yaml.MappingNode {
		first = make(map[string]*yaml.Node, len(n.Content)/2)
	}
	joined := false
	for i, c := range n.Content {
		split = doubled(from, c, n.Kind == yaml.SequenceNode, found) || split
		if n.Kind != yaml.MappingNode || i%2 != 0 || c.Kind != yaml.ScalarNode {
			continue
		}
		f := first[c.Value]
		if f == nil {
			first[c.Value] = c
			continue
		}
		switch {
		case joined:
		case entry && c.Value == "id" && n.Style&yaml.FlowStyle == 0 && n.Content[0] == f:
			joined = true
			*found = append(*found, from.text(c).Wrong("doubled-key", fmt.Sprintf("there is %q already, in line %d", c.Value, f.Line), "a new entry of the list begins with -"))
		default:
			*found = append(*found, from.text(c).Wrong("doubled-key", fmt.Sprintf("there is %q already, at %d:%d", c.Value, f.Line, f.Column), "keep one of the two"))
		}
	}
	return split || joined
}

// references reports whatever stands for something that is written elsewhere,
// each where it stands.
func references(from *source, n *yaml.Node, found *Problems) {
	wrong := func(n *yaml.Node, format string, args ...any) {
		*found = append(*found, from.text(n).Wrong("reference", fmt.Sprintf(format, args...), ""))
	}
	if strings.HasPrefix(n.Anchor, "&") {
		wrong(n, "a condition does not begin with &&")
	} else if n.Anchor != "" {
		wrong(n, "&%[1]s names what follows, to say it again by *%[1]s; what is said twice is written twice, since a stranger can't read *%[1]s, and words that begin with & have to be in quotes", n.Anchor)
	}
	if n.Kind == yaml.AliasNode {
		wrong(n, "what is said twice is written twice; a stranger can't read *%s", n.Value)
	}
	for i, c := range n.Content {
		ofMerge := func(key *yaml.Node) bool {
			return n.Kind == yaml.MappingNode && key.Kind == yaml.ScalarNode && key.Value == "<<"
		}
		switch {
		case i%2 == 0 && ofMerge(c):
			wrong(c, "what is said twice is written twice; a stranger can't read <<")
		case i%2 == 1 && ofMerge(n.Content[i-1]) && c.Kind == yaml.AliasNode: // its key has said it
		default:
			references(from, c, found)
		}
	}
}
