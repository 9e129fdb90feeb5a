package templates

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A text is one that is checked once all is known that it may name.
type text struct {
	t          strict.Text
	as         deployer.ParamType // of an expression
	expression bool
	place      language.Place
	form       []deployer.Input // which it is about; nil: no form
}

// Texts are those that are checked once all is known that they may name.
type texts struct {
	*reader
	noted    []text
	nameless bool // an input has no id, or that of another one
}

// text notes one that may hold values.
func (ts *texts) text(t strict.Text, place language.Place) {
	if !t.Written() {
		return
	}
	if swallowed := t.Swallowed(); swallowed != "" {
		ts.doubt(t, "comment", "what follows # is a comment, and no part of these words", "put them in quotes if it belongs to them")
	}
	ts.noted = append(ts.noted, text{t: t, place: place})
}

// expression notes one in CEL that has to come to a type.
func (ts *texts) expression(t strict.Text, as deployer.ParamType, place language.Place) {
	if as == deployer.TypeTime && ts.noMoment(t) {
		return
	}
	if isBlank(t.Value) {
		ts.wrong(t, "empty", "a condition is missing here", "write one, or take the line away")
		return
	}
	ts.noted = append(ts.noted, text{t: t, as: as, expression: true, place: place})
}

// noMoment says so of a time of the day, and of how long something lasts.
func (ts *texts) noMoment(t strict.Text) bool {
	_, err := spelling.ParseSpan(t.Value)
	switch {
	case clock.MatchString(t.Value):
		ts.wrong(t, "time", t.Value+" is a time of every day, and one moment belongs here", `write one such as planned + hours(1), or timestamp("2026-03-05T22:00:00Z")`)
	case err == nil:
		ts.wrong(t, "time", t.Value+" is how long something lasts, and a moment belongs here", "write one such as now + hours(2)")
	default:
		return false
	}
	return true
}

func (ts *texts) expressionOr(t strict.Text, as deployer.ParamType, place language.Place) {
	if t.Written() {
		ts.expression(t, as, place)
	}
}

// elseOf: why something is not needed is only said where that may be.
func (b *builder) elseOf(at strict.Start, when, otherwise strict.Text) {
	if otherwise.Written() && !when.Written() && !b.saidNear(at, "a condition that begins with !") {
		b.wrong(otherwise, "else", "else says why it is not needed, and without when it always is", "add when, or take else away")
	}
}

// check looks at every text and every condition. Those of what only serves others
// may name what its heirs have, and those that come with stationmaster are held by its
// tests.
func (b *builder) check() {
	if b.abstract || b.builtIn {
		return
	}
	names := language.NewNames(b.p)
	names.Roles, names.Secrets = b.known.Roles, b.known.Secrets
	names.Environments, names.Retailers = b.known.Environments, b.known.Retailers
	names.Line = func(id string) int {
		if s := b.byID[id]; s != nil && b.mine(s.w.ID) {
			return s.w.ID.Line
		}
		return 0
	}
	for i, ph := range b.f.Phases {
		place := language.Place{Over: func(id string) bool {
			o := b.byID[id]
			return o != nil && o.part == deployer.PartMain && o.phase < i && !o.s.Background
		}}
		b.expressionOr(ph.When, deployer.TypeCond, place)
		b.text(ph.Else, place)
	}
	for _, t := range b.noted {
		if t.expression {
			of := names
			if t.form != nil {
				of = names.Asking(t.form)
			}
			b.mistakes(t.t, of.CheckExpression(t.t.Value, t.as, t.place))
			continue
		}
		b.mistakes(t.t, names.CheckText(t.t.Value, t.place))
		for _, d := range names.Doubts(t.t.Value, t.place) {
			b.doubt(t.t.From(d.At), "braces", d.Why, d.Hint)
		}
	}
	wrong := names.CheckValues()
	for _, name := range sortedKeys(wrong) {
		b.mistakes(b.f.Values[name], wrong[name])
	}
	b.unused(names)
}

// mistakes reports what is wrong with a text, each at the word that is.
func (ts *texts) mistakes(t strict.Text, wrong []language.Mistake) {
	for _, m := range wrong {
		if ts.unsureOf(m.Why) || strings.HasSuffix(m.Why, "is not closed") && ts.cutAtComma(t) {
			continue
		}
		if was, ok := Former(t.Value, m); ok && ts.known.Former {
			ts.doubt(t.From(m.At), "former", was.Why, was.Hint)
			continue
		}
		ts.wrong(t.From(m.At), "text", m.Why, m.Hint)
	}
}

// unsureOf reports whether a mistake says that something is not there which may have
// been written, and could not be read.
func (ts *texts) unsureOf(why string) bool {
	for list, says := range map[string]string{"inputs": "there is no input ", "vars": "there is no var ", "values": "there is no value "} {
		if strings.Contains(why, says) && (ts.unsure(list) || list == "inputs" && ts.nameless) {
			return true
		}
	}
	return false
}

// cutAtComma reports whether YAML took what stands behind a comma in words for a key.
func (ts *texts) cutAtComma(t strict.Text) bool {
	return slices.ContainsFunc(ts.read, func(p strict.Problem) bool {
		return p.File == t.File() && p.Line == t.Line && p.Column > t.Column && strings.HasPrefix(p.Hint, "if it belongs to the words before the comma")
	})
}

// Former reports whether a mistake in a text is only that a placeholder is called as it
// was before the language, which the core still knows. It is said then as what it is.
func Former(text string, m language.Mistake) (language.Mistake, bool) {
	runes := []rune(text)
	rest := string(runes[min(max(m.At, 0), len(runes)):])
	found := hole.FindStringSubmatchIndex(rest)
	if found == nil || found[0] != 0 {
		return m, false
	}
	name := rest[found[2]:found[3]]
	switch {
	case strings.HasPrefix(name, deployer.MentionRole):
		return m, strings.HasSuffix(m.Why, " now") // else nobody has that role
	case !strings.Contains(m.Why, "there is no {"+name+"}"), !slices.Contains(deployer.Placeholders, name):
		return m, false
	case name == "service":
		m.Hint = "{what} and {services} name them all"
	}
	m.Why = "{" + name + "} is as it was called before"
	return m, true
}

// unused doubts what is declared in this file and never named.
func (b *builder) unused(names *language.Names) {
	unused := names.Unused()
	for _, in := range b.f.Inputs {
		if slices.Contains(unused, "inputs."+in.ID.Value) && !in.Clients.Written() {
			b.doubt(in.ID, "unused", "nothing uses the input "+in.ID.Value, "name it where it matters, as {inputs."+in.ID.Value+"}, or take it away")
		}
	}
	for _, name := range sortedKeys(b.f.Vars) {
		if slices.Contains(unused, "vars."+name) {
			b.doubt(b.f.Vars[name], "unused", "nothing uses the var "+name, "name it where it matters, as {vars."+name+"}, or take it away")
		}
	}
	for _, name := range sortedKeys(b.f.Values) {
		if slices.Contains(unused, "values."+name) {
			b.doubt(b.f.Values[name], "unused", "nothing uses the value "+name, "name it where it matters, as values."+name+", or take it away")
		}
	}
}
