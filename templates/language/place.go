package language

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"

	"github.com/stationmaster/stationmaster/deployer"
)

// placed looks whether what an expression names is there where it stands.
type placed struct {
	names *Names
	at    Place
	e     *expression
}

func (c placed) mistakes() []Mistake {
	out := c.e.absences()
	for _, x := range c.e.parts {
		if m := c.misplaced(x); m != nil {
			m.At = c.e.start(x)
			out = append(out, *m)
		}
	}
	slices.SortStableFunc(out, func(a, b Mistake) int { return a.At - b.At })
	return slices.CompactFunc(out, func(a, b Mistake) bool { return a.At == b.At })
}

// misplaced says why a part can't be named here, and notes that it is.
func (c placed) misplaced(x ast.Expr) *Mistake {
	if list, name, ok := c.e.named(x); ok {
		return c.names.misplaced(list, name, c.at)
	}
	switch x.Kind() {
	case ast.IdentKind:
		r, ok := rootNamed(x.AsIdent())
		if !ok || c.e.local[x.ID()] {
			return nil
		}
		if r.texts {
			return &Mistake{Why: r.name + " stands in texts alone", Hint: "in a condition it is end - start"}
		}
		return c.names.misplacedRoot(r, "%s", c.at)
	case ast.SelectKind:
		s := x.AsSelect()
		if of := s.Operand(); c.at.Clients && of.Kind() == ast.IdentKind && !c.e.local[of.ID()] && (of.AsIdent() == "retailer" || of.AsIdent() == "product") {
			return forClients(c.e.written(x), s.FieldName() == "title")
		}
		if s.IsTestOnly() && s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "inputs" {
			if f, ok := among(c.names.inputs, s.FieldName()); ok {
				return c.names.misplaced("inputs.", f.name, c.at)
			}
		}
	}
	return nil
}

// misplaced says why an input, a var, a value or a step can't be named in a place.
func (n *Names) misplaced(list, name string, at Place) *Mistake {
	if list != "steps." {
		n.use(list, name)
	}
	if at.Var {
		return &Mistake{Why: "a var holds {service}, {retailer}, {product} and {environment} alone"}
	}
	switch list {
	case "inputs.":
		i := slices.IndexFunc(n.inputs, func(f field) bool { return f.name == name })
		if j := slices.IndexFunc(n.inputs, func(f field) bool { return f.name == at.Input }); at.Input != "" && i >= j {
			return &Mistake{Why: fmt.Sprintf("%q is not asked before %q", name, at.Input), Hint: "move it up"}
		}
		if at.Clients && !n.inputs[i].clients {
			return &Mistake{Why: fmt.Sprintf("the input %q is nothing for clients", name), Hint: "give it clients: true if they may read it"}
		}
	case "vars.":
		if at.Clients {
			return forClients("vars."+name, false)
		}
		for _, h := range holes(n.procedure.Vars[name], true) {
			if r, ok := rootNamed(h.path[0]); ok {
				if m := n.misplacedRoot(r, "{%s}", at); m != nil {
					m.Why = "in vars." + name + ", " + m.Why
					return m
				}
			}
		}
	case "values.":
		if v := n.values[plain(name)]; v.read != nil && v.state == known && len(v.wrong) == 0 && n.wayBack(v, v, map[*value]bool{}) == nil {
			for _, x := range v.read.parts {
				if m := (placed{n, at, v.read}).misplaced(x); m != nil {
					m.Why = "in values." + name + ", " + m.Why
					return m
				}
			}
		}
	case "steps.":
		return n.notOver(name, at)
	}
	return nil
}

// notOver says that a step is not surely over where it is named.
func (n *Names) notOver(id string, at Place) *Mistake {
	step := fmt.Sprintf("%q", id)
	if n.Line != nil && n.Line(id) > 0 {
		step += fmt.Sprintf(" (line %d)", n.Line(id))
	}
	switch {
	case at.Clients:
		return forClients("steps."+id, false)
	case at.early():
		return &Mistake{Why: "only inputs are known when this is asked, and no step has begun"}
	case at.Over == nil || at.Over(id):
		return nil
	case at.Step == id:
		return &Mistake{Why: step + " is not over when it begins itself"}
	case at.Step == "":
		return &Mistake{Why: step + " is not over when this is asked", Hint: "name a step of a phase before"}
	}
	m := &Mistake{Why: fmt.Sprintf("%s is not over when %q begins", step, at.Step)}
	if at.Instead != nil {
		m.Hint = at.Instead(id)
	}
	if m.Hint == "" {
		m.Hint = fmt.Sprintf("move it up, or add needs: [%s]", id)
	}
	return m
}

// early reports whether only inputs are known yet. Where a form of a step asks, all
// is that is known to the step.
func (at Place) early() bool { return at.Inputs || at.Input != "" && at.Step == "" }

// misplacedRoot says why a name can't stand in a place; form is as it is written there.
func (n *Names) misplacedRoot(r root, form string, at Place) *Mistake {
	written := fmt.Sprintf(form, r.name)
	switch {
	case r.name == "inputs" || r.name == "vars" || r.name == "values" || r.name == "steps" || at.Unknown:
		return nil
	case at.Var && r.name != "service" && r.name != "retailer" && r.name != "product" && r.name != "environment":
		return &Mistake{Why: "a var holds {service}, {retailer}, {product} and {environment} alone"}
	case at.Var:
		return nil
	case at.Clients && !r.clients && r.name != "retailer" && r.name != "product":
		return forClients(written, false)
	case at.early() && !r.early:
		return &Mistake{Why: "only inputs are known when this is asked, so there is no " + written}
	case r.name == "service":
		return n.noService(written, at)
	case r.name == "each" && at.Service:
		return &Mistake{Why: "this step is done for each service, so there is no " + written, Hint: "write " + fmt.Sprintf(form, "service.name")}
	case r.name == "each" && !at.Each:
		return &Mistake{Why: "this is done once, so there is no " + written, Hint: "a step with each: is done for each member of a list"}
	case r.name == "failure" && !at.Failure:
		return &Mistake{Why: "nothing has failed where this is read, so there is no " + written, Hint: "it stands in failure, rollback, after and their words"}
	case r.name == "outcome" && !at.Outcome:
		return &Mistake{Why: "it has not ended where this is read, so there is no " + written, Hint: "it stands in after"}
	}
	return nil
}

// noService says that a place is not about one service.
func (n *Names) noService(written string, at Place) *Mistake {
	s := n.steps[plain(at.Step)]
	switch {
	case n.procedure.Services == deployer.ServicesNone:
		return &Mistake{Why: "this procedure is about no service, so there is no " + written}
	case at.Service || n.procedure.Services == deployer.ServicesOne:
		return nil
	case at.Each:
		return &Mistake{Why: "this step is done for each member of a list, so there is no " + written, Hint: "{each} is the member"}
	case s == nil || several(*s):
		return &Mistake{Why: "this is read once for all services, so there is no " + written, Hint: "what and services name them all"}
	}
	hint := "add each: services"
	if at.Told {
		hint = "write {what}, which names them all, or add each: services"
	}
	return &Mistake{Why: "this step is done once for all services, so there is no " + written, Hint: hint}
}

// forClients says that something is nothing for clients, unless it is.
func forClients(written string, is bool) *Mistake {
	if is {
		return nil
	}
	return &Mistake{Why: written + " is nothing for clients", Hint: "they may read start, end, duration, next_update, retailer.title and inputs with clients: true"}
}
