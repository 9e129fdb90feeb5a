package trial

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
	"go.yaml.in/yaml/v4"
)

// What a test says that happens has to be what can happen: else it shows nothing.

// failure is the name of a failure that the step has, and that can be told of it.
func (r *reader) failure(n *yaml.Node) string {
	known := []string{deployer.FaultTimeout}
	if r.step == nil {
		return n.Value
	}
	if r.step.Kind != nil {
		known = append(known, r.step.Kind.Fails...)
	}
	switch waits := r.step.Timeout > 0 || r.step.Deadline != ""; {
	case !slices.Contains(known, n.Value):
		r.wrong(n, "%s", strict.Unknown("failure of "+r.step.Uses, n.Value, known))
	case r.step.Work() == deployer.WorkSystem, r.step.Approves() && n.Value == rejected:
	case r.step.Work() == deployer.WorkFact, r.step.Work() == deployer.WorkTime:
		r.wrong(n, "whether %s fails follows from what it says, and no test says it", r.step.Uses)
	case n.Value == deployer.FaultUndelivered:
		r.wrong(n, "tests deliver every message; that one can't be is no thing of the procedure")
	case !waits:
		r.wrong(n, "%s has no timeout, so that it is waited for; say for how long, such as {nobody: 3d}", r.step.ID)
	}
	return n.Value
}

// output is what a step leaves behind under a name, or is filled in.
func (r *reader) output(key, value *yaml.Node) string {
	text := written(value)
	if r.step == nil || r.step.Kind == nil {
		return text
	}
	types := map[string]deployer.ParamType{}
	for _, p := range r.step.Kind.Outputs {
		types[p.Name] = p.Type
	}
	if r.step.Work() != deployer.WorkSystem { // what people are asked is looked at when they answer
		types = map[string]deployer.ParamType{"comment": deployer.TypeText}
		for _, p := range r.step.Kind.Outputs {
			types[p.Name] = deployer.TypeText
		}
	}
	for _, v := range r.step.With {
		for _, in := range v.Inputs {
			types[in.ID] = deployer.TypeText
		}
	}
	for name := range r.step.With["outputs"].Texts {
		types[name] = deployer.TypeText
	}
	of, known := types[key.Value]
	switch _, evidence := types["evidence"]; {
	case evidence && strings.HasPrefix(key.Value, "evidence"):
	case !known:
		r.wrong(key, "%s", strict.Unknown("output of "+r.step.ID, key.Value, slices.Sorted(maps.Keys(types))))
	case !fits(of, text):
		r.wrong(value, "%q is not what %s can be; write %s", text, key.Value, examples[of])
	}
	return text
}

// examples are values of the types that not every text is one of.
var examples = map[deployer.ParamType]string{
	deployer.TypeFlag: "true or false", deployer.TypeNumber: "a whole number", deployer.TypeTime: "a moment such as 2026-03-05T22:10:00Z",
}

// fits reports whether a text is a value of a type.
func fits(of deployer.ParamType, text string) bool {
	var err error
	switch of {
	case deployer.TypeFlag:
		return text == "true" || text == "false"
	case deployer.TypeNumber:
		_, err = strconv.Atoi(text)
	case deployer.TypeTime:
		_, err = time.Parse(time.RFC3339, text)
	}
	return err == nil
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
