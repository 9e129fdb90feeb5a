package trial

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// rejected is the failure of an approve that somebody says no to.
const rejected = "rejected"

// requestsChanges is the choice of an approve that somebody wants something changed first;
// then the requester replies, and they approve.
const requestsChanges = "request-changes"

// failureKey is what the decisions after failures stand under.
const failureKey = "failure"

// A script is what a test says: of a step, of its members or people, of each try.
type script struct {
	steps     map[string]map[string][]Outcome // by step, and by member or person; "": whichever it is
	decisions []Outcome
	came      map[string]map[string]int // of steps: up to which of the tries it came
}

// Machine implements Director.
func (s script) Machine(step deployer.StepState, item string) Outcome {
	if _, ok := s.steps[step.ID][item]; !ok {
		item = ""
	}
	return s.nth(step, item)
}

// Answer implements Director.
func (s script) Answer(step deployer.StepState, item, person string) (Outcome, bool) {
	said := s.steps[step.ID]
	if len(said) == 0 {
		return Outcome{}, true
	}
	for _, of := range []string{item, person, ""} {
		if _, ok := said[of]; ok {
			o := s.nth(step, of)
			return o, o.Fails == "" || o.Fails == rejected // nobody answers, so that its time is over
		}
	}
	return Outcome{}, item != "" // of other members nothing is said; of other people, that they are not there
}

// Decides implements Director.
func (s script) Decides(n int) Outcome { return nth(s.decisions, n) }

// nth is what happens at a step now, by what stands under a name.
func (s script) nth(step deployer.StepState, of string) Outcome {
	if s.came[step.ID] == nil {
		s.came[step.ID] = map[string]int{}
	}
	s.came[step.ID][of] = max(s.came[step.ID][of], step.Attempt)
	return nth(s.steps[step.ID][of], step.Attempt)
}

// idle says what of a script never came to pass: a test that says it shows nothing.
func (s script) idle(decisions int) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(s.steps)) {
		for _, of := range slices.Sorted(maps.Keys(s.steps[id])) {
			name, said, came := id, len(s.steps[id][of]), s.came[id][of]
			if of != "" {
				name += ": " + of
			}
			if came == 0 {
				out = append(out, "do: "+name+": it never came to that")
			} else if came < said {
				out = append(out, fmt.Sprintf("do: %s: it says what happens in %s, and there was %d", name, deployer.Count(said, "attempt"), came))
			}
		}
	}
	if said := len(s.decisions); decisions < said {
		out = append(out, fmt.Sprintf("do: failure: it says what is decided %s, and it came to %d", deployer.Count(said, "time"), decisions))
	}
	return out
}

// nth is what happens at the nth of several tries; nothing in particular once they
// are over.
func nth(tries []Outcome, n int) Outcome {
	if last := len(tries) - 1; last >= 0 && n > last && tries[last].Always {
		n = last + 1
	}
	if n < 1 || n > len(tries) {
		return Outcome{}
	}
	return tries[n-1]
}

// A reader reads what a test says, and collects what is wrong with it.
type reader struct {
	file      string
	procedure deployer.Procedure
	cast      cast
	hand      []strict.Text  // systems that are not there
	step      *deployer.Step // that is read about; nil: the decisions after failures
	problems  strict.Problems
}

func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, textOf(n).At(r.file, format, args...))
}

func textOf(n *yaml.Node) strict.Text {
	return strict.Text{Value: n.Value, Line: n.Line, Column: n.Column}
}

// script reads what happens in a test.
func (r *reader) script(do *yaml.Node) script {
	out := script{steps: map[string]map[string][]Outcome{}, came: map[string]map[string]int{}}
	for i := 0; i+1 < len(do.Content); i += 2 {
		key, n := do.Content[i], do.Content[i+1]
		if r.step = stepOf(r.procedure, key.Value); r.step == nil && key.Value != failureKey {
			r.wrong(key, "%s", strict.Unknown("step", key.Value, stepIDs(r.procedure)))
			continue
		}
		if key.Value == failureKey {
			out.decisions = r.tries(n)
			continue
		}
		out.steps[key.Value] = r.happens(n)
	}
	return out
}

