package language

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// CEL says of a sentence that it can't read which sign it expected. What people get
// wrong is said here before it sees the sentence.

// signs are what an expression is made of.
var signs = regexp.MustCompile(`^(?:\s+|[rRbB]?"(?:[^"\\\n]|\\.)*"|[rRbB]?'(?:[^'\\\n]|\\.)*'|[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9A-Za-z_.]*|&&|\|\||==|!=|<=|>=|.)`)

// A sign is one of them.
type sign struct {
	at   int // in characters
	text string
}

// word reports whether it is a word, and value whether it ends or begins one.
func (s sign) word() bool {
	c := s.text[0]
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (s sign) quoted() bool {
	return strings.ContainsAny(s.text[len(s.text)-1:], `"'`) && len(s.text) > 1
}

func (s sign) number() bool { return s.text[0] >= '0' && s.text[0] <= '9' }

// closes reports whether a value may end with it, opens whether one may begin.
func (s sign) closes() bool {
	return (s.word() || s.quoted() || s.number() || s.text == ")" || s.text == "]") && s.text != "in"
}

func (s sign) opens() bool {
	return s.text != "" && (s.word() || s.quoted() || s.number() || isOneOf(s.text, "([!-.")) && s.text != "in"
}

// signsOf takes an expression apart. A name with hyphens is one.
func signsOf(source string) []sign {
	var out []sign
	rest := swapHyphens(source)
	for at := 0; rest != ""; {
		text := signs.FindString(rest)
		if text == "" { // a line's end
			text = rest[:1]
		}
		written := source[:len(text)]
		source, rest = source[len(text):], rest[len(text):]
		if strings.TrimSpace(text) != "" {
			out = append(out, sign{at, written})
		}
		at += utf8.RuneCountInString(text)
	}
	return out
}

// strangers are what other languages write.
var strangers = map[string]string{
	"and": "&&", "AND": "&&", "or": "||", "OR": "||", "not": "!", "NOT": "!", "is": "==", "equals": "==",
	"True": "true", "False": "false", "yes": "true", "no": "false",
}

// unreadable says what is wrong with the signs of an expression.
func unreadable(source string) []Mistake {
	found := signsOf(source)
	if len(found) == 0 {
		return []Mistake{{Why: "a condition is missing", Hint: `it is written such as inputs.risk == "high"`}}
	}
	if i := strings.Index(source, "${{"); i >= 0 {
		return []Mistake{{At: utf8.RuneCountInString(source[:i]), Why: "${{ … }} is GitHub's", Hint: "in a condition a name stands bare, such as inputs.risk"}}
	}
	for _, wrong := range []func(s, last, next sign) *Mistake{wrongSign, gap} {
		for i, s := range found {
			var next, last sign
			if i+1 < len(found) {
				next = found[i+1]
			}
			if i > 0 {
				last = found[i-1]
			}
			if m := wrong(s, last, next); m != nil {
				return []Mistake{*m}
			}
		}
	}
	return unclosed(found)
}

// unclosed says of a bracket that it has no partner.
func unclosed(found []sign) []Mistake {
	var open, asks []sign
	for _, s := range found {
		switch s.text {
		case "?":
			asks = append(asks, s)
		case ":":
			if len(asks) == 0 {
				return []Mistake{{At: s.at, Why: ": has no ? before it", Hint: "a choice is written condition ? this : that"}}
			}
			asks = asks[:len(asks)-1]
		case ",":
			if len(open) == 0 {
				return []Mistake{{At: s.at, Why: ", stands in brackets alone", Hint: "two conditions are joined by && or ||"}}
			}
		case "(", "[":
			open = append(open, s)
		case ")", "]":
			if len(open) == 0 {
				return []Mistake{{At: s.at, Why: fmt.Sprintf("%s closes nothing", s.text)}}
			}
			if was := open[len(open)-1]; (was.text == "(") != (s.text == ")") {
				return []Mistake{{At: s.at, Why: fmt.Sprintf("%s does not close the %s before it", s.text, was.text)}}
			}
			open = open[:len(open)-1]
		}
	}
	if len(asks) > 0 {
		return []Mistake{{At: asks[0].at, Why: "? has no : behind it", Hint: "a choice is written condition ? this : that"}}
	}
	if len(open) > 0 {
		return []Mistake{{At: open[len(open)-1].at, Why: "a " + open[len(open)-1].text + " is not closed"}}
	}
	return nil
}

// wrongSign says what is wrong with one sign between two others; nil if nothing is.
func wrongSign(s, last, next sign) *Mistake {
	say := func(why, hint string) *Mistake { return &Mistake{At: s.at, Why: why, Hint: hint} }
	after := last.text == "."
	switch {
	case s.text == `"` || s.text == "'":
		return say("a quote is not closed", "")
	case strings.ContainsAny(s.text[:1], "bB") && s.quoted():
		return say("a text is written in quotes alone", "leave out the "+s.text[:1])
	case isOneOf(s.text, "“”„‘’«»"):
		return say("these quotes are for reading", `here a text stands in straight ones: "…"`)
	case s.text == "=":
		return say("= is never written alone", "to compare, write ==")
	case s.text == "&", s.text == "|":
		return say(s.text+" is never written alone", "write "+s.text+s.text)
	case s.text == "{", s.text == "}":
		return say("braces are for texts", "in a condition a name stands bare, such as inputs.risk")
	case s.word() && !after && strangers[s.text] != "" && next.text != "." && next.text != ",":
		return say(s.text+" is nothing here", "write "+strangers[s.text])
	case s.text == "null" && !after:
		return say("nothing is null here", "ask has(…) whether something is there, such as has(inputs.due)")
	case (s.text == "if" || s.text == "unless" || s.text == "then" || s.text == "else") && !after:
		return say(s.text+" is nothing here", "a choice is written condition ? this : that")
	case s.number() && !numeral.MatchString(s.text):
		return say(s.text+" is no number", "a length of time is written such as minutes(15), a text in quotes")
	case s.text == "." && (next.text == "in" || next.text == "true" || next.text == "false" || next.text == "null"):
		return &Mistake{At: next.at, Why: "what is called " + next.text + " can't be named in a condition", Hint: "call it something else"}
	case isOneOf(s.text, "#;@$\\`~^"), s.text[0] >= utf8.RuneSelf:
		return say(s.text+" is nothing in a condition", "")
	}
	return nil
}

// numeral is a number as CEL reads it.
var numeral = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// gap says that something is missing beside a sign.
func gap(s, last, next sign) *Mistake {
	operator := !s.closes() && !isOneOf(s.text, "([") && s.text != ""
	switch {
	case operator && next.text == "":
		return &Mistake{At: s.at, Why: "something is missing behind " + s.text}
	case operator && !next.opens():
		return &Mistake{At: s.at, Why: "something is missing between " + s.text + " and " + next.text}
	case operator && !isOneOf(s.text, "!-") && (last.text == "" || isOneOf(last.text, "([,")) && s.text != ".":
		return &Mistake{At: s.at, Why: "something is missing before " + s.text}
	case s.closes() && next.text != "" && (next.word() && next.text != "in" || next.quoted() || next.number()):
		return &Mistake{At: next.at, Why: "something is missing between " + s.text + " and " + next.text, Hint: "such as == or &&"}
	}
	return nil
}

// isOneOf reports whether a text is one of some signs, or none at all.
func isOneOf(text, signs string) bool { return strings.Contains(signs, text) }
