// Package language knows what the texts and conditions of procedures mean: what they
// may name, of which types, what is wrong with one, and what it comes to.
//
// A text holds values as {path}, and nothing else. A condition is CEL, in which the
// same paths stand bare. A brace that holds no path is a brace.
//
// [Names] checks them when a procedure is loaded; [Runtime] computes them while a
// deployment runs. Both go by the same table of names, so that what was checked
// can be computed.
package language

import "github.com/stationmaster/stationmaster/deployer"

// A Mistake is one in a text or an expression, in the words of whoever writes it.
type Mistake struct {
	At   int // of the word that is wrong, in characters from the beginning
	Why  string
	Hint string // what to do or what was probably meant; "": Why says it
}

// Names are what the texts and conditions of one procedure may name. Make them with
// NewNames.
type Names struct{ procedure deployer.Procedure }

// NewNames returns the names of a procedure: its inputs, vars and values, and its steps
// with their outputs. The steps are bound to their kinds; one without a kind has no
// outputs, and nothing is said of what names them.
func NewNames(p deployer.Procedure) *Names { return &Names{p} }

// A Place is where a text or an expression stands.
type Place struct {
	Step    string            // the id of the step that it belongs to; "": none
	Over    func(string) bool // whether a step is surely over when this is read; nil: every step may be named
	Service bool              // it is about one service
	Each    bool              // it is about one member
	Failure bool              // something may have failed
	Outcome bool              // the deployment has ended
	Clients bool              // clients read it
	Inputs  bool              // only inputs are known yet
	Command bool              // it is for a shell, where ${x} is the shell's
	Secrets bool              // {secrets.name} may stand here
}

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
// inputs.ID, vars.ID and values.ID, in their order.
func (n *Names) Unused() []string { return nil }
