package templates

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Inputs reads what is asked, and the windows, whose conditions see nothing else.
type inputs struct{ *texts }

// input reads one, which comes behind others, and may rest on what is known in a place:
// that where a procedure begins, or a form of a step.
func (ins *inputs) input(in source.Input, before []deployer.Input, at language.Place) deployer.Input {
	if ins.required(in.ID, in.At.Text, "id", "an input needs an id", "add for example id: risk") {
		ins.word(in.ID, "id of an input")
	} else {
		ins.nameless = true
	}
	same := func(o deployer.Input) bool { return plain(o.ID) == plain(in.ID.Value) }
	if i := slices.IndexFunc(before, same); in.ID.Value != "" && i >= 0 {
		what := fmt.Sprintf("there is an input %q already", in.ID.Value)
		if before[i].ID != in.ID.Value {
			what = untold(in.ID.Value, before[i].ID)
		}
		ins.nameless = true
		ins.wrong(in.ID, "doubled-id", what, "give this one another id")
	}
	out := deployer.Input{
		ID: in.ID.Value, Label: in.Label.Value, Default: in.Default.Value, Required: ins.flag(in.Required, "required"),
		Many: ins.flag(in.Many, "many"), When: in.When.Value, Help: in.Help.Value, Pattern: in.Pattern.Value, Clients: ins.flag(in.Clients, "clients"),
	}
	switch kind := ins.one(in.Kind, "the kind of an input", "text", "choice", "boolean", "number", "time", "duration", "link", "person"); kind {
	case "text":
	default:
		out.Kind = deployer.InputKind(kind)
	}
	at.Input = out.ID
	ins.options(&out, in, at)
	ins.expressionOr(in.When, deployer.TypeCond, at)
	if in.Pattern.Written() {
		ins.pattern(in.Pattern, "pattern", true)
	}
	if in.Default.Written() {
		ins.defaultOf(&out, in.Default)
	}
	return out
}

// bareWords are none that could be a condition.
var bareWords = regexp.MustCompile(`^[\pL\d_ -]+$`)

// options reads what an input may be.
func (ins *inputs) options(out *deployer.Input, in source.Input, at language.Place) {
	of := in.Options
	switch {
	case of.One.Written():
		if bareWords.MatchString(of.One.Value) && !language.Begins(of.One.Value) {
			ins.wrong(of.One, "options", "options is a list, or CEL that comes to one", "write "+"["+of.One.Value+", …]")
			return
		}
		if ins.noList(of.One, "options") {
			return
		}
		out.OptionsOf = of.One.Value
		ins.expression(of.One, deployer.TypeList, at)
	default:
		out.Options = ins.literals(of.Many, "options")
	}
	if out.Kind == deployer.InputChoice && !of.Written() {
		ins.wrong(in.ID, "missing", "a choice needs options", "add for example options: [low, high]")
	}
	if of.Written() && out.Kind != deployer.InputChoice && out.Kind != deployer.InputText {
		ins.wrong(in.Kind, "options", fmt.Sprintf("a %s has no options", out.Kind), "take them away, or make it a choice")
	}
}

// noList says so of words with commas between them, in the place of a list or CEL.
func (ts *texts) noList(t strict.Text, key string) bool {
	if !strict.Listed(t.Value) {
		return false
	}
	ts.wrong(t, "wrong-shape", key+" is a list, or CEL that comes to one", "write ["+t.Value+"]")
	return true
}

// defaultOf checks a default by the kind of its input.
func (ins *inputs) defaultOf(out *deployer.Input, t strict.Text) {
	lines := []string{t.Value}
	if out.Many {
		lines = strings.Split(strings.TrimRight(t.Value, "\n"), "\n")
	}
	for _, line := range lines {
		if len(out.Options) > 0 && !slices.Contains(out.Options, line) {
			hint := isOneOf(line, out.Options)
			if apart := strings.Join(out.Options, " "); slices.Contains(strings.Fields(apart), line) && !strings.Contains(apart, ",") {
				hint = "if a comma is missing between the options, write [" + strings.Join(strings.Fields(apart), ", ") + "]"
			}
			ins.wrong(t, "unknown-option", fmt.Sprintf("%s is never %q", out.ID, line), hint)
			return
		}
		if what, hint := wrongInput(out.Kind, line); what != "" {
			ins.wrong(t, "default", what, hint)
			return
		}
	}
	if out.Kind == deployer.InputDuration && !out.Many { // kept as Go's
		if span, what, _ := strict.Span(t.Value); what == "" {
			out.Default = span.String()
		}
	}
}

// wrongInput says what is wrong with the text of an input of a kind; "": nothing is.
func wrongInput(kind deployer.InputKind, text string) (what, hint string) {
	switch kind {
	case deployer.InputBoolean:
		if text != "true" && text != "false" {
			return fmt.Sprintf("a boolean is true or false, not %q", text), ""
		}
	case deployer.InputNumber:
		if _, err := strconv.Atoi(text); err != nil {
			return fmt.Sprintf("%q is not a whole number", text), ""
		}
	case deployer.InputTime:
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return fmt.Sprintf("%q is not a time", text), "write one such as 2026-03-01T22:00:00Z"
		}
	case deployer.InputDuration:
		_, what, hint := strict.Span(text)
		return what, hint
	case deployer.InputLink:
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return fmt.Sprintf("%q is not a link", text), "it begins with https:// or http://"
		}
	}
	return "", ""
}

