package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
	"go.yaml.in/yaml/v4"
)

// with reads the parameters of a step by the schema of its kind.
func (b *builder) with(s *deployer.Step, w step, kind deployer.Kind) {
	given := map[string]bool{}
	if w.With.Kind != 0 && w.With.Kind != yaml.MappingNode {
		b.wrong(textOf(&w.With), "with must be a mapping of parameters")
		return
	}
	for i := 0; i+1 < len(w.With.Content); i += 2 {
		key, value := w.With.Content[i], w.With.Content[i+1]
		p := slices.IndexFunc(kind.Params, func(p deployer.Param) bool { return p.Name == key.Value })
		if p < 0 {
			b.wrong(textOf(key), "%s", strict.Unknown("parameter of "+kind.Name, key.Value, paramNames(kind)))
			continue
		}
		given[key.Value] = true
		b.param(s, kind.Params[p], value)
	}
	for _, p := range kind.Params {
		if p.Required && !given[p.Name] {
			b.wrong(w.Uses, "%s needs the parameter %s: %s", kind.Name, p.Name, p.Doc)
		}
	}
}

func paramNames(k deployer.Kind) []string {
	var out []string
	for _, p := range k.Params {
		out = append(out, p.Name)
	}
	return out
}

func textOf(n *yaml.Node) strict.Text {
	return strict.Text{Value: n.Value, Line: n.Line, Column: n.Column}
}

// param reads one parameter.
func (b *builder) param(s *deployer.Step, p deployer.Param, n *yaml.Node) {
	at := textOf(n)
	switch list := p.Type == deployer.TypeItems || p.Type == deployer.TypeChannels || p.Type == deployer.TypeList; {
	case list && n.Kind != yaml.SequenceNode:
		b.wrong(at, "%s must be a list", p.Name)
		return
	case !list && n.Kind != yaml.ScalarNode:
		b.wrong(at, "%s must be a single value; write one with braces in quotes", p.Name)
		return
	}
	if s.With == nil {
		s.With = deployer.Values{}
	}
	s.With[p.Name] = b.value(p, n)
}

// value reads what a parameter is.
func (b *builder) value(p deployer.Param, n *yaml.Node) (v deployer.Value) {
	at := textOf(n)
	switch p.Type {
	case deployer.TypeItems:
		for _, c := range n.Content {
			v.Items = append(v.Items, b.item(c))
		}
	case deployer.TypeChannels:
		for _, c := range n.Content {
			b.channel(textOf(c))
			v.List = append(v.List, c.Value)
		}
	case deployer.TypeList:
		for _, c := range n.Content {
			v.List = append(v.List, c.Value)
		}
	default:
		return b.scalar(p, at)
	}
	return v
}

// scalar reads a single value.
func (b *builder) scalar(p deployer.Param, at strict.Text) (v deployer.Value) {
	var err error
	switch p.Type {
	case deployer.TypeNumber:
		if v.Number, err = strconv.Atoi(at.Value); err != nil || v.Number < 1 {
			b.wrong(at, "%s must be a whole number from 1 on, not %q", p.Name, at.Value)
		}
		return v
	case deployer.TypeDuration:
		if v.Duration, err = time.ParseDuration(at.Value); err != nil || v.Duration <= 0 {
			b.wrong(at, "%s must be a time such as 30s or 15m, not %q", p.Name, at.Value)
		}
		return v
	case deployer.TypeFlag:
		if v.Flag = at.Value == "true"; !v.Flag && at.Value != "false" {
			b.wrong(at, "%s must be true or false, not %q", p.Name, at.Value)
		}
		return v
	case deployer.TypeRole:
		b.role(at)
	case deployer.TypeMessage:
		b.message(at)
	case deployer.TypePattern:
		b.pattern(p, at)
	case deployer.TypeURL:
		if err := deployer.Address(at.Value).Check(); err != nil {
			b.wrong(at, "%s: %v", p.Name, err)
		}
	case deployer.TypeText:
		if len(p.Options) > 0 && !slices.Contains(p.Options, at.Value) {
			b.wrong(at, "%s: %s", p.Name, strict.Unknown("such value", at.Value, p.Options))
		}
	}
	return deployer.Value{Text: at.Value}
}

// pattern checks a regular expression.
func (b *builder) pattern(p deployer.Param, at strict.Text) {
	switch re, err := regexp.Compile(at.Value); {
	case err != nil:
		b.wrong(at, "%s must be a regular expression: %s", p.Name, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	case re.MatchString(""):
		b.wrong(at, "%s must not match the empty text, since it would match every line", p.Name)
	}
}

func (b *builder) item(n *yaml.Node) deployer.Item {
	if n.Kind == yaml.ScalarNode {
		return deployer.Item{Title: n.Value}
	}
	var it item
	if err := n.Load(&it, yaml.WithKnownFields()); err != nil || it.Title == "" {
		b.wrong(textOf(n), "an item is a text, or a mapping with title and link")
	}
	if it.Link != "" {
		if err := deployer.Link(it.Link).Check(nil); err != nil {
			b.wrong(textOf(n), "the link of the item “%s”: %v", it.Title, err)
		}
	}
	return deployer.Item{Title: it.Title, Link: it.Link}
}

func (b *builder) role(t strict.Text) {
	if b.known.Roles != nil && !slices.Contains(b.known.Roles, t.Value) {
		b.wrong(t, "%s", strict.Unknown("role in the config", t.Value, b.known.Roles))
	}
}

func (b *builder) channel(t strict.Text) {
	if b.known.Channels != nil && !slices.Contains(b.known.Channels, t.Value) {
		b.wrong(t, "%s", strict.Unknown("channel of a retailer in the config", t.Value, b.known.Channels))
	}
}

func (b *builder) message(t strict.Text) {
	if !b.messages[t.Value] {
		names := make([]string, 0, len(b.messages))
		for name := range b.messages {
			names = append(names, name)
		}
		slices.Sort(names)
		b.wrong(t, "%s", strict.Unknown("message in this procedure", t.Value, names))
	}
}
