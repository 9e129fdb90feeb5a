package strict

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// doubled reports the keys that stand in one mapping twice, wherever that is:
// also where it is decoded later. Nobody sees which of the two would count.
func doubled(from *source, n *yaml.Node, found *Problems) {
	var first map[string]*yaml.Node
	if n.Kind == yaml.MappingNode {
		first = make(map[string]*yaml.Node, len(n.Content)/2)
	}
	for i, c := range n.Content {
		doubled(from, c, found)
		if n.Kind != yaml.MappingNode || i%2 != 0 || c.Kind != yaml.ScalarNode {
			continue
		}
		if f := first[c.Value]; f != nil {
			*found = append(*found, from.text(c).Wrong("doubled-key", fmt.Sprintf("there is %q already, at %d:%d", c.Value, f.Line, f.Column), "keep one of the two"))
			continue
		}
		first[c.Value] = c
	}
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