// names reads the vars, the values and what the messages are called.
func (b *builder) names() {
	for _, name := range slices.Sorted(maps.Keys(b.f.Vars)) {
		t := b.f.Vars[name]
		b.nameOf(t.KeyBefore(name), name, "var")
		if b.p.Vars[name] = t.Value; t.Value == "~" || t.Value == "null" {
			b.p.Vars[name] = ""
		}
		b.text(t, language.Place{Var: true})
	}
	for _, name := range slices.Sorted(maps.Keys(b.f.Values)) {
		t := b.f.Values[name]
		b.nameOf(t.KeyBefore(name), name, "value")
		if b.p.Values[name] = t.Value; isBlank(t.Value) {
			b.wrong(t, "empty", fmt.Sprintf("the value %q says nothing", name), "write what it is")
		}
	}
	alike(b.report, b.f.Vars)
	alike(b.report, b.f.Values)
	if len(b.p.Vars) == 0 {
		b.p.Vars = nil
	}
	if len(b.p.Values) == 0 {
		b.p.Values = nil
	}
}

// alike reports names that conditions take for one.
func alike(r *report, written map[string]strict.Text) {
	seen := map[string]string{}
	for _, name := range sortedKeys(written) {
		if other, ok := seen[plain(name)]; ok {
			r.wrong(written[name].KeyBefore(name), "doubled-id", untold(name, other), "give one of them another name")
		}
		seen[plain(name)] = name
	}
}

var days = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "weekday", "weekend", "holiday", "before-holiday"}

// day checks one, which is written by its first three letters.
func (ins *inputs) day(t strict.Text) {
	low := strings.ToLower(t.Value)
	if span := strict.Range(low, append(days[:7:7], days[:7]...)); span != nil {
		ins.wrong(t, "unknown-word", fmt.Sprintf("a day is never %q", t.Value), "write "+strings.Join(span, ", "))
		return
	}
	if i := slices.IndexFunc(days[:7], func(day string) bool { return strings.HasPrefix(low, day) }); i >= 0 && !slices.Contains(days, t.Value) {
		ins.wrong(t, "unknown-word", fmt.Sprintf("a day is never %q", t.Value), fmt.Sprintf("did you mean %q?", days[i]))
		return
	}
	ins.one(t, "a day", days...)
}

// windowEnds reads what comes of what has begun in a window that is over.
func (ins *inputs) windowEnds(w source.Window, out *deployer.Window) {
	if w.Ends.Written() {
		out.Ends = deployer.WindowEnds(ins.one(w.Ends, "ends:", "finish", "hold", "ask"))
	}
	holds := out.Ends == deployer.EndsHold || out.Ends == deployer.EndsAsk
	switch {
	case !w.Is.Written():
	case w.Ends.Written() && out.Is == deployer.WindowRefuse:
		ins.wrong(w.Ends, "window", "ends is about a time in which something may begin, and in this nothing may", "write it to the windows that are fine; what is refused from now on asks anyway")
	case w.Override.Written() && out.Is != deployer.WindowRefuse && !holds:
		ins.wrong(w.Override, "window", "override is about what is refused, and this is not", "take it away, or write is: refuse")
	}
}

// window reads how a time of the week is.
func (ins *inputs) window(w source.Window) deployer.Window {
	out := deployer.Window{
		When: w.When.Value, Environments: ins.environments(w.Environments), Days: ins.literals(w.Days, "days"),
		From: ins.clock(w.From, "from"), To: ins.clock(w.To, "to"), Zone: w.Zone.Value, Why: w.Why.Value, Override: ins.role(w.Override),
	}
	for _, d := range w.Days {
		ins.day(d)
	}
	if ins.required(w.Is, w.At.Text, "is", "a window says how that time is", "add is: fine, is: warn or is: refuse") {
		out.Is = deployer.WindowIs(ins.one(w.Is, "is:", "fine", "warn", "refuse"))
	}
	if w.From.Written() != w.To.Written() {
		ins.wrong(w.At.Text, "clock", "a window has from and to, or neither", `add for example to: "18:00"`)
	}
	if w.Zone.Written() {
		if _, err := time.LoadLocation(w.Zone.Value); err != nil || w.Zone.Value == "Local" {
			ins.wrong(w.Zone, "zone", fmt.Sprintf("there is no time zone %q", w.Zone.Value), "write one such as Europe/Berlin")
		}
	}
	ins.windowEnds(w, &out)
	if w.When.Written() {
		ins.expression(w.When, deployer.TypeCond, language.Place{Inputs: true})
	}
	if w.Why.Written() {
		ins.text(w.Why, language.Place{Inputs: true})
	}
	return out
}
