package language

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stationmaster/stationmaster/deployer"
)

// programs are those of expressions that were computed already. What an expression
// means to a program is the same for every deployment.
var programs = struct {
	sync.Mutex
	by map[string]cel.Program
}{by: map[string]cel.Program{}}

// programsMost is how many are kept.
const programsMost = 2000

// program plans an expression.
func program(expression string) (cel.Program, error) {
	if len(expression) > 4*ExpressionMax || len([]rune(expression)) > ExpressionMax {
		return nil, fmt.Errorf("a condition has at most %d characters", ExpressionMax)
	}
	programs.Lock()
	defer programs.Unlock()
	if p, ok := programs.by[expression]; ok {
		return p, nil
	}
	parsed, issues := celEnvironment().Parse(swapHyphens(expression))
	if issues.Err() != nil {
		return nil, errors.New("the condition can't be read: " + misread(expression, issues.Errors()[0]).String())
	}
	p, err := celEnvironment().Program(parsed, cel.CostLimit(costMax), cel.CustomDecoratorV2(bound))
	if err != nil {
		return nil, errors.New("the condition can't be computed")
	}
	if len(programs.by) >= programsMost {
		clear(programs.by)
	}
	programs.by[expression] = p
	return p, nil
}

// compute is what an expression comes to.
func (f *facts) compute(expression string) (ref.Val, error) {
	p, err := program(expression)
	if err != nil {
		return nil, err
	}
	v, _, err := p.Eval(f)
	if err != nil {
		return nil, inWords(err)
	}
	return v, nil
}

// value is one of the procedure's values, computed when it is first read.
func (f *facts) value(name string) (ref.Val, bool) {
	for id, expression := range f.Procedure.Values {
		if id != name && plain(id) != name {
			continue
		}
		if v, ok := f.values[plain(id)]; ok && v == nil {
			return untold("values.%s is made of itself", id), true
		} else if ok {
			return v, true
		}
		f.values[plain(id)] = nil
		v, err := f.compute(expression)
		if err != nil {
			v = untold("%s", err.Error())
		}
		f.values[plain(id)] = v
		return v, true
	}
	return nil, false
}

// inWords is an error of CEL's in words for people.
func inWords(err error) error {
	var why reason
	switch said := err.Error(); {
	case errors.As(err, &why):
		return why
	case strings.Contains(said, "cost limit"):
		return errors.New("it takes too long to compute")
	case strings.Contains(said, "no such key"):
		return fmt.Errorf("there is no %q among what is looked for", strings.TrimSpace(said[strings.LastIndex(said, ":")+1:]))
	case strings.Contains(said, "index out of"), strings.Contains(said, "no such index"):
		return errors.New("the list has no such member")
	case strings.Contains(said, "divi"), strings.Contains(said, "modulus"):
		return errors.New("nothing can be divided by 0")
	case strings.Contains(said, "overflow"), strings.Contains(said, "range"):
		return errors.New("the number or the time is too large")
	case strings.Contains(said, "no such overload"):
		return errors.New("a value is not of the kind that it has to be")
	}
	return errors.New("it can't be computed")
}

// as is a value as it has to be.
func as(t deployer.ParamType, v ref.Val) (deployer.Value, error) {
	switch v := v.(type) {
	case types.Bool:
		if t == deployer.TypeCond {
			return deployer.Value{Flag: bool(v)}, nil
		}
	case types.Timestamp:
		if t == deployer.TypeTime {
			return deployer.Value{Time: v.Time.UTC()}, nil
		}
	case traits.Lister:
		if t == deployer.TypeList {
			list, err := printed(v)
			return deployer.Value{List: list}, err
		}
	}
	if t != deployer.TypeText {
		return deployer.Value{}, fmt.Errorf("it came to %s, where %s belongs", kindOf(v), typeWords[t])
	}
	text, err := show(v)
	return deployer.Value{Text: text}, err
}

var typeWords = map[deployer.ParamType]string{deployer.TypeCond: "yes or no", deployer.TypeTime: "a moment", deployer.TypeList: "a list"}
