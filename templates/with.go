package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Params reads those of one step.
type params struct {
	*builder
	s *placed
}

// with reads the parameters of a step by the table of its kind.
func (w *params) with() {
	in, k := w.s.w.With, w.s.s.Kind
	if !in.IsNothing() && !in.IsMapping() {
		w.wrong(in.Text, "wrong-shape", "with must be a mapping of parameters", "such as with: {role: tech-lead}")
		return
	}
	w.besides()
	given, mistyped := map[string]strict.Text{}, map[string]bool{}
	for _, e := range in.Entries() {
		p := slices.IndexFunc(k.Params, func(p deployer.Param) bool { return p.Name == e.Key.Value })
		if p < 0 {
			mistyped[spelling.Nearest(e.Key.Value, paramNames(*k))] = true
			w.wrong(e.Key, "unknown-parameter", fmt.Sprintf("%s has no parameter %q", k.Name, e.Key.Value), insteadOfParam(*k, in, e))
			continue
		}
		if _, doubled := given[e.Key.Value]; doubled {
			continue
		}
		given[e.Key.Value] = e.Key
		v, ok := w.value(k.Params[p], e.Value)
		if w.s.s.With == nil {
			w.s.s.With = deployer.Values{}
		}
		if ok {
			w.s.s.With[k.Params[p].Name] = v
		}
	}
	w.given(given, mistyped)
	w.sense(given)
}

// besides says of parameters that are written as keys of the step where they belong.
func (w *params) besides() {
	k := w.s.s.Kind
	for i, q := range w.read {
		m := strangeKey.FindStringSubmatch(q.What())
		if m == nil || !w.isNear(w.s.w.At, q) || strings.HasPrefix(q.Hint, "if it belongs") {
			continue
		}
		p, inWith := slices.IndexFunc(k.Params, func(p deployer.Param) bool { return p.Name == m[1] }), strings.HasPrefix(q.Hint, "it stands in with")
		switch {
		case p >= 0 && !inWith:
			q.Hint = "it stands in with: " + example(k.Params[p])
		case p < 0 && inWith:
			q.Hint = k.Name + " has no such parameter either"
		}
		w.read[i].Why, w.read[i].Hint = m[0]+"; "+q.Hint, q.Hint
	}
	if t := w.s.w.For; strayFor(w.s) {
		w.wrong(t.KeyBefore("for"), "misplaced", "for stands in with", "write with: {for: "+t.Value+"}")
	}
}

// strangeKey is what is said of a key that no step has.
var strangeKey = regexp.MustCompile(`^there is no key "([a-z_]+)" in a step$`)

// strayFor reports whether the key for of a step is meant for the parameter of its kind. Of a
// step of after it says for how long that is done again and again.
func strayFor(s *placed) bool {
	has := s.s.Kind != nil && slices.ContainsFunc(s.s.Kind.Params, func(p deployer.Param) bool { return p.Name == "for" })
	return has && s.w.For.Written() && s.w.With.Get("for").Key.Value == "" && !s.w.Every.Written() && (s.part != deployer.PartAfter || s.s.Kind.Work == deployer.WorkTime)
}

// insteadOfParam says which parameter was meant.
func insteadOfParam(k deployer.Kind, in strict.Node, e strict.Entry) string {
	names := paramNames(k)
	switch {
	case slices.Contains(besideWith, e.Key.Value):
		return "it stands beside with, and not in it"
	case len(names) == 0:
		return "it has none; take with away"
	case spelling.Nearest(e.Key.Value, names) == "" && in.Flow() && e.Value.IsNothing():
		return "if it belongs to the words before the comma, put them in quotes"
	}
	return strict.Instead(e.Key.Value, names)
}

// besideWith are the keys of a step that are taken for parameters.
var besideWith = []string{"timeout", "estimate", "retries", "when", "each", "needs", "on_failure", "remind", "how", "expect", "deadline", "title"}

