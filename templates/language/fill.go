package language

import (
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stationmaster/stationmaster/deployer"
)

// A piece is a part of a text: what is written, or a value that is to be filled in.
type piece struct {
	written string
	path    string // of a value; "": it is written
	value   ref.Val
	print   string
}

// An escape puts the pieces of a text together, so that each value stays one where it
// stands.
type escape func([]piece) (string, error)

// secretHole begins what a runner fills in itself.
const secretHole = "{secrets."

// pieces takes a text apart, and looks up its values. With spliced, what a var says is
// part of the text: whoever sets it writes the text as well.
func (f *facts) pieces(text string, command, spliced bool) ([]piece, error) {
	var out []piece
	from := 0
	write := func(s string) {
		if s != "" {
			out = append(out, piece{written: s})
		}
	}
	for _, h := range holes(text, command) {
		write(text[from:h.from])
		from = h.to
		switch {
		case h.literal:
			write("{" + h.inner + "}")
		case h.github, h.shell, h.path == nil, h.path[0] == "secrets", h.inner == podsHole:
			write(text[h.from:h.to])
		case spliced && h.path[0] == "vars" && len(h.path) == 2:
			said, ok := f.variableText(h.path[1])
			if !ok {
				return nil, fmt.Errorf("there is no vars.%s", h.path[1])
			}
			within, err := f.pieces(said, command, false)
			if err != nil {
				return nil, err
			}
			out = append(out, within...)
		default:
			p, err := f.piece(h)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	write(text[from:])
	return out, nil
}

// piece is a value that is to be filled in.
func (f *facts) piece(h hole) (piece, error) {
	v, err := f.lookup(h.path)
	if err != nil {
		return piece{}, fmt.Errorf("{%s}: %w", h.inner, err)
	}
	text, err := show(v)
	switch {
	case err != nil:
		return piece{}, fmt.Errorf("{%s}: %w", h.inner, err)
	case strings.Contains(text, secretHole):
		return piece{}, fmt.Errorf("what {%s} holds would be taken for a secret", h.inner)
	}
	return piece{path: h.inner, value: v, print: text}, nil
}

// fill is a text with its values, each escaped for where it stands.
func (f *facts) fill(text string, put escape) (string, error) {
	pieces, err := f.pieces(text, false, false)
	if err != nil {
		return "", err
	}
	return put(pieces)
}

// plainly puts values in as they are.
func plainly(pieces []piece) (string, error) {
	var out strings.Builder
	for _, p := range pieces {
		out.WriteString(p.written + p.print)
	}
	return out.String(), nil
}

// asPattern puts values into a regular expression, which they are no part of.
func asPattern(pieces []piece) (string, error) {
	var out strings.Builder
	for _, p := range pieces {
		out.WriteString(p.written + regexp.QuoteMeta(p.print))
	}
	return out.String(), nil
}

// number reports whether a value is one, or yes or no, and how that is written elsewhere.
func (p piece) number() (string, bool) {
	switch v := p.value.(type) {
	case types.Int, types.Uint, types.Double, types.Bool:
		return fmt.Sprint(v.Value()), true
	}
	return "", false
}

// escapes are the ways to fill texts, by where they stand.
var escapes = map[deployer.Escape]escape{
	deployer.EscapeNone: plainly, deployer.EscapeJSON: asJSON, deployer.EscapePromQL: asPromQL,
}
