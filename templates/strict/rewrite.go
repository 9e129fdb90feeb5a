package strict

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Rewrite replaces scalars of a YAML document in place: comments and layout stay
// as they are. It asks with about every scalar value, by the keys on the way to it;
// instead is what is to stand there, a word without blanks, and "" leaves it. What
// stood there goes into a comment at the end of its line.
//
// An error means that something can't be replaced where it stands, such as a text
// of several lines, or that the outcome is not the same document with those words
// in it. Then nothing was replaced.
func Rewrite(data []byte, with func(path []string, value string) (instead string)) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		return nil, fmt.Errorf("rewrite YAML: %w", err)
	}
	var edits []edit
	walk(&root, nil, func(n *yaml.Node, path []string) {
		if instead := with(path, n.Value); instead != "" && instead != n.Value {
			edits = append(edits, edit{n, instead})
		}
	})
	out := bytes.SplitAfter(data, []byte("\n"))
	for _, some := range byLine(edits) {
		line := &out[some[0].at.Line-1]
		var err error
		if *line, err = rewriteLine(*line, some); err != nil {
			return nil, fmt.Errorf("line %d: %w", some[0].at.Line, err)
		}
	}
	for _, e := range edits {
		e.at.Value = e.instead
	}
	whole := bytes.Join(out, nil)
	var now yaml.Node
	if err := yaml.Load(whole, &now); err != nil || !same(&root, &now) {
		return nil, errors.Join(errors.New("the file would not be the same with those words in it; write them by hand"), err)
	}
	return whole, nil
}

// An edit puts a word in the place of a scalar.
type edit struct {
	at      *yaml.Node
	instead string
}

// walk calls fn with every scalar that is a value, and the keys on the way to it.
func walk(n *yaml.Node, path []string, fn func(*yaml.Node, []string)) {
	switch n.Kind {
	case yaml.ScalarNode:
		fn(n, path)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			walk(n.Content[i+1], append(slices.Clone(path), n.Content[i].Value), fn)
		}
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, c := range n.Content {
			walk(c, path, fn)
		}
	}
}

// byLine are the edits of each line, from the left to the right.
func byLine(edits []edit) [][]edit {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.at.Line != b.at.Line {
			return a.at.Line - b.at.Line
		}
		return a.at.Column - b.at.Column
	})
	var out [][]edit
	for _, e := range edits {
		if n := len(out); n > 0 && out[n-1][0].at.Line == e.at.Line {
			out[n-1] = append(out[n-1], e)
			continue
		}
		out = append(out, []edit{e})
	}
	return out
}

// rewriteLine replaces words of one line, and puts them into its comment.
func rewriteLine(line []byte, edits []edit) ([]byte, error) {
	text, end := strings.TrimRight(string(line), "\r\n"), ""
	end = string(line)[len(text):]
	var were []string
	for _, e := range slices.Backward(edits) { // so that what stands before stays where it is
		from := byteOf(text, e.at.Column-1)
		token, ok := tokenAt(text[from:], e.at)
		if !ok {
			return nil, fmt.Errorf("%q can't be replaced where it stands; write %s there", e.at.Value, e.instead)
		}
		text = text[:from] + e.instead + text[from+len(token):]
		were = append([]string{e.at.Value}, were...)
	}
	note, last := strings.Join(were, ", "), edits[len(edits)-1]
	if at := comment(text, strings.LastIndex(text, last.instead)+len(last.instead)); at >= 0 {
		return []byte(text[:at] + "# " + note + " " + text[at:] + end), nil
	}
	return []byte(strings.TrimRight(text, " \t") + " # " + note + end), nil
}

// byteOf is where the n-th character of a text begins.
func byteOf(text string, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// tokenAt is how a scalar is written at the beginning of a text.
func tokenAt(text string, n *yaml.Node) (token string, ok bool) {
	quote := ""
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		quote = `"`
	case n.Style&yaml.SingleQuotedStyle != 0:
		quote = `'`
	}
	token = quote + n.Value + quote // what has to be escaped in it is not found
	return token, strings.HasPrefix(text, token)
}

// comment is where the comment of a line begins, behind a place; -1: it has none.
func comment(text string, from int) int {
	quote := byte(0)
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && strings.IndexByte(" \t[{,:", text[i-1]) >= 0:
			quote = c
		case c == '#' && (text[i-1] == ' ' || text[i-1] == '\t'):
			return i
		}
	}
	return -1
}

// same reports whether two documents say the same.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
