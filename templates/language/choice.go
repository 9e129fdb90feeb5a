package language

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// named is what a part names of inputs, vars, values or steps, if that is all it is.
func (e *expression) named(x ast.Expr) (list, name string, ok bool) {
	if x.Kind() != ast.SelectKind {
		return "", "", false
	}
	of := x.AsSelect().Operand()
	if of.Kind() != ast.IdentKind || e.local[of.ID()] {
		return "", "", false
	}
	switch of.AsIdent() {
	case "inputs", "vars", "values", "steps":
		f, ok := e.fieldAt(x)
		return of.AsIdent() + ".", f.name, ok && f.name != ""
	}
	return "", "", false
}

// fieldAt is what a part stands for, where it is a name.
func (e *expression) fieldAt(x ast.Expr) (field, bool) {
	switch x.Kind() {
	case ast.IdentKind:
		if r, ok := rootNamed(x.AsIdent()); ok && !e.local[x.ID()] {
			return r.field, true
		}
	case ast.SelectKind:
		if of := e.typeOf(x.AsSelect().Operand()); of.Kind() == types.StructKind && !x.AsSelect().IsTestOnly() {
			return e.names.field(of.TypeName(), x.AsSelect().FieldName())
		}
	}
	return field{}, false
}

// choiceMistakes say of comparisons with a text that what is compared is never that.
func (e *expression) choiceMistakes() []Mistake {
	var out []Mistake
	for _, x := range e.parts {
		if x.Kind() != ast.CallKind {
			continue
		}
		args := x.AsCall().Args()
		switch x.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
			out = append(out, e.never(args[0], args[1])...)
			out = append(out, e.never(args[1], args[0])...)
		case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
			for _, a := range args {
				if why := e.unordered(a); why != "" {
					out = append(out, Mistake{At: e.start(a), Why: why, Hint: "compare it with =="})
				}
			}
		case operators.In:
			if args[1].Kind() == ast.ListKind {
				out = append(out, e.never(args[0], args[1].AsList().Elements()...)...)
			}
		}
	}
	return out
}

// never says which texts a choice is never.
func (e *expression) never(choice ast.Expr, compared ...ast.Expr) []Mistake {
	f, ok := e.fieldAt(choice)
	if !ok || len(f.options) == 0 {
		return nil
	}
	var out []Mistake
	for _, x := range compared {
		if x.Kind() != ast.LiteralKind {
			continue
		}
		said, isText := x.AsLiteral().Value().(string)
		if !isText || slices.Contains(f.options, said) || said == "" && f.empty {
			continue
		}
		path := e.written(choice)
		if list, name, ok := e.named(choice); ok && list == "inputs." {
			path = name
		}
		out = append(out, Mistake{At: e.at(x), Why: fmt.Sprintf("%s is never %q", path, said), Hint: "it is " + oneOf(f.options)})
	}
	return out
}

// options are those of a choice; none: a part is none.
func (e *expression) options(x ast.Expr) []string {
	f, _ := e.fieldAt(x)
	return f.options
}

// isOption reports whether a word is an option of a choice that the expression names.
func (e *expression) isOption(word string) bool {
	return slices.ContainsFunc(e.parts, func(x ast.Expr) bool { return slices.Contains(e.options(x), word) })
}

// unordered says of a choice that nothing of it is more than another; "": it is none.
func (e *expression) unordered(choice ast.Expr) string {
	options := e.options(choice)
	if len(options) == 0 {
		return ""
	}
	path := e.written(choice)
	if list, name, ok := e.named(choice); ok && list == "inputs." {
		path = name
	}
	return path + " is one of " + list(options)
}

// oneOf are options in words: "a", "b" or "c".
func oneOf(options []string) string {
	if len(options) > 8 {
		options = append(slices.Clone(options[:7]), "…")
	}
	var quoted []string
	for _, o := range options {
		quoted = append(quoted, fmt.Sprintf("%q", o))
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

// literalMistakes are in texts that functions take for something else.
func (e *expression) literalMistakes() []Mistake {
	var out []Mistake
	for _, x := range e.parts {
		if x.Kind() != ast.CallKind || len(x.AsCall().Args()) != 1 || x.AsCall().Args()[0].Kind() != ast.LiteralKind {
			continue
		}
		arg := x.AsCall().Args()[0]
		said, isText := arg.AsLiteral().Value().(string)
		if why, hint := wrongLiteral(x.AsCall().FunctionName(), said); isText && why != "" {
			out = append(out, Mistake{At: e.at(arg), Why: why, Hint: hint})
		}
	}
	return out
}

// wrongLiteral says why a function can't take a text.
func wrongLiteral(function, said string) (why, hint string) {
	switch function {
	case "duration":
		if _, err := time.ParseDuration(said); err != nil {
			return fmt.Sprintf("%q is no length of time here", said), "write it such as duration(\"1h30m\"), days(2) or hours(3)"
		}
	case "timestamp":
		if _, err := time.Parse(time.RFC3339, said); err != nil {
			return fmt.Sprintf("%q is no moment", said), `write it such as timestamp("2026-03-05T22:00:00Z")`
		}
	case "matches":
		if _, err := regexp.Compile(said); err != nil {
			return fmt.Sprintf("%q is no regular expression", said), "signs such as ( and + have a \\ before them where they are meant as they are"
		}
	}
	return "", ""
}
