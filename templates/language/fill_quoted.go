package language

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/common/types"
)

// podsHole is what a query of measurements holds for those who ask it.
const podsHole = "pods"

// quoted follows the quotes of what is written, up to where a value stands.
type quoted struct {
	marks  string // that open a string
	raw    byte   // of them: in which nothing is escaped
	in     byte   // the mark of the string that is open; 0: none
	before string // what was written before that
	seen   strings.Builder
}

// read goes on over what is written.
func (q *quoted) read(written string) {
	for i := 0; i < len(written); i++ {
		c := written[i]
		switch {
		case q.in != 0 && c == '\\' && q.in != q.raw:
			q.seen.WriteByte(c)
			if i++; i < len(written) {
				q.seen.WriteByte(written[i])
			}
			continue
		case q.in == c:
			q.in = 0
		case q.in == 0 && strings.IndexByte(q.marks, c) >= 0:
			q.in, q.before = c, q.seen.String()
		}
		q.seen.WriteByte(c)
	}
}

// asJSON puts values into JSON: within its strings, as parts of them, and elsewhere
// as values. What is no JSON by its first sign is one string.
func asJSON(pieces []piece) (string, error) {
	var out strings.Builder
	q := quoted{marks: `"`}
	if len(pieces) > 0 && pieces[0].path == "" && !strings.ContainsAny(strings.TrimSpace(pieces[0].written)[:min(1, len(strings.TrimSpace(pieces[0].written)))], `{["`) {
		q.in = 0xff // never closed
	}
	for _, p := range pieces {
		if p.path == "" {
			q.read(p.written)
			out.WriteString(p.written)
			continue
		}
		b, err := json.Marshal(strings.ToValidUTF8(p.print, "\uFFFD"))
		if err != nil {
			return "", fmt.Errorf("{%s} can't be written as JSON", p.path)
		}
		number, bare := p.number()
		switch {
		case q.in != 0:
			out.Write(b[1 : len(b)-1])
		case bare:
			out.WriteString(number)
		case p.value == nil || types.IsUnknown(p.value):
			out.WriteString("null")
		default:
			out.Write(b)
		}
	}
	return out.String(), nil
}

// bareQuery is what may stand in a query outside of its strings.
var bareQuery = regexp.MustCompile(`^[A-Za-z0-9_:.]+$`)

// asPromQL puts values into a query: within its strings as parts of them, where one is
// matched as an expression with its signs taken as they are, and elsewhere as names and
// numbers.
func asPromQL(pieces []piece) (string, error) {
	var out strings.Builder
	q := quoted{marks: "\"'`", raw: '`'}
	for _, p := range pieces {
		if p.path == "" {
			q.read(p.written)
			out.WriteString(p.written)
			continue
		}
		v := strings.ToValidUTF8(p.print, "\uFFFD")
		if q.in != 0 && strings.HasSuffix(strings.TrimRight(q.before, " \t\n"), "~") {
			v = regexp.QuoteMeta(v)
		}
		switch {
		case q.in == '`' && strings.Contains(v, "`"), q.in == 0 && !bareQuery.MatchString(v):
			return "", fmt.Errorf("%q can't stand in a query at {%s}", p.print, p.path)
		case q.in == '"' || q.in == '\'':
			v = strings.NewReplacer(`\`, `\\`, string(q.in), `\`+string(q.in), "\n", `\n`, "\r", `\r`, "\x00", `\x00`).Replace(v)
		}
		out.WriteString(v)
	}
	return out.String(), nil
}
