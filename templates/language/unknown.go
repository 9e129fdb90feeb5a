package language

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// unknownName says that a path begins with what is no name, in a form such as {%s}, and
// what was probably meant.
func (n *Names) unknownName(name, form string) Mistake {
	m := Mistake{Why: "there is no " + fmt.Sprintf(form, name)}
	meant := func(path string) Mistake {
		m.Hint = "did you mean " + fmt.Sprintf(form, path) + "?"
		return m
	}
	if now := renamed[name]; now != "" {
		m.Hint = "it is called " + fmt.Sprintf(form, now) + " now"
		return m
	}
	for _, object := range []*types.Type{theInputs, theValues, theVars, theSteps} {
		if f, ok := among(n.fieldsOf(object.TypeName()), name); ok {
			return meant(strings.TrimPrefix(object.TypeName(), string(objectMark)) + "." + f.name)
		}
	}
	if path := n.otherwise(name); path != "" {
		return meant(path)
	}
	if name == "downtime" || name == "impact" || name == "risk" {
		m.Hint = "it is an input now: declare one, and write " + fmt.Sprintf(form, "inputs."+name)
		return m
	}
	var known []string
	for _, r := range roots {
		known = append(known, r.name)
	}
	if low := strings.ToLower(name); slices.Contains(known, low) {
		return meant(low)
	}
	if near := spelling.Nearest(name, known); near != "" {
		return meant(near)
	}
	for _, object := range []*types.Type{theInputs, theValues, theVars} {
		if near := spelling.Nearest(name, namesOf(n.fieldsOf(object.TypeName()))); near != "" {
			return meant(strings.TrimPrefix(object.TypeName(), string(objectMark)) + "." + near)
		}
	}
	if form == "%s" {
		m.Hint = fmt.Sprintf("a text stands in quotes: %q", name)
	} else {
		m.Hint = fmt.Sprintf("where the braces themselves are meant, write {{%s}}", name)
	}
	return m
}

// otherwise is a path whose first word is misspelt, as it was probably meant; "": it is no
// path, or that can't be told.
func (n *Names) otherwise(path string) string {
	first, rest, ok := strings.Cut(path, ".")
	if !ok {
		return ""
	}
	var known []string
	for _, r := range roots {
		known = append(known, r.name)
	}
	root := strings.ToLower(first)
	switch {
	case slices.Contains(known, root):
	case slices.Contains(known, root+"s"):
		root += "s"
	default:
		if root = spelling.Nearest(root, known); root == "" {
			return ""
		}
	}
	if fields := namesOf(n.fieldsOf(string(objectMark) + root)); !strings.Contains(rest, ".") && !slices.Contains(fields, rest) {
		rest = cmp.Or(spelling.Nearest(rest, fields), rest)
	}
	return root + "." + rest
}

// unknownField says that what has a type has no such field. Path is how it is written,
// where it is known.
func (n *Names) unknownField(of *types.Type, name, path string) Mistake {
	if of.Kind() != types.StructKind {
		m := Mistake{Why: fmt.Sprintf("%s has no .%s", words(of), name)}
		if of.Kind() == types.ListKind && path != "" {
			m.Hint = fmt.Sprintf("ask its members, such as %s.exists(x, x.%s == …)", path, name)
		}
		return m
	}
	all := namesOf(n.fieldsOf(of.TypeName()))
	m := Mistake{Hint: spelling.SuggestAs("%q", name, all)}
	switch of.TypeName() {
	case theInputs.TypeName():
		m.Why = fmt.Sprintf("there is no input %q", name)
	case theVars.TypeName():
		m.Why = fmt.Sprintf("there is no var %q", name)
	case theValues.TypeName():
		m.Why = fmt.Sprintf("there is no value %q", name)
	case theSteps.TypeName():
		m.Why = fmt.Sprintf("there is no step %q", name)
	default:
		return n.unknownPart(of.TypeName(), name, all, m)
	}
	if i := strings.LastIndex(name, "-"); i > 0 && slices.Contains(all, name[:i]) {
		m.Hint = "a minus wants a space on both sides"
	}
	switch {
	case m.Hint != "":
	case len(all) == 0:
		m.Hint = "this procedure has none"
	default:
		m.Hint = "there are: " + list(all)
	}
	return m
}

// unknownPart says so of a step, a service and the like.
func (n *Names) unknownPart(object, name string, all []string, m Mistake) Mistake {
	id, isStep := strings.CutPrefix(object, string(objectMark)+objectStep)
	if id, ok := strings.CutPrefix(object, string(objectMark)+objectMember); ok {
		m.Why = fmt.Sprintf("the step %q leaves no %q behind", id, name)
		if m.Hint == "" {
			m.Hint = "it leaves " + list(all)
		}
		return m
	}
	if !isStep {
		m.Why = fmt.Sprintf("%s has no %q", objectWords(object), name)
		if m.Hint == "" {
			m.Hint = "it has: " + list(all)
		}
		return m
	}
	m.Why = fmt.Sprintf("the step %q leaves no %q behind", id, name)
	if s := n.steps[plain(id)]; several(*s) {
		if _, ok := among(outputs(s), name); ok {
			m.Why = fmt.Sprintf("the step %q is done for several, so there is no one %q", id, name)
			m.Hint = fmt.Sprintf("write steps.%s.of[\"…\"].%s, or go through steps.%s.all", id, name, id)
		}
	}
	if m.Hint == "" {
		var own []string
		for _, f := range all {
			if _, every := among(stepFields, f); !every {
				own = append(own, f)
			}
		}
		m.Hint = "it leaves " + list(append(own, namesOf(stepFields)...))
	}
	return m
}

func namesOf(fields []field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.name)
	}
	return out
}

// objectWords are what an object is called.
func objectWords(object string) string {
	name := strings.TrimPrefix(object, string(objectMark))
	switch {
	case strings.HasPrefix(name, objectStep):
		return "a step"
	case strings.HasPrefix(name, objectMember):
		return "a member of what a step was done for"
	case name == "environment":
		return "an environment"
	case name == "inputs", name == "vars", name == "values", name == "steps":
		return "all " + name
	case name == "failure":
		return "the failure"
	}
	return "a " + name
}

// printable reports whether something of a type has a name of its own, or is a text.
func printable(t *types.Type) bool {
	switch t.TypeName() {
	case aPerson.TypeName(), aService.TypeName(), aRetailer.TypeName(), environment.TypeName():
		return true
	}
	return t.Kind() == types.StringKind || t.Kind() == types.DynKind || strings.HasPrefix(t.TypeName(), string(objectMark)+objectMember)
}

// words are what something of a type is called.
func words(t *types.Type) string {
	switch t.Kind() {
	case types.StringKind:
		return "a text"
	case types.BoolKind:
		return "yes or no"
	case types.IntKind, types.UintKind:
		return "a number"
	case types.DoubleKind:
		return "a fraction"
	case types.TimestampKind:
		return "a moment"
	case types.DurationKind:
		return "a length of time"
	case types.ListKind:
		return "a list"
	case types.StructKind:
		return objectWords(t.TypeName())
	}
	return "something else"
}
