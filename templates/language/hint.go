package language

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// compareHint shows how the first thing that a part names is compared.
func (e *expression) compareHint(x ast.Expr) string {
	for _, part := range append([]ast.Expr{x}, descend(x)...) {
		path := e.written(part)
		if path == "" || strings.HasSuffix(path, "…]") {
			continue
		}
		if path == "inputs" || path == "vars" || path == "values" || path == "steps" {
			return "write which of them, such as " + path + ".NAME"
		}
		f, _ := e.fieldAt(part)
		switch t := e.typeOf(part); {
		case len(f.options) > 0:
			return fmt.Sprintf("compare it, such as %s == %q", path, f.options[len(f.options)-1])
		case t.Kind() == types.StringKind:
			return fmt.Sprintf(`compare it, such as %s != ""`, path)
		case t.Kind() == types.IntKind:
			return fmt.Sprintf("compare it, such as %s > 1", path)
		case t.Kind() == types.TimestampKind:
			return fmt.Sprintf("compare it, such as %s < now", path)
		case t.Kind() == types.DurationKind:
			return fmt.Sprintf("compare it, such as %s > hours(1)", path)
		case t.Kind() == types.ListKind:
			return fmt.Sprintf("ask how many there are, such as size(%s) > 0", path)
		case strings.HasPrefix(t.TypeName(), string(objectMark)+objectStep):
			return "ask what became of it, such as " + path + ".done"
		case t.Kind() == types.StructKind && printable(t):
			return fmt.Sprintf(`compare its name, such as %s.name == "…"`, path)
		}
	}
	return `compare it, such as inputs.risk == "high"`
}

// descend are the parts within a part, in their order.
func descend(x ast.Expr) []ast.Expr {
	var out []ast.Expr
	for _, part := range inside(x) {
		out = append(append(out, part), descend(part)...)
	}
	return out
}

// sumHint says how two things are put together that can't be added as they are.
func (e *expression) sumHint(args []ast.Expr) string {
	var kinds []types.Kind
	for _, a := range args {
		kinds = append(kinds, e.typeOf(a).Kind())
	}
	has := func(k types.Kind) bool { return slices.Contains(kinds, k) }
	switch {
	case has(types.IntKind) && (has(types.TimestampKind) || has(types.DurationKind)):
		return "a length of time is written such as hours(3)"
	case has(types.IntKind) && has(types.DoubleKind):
		return "write both as fractions, such as 2.0, or both as whole numbers"
	case has(types.StringKind) && (has(types.IntKind) || has(types.BoolKind)):
		return "string(…) makes a text of it"
	case has(types.TimestampKind) && has(types.StringKind), has(types.DurationKind) && has(types.StringKind):
		return "texts stand around a value in a text, such as {planned}"
	case has(types.TimestampKind) && len(args) == 2 && kinds[0] == kinds[1]:
		return "one moment can be taken from another, such as end - start"
	}
	return ""
}

// likeHint says how two things are written so that they can be compared.
func (e *expression) likeHint(a, b ast.Expr) string {
	for _, pair := range [][2]ast.Expr{{a, b}, {b, a}} {
		t, other, path := e.typeOf(pair[0]), e.typeOf(pair[1]), e.written(pair[0])
		switch {
		case t.Kind() == types.BoolKind && pair[0].Kind() == ast.CallKind && other.Kind() != types.BoolKind:
			return "compare two at a time, such as start < now && now < end"
		case t.Kind() == types.DurationKind:
			return "a length of time is written such as hours(3) or minutes(15)"
		case path == "":
		case t.Kind() == types.BoolKind && other.Kind() == types.StringKind:
			return fmt.Sprintf("write %s or !%s alone", path, path)
		case len(e.options(pair[0])) > 0:
			return "it is " + oneOf(e.options(pair[0]))
		case t.Kind() == types.StringKind && pair[1].Kind() == ast.LiteralKind && other.Kind() == types.IntKind:
			return fmt.Sprintf("write the number in quotes: %q", fmt.Sprint(pair[1].AsLiteral().Value()))
		case t.Kind() == types.IntKind && other.Kind() == types.StringKind:
			return "write the number without quotes"
		case t.Kind() == types.TimestampKind:
			return `a moment is written such as now + hours(3) or timestamp("2026-03-05T22:00:00Z")`
		case t.Kind() == types.StructKind && printable(t):
			return "it has a name: " + path + ".name"
		case t.Kind() == types.ListKind && other.Kind() == types.StringKind:
			return fmt.Sprintf(`whether a list holds it is asked with "…" in %s`, path)
		}
	}
	return ""
}

