package language

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"github.com/stationmaster/stationmaster/deployer"
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
	switch near := deployer.SuggestAs("%q", word, known); {
	case near != "":
		return near
	case best != "" && !several:
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "there are: " + list(known)
}
