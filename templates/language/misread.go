package language

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// misread says what CEL could not read.
func misread(source string, err *common.Error) Mistake {
	at := 0
	if err.Location != nil && err.Location.Line() > 0 {
		lines := strings.Split(source, "\n")
		for _, line := range lines[:min(err.Location.Line()-1, len(lines))] {
			at += utf8.RuneCountInString(line) + 1
		}
		at = min(at+max(err.Location.Column(), 0), utf8.RuneCountInString(source))
	}
	m := Mistake{At: at, Why: "this can't be read from here on", Hint: `a condition is written such as inputs.risk == "high" && !inputs.downtime`}
	switch {
	case strings.Contains(err.Message, "has() macro"):
		m.Why, m.Hint = "has(…) is asked of a path", "such as has(inputs.due)"
	case strings.Contains(err.Message, "argument must be a simple name"), strings.Contains(err.Message, "argument is not an identifier"):
		m.Why, m.Hint = "the first word in the brackets is a name for each member", `such as services.all(s, s.owner != "")`
	case strings.Contains(err.Message, "reserved identifier"):
		word := strings.TrimSpace(err.Message[strings.LastIndex(err.Message, ":")+1:])
		m.Why, m.Hint = word+" is no name here", "a name begins with inputs, vars, values or steps, or is one such as retailer"
	case strings.Contains(err.Message, "depth"), strings.Contains(err.Message, "recursion"):
		m.Why, m.Hint = "too much stands within something else", "give parts of it a name under values"
	case strings.Contains(source, `\`):
		m.Why, m.Hint = `a \ in quotes makes something else of what is behind it`, `where it is meant itself, write \\`
	case strings.Contains(err.Message, "int literal"):
		m.Why, m.Hint = "this number is too large", ""
	}
	return m
}

// site is what a part names of where it is deployed, and what the config calls those; nil:
// it names nothing of it, or that is not looked at.
func (e *expression) site(x ast.Expr) (what string, known []string) {
	switch e.written(x) {
	case "environment.name":
		return "environment", e.names.Environments
	case "retailer.name":
		return "retailer", e.names.Retailers
	case "product.name":
		return "product", e.names.Retailers
	}
	return "", nil
}

// noSite says which texts are no name of the config's.
func (e *expression) noSite(what string, known []string, compared []ast.Expr) []Mistake {
	var out []Mistake
	for _, x := range compared {
		said, isText := textIn(x)
		if !isText || slices.Contains(known, said) {
			continue
		}
		out = append(out, Mistake{At: e.at(x), Why: fmt.Sprintf("the config has no %s %q", what, said), Hint: InsteadOfSite(said, known)})
	}
	return out
}

// InsteadOfSite says which name of the config's was probably meant, else which there are.
// Such are often cut short: prod and production begin alike.
func InsteadOfSite(word string, known []string) string {
	best, most, several := "", 2, false
	for _, k := range known {
		n := 0
		for n < min(len(k), len(word)) && k[n] == word[n] {
			n++
		}
		if n > most {
			best, most, several = k, n, false
		} else if n == most {
			several = true
		}
	}
	switch near := spelling.SuggestAs("%q", word, known); {
	case near != "":
		return near
	case best != "" && !several:
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "there are: " + list(known)
}

// alike is what other tools, or a slip, make of {path}: other signs around it, blanks or
// more in the braces, or one of the braces forgotten.
var alike = regexp.MustCompile(`(?:\{+|\$\(?|%\()\s*(` + pathForm + `)|(` + pathForm + `)\s*\}`)

// onlyBraced is what looks like {path} whatever the path: nothing but that, or a filter
// behind it, stands in the braces.
var onlyBraced = regexp.MustCompile(`^\{+\s*` + pathForm + `\s*(?:\|[^{}]*)?\}`)

// Doubts are what a text says that is allowed and probably not meant: a name in double
// braces, or in what only looks like {name}, which prints as it is written. A name such as
// service may be another program's, and {{ end }} is one's in a command.
func (n *Names) Doubts(text string, at Place) []Mistake {
	var out []Mistake
	found := holes(text, at.Command)
	for _, h := range found {
		if !h.literal || h.path == nil {
			continue
		}
		if p, ok := n.path(h.path); ok && p.list != "" {
			out = append(out, Mistake{At: h.at, Why: "{{" + h.inner + "}} prints {" + h.inner + "} as it is written", Hint: "for its value write {" + h.inner + "}"})
		}
	}
	for _, m := range alike.FindAllStringSubmatchIndex(text, -1) {
		if slices.ContainsFunc(found, func(h hole) bool { return m[0] < h.to && h.from < m[1] }) {
			continue
		}
		from, to := max(m[2], m[4]), max(m[3], m[5]) // of the path
		if name := n.named(text[from:to], !at.Command && onlyBraced.MatchString(text[m[0]:])); name != "" {
			out = append(out, Mistake{At: utf8.RuneCountInString(text[:m[0]]), Why: "this looks like {" + name + "} and prints as it stands", Hint: "for its value write {" + name + "}"})
		}
	}
	slices.SortStableFunc(out, func(a, b Mistake) int { return a.At - b.At })
	return out
}

// named is the part of a path that names an input, a var, a value or what a step leaves
// behind, which counts as used, or with all any path that names something; "": none does.
func (n *Names) named(written string, all bool) string {
	names := strings.Split(written, ".")
	if p, ok := n.path(names); ok && all && p.list == "" {
		return written
	}
	for ; len(names) > 0; names = names[:len(names)-1] {
		if p, ok := n.path(names); ok && p.list != "" {
			if p.list != "steps." {
				n.use(p.list, p.name)
			}
			return strings.Join(names, ".")
		}
	}
	return ""
}
