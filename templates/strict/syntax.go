package strict

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// stuck is a key with its value, and no space between them.
var stuck = regexp.MustCompile(`^\s*(?:- )?([a-z_]+):([^\s/:].*)$`)

// entry is the first line of one of a list, with a key and its value.
var entry = regexp.MustCompile(`^( *- +)[a-z_]+: +\S`)

// deeper reports whether a line is indented further than the key of an entry of a list
// which begins in the line before.
func deeper(from *source, line int) bool {
	m, this := entry.FindStringSubmatch(from.line(line-1)), from.line(line)
	return m != nil && len(this)-len(strings.TrimLeft(this, " ")) > len(m[1])
}

// syntax says in a writer's words what YAML's parser says in its own. Known are the keys
// that may stand in the file.
func syntax(from *source, e *yaml.LoadError, known []string) Problem {
	at := Text{Line: e.Mark.Line, Column: e.Mark.Column, from: from}
	context := Text{Line: e.ContextMark.Line, Column: e.ContextMark.Column, from: from}
	has := func(part string) bool { return strings.Contains(e.Message, part) }
	if has("did not find expected key") || has("expected '-' indicator") || has("mapping values are not allowed") || has("block sequence entries are not allowed") {
		if at, what, hint := misplaced(from, e.Mark.Line, known); what != "" {
			return at.Wrong("indentation", what, hint)
		}
	}
	what, hint := "this is not YAML: "+strings.TrimSpace(e.Message+" "+e.ContextMsg), ""
	switch {
	case has("expected ',' or"):
		at, what = context, "the bracket or brace that begins here is not closed, or a comma is missing in it"
		hint = "look at line " + itoa(e.Mark.Line)
	case has("did not find expected key") && strings.Contains(e.ContextMsg, "block mapping"):
		what, hint = "this line is not indented like the keys around it", "move it to the column of the keys that it belongs to"
	case has("expected '-' indicator"):
		what, hint = "this line stands in a list and does not begin with -", "indent it to the entry that it belongs to, or move it out of the list"
	case has("mapping values are not allowed") && deeper(from, e.Mark.Line):
		at, what = Text{Line: e.Mark.Line - 1, Column: strings.Index(from.line(e.Mark.Line-1), "-") + 1, from: from}, "the keys below do not stand in the column of the one behind this -"
		hint = "indent this line, so that they do"
	case has("mapping values are not allowed"):
		what, hint = `a value can't stand here: the line before has one already, or words hold ": "`, "move it to the column of the keys that it belongs to, or put the words into quotes"
	case has("block sequence entries are not allowed"):
		what, hint = "a list that is written with - begins in a line of its own", "write it in brackets, or in lines below"
	case has("could not find expected ':'"):
		at, what, hint = context, "this is neither a key with what belongs to it, nor a part of the words above", "put a colon behind the key, or indent it to the words"
		if m := stuck.FindStringSubmatch(from.line(context.Line)); m != nil {
			what, hint = "a space is missing behind the colon", "write "+m[1]+": "+m[2]
		}
	case has("unknown escape"):
		what, hint = `in double quotes a \ begins an escape, and this is none`, `use single quotes, or write \\`
	case has("tab"), has("cannot start any token") && strings.HasPrefix(strings.TrimLeft(from.line(at.Line), " "), "\t"):
		what = "a tab; YAML indents with spaces"
	case has("unknown anchor"):
		what = "words that begin with * have to be in quotes, else YAML takes them for a reference"
	}
	return at.Wrong("yaml", what, hint)
}
