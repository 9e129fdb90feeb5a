package language

import (
	"maps"
	"slices"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// Names are what the texts and conditions of one procedure may name. Make them with
// NewNames. They are not safe for concurrent use.
type Names struct {
	// Roles are those that {@ROLE} may call besides the built-in ones; nil: they are
	// not looked at.
	Roles []string
	// Secrets are those that {secrets.NAME} may name; nil: they are not looked at.
	Secrets []string
	// Environments and Retailers (or products) are those of the config, which conditions
	// may compare with; nil: they are not looked at.
	Environments, Retailers []string
	// Line says in which line of its file a step stands; nil or 0: it is not said.
	Line func(step string) int

	procedure  deployer.Procedure
	inputs     []field
	vars       []field
	valueNames []string
	stepNames  []string
	steps      map[string]*deployer.Step // by their plain ids
	left       map[string][]field        // by plain id: what a step leaves behind, as far as it was asked
	values     map[string]*value         // by plain name
	used       map[string]bool           // of inputs, vars and values, such as inputs.risk
	checker    *checker.Env
}

// NewNames returns the names of a procedure: its inputs, vars and values, and its steps
// with their outputs. The steps are bound to their kinds; one without a kind has no
// outputs, and nothing is said of what names them.
func NewNames(p deployer.Procedure) *Names {
	n := &Names{
		procedure: p, steps: map[string]*deployer.Step{}, left: map[string][]field{}, values: map[string]*value{}, used: map[string]bool{},
	}
	for _, in := range p.Inputs {
		n.inputs = append(n.inputs, inputField(in))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Vars)) {
		n.vars = append(n.vars, text(name))
	}
	n.valueNames = slices.Sorted(maps.Keys(p.Values))
	for _, name := range n.valueNames {
		n.values[plain(name)] = &value{name: name, expression: p.Values[name]}
	}
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for i := range steps {
			n.stepNames = append(n.stepNames, steps[i].ID)
			n.steps[plain(steps[i].ID)] = &steps[i]
		}
	}
	n.checker = checkerOf(provider{n})
	return n
}

// Asking returns the names of a form of the procedure: its inputs besides the
// procedure's. What is named in it counts as used in n.
func (n *Names) Asking(inputs []deployer.Input) *Names {
	p := n.procedure
	p.Inputs = slices.DeleteFunc(slices.Clone(p.Inputs), func(in deployer.Input) bool {
		return slices.ContainsFunc(inputs, func(o deployer.Input) bool { return plain(o.ID) == plain(in.ID) })
	})
	p.Inputs = append(p.Inputs, inputs...)
	form := NewNames(p)
	form.Roles, form.Secrets, form.Line, form.used = n.Roles, n.Secrets, n.Line, n.used
	form.Environments, form.Retailers = n.Environments, n.Retailers
	return form
}

// CheckExpression says what is wrong with an expression that has to come to a type,
// as deployer.Language's Compute has it; "": to any that a value can have.
func (n *Names) CheckExpression(expression string, as deployer.ParamType, at Place) []Mistake {
	if wrong := tooLong(expression, ExpressionMax, "an expression"); wrong != nil {
		return wrong
	}
	e, wrong := n.read(expression)
	if wrong != nil {
		return wrong
	}
	if wrong := e.mistakes(as); len(wrong) > 0 {
		return wrong
	}
	c := placed{names: n, at: at, e: e}
	return c.mistakes()
}

// CheckValues says what is wrong with the procedure's values, by their names. Where they
// may be read is looked at where they are.
func (n *Names) CheckValues() map[string][]Mistake {
	out := map[string][]Mistake{}
	for _, name := range n.valueNames {
		if wrong := n.valueMistakes(n.values[plain(name)]); len(wrong) > 0 {
			out[name] = wrong
		}
	}
	return out
}

// Unused are the inputs, vars and values that nothing which was checked names, as
// inputs.ID, vars.ID and values.ID, in their order. What only a value names counts as
// named if something names that.
func (n *Names) Unused() []string {
	var out []string
	add := func(list, name string) {
		if !n.used[list+name] {
			out = append(out, list+name)
		}
	}
	for _, in := range n.inputs {
		add("inputs.", in.name)
	}
	for _, v := range n.vars {
		add("vars.", v.name)
	}
	for _, name := range n.valueNames {
		add("values.", name)
	}
	return out
}

// use notes that something is named, and what it is made of.
func (n *Names) use(list, name string) {
	if n.used[list+name] {
		return
	}
	n.used[list+name] = true
	switch list {
	case "values.":
		v := n.values[plain(name)]
		n.typed(v)
		if v.read != nil {
			n.useAll(v.read)
		}
	case "vars.":
		for _, h := range holes(n.procedure.Vars[name], false) {
			if p, ok := n.path(h.path); ok && p.list != "" {
				n.use(p.list, p.name)
			}
		}
	}
}

// valueField is what a value stands for: of the type of its expression.
func (n *Names) valueField(name string) (field, bool) {
	v := n.values[plain(name)]
	if v == nil {
		return field{}, false
	}
	n.typed(v)
	return v.field, true
}

// dyn is what something is of that is wrong already: nothing more is said of it.
var dyn = types.DynType

// useAll notes everything that an expression names.
func (n *Names) useAll(e *expression) {
	for _, x := range e.parts {
		if list, name, ok := e.named(x); ok && list != "steps." {
			n.use(list, name)
		} else if s := x; s.Kind() == ast.SelectKind && s.AsSelect().IsTestOnly() && s.AsSelect().Operand().Kind() == ast.IdentKind && s.AsSelect().Operand().AsIdent() == "inputs" {
			if f, ok := among(n.inputs, s.AsSelect().FieldName()); ok {
				n.use("inputs.", f.name)
			}
		}
	}
}
