package language

import (
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stationmaster/stationmaster/deployer"
)

// input is what was given for one.
func (f *facts) input(name string) (ref.Val, bool) {
	for _, in := range f.Procedure.Inputs {
		if in.ID == name || plain(in.ID) == name {
			return given(in, f.Inputs[in.ID]), true
		}
	}
	return nil, false
}

// given is a text as its input means it. What is empty has the default where there would
// be nothing without it.
func given(in deployer.Input, text string) ref.Val {
	if in.Many {
		one := in
		one.Many = false
		var out []ref.Val
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if v := given(one, line); v != nil {
				out = append(out, v)
			}
		}
		return listOf(out)
	}
	if v := parsed(in.Kind, text); v != nil || in.Default == "" {
		return v
	}
	return parsed(in.Kind, in.Default)
}

// parsed is a text as a kind of input means it; nil: it is absent.
func parsed(kind deployer.InputKind, text string) ref.Val {
	text = strings.TrimSpace(text)
	switch kind {
	case deployer.InputBoolean:
		return types.Bool(text == "true")
	case deployer.InputNumber:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return types.Int(n)
		}
		return nil
	case deployer.InputTime:
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return moment(t)
		}
		return nil
	case deployer.InputDuration:
		if d, err := time.ParseDuration(text); err == nil {
			return types.Duration{Duration: d}
		}
		return nil
	case deployer.InputPerson:
		if text == "" {
			return nil
		}
		id, name, named := strings.Cut(text, " ")
		if !named {
			name = id
		}
		return person(deployer.Actor{ID: id, Name: name})
	}
	return types.String(text)
}

// parameter is a value as its Param's type means it; nil: it is absent.
func parameter(p deployer.Param, v deployer.Value, there bool) ref.Val {
	switch paramType(p.Type) {
	case types.IntType:
		if !there {
			return nil
		}
		return types.Int(v.Number)
	case types.BoolType:
		return types.Bool(v.Flag)
	case types.DurationType:
		if !there {
			return nil
		}
		return types.Duration{Duration: v.Duration}
	case types.TimestampType:
		return moment(v.Time)
	case texts:
		return textsOf(v.List)
	}
	return types.String(v.Text)
}
