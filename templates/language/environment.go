package language

import (
	"math"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/containers"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// What bounds an expression besides its length: CEL's units of cost while it is
// computed, and how deep it is nested.
const (
	costMax  = 100_000
	depthMax = 40
	sizeMax  = 64 << 10 // bytes of a text, members of a list that is made of others
)

// celEnvironment parses and plans the expressions of all procedures: what differs
// from one to the other is known to the checker alone.
var celEnvironment = sync.OnceValue(func() *cel.Env {
	env, err := cel.NewEnv(
		ext.Strings(ext.StringsVersion(3)),
		cel.ParserRecursionLimit(depthMax),
		cel.ParserExpressionSizeLimit(ExpressionMax+1),
		cel.ParserErrorRecoveryLimit(4),
		span("days", 24*time.Hour), span("hours", time.Hour), span("minutes", time.Minute),
	)
	if err != nil {
		panic("language: the environment of CEL: " + err.Error())
	}
	return env
})

// span is a function that makes a duration of a number of its units.
func span(name string, unit time.Duration) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_int", []*cel.Type{cel.IntType}, cel.DurationType,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			n, ok := v.(types.Int)
			if most := types.Int(math.MaxInt64 / int64(unit)); !ok || n > most || n < -most {
				return untold("%s(%v) is more than can be told", name, v.Value())
			}
			return types.Duration{Duration: time.Duration(n) * unit}
		})))
}

// shared is what the checkers of all procedures have in common.
var shared = sync.OnceValue(func() *checker.Env {
	env, err := checker.NewEnv(containers.DefaultContainer, types.NewEmptyRegistry())
	if err != nil {
		panic("language: the checker of CEL: " + err.Error())
	}
	for _, f := range celEnvironment().Functions() {
		if err := env.AddFunctions(f); err != nil {
			panic("language: a function of CEL: " + err.Error())
		}
	}
	for _, r := range roots {
		if err := env.AddIdents(decls.NewVariable(r.name, r.is)); err != nil {
			panic("language: a name for CEL: " + err.Error())
		}
	}
	return env
})

// checkerOf is the checker of one procedure: objects have the fields that it says.
func checkerOf(p types.Provider) *checker.Env {
	env, err := checker.NewEnv(containers.DefaultContainer, p, checker.ValidatedDeclarations(shared()), checker.CrossTypeNumericComparisons(true))
	if err != nil {
		panic("language: the checker of CEL: " + err.Error())
	}
	return env
}

// A provider tells CEL the fields of a procedure's objects, and of nothing else.
type provider struct{ names *Names }

func (provider) EnumValue(name string) ref.Val { return types.NewErr("there is no %s", name) }

func (provider) FindIdent(string) (ref.Val, bool) { return nil, false }

// FindStructType finds only what no name can collide with; see object.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if len(name) == 0 || name[0] != objectMark {
		return nil, false
	}
	return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
}

func (provider) FindStructFieldNames(string) ([]string, bool) { return nil, false }

func (p provider) FindStructFieldType(object, name string) (*types.FieldType, bool) {
	f, ok := p.names.field(object, name)
	if !ok {
		return nil, false
	}
	return &types.FieldType{Type: f.is}, true
}

func (provider) NewValue(object string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("nothing is made of %s", object)
}

var _ types.Provider = provider{}