// usage shows how each function is used; what is not here can't be.
var usage = map[string]string{
	"size": "size(services)", "has": "has(inputs.due)", "string": "string(inputs.count)", "int": `int("3")`, "double": `double("1.5")`,
	"days": "days(2)", "hours": "hours(3)", "minutes": "minutes(15)", "duration": `duration("30m")`, "timestamp": `timestamp("2026-03-05T22:00:00Z")`,
	"contains": `reason.contains("fix")`, "startsWith": `reason.startsWith("fix")`, "endsWith": `reason.endsWith("fix")`, "matches": `reason.matches("^fix")`,
	"charAt": `reason.charAt(0)`, "indexOf": `reason.indexOf("x")`, "lastIndexOf": `reason.lastIndexOf("x")`, "join": `retailers.join(", ")`,
	"lowerAscii": "reason.lowerAscii()", "upperAscii": "reason.upperAscii()", "replace": `reason.replace("a", "b")`, "split": `reason.split(",")`,
	"substring": "reason.substring(0, 3)", "trim": "reason.trim()", "reverse": "reason.reverse()",
	"getFullYear": "now.getFullYear()", "getMonth": "now.getMonth()", "getDate": "now.getDate()", "getDayOfMonth": "now.getDayOfMonth()",
	"getDayOfWeek": "now.getDayOfWeek(retailer.zone)", "getDayOfYear": "now.getDayOfYear()", "getHours": "now.getHours(retailer.zone)",
	"getMinutes": "now.getMinutes()", "getSeconds": "now.getSeconds()", "getMilliseconds": "now.getMilliseconds()",
	"all": `services.all(s, s.owner != "")`, "exists": `services.exists(s, s.name == "web")`, "exists_one": `services.exists_one(s, s.name == "web")`,
	"filter": `retailers.filter(r, r != retailer.name)`, "map": "services.map(s, s.name)",
}

// isOperator reports whether CEL calls an operator so.
func isOperator(function string) bool {
	return strings.ContainsAny(function, "_@!?") && function != "exists_one" || function == operators.Negate
}

// unknownFunction says that a part calls what is no function, or one of those that go
// through a list in another way than they can.
func (e *expression) unknownFunction(x ast.Expr) *Mistake {
	if x.Kind() != ast.CallKind {
		return nil
	}
	name := x.AsCall().FunctionName()
	at := e.at(x)
	switch {
	case slices.Contains([]string{"all", "exists", "exists_one", "filter", "map", "has"}, name):
		return &Mistake{At: at, Why: name + " can't take what it is given here", Hint: "it is written such as " + usage[name]}
	case isOperator(name), usage[name] != "":
		return nil
	}
	var known []string
	for f := range usage {
		known = append(known, f)
	}
	m := &Mistake{At: at, Why: fmt.Sprintf("there is no function %q", name), Hint: spelling.SuggestAs("%q", name, known)}
	if m.Hint == "" && (name == "length" || name == "len" || name == "count") {
		m.Hint = "how many there are is asked with " + usage["size"]
	}
	return m
}

// wrongMention says what is wrong with {@ROLE}.
func (n *Names) wrongMention(role string, at Place) *Mistake {
	if name, ok := strings.CutPrefix(role, "role:"); ok {
		if m := n.wrongMention(name, at); m != nil {
			return m
		}
		return &Mistake{Why: "{@role:" + name + "} is written {@" + name + "} now"}
	}
	if at.Clients {
		return &Mistake{Why: "{@" + role + "} is nothing for clients", Hint: "words for clients call nobody"}
	}
	if n.Roles == nil || slices.Contains(n.Roles, role) || slices.Contains(BuiltInRoles, role) {
		return nil
	}
	known := slices.Clone(n.Roles)
	for _, built := range BuiltInRoles {
		if !slices.Contains(known, built) {
			known = append(known, built)
		}
	}
	m := &Mistake{Why: fmt.Sprintf("the config has no role %q", role), Hint: spelling.SuggestAs("%q", role, known)}
	if m.Hint == "" {
		m.Hint = "there are: " + list(known)
	}
	return m
}
