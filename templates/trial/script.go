package trial

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
	"go.yaml.in/yaml/v4"
)

// failureKey is what the decisions after failures stand under.
const failureKey = "failure"

// A script is what a test says: of a step, of its members or people, of each try.
type script struct {
	steps     map[string]map[string][]Outcome // by step, and by member or person; "": whichever it is
	decisions []Outcome
}

// Machine implements Director.
func (s script) Machine(step deployer.StepState, item string) Outcome {
	tries, ok := s.steps[step.ID][item]
	if !ok {
		tries = s.steps[step.ID][""]
	}
	return nth(tries, step.Attempt)
}

// Answer implements Director.
func (s script) Answer(step deployer.StepState, item, person string) (Outcome, bool) {
	said := s.steps[step.ID]
	if len(said) == 0 {
		return Outcome{}, true
	}
	for _, of := range []string{item, person, ""} {
		if tries, ok := said[of]; ok {
			return nth(tries, step.Attempt), true
		}
	}
	return Outcome{}, item != "" // of other members nothing is said; of other people, that they are not there
}

// Decides implements Director.
func (s script) Decides(n int) Outcome { return nth(s.decisions, n) }

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
	out := script{steps: map[string]map[string][]Outcome{}}
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
	case "always":
		if out.Always = value.Value == "true"; !out.Always && value.Value != "false" {
			r.wrong(value, "always is %q; it can be true or false", value.Value)
		}
	case "choice":
		out.Choice = r.choice(value)
	case "after":
		out.After = r.span(value)
	case "nobody":
		out.Nobody = r.span(value)
	case "outputs":
		out.Outputs = map[string]string{}
		for i := 0; i+1 < len(value.Content); i += 2 {
			out.Outputs[value.Content[i].Value] = written(value.Content[i+1])
		}
	default:
		r.wrong(key, "%s", strict.Unknown("key", key.Value, outcomeKeys))
	}
}

// failure is the name of a failure that the step has.
func (r *reader) failure(n *yaml.Node) string {
	known := []string{deployer.FaultTimeout}
	if r.step != nil && r.step.Kind != nil {
		known = append(known, r.step.Kind.Fails...)
	}
	if r.step != nil && !slices.Contains(known, n.Value) {
		r.wrong(n, "%s", strict.Unknown("failure of "+r.step.Uses, n.Value, known))
	}
	return n.Value
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
	case slices.Contains(known, n.Value):
	case r.step != nil && r.step.Approves():
		r.wrong(n, "an approve has no choice %q; write {fails: rejected}, or {after: 40m}", n.Value)
	case len(known) == 0:
		r.wrong(n, "%s has no choice %q; say what happens, such as {fails: timeout}, {after: 40m}, {outputs: {NAME: value}}, {nobody: 3d} or succeeds", r.step.ID, n.Value)
	default:
		r.wrong(n, "%s", strict.Unknown("choice", n.Value, known))
	}
	return n.Value
}

// written is a value as text; of a list, a line each.
func written(n *yaml.Node) string {
	if n.Kind != yaml.SequenceNode {
		return n.Value
	}
	lines := make([]string, len(n.Content))
	for i, c := range n.Content {
		lines[i] = c.Value
	}
	return strings.Join(lines, "\n")
}

func (r *reader) span(n *yaml.Node) time.Duration {
	d, err := deployer.ParseSpan(n.Value)
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
