package language

import (
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// A reason is why something can't be told, in words for people.
type reason string

func (r reason) Error() string { return string(r) }

// untold is a value that can't be told.
func untold(format string, args ...any) ref.Val {
	return types.WrapErr(reason(fmt.Sprintf(format, args...)))
}

// A thing is something with fields, each looked up when it is asked for.
type thing struct {
	path  string                            // how it is written, such as steps.health
	same  string                            // what tells it from others: two things with the same are equal
	print string                            // what a text shows of it
	field func(name string) (ref.Val, bool) // nil and true: it is absent; false: there is no such field
}

var (
	thingType = types.NewObjectType("thing", traits.IndexerType|traits.FieldTesterType)

	_ traits.Indexer     = thing{}
	_ traits.FieldTester = thing{}
	_ ref.Val            = thing{}
)

// Get is the field of a name.
func (t thing) Get(index ref.Val) ref.Val {
	name, _ := index.Value().(string)
	switch v, ok := t.field(name); {
	case !ok:
		return untold("there is no %s.%s", t.path, name)
	case v == nil:
		return untold("%s.%s is not there", t.path, name)
	default:
		return v
	}
}

// IsSet reports whether a field is there.
func (t thing) IsSet(index ref.Val) ref.Val {
	name, _ := index.Value().(string)
	v, ok := t.field(name)
	if !ok {
		return untold("there is no %s.%s", t.path, name)
	}
	return types.Bool(v != nil && !types.IsError(v))
}

func (t thing) Equal(other ref.Val) ref.Val {
	o, ok := other.(thing)
	return types.Bool(ok && o.same == t.same)
}

func (t thing) Type() ref.Type { return thingType }

func (t thing) Value() any { return t }

func (t thing) ConvertToNative(reflect.Type) (any, error) {
	return nil, reason(t.path + " is nothing by itself")
}

func (t thing) ConvertToType(to ref.Type) ref.Val {
	if to == types.StringType {
		return types.String(t.print)
	}
	return untold("%s is nothing by itself", t.path)
}

// fixed is a thing whose fields are known.
func fixed(path, name string, more map[string]ref.Val) thing {
	if more == nil {
		more = map[string]ref.Val{}
	}
	if _, ok := more["name"]; !ok {
		more["name"] = types.String(name)
	}
	return thing{path: path, same: path + " " + name, print: name, field: func(field string) (ref.Val, bool) {
		v, ok := more[field]
		return v, ok
	}}
}

// moment is a time, or nothing where it is not known.
func moment(t time.Time) ref.Val {
	if t.IsZero() {
		return nil
	}
	return types.Timestamp{Time: t.UTC()}
}

// listOf is a list of values.
func listOf(values []ref.Val) ref.Val { return types.NewRefValList(types.DefaultTypeAdapter, values) }

// textsOf is a list of texts.
func textsOf(texts []string) ref.Val {
	out := make([]ref.Val, len(texts))
	for i, t := range texts {
		out[i] = types.String(t)
	}
	return listOf(out)
}
