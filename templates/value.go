package templates

import (
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
func (b *builder) value(s *placed, p deployer.Param, n strict.Node) (v deployer.Value, ok bool) {
	want := shapes[p.Type]
	switch {
	case want == "a list" && !n.IsList():
		b.wrong(n.Text, "wrong-shape", p.Name+" is a list", "write it in brackets, such as "+example(p))
		return v, false
	case want == "a mapping" && !n.IsMapping():
		b.wrong(n.Text, "wrong-shape", p.Name+" is a mapping", "such as "+example(p))
		return v, false
	case want == "" && !n.IsText():
		hint := ""
		if n.Flow() && n.IsMapping() {
			hint = "words that begin with { have to be in quotes"
		}
		b.wrong(n.Text, "wrong-shape", p.Name+" is a single text", hint)
		return v, false
	case want != "" && len(n.List()) == 0 && len(n.Entries()) == 0:
		b.wrong(n.Text, "empty-list", p.Name+" is empty", "write at least one, or take it away")
		return v, false
	case want == "" && n.IsNothing() && n.Value == "":
		b.wrong(n.Text, "empty", p.Name+" says nothing", "write what it is, or take it away")
		return v, false
	case want == "a list":
		return b.listValue(s, p, n), true
	case want == "a mapping":
		return b.mappingValue(s, p, n), true
	}
	return b.scalar(s, p, n.Text), true
}

// texts are the entries of a list, each of which has to be one.
func (b *builder) textsOf(n strict.Node, key string) []strict.Text {
	var out []strict.Text
	for _, c := range n.List() {
		if !c.IsText() {
			hint := ""
			if e := c.Entries(); len(e) == 1 && c.Flow() {
				hint = "words with a colon in them have to be in quotes"
			}
			b.wrong(c.Text, "wrong-shape", "an entry of "+key+" is a text", hint)
			continue
		}
		out = append(out, c.Text)
	}
	return out
}

func (b *builder) listValue(s *placed, p deployer.Param, n strict.Node) (v deployer.Value) {
	switch p.Type {
	case deployer.TypeItems:
		for _, c := range n.List() {
			v.Items = append(v.Items, b.item(s, p, c))
		}
	case deployer.TypeInputs:
		var inputs []source.Input
		b.decode(n, p.Name, &inputs)
		for _, in := range inputs {
			v.Inputs = append(v.Inputs, b.input(in, v.Inputs, false))
		}
	case deployer.TypeChoices:
		v.Rows = b.choices(s, p, n)
	case deployer.TypeChecks:
		v.Rows = b.checks(s, p, n)
	case deployer.TypeChannels:
		texts := b.textsOf(n, p.Name)
		for _, t := range texts {
			b.channel(t)
		}
		v.List = b.literals(texts, p.Name)
	case deployer.TypeRoles:
		v.List = b.roles(b.textsOf(n, p.Name), p.Name)
	case deployer.TypeHolds:
		for _, t := range b.textsOf(n, p.Name) {
			if !hold.MatchString(t.Value) {
				b.wrong(t, "hold", fmt.Sprintf("%q is no number of pods", t.Value), "write 1, or a share such as 25%")
			}
			v.List = append(v.List, t.Value)
		}
	case deployer.TypeSteps:
		for _, t := range b.textsOf(n, p.Name) {
			if b.byID[t.Value] == nil {
				b.wrong(t, "unknown-step", fmt.Sprintf("there is no step %q", t.Value), strict.Instead(t.Value, sortedKeys(b.byID)))
			}
			v.List = append(v.List, t.Value)
		}
	default:
		for _, t := range b.textsOf(n, p.Name) {
			b.text(t, b.paramPlace(s, p))
			v.List = append(v.List, t.Value)
		}
	}
	return v
}

var hold = regexp.MustCompile(`^([1-9][0-9]*|[1-9][0-9]?%|100%)$`)

func (b *builder) mappingValue(s *placed, p deployer.Param, n strict.Node) (v deployer.Value) {
	switch p.Type {
	case deployer.TypeCounts:
		v.Counts = map[string]int{}
		for _, e := range n.Entries() {
			b.role(e.Key)
			v.Counts[e.Key.Value] = b.number(e.Value.Text, "how many of "+e.Key.Value, 1)
		}
	case deployer.TypeOutputs:
		v.Texts = map[string]string{}
		for _, e := range n.Entries() {
			b.output(s, p, e)
			v.Texts[e.Key.Value] = e.Value.Value
		}
	case deployer.TypeRunner:
		v.Texts = map[string]string{}
		b.flat(s, p, n, "", v.Texts)
		uses := n.Get("uses").Value
		if !uses.Written() {
			b.wrong(n.Text, "missing", "a runner says what it uses", "add for example uses: kubernetes")
			break
		}
		b.one(uses.Text, "uses of a runner", "kubernetes", "helm", "jenkins", "github", "hand")
	default:
		v.Texts = map[string]string{}
		b.flat(s, p, n, "", v.Texts)
	}
	return v
}

// flat reads texts by name; what stands in a mapping of its own is named by both keys.
func (b *builder) flat(s *placed, p deployer.Param, n strict.Node, prefix string, into map[string]string) {
	for _, e := range n.Entries() {
		switch {
		case e.Value.IsMapping() && p.Type == deployer.TypeRunner && prefix == "":
			b.flat(s, p, e.Value, e.Key.Value+".", into)
		case !e.Value.IsText():
			b.wrong(e.Value.Text, "wrong-shape", e.Key.Value+" is a text", "")
		default:
			b.text(e.Value.Text, b.paramPlace(s, p))
			into[prefix+e.Key.Value] = e.Value.Value
		}
	}
}

// output checks one that a step leaves behind, and where it is found.
func (b *builder) output(s *placed, p deployer.Param, e strict.Entry) {
	b.word(e.Key, "name of an output")
	if slices.ContainsFunc(s.s.Kind.Outputs, func(o deployer.Param) bool { return o.Name == e.Key.Value }) {
		b.wrong(e.Key, "doubled-id", fmt.Sprintf("%s leaves %q behind by itself", s.s.Uses, e.Key.Value), "give this one another name")
	}
	if !strings.Contains(p.Doc, "pattern") {
		return
	}
	b.pattern(e.Value.Text, e.Key.Value, false)
	if re, err := regexp.Compile(e.Value.Value); err == nil && re.NumSubexp() != 1 {
		b.wrong(e.Value.Text, "pattern", fmt.Sprintf("%s is a pattern with one group in parentheses, and this has %d", e.Key.Value, re.NumSubexp()), `such as 'uploaded (\S+)'`)
	}
}

// scalar reads a single value.
func (b *builder) scalar(s *placed, p deployer.Param, at strict.Text) (v deployer.Value) {
	v.Text = at.Value
	switch p.Type {
	case deployer.TypeNumber:
		return deployer.Value{Number: b.number(at, p.Name, 1)}
	case deployer.TypeDuration:
		return deployer.Value{Duration: b.duration(at)}
	case deployer.TypeFlag:
		return deployer.Value{Flag: b.flag(at, p.Name)}
	case deployer.TypeRole:
		if p.Name != s.s.Kind.Gate || at.Value != "approved" {
			b.role(at)
		}
	case deployer.TypeMessage: // the step is what tells it
	case deployer.TypePattern:
		b.pattern(at, p.Name, false)
	case deployer.TypeTime, deployer.TypeCond:
		b.expression(at, p.Type, b.paramPlace(s, p))
	case deployer.TypeChoice:
	case deployer.TypeURL:
		b.address(at, p.Name)
		b.text(at, b.paramPlace(s, p))
	default:
		if len(p.Options) > 0 {
			b.one(at, p.Name, p.Options...)
			break
		}
		b.text(at, b.paramPlace(s, p))
	}
	return v
}

// decode reads a parameter that has structs of its own.
func (b *builder) decode(n strict.Node, key string, into any) {
	for _, p := range n.Decode(key, into) {
		b.report(p)
	}
}
