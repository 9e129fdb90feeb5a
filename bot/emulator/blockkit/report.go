package blockkit

import "fmt"

// Problem is one thing that is wrong with blocks. Constraint says more where Slack documents what it says.
type Problem struct {
	Message, Pointer string
	Constraint       obj
}

// Report collects what is wrong with blocks, in Slack's words with Slack's pointers.
type Report struct {
	Problems []Problem
	surface  string   // message, modal or home
	unknown  []string // types that the workspace does not take yet
	// seen are the block_ids so far, and markdown the characters of all markdown blocks.
	seen     map[string]bool
	markdown int
}

func newReport(surface string) *Report { return &Report{surface: surface, seen: map[string]bool{}} }

func (r *Report) add(at, format string, a ...any) {
	r.Problems = append(r.Problems, Problem{Message: fmt.Sprintf(format, a...), Pointer: at})
}

// unsupported says that an object's type is none of those expected.
func (r *Report) unsupported(at, got string, expected []string) {
	r.Problems = append(r.Problems, Problem{"unsupported type: " + got, at + "/type",
		obj{"type": "enum", "expected": expected, "got": got}})
}

// Words are the problems as messages and views are refused with them.
func (r *Report) Words() []string {
	var out []string
	for _, p := range r.Problems {
		out = append(out, p.Message+" [json-pointer:"+p.Pointer+"]")
	}
	return out
}
