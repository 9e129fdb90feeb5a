package language

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stationmaster/stationmaster/deployer"
)

// nothing is what a text shows where a value is absent.
const nothing = "–"

// show is a value as it stands in a text. Times are as RFC 3339 has it, for whoever
// shows them in a zone.
func show(v ref.Val) (string, error) {
	switch v := v.(type) {
	case nil:
		return nothing, nil
	case types.String:
		return string(v), nil
	case types.Bool:
		if v {
			return "yes", nil
		}
		return "no", nil
	case types.Int, types.Uint, types.Double:
		return fmt.Sprint(v.Value()), nil
	case types.Timestamp:
		return v.Time.UTC().Format(time.RFC3339), nil
	case types.Duration:
		if v.Duration < 0 {
			return "-" + deployer.SpanInWords(-v.Duration), nil
		}
		return deployer.SpanInWords(v.Duration), nil
	case thing:
		if v.print == "" {
			return nothing, nil
		}
		return v.print, nil
	case *types.Err:
		return "", inWords(v)
	case traits.Lister:
		all, err := printed(v)
		return strings.Join(all, ", "), err
	}
	return "", fmt.Errorf("%s has no words of its own", kindOf(v))
}

// printed are the members of a list as they stand in a text.
func printed(l traits.Lister) ([]string, error) {
	var out []string
	for it := l.Iterator(); it.HasNext() == types.True; {
		v := it.Next()
		if _, nested := v.(traits.Lister); nested {
			return nil, reason("a list of lists has no words of its own")
		}
		text, err := show(v)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// kindOf is what a value is, in words.
func kindOf(v ref.Val) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case thing:
		return v.path
	case traits.Lister:
		return "a list"
	}
	if t, ok := v.Type().(*types.Type); ok {
		return words(t)
	}
	return "something else"
}

// lookup is what names lead to; nil: it is absent.
func (f *facts) lookup(names []string) (ref.Val, error) {
	v, ok := f.root(names[0])
	if !ok {
		return nil, fmt.Errorf("there is no %s", names[0])
	}
	for _, name := range names[1:] {
		switch t := v.(type) {
		case nil:
			return nil, nil
		case *types.Err:
			return nil, inWords(t)
		case thing:
			if v, ok = t.field(name); !ok {
				return nil, fmt.Errorf("there is no %s.%s", t.path, name)
			}
		default:
			return nil, fmt.Errorf("%s has no .%s", kindOf(v), name)
		}
	}
	if err, bad := v.(*types.Err); bad {
		return nil, inWords(err)
	}
	return v, nil
}
