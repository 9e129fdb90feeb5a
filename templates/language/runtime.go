package language

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

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

// bounded are the functions whose result can be far larger than what they are given.
// CEL counts what a result costs when it is there: by then the memory is gone, or a list
// of lists holds more than anybody can go through.
var bounded = map[string]functions.FunctionOp{"_+_": boundedAdd, "replace": boundedReplace, "join": boundedJoin}

// bound has a call of one of them look first how large its result would be.
func bound(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok || bounded[call.Function()] == nil {
		return i, nil
	}
	return interpreter.NewCall(call.ID(), call.Function(), call.OverloadID(), call.Args(), bounded[call.Function()]), nil
}

// tooLarge is what a result comes to that is larger than it may be.
func tooLarge() ref.Val { return untold("it comes to more than %d letters, or members", sizeMax) }

func boundedAdd(args ...ref.Val) ref.Val {
	a, ok := args[0].(traits.Adder)
	if !ok || len(args) != 2 {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	if sizeOf(args[0])+sizeOf(args[1]) > sizeMax {
		return tooLarge()
	}
	return a.Add(args[1])
}

// sizeOf is how many bytes a text has, or members a list; 0 of all else.
func sizeOf(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v)
	case traits.Lister:
		n, _ := v.Size().(types.Int)
		return int(n)
	}
	return 0
}

func boundedReplace(args ...ref.Val) ref.Val {
	var texts []string
	for _, a := range args[:min(len(args), 3)] {
		t, ok := a.(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(a)
		}
		texts = append(texts, string(t))
	}
	if len(texts) < 3 {
		return types.NoSuchOverloadErr()
	}
	times := strings.Count(texts[0], texts[1])
	if len(args) > 3 {
		most, ok := args[3].(types.Int)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[3])
		}
		if most >= 0 {
			times = min(times, int(most))
		}
	}
	if len(texts[0])+times*(len(texts[2])-len(texts[1])) > sizeMax {
		return tooLarge()
	}
	return types.String(strings.Replace(texts[0], texts[1], texts[2], times))
}

func boundedJoin(args ...ref.Val) ref.Val {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	between := types.String("")
	if len(args) > 1 {
		if between, ok = args[1].(types.String); !ok {
			return types.MaybeNoSuchOverloadErr(args[1])
		}
	}
	var out strings.Builder
	for i, it := 0, list.Iterator(); it.HasNext() == types.True; i++ {
		text, ok := it.Next().(types.String)
		switch {
		case !ok:
			return types.NoSuchOverloadErr()
		case out.Len()+len(between)+len(text) > sizeMax:
			return tooLarge()
		case i > 0:
			out.WriteString(string(between))
		}
		out.WriteString(string(text))
	}
	return types.String(out.String())
}
