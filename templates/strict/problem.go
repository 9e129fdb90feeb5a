// Package strict reads YAML that people write: every mistake of a file is
// reported at once, with its place, in the words of whoever wrote it, and with the
// nearest key where one was mistyped.
package strict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// A Problem is one mistake and where it stands. Line and Column count from 1.
type Problem struct {
	File         string
	Line, Column int
	Why          string // the whole line: what is wrong, and behind a semicolon what to do
	Code         string // which mistake it is, for programs, such as unknown-key; "": none of its own
	Hint         string // the part of Why that says what to do or what was meant; "": it says nothing of that
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Why)
}

// What is what is wrong, without the hint.
func (p Problem) What() string {
	if p.Hint == "" {
		return p.Why
	}
	return strings.TrimSuffix(p.Why, "; "+p.Hint)
}

// Problems are all mistakes of one or more files, in their order.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns p sorted, or nil if there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	p.sort()
	return p
}

// Sorted returns p in the order of its places.
func (p Problems) Sorted() Problems {
	p = slices.Clone(p)
	p.sort()
	return p
}

func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Why, b.Why))
	})
}

// listMax bounds how many alternatives are named.
const listMax = 8

// Unknown says that there is no such thing, and which one was probably meant.
func Unknown(what, word string, known []string) string {
	return fmt.Sprintf("there is no %s %q; %s", what, word, Instead(word, known))
}

// Instead says which one was probably meant by a word, else which there are: never
// none, and never more than eight.
func Instead(word string, known []string) string {
	switch near := spelling.SuggestAs("%q", word, known); {
	case near != "":
		return near
	case len(known) == 0:
		return "there are none"
	case len(known) > listMax:
		return "there are: " + strings.Join(known[:listMax], ", ") + ", …"
	}
	return "there are: " + strings.Join(known, ", ")
}