// happens reads what happens at one step: at all of it, or by member or person.
func (r *reader) happens(n *yaml.Node) map[string][]Outcome {
	if n.Kind != yaml.MappingNode || isOutcome(n) {
		return map[string][]Outcome{"": r.tries(n)}
	}
	out := map[string][]Outcome{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !r.happensTo(n.Content[i]) {
			continue // what stands under a wrong name says nothing
		}
		out[n.Content[i].Value] = r.tries(n.Content[i+1])
	}
	return out
}

// tries reads one outcome, or several: one a try.
func (r *reader) tries(n *yaml.Node) []Outcome {
	if n.Kind != yaml.SequenceNode {
		return []Outcome{r.outcome(n)}
	}
	var out []Outcome
	for _, c := range n.Content {
		out = append(out, r.outcome(c))
	}
	return out
}

// isOutcome reports whether a mapping says what happens, and not to whom.
func isOutcome(n *yaml.Node) bool {
	return len(n.Content) > 0 && slices.Contains(outcomeKeys, n.Content[0].Value)
}

// outcome reads one. A word alone is a choice, or that it succeeds.
func (r *reader) outcome(n *yaml.Node) Outcome {
	var out Outcome
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "succeeds":
		return out
	case n.Kind == yaml.ScalarNode:
		out.Choice = r.choice(n)
		return out
	case n.Kind != yaml.MappingNode:
		r.wrong(n, "say what happens, such as {fails: timeout}, {after: 40m}, {choice: ID}, {outputs: {NAME: value}}, {nobody: 3d} or succeeds")
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.key(&out, n.Content[i], n.Content[i+1])
	}
	return out
}

// key reads one key of an outcome.
func (r *reader) key(out *Outcome, key, value *yaml.Node) {
	switch key.Value {
	case "fails":
		out.Fails = r.failure(value)
	case "succeeds":
		if value.Value == "false" || value.Value == "no" || out.Fails != "" {
			r.wrong(value, "write how it fails, or that it succeeds; such as {fails: timeout}")
		}
	case "always":
		if out.Always = value.Value == "true"; !out.Always && value.Value != "false" {
			r.wrong(value, "always is %q; it can be true or false", value.Value)
		}
	case "choice":
		out.Choice = r.choice(value)
	case "after":
		out.After = r.span(value)
	case "nobody":
		if out.Nobody = r.span(value); r.step != nil && !r.people(*r.step) && r.step.Work() != deployer.WorkMessages {
			r.wrong(key, "%s asks nobody; how long it takes is written such as {after: 3d}", r.step.Uses)
		}
	case "outputs":
		out.Outputs = map[string]string{}
		for i := 0; i+1 < len(value.Content); i += 2 {
			out.Outputs[value.Content[i].Value] = r.output(value.Content[i], value.Content[i+1])
		}
	default:
		r.wrong(key, "%s", strict.Unknown("key", key.Value, outcomeKeys))
	}
}

// choice is one of those that the step has, or of what is decided after a failure.
func (r *reader) choice(n *yaml.Node) string {
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(decisions)), func(word string) bool { return word == "" })
	if r.step != nil {
		known = nil
		for _, row := range r.step.With["choices"].Rows {
			known = append(known, row["id"])
		}
	}
	switch {
	case slices.Contains(known, n.Value), r.step != nil && r.step.Approves() && n.Value == requestsChanges:
	case r.step != nil && r.step.Approves():
		r.wrong(n, "an approve has no choice %q; write request-changes, {fails: rejected}, or {after: 40m}", n.Value)
	case len(known) == 0:
		r.wrong(n, "%s has no choice %q; say what happens, such as {fails: timeout}, {after: 40m}, {outputs: {NAME: value}}, {nobody: 3d} or succeeds", r.step.ID, n.Value)
	default:
		r.wrong(n, "%s", strict.Unknown("choice", n.Value, known))
	}
	return n.Value
}

func (r *reader) span(n *yaml.Node) time.Duration {
	d, err := spelling.ParseSpan(n.Value)
	if err != nil {
		r.wrong(n, "%q is not a time such as 40m or 3d", n.Value)
	}
	return d
}

// stepOf finds a step of any part.
func stepOf(p deployer.Procedure, id string) *deployer.Step {
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for i := range steps {
			if steps[i].ID == id {
				return &steps[i]
			}
		}
	}
	return nil
}

func stepIDs(p deployer.Procedure) []string {
	var out []string
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for _, s := range steps {
			out = append(out, s.ID)
		}
	}
	return out
}
