package language

import (
	"fmt"
	"maps"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// asked are the inputs of which has(…) was asked on the way to a part, by their names.
type asked map[string]bool

func (a asked) and(more asked) asked {
	if len(more) == 0 {
		return a
	}
	out := maps.Clone(a)
	if out == nil {
		out = asked{}
	}
	maps.Copy(out, more)
	return out
}

// absences say which inputs are named that may be left empty, where nothing before has
// asked whether they are there.
func (e *expression) absences() []Mistake {
	var out []Mistake
	e.look(e.root(), nil, func(x ast.Expr, name string) {
		out = append(out, Mistake{
			At: e.start(x), Why: name + " may be left empty", Hint: fmt.Sprintf("ask has(inputs.%s) && … first, or give it required: true", name),
		})
	})
	return out
}

// look goes through what is computed of a part when what was asked holds.
func (e *expression) look(x ast.Expr, known asked, found func(ast.Expr, string)) {
	switch x.Kind() {
	case ast.SelectKind:
		if list, name, ok := e.named(x); ok && list == "inputs." {
			if f, _ := e.fieldAt(x); f.absent && !known[name] {
				found(x, name)
			}
			return
		}
		if of := x.AsSelect().Operand(); !x.AsSelect().IsTestOnly() || of.Kind() != ast.IdentKind {
			e.look(of, known, found)
		}
	case ast.CallKind:
		e.lookCall(x.AsCall(), known, found)
	default:
		for _, part := range inside(x) {
			e.look(part, known, found)
		}
	}
}

// lookCall knows in which order the sides of && || and ? : are computed.
func (e *expression) lookCall(call ast.CallExpr, known asked, found func(ast.Expr, string)) {
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		for _, a := range args {
			e.look(a, known, found)
			known = known.and(e.says(a, true))
		}
		return
	case operators.LogicalOr:
		for _, a := range args {
			e.look(a, known, found)
			known = known.and(e.says(a, false))
		}
		return
	case operators.Conditional:
		e.look(args[0], known, found)
		e.look(args[1], known.and(e.says(args[0], true)), found)
		e.look(args[2], known.and(e.says(args[0], false)), found)
		return
	}
	if call.IsMemberFunction() {
		e.look(call.Target(), known, found)
	}
	for _, a := range args {
		e.look(a, known, found)
	}
}

// says are the inputs that are surely there if a part holds, or if it does not.
func (e *expression) says(x ast.Expr, holds bool) asked {
	switch x.Kind() {
	case ast.SelectKind:
		s := x.AsSelect()
		if of := s.Operand(); s.IsTestOnly() && holds && of.Kind() == ast.IdentKind && of.AsIdent() == "inputs" {
			if f, ok := among(e.names.inputs, s.FieldName()); ok {
				return asked{f.name: true}
			}
		}
		if list, name, ok := e.named(x); ok && list == "values." {
			if v := e.names.values[plain(name)]; v.state == known && v.read != nil {
				return v.saysOf(holds)
			}
		}
	case ast.CallKind:
		args := x.AsCall().Args()
		switch f := x.AsCall().FunctionName(); {
		case f == operators.LogicalNot:
			return e.says(args[0], !holds)
		case f == operators.LogicalAnd && holds, f == operators.LogicalOr && !holds:
			var out asked
			for _, a := range args {
				out = out.and(e.says(a, holds))
			}
			return out
		}
	}
	return nil
}
