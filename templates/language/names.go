package language

import "github.com/stationmaster/stationmaster/deployer"

// Names are what the texts and conditions of one procedure may name. Make them with
// NewNames. They are not safe for concurrent use.
type Names struct {
	// Roles are those that {@ROLE} may call besides the built-in ones; nil: they are
	// not looked at.
	Roles []string
	// Line says in which line of its file a step stands; nil or 0: it is not said.
	Line func(step string) int

	procedure deployer.Procedure
}

// NewNames returns the names of a procedure: its inputs, vars and values, and its steps
// with their outputs. The steps are bound to their kinds; one without a kind has no
// outputs, and nothing is said of what names them.
func NewNames(p deployer.Procedure) *Names { return &Names{procedure: p} }

// CheckText says what is wrong with a text, in the order in which it stands there.
func (n *Names) CheckText(text string, at Place) []Mistake { return nil }

// CheckExpression says what is wrong with an expression that has to come to a type,
// as deployer.Language's Compute has it.
func (n *Names) CheckExpression(expression string, as deployer.ParamType, at Place) []Mistake {
	return nil
}

// CheckValues says what is wrong with the procedure's values, by their names.
func (n *Names) CheckValues() map[string][]Mistake { return nil }

// Unused are the inputs, vars and values that nothing which was checked names, as
// inputs.ID, vars.ID and values.ID, in their order. What only a value names counts as
// named if something names that.
func (n *Names) Unused() []string { return nil }