func paramNames(k deployer.Kind) []string {
	var names []string
	for _, p := range k.Params {
		names = append(names, p.Name)
	}
	return names
}

// given checks that what has to be there is, and one of two that stand for another.
func (w *params) given(given map[string]strict.Text, mistyped map[string]bool) {
	k := w.s.s.Kind
	for i, p := range k.Params {
		if w.saidNear(w.s.w.At, "with: {"+p.Name+":") || p.Instead != "" && w.saidNear(w.s.w.At, "with: {"+p.Instead+":") {
			continue // it stands in another place
		}
		if strayFor(w.s) && (p.Name == "for" || p.Instead == "for") {
			continue
		}
		_, has := given[p.Name]
		other, hasOther := given[p.Instead]
		switch {
		case mistyped[p.Name], p.Instead != "" && mistyped[p.Instead]: // that was said
		case p.Instead != "" && has && hasOther:
			first, second := given[p.Name], other
			if second.Line < first.Line || second.Line == first.Line && second.Column < first.Column {
				first, second = second, first
			}
			hint := fmt.Sprintf("keep one of %s and %s", p.Name, p.Instead)
			if given["count"].Written() {
				hint = "keep role and count, or roles alone"
			}
			w.wrong(second, "both", fmt.Sprintf("%s has %s already", k.Name, first.Value), hint)
		case p.Instead != "" && !has && !hasOther && !saidBefore(k.Params[:i], p):
			w.wrong(w.usesKey(), "missing", fmt.Sprintf("%s needs %s or %s: %s", k.Name, p.Name, p.Instead, what(*k, p)), "add with: "+example(p))
		case p.Required && !has && p.Instead == "" && p.Type != deployer.TypeMessage:
			w.wrong(w.usesKey(), "missing", fmt.Sprintf("%s needs %s: %s", k.Name, p.Name, what(*k, p)), "add with: "+example(p))
		}
	}
}

// usesKey is where the key uses stands.
func (w *params) usesKey() strict.Text {
	at := w.s.w.Uses
	return at.KeyBefore("uses")
}

// saidBefore reports whether a pair was told by its other half.
func saidBefore(params []deployer.Param, p deployer.Param) bool {
	return slices.ContainsFunc(params, func(o deployer.Param) bool { return o.Name == p.Instead && o.Instead == p.Name })
}

// what a parameter is, as a sentence behind its name.
func what(k deployer.Kind, p deployer.Param) string {
	if k.Asks != nil && p.Name == k.Asks.Role {
		return "who may " + k.Name
	}
	return p.Doc
}

// example is a parameter as it could be written.
func example(p deployer.Param) string {
	v := map[deployer.ParamType]string{
		deployer.TypeRole: "tech-lead", deployer.TypeRoles: "[tech-lead]", deployer.TypeCounts: "{tech-lead: 1}", deployer.TypeDuration: "5m",
		deployer.TypeChannels: "[deploys]", deployer.TypeList: "[one, two]", deployer.TypeItems: "[The ticket is linked]", deployer.TypeNumber: "1",
		deployer.TypeFlag: "true", deployer.TypeURL: `"https://example.com/health"`, deployer.TypeTexts: "{name: text}",
		deployer.TypeInputs: "[{id: risk, label: Risk}]", deployer.TypeChoices: "[{id: now, label: Now}, {id: later, label: Later}]",
		deployer.TypeTime: "planned", deployer.TypeCond: `inputs.risk == "low"`, deployer.TypeOutputs: "{name: path}",
		deployer.TypeChecks: "[{name: error rate, below: 0.01}]", deployer.TypeSteps: "[approve]",
	}[p.Type]
	switch {
	case v != "":
	case len(p.Options) > 0:
		v = p.Options[0]
	default:
		v = "…"
	}
	return "{" + p.Name + ": " + v + "}"
}

