package templates

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// shapes are the forms of the parameters that are no single text.
var shapes = map[deployer.ParamType]string{
	deployer.TypeChannels: "a list", deployer.TypeList: "a list", deployer.TypeItems: "a list", deployer.TypeRoles: "a list", deployer.TypeInputs: "a list",
	deployer.TypeChoices: "a list", deployer.TypeChecks: "a list", deployer.TypeHolds: "a list", deployer.TypeSteps: "a list",
	deployer.TypeTexts: "a mapping", deployer.TypeCounts: "a mapping", deployer.TypeOutputs: "a mapping", deployer.TypeRunner: "a mapping",
}

// value reads what a parameter is. Not ok: it is not of the shape that it has to be.
func (w *params) value(p deployer.Param, n strict.Node) (v deployer.Value, ok bool) {
	want := shapes[p.Type]
	switch {
	case want == "a list" && !n.IsList():
		w.wrong(n.Text, "wrong-shape", p.Name+" is a list", "write it in brackets, such as "+example(p))
		return v, false
	case want == "a mapping" && !n.IsMapping():
		w.wrong(n.Text, "wrong-shape", p.Name+" is a mapping", "such as "+example(p))
		return v, false
	case want == "" && !n.IsText():
		hint := ""
		if n.IsList() && p.Type == deployer.TypeRole {
			hint = w.severalRoles(n)
		}
		if n.Flow() && n.IsMapping() {
			hint = "words that begin with { have to be in quotes"
		}
		w.wrong(n.Text, "wrong-shape", p.Name+" is a single text", hint)
		return v, false
	case want != "" && len(n.List()) == 0 && len(n.Entries()) == 0:
		w.wrong(n.Text, "empty-list", p.Name+" is empty", "write at least one, or take it away")
		return v, false
	case want == "" && n.IsNothing() && n.Value == "":
		w.wrong(n.Text, "empty", p.Name+" says nothing", "write what it is, or take it away")
		return v, false
	case want == "a list":
		return w.listValue(p, n), true
	case want == "a mapping":
		return w.mappingValue(p, n), true
	}
	return w.scalar(p, n.Text), true
}

// severalRoles says how several roles are written where a kind takes them.
func (w *params) severalRoles(n strict.Node) string {
	i := slices.IndexFunc(w.s.s.Kind.Params, func(p deployer.Param) bool { return p.Name == "roles" })
	if i < 0 {
		return ""
	}
	counted := w.s.s.Kind.Params[i].Type == deployer.TypeCounts
	var roles []string
	for _, c := range n.List() {
		if counted {
			c.Value += ": 1"
		}
		roles = append(roles, c.Value)
	}
	all := strings.Join(roles, ", ")
	if counted {
		return "several are written roles: {" + all + "}"
	}
	return "several are written roles: [" + all + "]"
}

// texts are the entries of a list, each of which has to be one.
func (w *params) textsOf(n strict.Node, key string) []strict.Text {
	var out []strict.Text
	for _, c := range n.List() {
		if !c.IsText() {
			hint := ""
			if e := c.Entries(); len(e) == 1 && c.Flow() {
				hint = "words with a colon in them have to be in quotes"
			}
			w.wrong(c.Text, "wrong-shape", "an entry of "+key+" is a text", hint)
			continue
		}
		out = append(out, c.Text)
	}
	return out
}

func (w *params) listValue(p deployer.Param, n strict.Node) (v deployer.Value) {
	switch p.Type {
	case deployer.TypeItems:
		for _, c := range n.List() {
			v.Items = append(v.Items, w.item(p, c))
		}
	case deployer.TypeInputs:
		var inputs []source.Input
		w.decode(n, p.Name, &inputs)
		from := len(w.noted)
		for _, in := range inputs {
			v.Inputs = append(v.Inputs, w.inputs.input(in, v.Inputs, w.paramPlace(p)))
		}
		for i := range w.noted[from:] {
			w.noted[from+i].form = v.Inputs
		}
	case deployer.TypeChoices:
		v.Rows = w.choices(p, n)
	case deployer.TypeChecks:
		v.Rows = w.checks(p, n)
	case deployer.TypeChannels:
		texts := w.textsOf(n, p.Name)
		for _, t := range texts {
			w.channel(t)
		}
		v.List = w.literals(texts, p.Name)
	case deployer.TypeRoles:
		v.List = w.roles(w.textsOf(n, p.Name), p.Name)
	case deployer.TypeHolds:
		for _, t := range w.textsOf(n, p.Name) {
			if !hold.MatchString(t.Value) {
				w.wrong(t, "hold", fmt.Sprintf("%q is no number of pods", t.Value), "write 1, or a share such as 25%")
			}
			v.List = append(v.List, t.Value)
		}
	case deployer.TypeSteps:
		for _, t := range w.textsOf(n, p.Name) {
			if w.byID[t.Value] == nil {
				w.wrong(t, "unknown-step", fmt.Sprintf("there is no step %q", t.Value), strict.Instead(t.Value, sortedKeys(w.byID)))
			}
			v.List = append(v.List, t.Value)
		}
	default:
		for _, t := range w.textsOf(n, p.Name) {
			w.text(t, w.paramPlace(p))
			v.List = append(v.List, t.Value)
		}
	}
	return v
}

var hold = regexp.MustCompile(`^([1-9][0-9]*|[1-9][0-9]?%|100%)$`)

