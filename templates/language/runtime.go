package language

import (
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Runtime computes what conditions and texts come to while a deployment runs. It
// implements deployer.Language, from the deployment alone. Its zero value is ready, and
// safe for concurrent use.
type Runtime struct{}

var _ deployer.Language = Runtime{}

// Compute is what an expression comes to.
func (Runtime) Compute(expression string, t deployer.ParamType, at deployer.Moment) (v deployer.Value, err error) {
	defer guard(&err)
	got, err := factsAt(at).compute(expression)
	if err != nil {
		return deployer.Value{}, err
	}
	return as(t, got)
}

// With are the parameters of the step of a moment, filled and computed. Those that hold
// nothing to fill are as they are written.
func (Runtime) With(at deployer.Moment) (out deployer.Values, err error) {
	defer guard(&err)
	s := at.Deployment.Step(at.Step)
	if s == nil {
		return nil, fmt.Errorf("there is no step %q", at.Step)
	}
	f := factsAt(at)
	out = make(deployer.Values, len(s.With))
	for _, p := range s.Kind.Params {
		v, given := s.With[p.Name]
		if !given {
			continue
		}
		if out[p.Name], err = f.parameter(p, v); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return out, nil
}

// Words are the values of the placeholders in a text, by what stands in the braces.
// Those that call people are left out, for whoever knows them.
func (Runtime) Words(text string, at deployer.Moment) (out map[string]string, err error) {
	defer guard(&err)
	f := factsAt(at)
	out = map[string]string{}
	for _, h := range holes(text, false) {
		if h.path == nil || h.literal || h.shell || h.github {
			continue
		}
		if _, known := f.root(h.path[0]); !known || h.inner == "service" && f.service() == "" {
			continue // of before the language, in a procedure that was frozen then: the core knows what it stood for
		}
		v, err := f.lookup(h.path)
		if err != nil {
			return nil, fmt.Errorf("{%s}: %w", h.inner, err)
		}
		if out[h.inner], err = show(v); err != nil {
			return nil, fmt.Errorf("{%s}: %w", h.inner, err)
		}
	}
	return out, nil
}

// guard makes an error of a panic of what computes: a deployment has to go on with
// people where a condition can't be told.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("it can't be computed: %v", r)
	}
}
