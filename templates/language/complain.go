package language

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// mistakes are those of an expression that has to come to a type, whatever place it
// stands in. The first word that is wrong is said alone where others follow from it.
func (e *expression) mistakes(as deployer.ParamType) []Mistake {
	var out []Mistake
	for _, x := range e.parts {
		if m := e.unknownFunction(x); m != nil {
			return []Mistake{*m}
		}
	}
	for _, err := range e.errs {
		if i := slices.IndexFunc(e.parts, func(x ast.Expr) bool { return x.ID() == err.ExprID }); i >= 0 {
			out = append(out, e.complaint(e.parts[i], err.Message, as))
		}
	}
	if len(out) == 0 {
		out = append(e.choiceMistakes(), e.literalMistakes()...)
	}
	if len(out) == 0 {
		if m := e.unlike(as); m != nil {
			out = append(out, *m)
		}
	}
	slices.SortStableFunc(out, func(a, b Mistake) int { return cmp.Compare(a.At, b.At) })
	return slices.Compact(out)
}

// complaint says in the writer's words what the checker found wrong with a part.
func (e *expression) complaint(x ast.Expr, message string, as deployer.ParamType) Mistake {
	switch {
	case strings.HasPrefix(message, "expected type"):
		return Mistake{At: e.start(x), Why: "yes or no belongs here, and this is " + words(e.typeOf(x)), Hint: e.compareHint(x)}
	case strings.HasPrefix(message, "expression of type"):
		return Mistake{At: e.start(x), Why: "a list belongs here, and this is " + words(e.typeOf(x))}
	}
	switch x.Kind() {
	case ast.IdentKind:
		at, name := e.hyphened(x)
		if end := at + len([]rune(name)); name == "step" && end < len(e.source) && e.source[end] == '.' {
			return Mistake{At: at, Why: "there is no step", Hint: "did you mean steps?"}
		}
		if e.isOption(name) {
			return Mistake{At: at, Why: "there is no " + name, Hint: fmt.Sprintf("a text stands in quotes: %q", name)}
		}
		m := e.names.unknownName(name, "%s")
		m.At = at
		return m
	case ast.SelectKind:
		at, name := e.word(x)
		m := e.names.unknownField(e.typeOf(x.AsSelect().Operand()), name, e.written(x.AsSelect().Operand()))
		m.At = at
		return m
	case ast.CallKind:
		m := e.wrongCall(x)
		m.At = e.start(x)
		if as == deployer.TypeCond && x == e.root() && arithmetic[x.AsCall().FunctionName()] != "" {
			m.Why = "a condition is yes or no, and " + m.Why
			m.Hint = e.compareHint(x)
		}
		return m
	}
	return Mistake{At: e.start(x), Why: "this can't stand here"}
}

// hyphened is a name with what its writer has joined to it by hyphens, if that is meant
// for one name, and where it stands.
func (e *expression) hyphened(x ast.Expr) (int, string) {
	from, to := e.at(x), e.at(x)+len([]rune(x.AsIdent()))
	joins := func(c rune) bool { return c == '-' || c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }
	at, end := from, min(to, len(e.source))
	for at > 0 && joins(e.source[at-1]) {
		at--
	}
	for end < len(e.source) && joins(e.source[end]) {
		end++
	}
	if name := string(e.source[at:end]); strings.Contains(name, "-") {
		if _, ok := rootNamed(plain(name)); ok {
			return at, name
		}
	}
	return from, x.AsIdent()
}

// arithmetic are the words for operators that come to no yes or no.
var arithmetic = map[string]string{
	operators.Add: "%[1]s can't be added to %[2]s", operators.Subtract: "%[2]s can't be taken from %[1]s",
	operators.Multiply: "%[1]s can't be multiplied by %[2]s", operators.Divide: "%[1]s can't be divided by %[2]s",
	operators.Modulo: "%[1]s can't be divided by %[2]s", operators.Negate: "%[1]s has no minus",
}

// wrongCall says why an operator or a function can't take what it is given.
func (e *expression) wrongCall(x ast.Expr) Mistake {
	call := x.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	given := make([]any, 0, 3)
	for _, a := range args {
		given = append(given, words(e.typeOf(a)))
	}
	name := call.FunctionName()
	if format := arithmetic[name]; format != "" {
		return Mistake{Why: fmt.Sprintf(format, given...), Hint: e.sumHint(args)}
	}
	switch name {
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		for _, a := range args {
			if why := e.unordered(a); why != "" && name != operators.Equals && name != operators.NotEquals {
				return Mistake{Why: why, Hint: "compare it with =="}
			}
		}
		return Mistake{Why: fmt.Sprintf("%s can't be compared with %s", given[0], given[1]), Hint: e.likeHint(args[0], args[1])}
	case operators.LogicalNot:
		return Mistake{Why: fmt.Sprintf("! turns yes or no around, and this is %s", given[0]), Hint: e.compareHint(args[0])}
	case operators.LogicalAnd, operators.LogicalOr:
		return Mistake{Why: "both sides of && and || are yes or no", Hint: e.compareHint(x)}
	case operators.Conditional:
		if at := e.at(x); at >= len(e.source) || e.source[at] != '?' { // of filter and its like
			return Mistake{Why: "yes or no belongs here, and this is " + words(e.typeOf(args[0])), Hint: e.compareHint(args[0])}
		}
		if t := e.typeOf(args[0]); t.Kind() != types.BoolKind && t.Kind() != types.DynKind {
			return Mistake{Why: fmt.Sprintf("before ? stands yes or no, and this is %s", given[0]), Hint: e.compareHint(args[0])}
		}
		return Mistake{Why: fmt.Sprintf("this is either %s or %s", given[1], given[2]), Hint: "both sides of : have to be the same"}
	case operators.In, operators.OldIn:
		m := Mistake{Why: fmt.Sprintf("in looks for one of a list, and this is %s in %s", given[0], given[1])}
		if path := e.written(args[1]); path != "" && e.typeOf(args[1]).Kind() == types.StringKind {
			m.Hint = fmt.Sprintf(`a piece of a text is found with %s.contains("…")`, path)
		}
		return m
	case operators.Index:
		return Mistake{Why: fmt.Sprintf("%s has nothing at […] that is asked for with %s", given[0], given[1]), Hint: "a list is asked with a number, steps.ID.of with a text"}
	}
	return Mistake{Why: name + " can't take what it is given here", Hint: "it is written such as " + usage[name]}
}

// unlike says that an expression comes to something else than it has to.
func (e *expression) unlike(as deployer.ParamType) *Mistake {
	t := e.typeOf(e.root())
	say := func(what, hint string) *Mistake {
		return &Mistake{At: e.start(e.root()), Why: what + ", and this is " + words(t), Hint: hint}
	}
	if t.Kind() == types.DynKind {
		return nil
	}
	switch as {
	case deployer.TypeCond:
		if t.Kind() != types.BoolKind {
			return say("a condition is yes or no", e.compareHint(e.root()))
		}
	case deployer.TypeTime:
		if t.Kind() == types.DurationKind {
			return say("a moment belongs here", "write for example planned + "+cmp.Or(e.written(e.root()), "hours(1)"))
		} else if t.Kind() != types.TimestampKind {
			return say("a moment belongs here", "write for example planned + hours(1)")
		}
	case deployer.TypeList:
		if t.Kind() != types.ListKind || !printable(t.Parameters()[0]) {
			return say("a list of texts belongs here", `write for example retailers, or ["a", "b"]`)
		}
	case deployer.TypeText:
		if !printable(t) {
			return say("a text belongs here", "")
		}
	}
	return nil
}
