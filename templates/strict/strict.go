package strict

import (
	"bytes"
	"errors"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Decode reads one YAML document into a pointer to a struct. The error is
// Problems.
func Decode(file string, data []byte, into any) error {
	_, found := decode(file, data, into, false)
	return found.Err()
}

// DecodePlain is Decode for what strangers read as well: in it nothing stands
// for something else, as YAML's anchors, aliases and merge keys do. It goes on after
// mistakes. Whole is false where the file could not be read at all, so that what
// was decoded says nothing.
func DecodePlain(file string, data []byte, into any) (whole bool, found Problems) {
	whole, found = decode(file, data, into, true)
	found.sort()
	return whole, found
}

func decode(file string, data []byte, into any, plainly bool) (whole bool, found Problems) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	from := newSource(file, data)
	if len(bytes.TrimSpace(data)) == 0 {
		return false, Problems{Text{from: from}.Wrong("empty", "the file is empty", "")}
	}
	second := secondDocument(from)
	if at := second; at > 0 {
		found = append(found, Text{Line: at, Column: 1, from: from}.Wrong("document", "a second document begins here, and a file is one", "put it into a file of its own"))
		data = []byte(strings.Join(from.lines[:at-1], "\n") + "\n")
	}
	root, wrong := parse(from, data, reflect.TypeOf(into).Elem())
	if len(wrong) > 0 {
		return false, append(found, wrong...)
	}
	n := len(found)
	if tags(from, root, &found); plainly && len(found) == n {
		if references(from, root, &found); len(found) > n {
			return false, found // whatever else is wrong may come of them
		}
	}
	split := doubled(from, root, false, &found)
	d := decoder{from: from, found: &found, plain: plainly, within: map[*yaml.Node]bool{}, root: reflect.TypeOf(into).Elem()}
	if len(root.Content) > 0 && !isNull(root.Content[0]) {
		d.value(root.Content[0], reflect.ValueOf(into).Elem(), "the file")
	}
	return second == 0 && !split, found
}

// parse reads a document that goes into a type, or says in a writer's words why it is none.
func parse(from *source, data []byte, into reflect.Type) (*yaml.Node, Problems) {
	var root yaml.Node
	err := yaml.Load(data, &root)
	if err == nil {
		return &root, nil
	}
	known := keysWithin(into)
	if found := traps(from, known); len(found) > 0 {
		return nil, found
	}
	var e *yaml.LoadError
	if errors.As(err, &e) {
		return nil, Problems{syntax(from, e, known)}
	}
	return nil, Problems{Text{from: from}.Wrong("yaml", "this is not YAML: "+err.Error(), "")}
}

// secondDocument is the line in which a second document begins; 0: none does.
func secondDocument(from *source) int {
	begun := false
	for i, line := range from.lines {
		marks := line == "---" || strings.HasPrefix(line, "--- ")
		if marks && begun {
			return i + 1
		}
		begun = begun || marks || strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "#") && !strings.HasPrefix(line, "%")
	}
	return 0
}

var condition = regexp.MustCompile(`^!\s*\(?\s*(inputs|values|vars|steps|maintenance|service|services|retailer|product|environment|has)\b`)

// tags reports what begins with ! without being in quotes: YAML takes the word for a
// tag, and nothing of it would be left.
func tags(from *source, n *yaml.Node, found *Problems) {
	for i, c := range n.Content {
		tags(from, c, found)
		if !isTagged(c) {
			continue
		}
		at, key := from.text(c), ""
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			key = n.Content[i-1].Value
		}
		*found = append(*found, tagged(at, key, writtenAt(from, at)))
	}
}

func isTagged(n *yaml.Node) bool {
	return strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!")
}

func tagged(at Text, key, written string) Problem {
	what := "words that begin with ! have to be in quotes, else YAML takes them for a tag"
	if key == "when" || condition.MatchString(written) {
		what = "a condition that begins with ! has to be in quotes, else YAML takes it for a tag"
	}
	if key == "" || strings.Contains(written, `"`) {
		return at.Wrong("quotes", what, "")
	}
	p := at.Wrong("quotes", what+": "+key+`: "`+written+`"`, "")
	p.Hint = key + `: "` + written + `"`
	return p
}

// writtenAt is what is written at a place, up to the end of a plain scalar.
func writtenAt(from *source, at Text) string {
	line := []rune(from.line(at.Line))
	rest := string(line[min(max(at.Column-1, 0), len(line)):])
	end, depth := len(rest), 0
	for i, r := range rest {
		switch {
		case r == '(' || r == '[':
			depth++
		case (r == ')' || r == ']') && depth > 0:
			depth--
		case (r == ',' || r == '}') && depth == 0 && strings.ContainsAny(string(line[:at.Column-1]), "{["),
			r == '#' && i > 0 && rest[i-1] == ' ':
			return strings.TrimSpace(rest[:i])
		}
	}
	return strings.TrimSpace(rest[:end])
}