func (w *params) mappingValue(p deployer.Param, n strict.Node) (v deployer.Value) {
	switch p.Type {
	case deployer.TypeCounts:
		v.Counts = map[string]int{}
		for _, e := range n.Entries() {
			w.role(e.Key)
			v.Counts[e.Key.Value] = w.number(e.Value.Text, "how many of "+e.Key.Value, 1)
		}
	case deployer.TypeOutputs:
		v.Texts = map[string]string{}
		for _, e := range n.Entries() {
			w.output(p, e)
			v.Texts[e.Key.Value] = e.Value.Value
		}
	case deployer.TypeRunner:
		v.Texts = map[string]string{}
		w.flat(p, n, "", v.Texts)
		uses := n.Get("uses").Value
		if !uses.Written() {
			w.wrong(n.Text, "missing", "a runner says what it uses", "add for example uses: kubernetes")
			break
		}
		w.one(uses.Text, "uses of a runner", "kubernetes", "helm", "jenkins", "github", "hand")
	default:
		v.Texts = map[string]string{}
		w.flat(p, n, "", v.Texts)
	}
	return v
}

// flat reads texts by name; what stands in a mapping of its own is named by both keys.
func (w *params) flat(p deployer.Param, n strict.Node, prefix string, into map[string]string) {
	for _, e := range n.Entries() {
		switch {
		case e.Value.IsMapping() && p.Type == deployer.TypeRunner && prefix == "":
			w.flat(p, e.Value, e.Key.Value+".", into)
		case !e.Value.IsText():
			hint := ""
			if within := e.Value.Entries(); len(within) > 0 && p.Name == "json" {
				hint = fmt.Sprintf("what stands within is named by its path, such as %s.%s: %s", e.Key.Value, within[0].Key.Value, cmp.Or(within[0].Value.Value, "…"))
			}
			w.wrong(e.Value.Text, "wrong-shape", e.Key.Value+" is a text", hint)
		default:
			w.text(e.Value.Text, w.paramPlace(p))
			into[prefix+e.Key.Value] = e.Value.Value
		}
	}
}

// output checks one that a step leaves behind, and where it is found.
func (w *params) output(p deployer.Param, e strict.Entry) {
	w.word(e.Key, "name of an output")
	if slices.ContainsFunc(w.s.s.Kind.Outputs, func(o deployer.Param) bool { return o.Name == e.Key.Value }) {
		w.wrong(e.Key, "doubled-id", fmt.Sprintf("%s leaves %q behind by itself", w.s.s.Uses, e.Key.Value), "give this one another name")
	}
	if !strings.Contains(p.Doc, "pattern") {
		return
	}
	w.pattern(e.Value.Text, e.Key.Value, false)
	if re, err := regexp.Compile(e.Value.Value); err == nil && re.NumSubexp() != 1 {
		w.wrong(e.Value.Text, "pattern", fmt.Sprintf("%s is a pattern with one group in parentheses, and this has %d", e.Key.Value, re.NumSubexp()), `such as 'uploaded (\S+)'`)
	}
}

// scalar reads a single value.
func (w *params) scalar(p deployer.Param, at strict.Text) (v deployer.Value) {
	v.Text = at.Value
	switch p.Type {
	case deployer.TypeNumber:
		return deployer.Value{Number: w.number(at, p.Name, 1)}
	case deployer.TypeDuration:
		if w.untilInstead(p, at) {
			return v
		}
		return deployer.Value{Duration: w.duration(at)}
	case deployer.TypeFlag:
		return deployer.Value{Flag: w.flag(at, p.Name)}
	case deployer.TypeRole:
		if p.Name != w.s.s.Kind.Gate || at.Value != "approved" {
			w.role(at)
		}
	case deployer.TypeMessage: // the step is what tells it
	case deployer.TypePattern:
		w.pattern(at, p.Name, false)
	case deployer.TypeTime, deployer.TypeCond:
		w.expression(at, p.Type, w.paramPlace(p))
	case deployer.TypeChoice:
	case deployer.TypeURL:
		w.address(at, p.Name)
		w.text(at, w.paramPlace(p))
	default:
		if len(p.Options) > 0 {
			return deployer.Value{Text: w.one(at, p.Name, p.Options...)}
		}
		w.text(at, w.paramPlace(p))
		w.named(p, at)
	}
	return v
}

// lasting is what may come to how long something lasts: a name, in braces or bare, or what
// is made of a number.
var lasting = regexp.MustCompile(`^\{?((?:inputs|vars|values|steps)\.[\w.-]+|(?:days|hours|minutes)\(\d+\))\}?$`)

// untilInstead says how something lasts for as long as a value says, where another parameter
// that stands for this one is a moment, which is computed.
func (w *params) untilInstead(p deployer.Param, at strict.Text) bool {
	is := func(o deployer.Param) bool { return o.Name == p.Instead && o.Type == deployer.TypeTime }
	m := lasting.FindStringSubmatch(at.Value)
	if m == nil || !slices.ContainsFunc(w.s.s.Kind.Params, is) {
		return false
	}
	long := m[1]
	if strings.HasPrefix(long, "vars.") {
		long = "duration(" + long + ")"
	}
	w.wrong(at, "duration", p.Name+" is written as it is, and neither {values} nor CEL can stand here", "write "+p.Instead+": now + "+long)
	return true
}
