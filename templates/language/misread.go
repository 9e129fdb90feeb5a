package language

import (
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common"
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
