package strict

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Text is a scalar that remembers where it stands. The zero value was not
// written.
type Text struct {
	Value        string
	Line, Column int

	from  *source
	style yaml.Style
}

// A Start is where a mapping begins: its struct has a field of this type.
type Start struct{ Text }

// A source is the text of one file.
type source struct {
	name  string
	lines []string // without what ends them
}

func newSource(name string, data []byte) *source {
	s := &source{name: name}
	for line := range bytes.Lines(data) {
		s.lines = append(s.lines, string(bytes.TrimRight(line, "\r\n")))
	}
	return s
}

// line is what stands in a line, counted from 1; "" where there is none.
func (s *source) line(n int) string {
	if s == nil || n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

func (s *source) text(n *yaml.Node) Text {
	if n == nil {
		return Text{}
	}
	return Text{n.Value, n.Line, n.Column, s, n.Style}
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *Text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("this must be a text")
	}
	*t = Text{Value: n.Value, Line: n.Line, Column: n.Column, style: n.Style}
	return nil
}

// Written reports whether the text was written at all.
func (t Text) Written() bool { return t.Line > 0 }

// File is the file in which the text stands; "": it is not known.
func (t Text) File() string {
	if t.from == nil {
		return ""
	}
	return t.from.name
}

// At makes a Problem about the text.
func (t Text) At(file, format string, args ...any) Problem {
	return Problem{File: file, Line: max(t.Line, 1), Column: max(t.Column, 1), Why: fmt.Sprintf(format, args...)}
}

// Wrong makes a Problem about the text: what is wrong, and what to do, which may be "".
func (t Text) Wrong(code, what, hint string) Problem {
	p := Problem{File: t.File(), Line: max(t.Line, 1), Column: max(t.Column, 1), Why: what, Code: code, Hint: hint}
	if hint != "" {
		p.Why += "; " + hint
	}
	return p
}

// From is the same text from a place in it on, in characters: where that stands.
func (t Text) From(at int) Text {
	switch first := t.from.line(t.Line); {
	case at <= 0 && t.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 && !t.isBlock():
	case t.isBlock():
		t.Line, t.Column = t.inBlock(at)
	case t.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		t.Column = quoted(first, t.Column, at, t.style&yaml.DoubleQuotedStyle != 0)
	default:
		t.Column += at
	}
	if runes := []rune(t.Value); at > 0 && at <= len(runes) {
		t.Value = string(runes[at:])
	}
	return t
}

// KeyBefore is the key under which the text stands, where that is in the same line;
// else the text.
func (t Text) KeyBefore(key string) Text {
	line := []rune(t.from.line(t.Line))
	before := string(line[:min(max(t.Column-1, 0), len(line))])
	if rest, ok := strings.CutSuffix(strings.TrimRight(before, " "), key+":"); ok {
		t.Value, t.Column, t.style = key, utf8.RuneCountInString(rest)+1, 0
	}
	return t
}

func (t Text) isBlock() bool { return t.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 }

// quoted is the column of the at-th character of a text in quotes, which begin at a
// column. Where the line is not known, every character is taken for one.
func quoted(line string, column, at int, double bool) int {
	runes := []rune(line)
	i := column // behind the quote, counted from 0
	if line == "" {
		return i + at + 1
	}
	for ; at > 0 && i < len(runes); at-- {
		switch {
		case double && runes[i] == '\\' && i+1 < len(runes):
			i += 2 + map[rune]int{'x': 2, 'u': 4, 'U': 8}[runes[i+1]]
		case !double && runes[i] == '\'':
			i += 2
		default:
			i++
		}
	}
	return i + 1
}

// inBlock is where the at-th character of a text of several lines stands.
func (t Text) inBlock(at int) (line, column int) {
	before := []rune(t.Value)
	before = before[:min(at, len(before))]
	line, column = t.Line+1, 1
	for _, r := range before {
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	first := t.from.line(t.Line + 1)
	return line, column + len(first) - len(strings.TrimLeft(first, " "))
}

// Swallowed is the comment that stands one blank behind the text: whoever wrote it
// may have meant it as a part of that. "": there is none, or it is set apart.
func (t Text) Swallowed() string {
	if t.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 || t.isBlock() || t.Value == "" {
		return ""
	}
	line := []rune(t.from.line(t.Line))
	end := t.Column - 1 + utf8.RuneCountInString(t.Value)
	if end < 0 || end+2 > len(line) || string(line[t.Column-1:end]) != t.Value || line[end] != ' ' || line[end+1] != '#' {
		return ""
	}
	return string(line[end+1:])
}

// Find returns where a key stands, by its path from the top of a document, or
// where the last key on the way stands that is there.
func Find(data []byte, path ...string) Text {
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil || len(root.Content) == 0 {
		return Text{}
	}
	n, found := root.Content[0], Text{}
	for _, name := range path {
		i := 0 // of the key; its value is behind it
		for i < len(n.Content) && n.Content[i].Value != name {
			i += 2
		}
		if n.Kind != yaml.MappingNode || i >= len(n.Content) {
			break
		}
		found, n = Text{Value: name, Line: n.Content[i].Line, Column: n.Content[i].Column}, n.Content[i+1]
	}
	return found
}
