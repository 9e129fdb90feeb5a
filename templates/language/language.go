// Package language knows what the texts and conditions of procedures mean: what they
// may name, of which types, what is wrong with one, and what it comes to.
//
// A text holds values as {path}, and nothing else. A condition is CEL, in which the
// same paths stand bare. A brace that holds no path is a brace, and {{path}} prints
// {path}.
//
// [Names] checks them when a procedure is loaded; [Runtime] computes them while a
// deployment runs. Both go by the same table of names, so that what was checked
// can be computed.
package language

// What a text and an expression may be at most, in characters.
const (
	TextMax       = 10_000
	ExpressionMax = 1_000
)

// A Mistake is one in a text or an expression, in the words of whoever writes it.
type Mistake struct {
	At   int // of the word that is wrong, in characters from the beginning
	Why  string
	Hint string // what to do or what was probably meant; "": Why says it
}

// String is the mistake as it is printed, without its place.
func (m Mistake) String() string {
	if m.Hint == "" {
		return m.Why
	}
	return m.Why + "; " + m.Hint
}

// A Place is where a text or an expression stands. Its zero value is a place that
// belongs to no step, where everything may be named that is not about one.
type Place struct {
	Step    string              // the id of the step that it belongs to; "": none
	Over    func(string) bool   // whether a step is surely over when this is read; nil: every step may be named
	Instead func(string) string // what to do where a step is not surely over, such as to move it up; nil, or "": to move it up or to wait for it
	Told    bool                // it is the words of a message
	Unknown bool                // nobody can tell where it is read: all may be named that is anywhere
	Service bool                // it is about one service; so is every place of a procedure for one
	Each    bool                // it is about one member
	Failure bool                // something may have failed
	Outcome bool                // the deployment has ended
	Clients bool                // clients read it
	Inputs  bool                // only inputs are known yet
	Input   string              // the input that it belongs to, of the procedure or of a form of the step: only inputs before it are known; "": it belongs to none
	Var     bool                // it is the text of a var
	Command bool                // it is for a shell, where ${x} is the shell's
	Query   bool                // it is a query of measurements, where {pods} is for those who ask it
	Secrets bool                // {secrets.name} may stand here
}