// sense checks what the parameters of a step mean together.
func (w *params) sense(given map[string]strict.Text) {
	st := w.s.s
	switch clients := slices.Contains(st.To(), deployer.ChannelClients); {
	case !st.Announces():
	case clients && len(st.To()) > 1:
		w.wrong(given["to"], "clients", "clients are told by a step of their own, since their words are others", "move the other channels to another announce")
	case !given["to"].Written() && !given["people"].Written():
		w.wrong(w.usesKey(), "missing", st.Uses+" needs to or people: where it is told", "add with: {to: [deploys]}")
	}
	w.readOnce(given)
	if count, ok := given["count"]; ok && given["roles"].Written() && !given["role"].Written() {
		w.wrong(count, "both", "roles says how many of each already", "take count away")
	}
	for _, p := range st.Kind.Params {
		if p.Type == deployer.TypeMessage {
			w.tells(p.Name)
		}
	}
	if p, ok := given["default"]; ok && w.s.s.Kind.Work == deployer.WorkPeople {
		var ids []string
		for _, row := range st.With["choices"].Rows {
			ids = append(ids, row["id"])
		}
		if v := w.s.w.With.Get("default").Value; len(ids) > 0 && !slices.Contains(ids, v.Value) {
			w.wrong(v.Text, "unknown-choice", fmt.Sprintf("%s is none of the choices", v.Value), isOneOf(v.Value, ids))
		} else if len(ids) > 0 && !w.s.w.Timeout.Written() && !w.s.w.Deadline.Written() {
			w.doubt(p, "default", "default is taken when the time is over, and there is no timeout or deadline", "add for example timeout: 1h")
		}
	}
}

// readOnce refuses a reader of words that are others for each of what a step is done for.
func (w *params) readOnce(given map[string]strict.Text) {
	st := w.s.s
	if !st.Announces() || len(st.Each) == 0 && st.EachOf == "" {
		return
	}
	if review, ok := given["review"]; ok && review.Written() {
		w.wrong(review, "each", "with each the words are others every time, and a person reads them once", "take review or each away")
	} else if st.ForClients() {
		w.wrong(given["to"], "each", "with each the words are others every time, and what clients are told a person reads once", "take each away")
	}
}

// named checks what a parameter names of the config or of the other procedures, where that
// is told as it is written. Such parameters are called the same in every kind.
func (w *params) named(p deployer.Param, t strict.Text) {
	if p.Type != deployer.TypeText || hole.MatchString(t.Value) {
		return
	}
	switch p.Name {
	case "environment":
		w.site(t, p.Name, w.known.Environments)
	case "retailer":
		w.site(t, p.Name, w.known.Retailers)
	case "procedure":
		if w.known.Environments != nil && !w.builtIn && w.mine(t) && !isBlank(t.Value) {
			w.startable(t)
		}
	}
}

// startable checks the id of a procedure that a deployment follows.
func (w *params) startable(t strict.Text) {
	switch f := w.all.find(t.Value, false); {
	case f == nil && !slices.Contains(w.all.beside, t.Value):
		w.wrong(t, "unknown-procedure", fmt.Sprintf("there is no procedure %q", t.Value), w.all.insteadOf(w.from, t.Value))
	case f != nil && f.source.Abstract.Value == "true":
		w.wrong(t, "abstract", fmt.Sprintf("%q only serves other procedures, and no deployment follows it", t.Value), "name one that extends it")
	}
}

// secretParams are the parameters that may hold {secrets.name}.
func secretParam(k deployer.Kind, p deployer.Param) bool {
	return k.Name == "probe.http" && (p.Name == "headers" || p.Name == "body")
}

// paramPlace is where the text of a parameter is read.
func (w *params) paramPlace(p deployer.Param) language.Place {
	place := w.placeOf(w.s)
	place.Command = p.Escape == deployer.EscapeShell
	place.Secrets = secretParam(*w.s.s.Kind, p)
	return place
}
