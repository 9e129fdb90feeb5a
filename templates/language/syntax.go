package language

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common"
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
	return (s.word() || s.quoted() || s.number() || strings.Contains("([!-.", s.text)) && s.text != "in"
}

// signsOf takes an expression apart.
func signsOf(source string) []sign {
	var out []sign
	for at := 0; source != ""; {
		text := signs.FindString(source)
		if text == "" { // a line's end
			text = source[:1]
		}
		source = source[len(text):]
		if strings.TrimSpace(text) != "" {
			out = append(out, sign{at, text})
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
	var open []sign
	for _, s := range found {
		switch s.text {
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
	case strings.Contains("“”„‘’«»", s.text):
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
	case strings.Contains("#;@$\\`~^", s.text), s.text[0] >= utf8.RuneSelf:
		return say(s.text+" is nothing in a condition", "")
	}
	return nil
}

// numeral is a number as CEL reads it.
var numeral = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// gap says that something is missing beside a sign.
func gap(s, last, next sign) *Mistake {
	operator := !s.closes() && !strings.Contains("([", s.text) && s.text != ""
	switch {
	case operator && s.text != "," && next.text == "":
		return &Mistake{At: s.at, Why: "something is missing behind " + s.text}
	case operator && !next.opens():
		return &Mistake{At: s.at, Why: "something is missing between " + s.text + " and " + next.text}
	case operator && !strings.Contains("!-", s.text) && (last.text == "" || strings.Contains("([,", last.text)) && s.text != ".":
		return &Mistake{At: s.at, Why: "something is missing before " + s.text}
	case s.closes() && next.text != "" && (next.word() && next.text != "in" || next.quoted() || next.number()):
		return &Mistake{At: next.at, Why: "something is missing between " + s.text + " and " + next.text, Hint: "such as == or &&"}
	}
	return nil
}

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
