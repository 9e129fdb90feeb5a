package language

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// nested finds what reads an argument as a shell does: the next one, or with eval, trap
// and ssh all of them.
var nested = regexp.MustCompile(`(?:^|[\s;&|("'` + "`" + `])(?:(eval|trap|ssh)|(?:/\S*/)?(?:(?:ba|da|z|k|a)?sh|su)\s+(?:\S+\s+)*?-[a-z]*c)\b`)

// readAgain reports whether a shell within the command would read what stands behind
// what is written so far: then no value can stand there, not even as a variable.
func readAgain(written string) bool {
	for _, m := range nested.FindAllStringSubmatchIndex(written, -1) {
		if m[2] >= 0 || !complete(strings.TrimLeft(written[m[1]:], " \t")) {
			return true
		}
	}
	return false
}

// complete reports whether an argument has ended in what is written.
func complete(written string) bool {
	q := shellQuotes{}
	for i := range len(written) {
		if q.in == 0 && !q.escaped && strings.IndexByte(" \t\n;|&", written[i]) >= 0 {
			return true
		}
		q.read(written[i : i+1])
	}
	return false
}

// asShell makes a variable of each value: a shell never reads what is in one. It
// returns the command and the variables by their names.
func asShell(pieces []piece) (string, map[string]string, error) {
	var out, written strings.Builder
	variables, names := map[string]string{}, map[string]string{}
	q := shellQuotes{}
	for _, p := range pieces {
		if p.path == "" {
			q.read(p.written)
			out.WriteString(p.written)
			written.WriteString(p.written)
			continue
		}
		switch {
		case strings.ContainsRune(p.print, 0):
			return "", nil, fmt.Errorf("what {%s} holds can't stand in a command", p.path)
		case readAgain(written.String()):
			return "", nil, fmt.Errorf("{%s} would be read by a shell within the command", p.path)
		}
		name := names[p.path]
		if name == "" {
			name = "SM_" + strconv.Itoa(len(names)+1)
			names[p.path], variables[name] = name, p.print
		}
		switch q.in {
		case '"':
			out.WriteString("${" + name + "}")
		case '\'':
			out.WriteString(`'"${` + name + `}"'`)
		default:
			out.WriteString(`"${` + name + `}"`)
		}
	}
	return out.String(), variables, nil
}

// shellQuotes follow the quotes of a command.
type shellQuotes struct {
	in      byte // the quote that is open; 0: none
	escaped bool
}

func (q *shellQuotes) read(written string) {
	for i := 0; i < len(written); i++ {
		c := written[i]
		switch {
		case q.escaped:
			q.escaped = false
		case c == '\\' && q.in != '\'':
			q.escaped = true
		case q.in == c:
			q.in = 0
		case q.in == 0 && (c == '"' || c == '\''):
			q.in = c
		}
	}
}
