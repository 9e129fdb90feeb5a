package trial

import (
	"regexp/syntax"
	"strings"
)

// fitting is a text that a pattern matches: of choices the first, of what may be
// there nothing more than has to be.
func fitting(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	return matched(re)
}

func matched(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(re.Rune[:min(len(re.Rune), 1)])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return matched(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(matched(re.Sub[0]), re.Min)
	case syntax.OpConcat:
		text := ""
		for _, sub := range re.Sub {
			text += matched(sub)
		}
		return text
	}
	return ""
}
