package deployer

// An order says what waits for what. It is worked out once for a state of a
// deployment, in a time that grows with the steps and their needs.
type order struct {
	d     *Deployment
	index map[string]int
	over  []truth // of each step: it and all that it needs, directly or not, are over
	plan  truth   // a plan may be announced
}

// truth is yes, no, or not worked out yet.
type truth int8

const (
	unasked truth = iota
	no
	yes
)

func newOrder(d *Deployment) *order {
	o := &order{d: d, index: make(map[string]int, len(d.Steps)), over: make([]truth, len(d.Steps))}
	for i, s := range d.Steps {
		o.index[s.ID] = i
	}
	return o
}

// ready reports whether everything that the step waits for is over: what it
// needs, directly or not, so that an approval that was voided holds up all that
// comes after it; and, where the step changes what runs, every approval that
// stands before it in its part, whatever it says that it needs.
func (o *order) ready(i int) bool {
	s := &o.d.Steps[i]
	for _, id := range s.Needs {
		n, ok := o.index[id]
		if ok && o.d.Steps[n].Background && !s.Background {
			continue // nothing waits for it
		}
		if !ok || !o.isOver(n) {
			return false
		}
	}
	if !s.Mutates() {
		return true
	}
	for j := range o.d.Steps[:i] {
		if b := &o.d.Steps[j]; b.Part == s.Part && b.Approves() && !b.Over() {
			return false
		}
	}
	return true
}

// isOver reports whether a step and all that it needs are over, or put off. Steps
// that wait for each other never are.
func (o *order) isOver(i int) bool {
	if o.over[i] == unasked {
		o.over[i] = no
		if s := o.d.Steps[i]; (s.Over() || o.putOff(s)) && o.ready(i) {
			o.over[i] = yes
		}
	}
	return o.over[i] == yes
}

// putOff reports whether a plan is not announced yet: whoever asked for it holds no
// role, and nobody has approved it. Others do not wait for it. Where nobody is
// asked before the planned start, nobody can.
func (o *order) putOff(s StepState) bool {
	if s.Status != Pending || s.Part != PartMain || !s.Planned() || o.d.Role != "" || o.d.Planned.IsZero() {
		return false
	}
	if o.plan == unasked {
		if o.plan = yes; o.awaitsFirstApproval() {
			o.plan = no
		}
	}
	return o.plan == no
}

// awaitsFirstApproval reports whether an approval is asked for before the planned
// start, and none was given.
func (o *order) awaitsFirstApproval() bool {
	late := make([]bool, len(o.d.Steps))
	for _, s := range o.d.Steps {
		if s.Until() == UntilPlanned {
			for i, after := range o.after(s.ID) {
				late[i] = late[i] || after
			}
		}
	}
	asked := false
	for i, s := range o.d.Steps {
		if s.Approves() && s.Part == PartMain && s.Status == Done {
			return false
		}
		asked = asked || s.Approves() && s.Part == PartMain && !late[i] && s.Status != StepNotNeeded
	}
	return asked
}

// after returns, for each step, whether it needs another one, directly or not.
func (o *order) after(on string) []bool {
	asked, found := make([]bool, len(o.d.Steps)), make([]bool, len(o.d.Steps))
	var visit func(int) bool
	visit = func(i int) bool {
		if asked[i] {
			return found[i]
		}
		asked[i] = true
		for _, id := range o.d.Steps[i].Needs {
			if n, ok := o.index[id]; id == on || ok && visit(n) {
				found[i] = true
			}
		}
		return found[i]
	}
	for i := range o.d.Steps {
		visit(i)
	}
	return found
}
