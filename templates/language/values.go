package language

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// A value is a named expression of a procedure, as far as it was looked at.
type value struct {
	name, expression string

	state state
	field field
	read  *expression // nil: it can't be read
	wrong []Mistake
	says  map[bool]asked // of which inputs it says that they are there, if it holds or does not
}

// state is how far a value was looked at.
type state int

const (
	unread state = iota
	reading
	known
)

// typed finds out of which type a value is. One that is made of itself, or is wrong,
// can be anything.
func (n *Names) typed(v *value) {
	if v.state != unread {
		return
	}
	v.state, v.field = reading, field{name: v.name, is: dyn}
	if v.wrong = tooLong(v.expression, ExpressionMax, "an expression"); v.wrong == nil {
		v.read, v.wrong = n.read(v.expression)
	}
	if v.read != nil {
		v.wrong = v.read.mistakes("")
	}
	if v.read != nil && len(v.wrong) == 0 {
		v.field.is = v.read.typeOf(v.read.root())
		if f, ok := v.read.fieldAt(v.read.root()); ok {
			v.field.options, v.field.empty, v.field.clients = f.options, f.empty, f.clients
		}
	}
	v.state = known
}

// valueMistakes are those of one value.
func (n *Names) valueMistakes(v *value) []Mistake {
	n.typed(v)
	if circle := n.circle(v); circle != nil {
		return circle
	}
	if len(v.wrong) > 0 || v.read == nil {
		return v.wrong
	}
	if why := unfit(v.field.is); why != "" {
		return []Mistake{{At: v.read.start(v.read.root()), Why: why}}
	}
	return v.read.absences()
}

// unfit says why a value can't be of a type.
func unfit(t *types.Type) string {
	switch t.Kind() {
	case types.ListKind:
		switch t.Parameters()[0].Kind() {
		case types.ListKind, types.MapKind:
			return "a list of lists can't be a value"
		}
	case types.MapKind:
		return "a value is a text, a number, yes or no, a time, a duration or a list, and this is none of them"
	}
	return ""
}

// circle says that a value is made of itself, once for each circle: at that of its
// values which comes first.
func (n *Names) circle(v *value) []Mistake {
	way := n.wayBack(v, v, map[*value]bool{})
	if way == nil {
		return nil
	}
	for _, w := range way {
		if w.name < v.name {
			return nil
		}
	}
	names := "values." + v.name + " is made of values." + way[0].name
	for i := range way[:len(way)-1] {
		names += ", which is made of values." + way[i+1].name
	}
	at := 0
	v.read.eachValue(func(w *value, e ast.Expr) {
		if w == way[0] && at == 0 {
			at = v.read.start(e)
		}
	})
	return []Mistake{{At: at, Why: names, Hint: "none of them could be computed"}}
}

// wayBack are the values over which one is made of a goal, with the goal at the end.
func (n *Names) wayBack(from, goal *value, been map[*value]bool) []*value {
	n.typed(from)
	var way []*value
	if from.read == nil || been[from] {
		return nil
	}
	been[from] = true
	from.read.eachValue(func(w *value, _ ast.Expr) {
		if way != nil {
			return
		}
		if w == goal {
			way = []*value{w}
		} else if rest := n.wayBack(w, goal, been); rest != nil {
			way = append([]*value{w}, rest...)
		}
	})
	return way
}

// eachValue goes through the values that an expression names.
func (e *expression) eachValue(do func(*value, ast.Expr)) {
	for _, x := range e.parts {
		if list, name, ok := e.named(x); ok && list == "values." {
			do(e.names.values[plain(name)], x)
		}
	}
}

// misplacedIn says why what a value is made of can't be named where the value is.
func (n *Names) misplacedIn(v *value, at Place, been map[*value]bool) *Mistake {
	for _, x := range v.read.parts {
		if m := (placed{n, at, v.read, been}).misplaced(x); m != nil {
			m.Why = "in values." + v.name + ", " + m.Why
			return m
		}
	}
	return nil
}

// saysOf are the inputs that are surely there if a value holds, or if it does not; none
// of one that is made of itself.
func (v *value) saysOf(holds bool) asked {
	if _, known := v.says[holds]; !known {
		if v.says == nil {
			v.says = map[bool]asked{}
		}
		v.says[holds] = nil
		v.says[holds] = v.read.says(v.read.root(), holds)
	}
	return v.says[holds]
}

// tooLong says that a text or an expression is longer than it may be.
func tooLong(s string, most int, what string) []Mistake {
	if len(s) <= most {
		return nil
	}
	if length := len([]rune(s)); length > most {
		return []Mistake{{At: most, Why: fmt.Sprintf("%s has at most %d characters, and this has %d", what, most, length)}}
	}
	return nil
}

// list joins names for people, at most eight of them.
func list(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
