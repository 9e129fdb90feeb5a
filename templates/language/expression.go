package language

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
)

// An expression is one that was parsed, with the types of its parts.
type expression struct {
	names  *Names
	source []rune // as it is written
	ast    *ast.AST
	errs   []*common.Error // the checker's
	parts  []ast.Expr      // all of them, from the left to the right
	local  map[int64]bool  // names that the expression itself gives, such as r in filter(r, …)
}

// withHyphens finds what may hold hyphens: paths, and not what stands in quotes.
var withHyphens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\b(?:steps|inputs|values|vars)(?:\s*\.\s*[A-Za-z_](?:[\w-]*\w)?)+`)

// swapHyphens writes the hyphens of ids as CEL takes them, in the same length.
func swapHyphens(expression string) string {
	return withHyphens.ReplaceAllStringFunc(expression, func(s string) string {
		if s[0] == '"' || s[0] == '\'' {
			return s
		}
		return plain(s)
	})
}

// read parses an expression and finds the types of its parts.
func (n *Names) read(source string) (*expression, []Mistake) {
	if wrong := unreadable(source); wrong != nil {
		return nil, wrong
	}
	parsed, issues := celEnvironment().Parse(swapHyphens(source))
	if issues != nil && len(issues.Errors()) > 0 {
		return nil, []Mistake{misread(source, issues.Errors()[0])}
	}
	e := &expression{names: n, source: []rune(source), local: map[int64]bool{}}
	checked, errs := checker.Check(parsed.NativeRep(), parsed.Source(), n.checker)
	e.ast, e.errs = checked, errs.GetErrors()
	e.collect(checked.Expr(), nil)
	return e, nil
}

func (e *expression) root() ast.Expr { return e.ast.Expr() }

// typeOf is the type of a part.
func (e *expression) typeOf(x ast.Expr) *types.Type {
	if t := e.ast.GetType(x.ID()); t != nil && t.Kind() != types.ErrorKind {
		return t
	}
	return dyn
}

// collect gathers the parts, and which names are given by the expression itself.
func (e *expression) collect(x ast.Expr, given []string) {
	e.parts = append(e.parts, x)
	switch x.Kind() {
	case ast.IdentKind:
		e.local[x.ID()] = slices.Contains(given, x.AsIdent())
	case ast.ComprehensionKind:
		c := x.AsComprehension()
		e.collect(c.IterRange(), given)
		e.collect(c.AccuInit(), given)
		within := append(slices.Clone(given), c.IterVar(), c.IterVar2(), c.AccuVar())
		for _, part := range []ast.Expr{c.LoopCondition(), c.LoopStep(), c.Result()} {
			e.collect(part, within)
		}
	default:
		for _, part := range inside(x) {
			e.collect(part, given)
		}
	}
}

// inside are the parts of which a part is made.
func inside(x ast.Expr) []ast.Expr {
	switch x.Kind() {
	case ast.SelectKind:
		return []ast.Expr{x.AsSelect().Operand()}
	case ast.CallKind:
		call := x.AsCall()
		if call.IsMemberFunction() {
			return append([]ast.Expr{call.Target()}, call.Args()...)
		}
		return call.Args()
	case ast.ListKind:
		return x.AsList().Elements()
	case ast.MapKind:
		var out []ast.Expr
		for _, entry := range x.AsMap().Entries() {
			out = append(out, entry.AsMapEntry().Key(), entry.AsMapEntry().Value())
		}
		return out
	case ast.ComprehensionKind:
		c := x.AsComprehension()
		return []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	}
	return nil
}

// at is where a part's own sign or word stands.
func (e *expression) at(x ast.Expr) int {
	r, ok := e.ast.SourceInfo().GetOffsetRange(x.ID())
	if !ok {
		return 0
	}
	at := min(int(r.Start), len(e.source))
	if x.Kind() == ast.CallKind && at < len(e.source) && e.source[at] == '(' {
		name := []rune(x.AsCall().FunctionName())
		for at > 0 && unicode.IsSpace(e.source[at-1]) {
			at--
		}
		if from := at - len(name); from >= 0 && string(e.source[from:at]) == string(name) {
			return from
		}
	}
	return at
}

// start is where a part begins.
func (e *expression) start(x ast.Expr) int {
	at := e.at(x)
	if x.Kind() == ast.ComprehensionKind {
		return min(at, e.start(x.AsComprehension().IterRange()))
	}
	for _, part := range inside(x) {
		at = min(at, e.start(part))
	}
	return at
}

// word is where the name of a field stands that is selected, and how it is written.
func (e *expression) word(x ast.Expr) (at int, name string) {
	at, name = e.at(x), x.AsSelect().FieldName()
	if x.AsSelect().IsTestOnly() {
		at = e.start(x.AsSelect().Operand())
		if i := strings.LastIndex(swapHyphens(string(e.source[at:])), name); i >= 0 {
			at += len([]rune(string(e.source[at:])[:i]))
		}
	} else if at < len(e.source) && e.source[at] == '.' {
		for at++; at < len(e.source) && unicode.IsSpace(e.source[at]); at++ {
		}
	}
	if end := at + len([]rune(name)); end <= len(e.source) && plain(string(e.source[at:end])) == name {
		name = string(e.source[at:end])
	}
	return at, name
}

// written is a part as it stands in the source, where it is a path; else "".
func (e *expression) written(x ast.Expr) string {
	switch {
	case x.Kind() == ast.IdentKind && !strings.HasPrefix(x.AsIdent(), "@"):
		return x.AsIdent()
	case x.Kind() == ast.SelectKind:
		if before := e.written(x.AsSelect().Operand()); before != "" {
			_, name := e.word(x)
			return before + "." + name
		}
	case x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.Index:
		return e.written(x.AsCall().Args()[0]) + "[…]"
	}
	return ""
}
