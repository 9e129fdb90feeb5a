package language

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stationmaster/stationmaster/deployer"
)

// step is what became of a step.
func (f *facts) step(id string) (ref.Val, bool) {
	for i := range f.Steps {
		if s := &f.Steps[i]; s.ID == id || plain(s.ID) == id {
			return f.stepThing(*s), true
		}
	}
	return nil, false
}

// stepThing has what every step leaves behind, what it leaves behind for each of those
// that it is done for, and where that is one, that one's.
func (f *facts) stepThing(s deployer.StepState) thing {
	path := "steps." + s.ID
	return thing{path: path, same: path, print: s.Title, field: func(name string) (ref.Val, bool) {
		if v, ok := f.common(s, name, s.Status == deployer.Done && s.Skipped.By.ID == "" && !s.Noted()); ok {
			return v, true
		}
		items := deployer.ItemsOf(*f.Deployment, s)
		switch name {
		case "of":
			members := map[ref.Val]ref.Val{}
			for _, item := range items {
				members[types.String(item)] = f.member(s, item)
			}
			of := types.NewRefValMap(types.DefaultTypeAdapter, members)
			if s.Status == deployer.StepNotNeeded {
				return undone{of, func(item string) ref.Val { return f.member(s, item) }}, true
			}
			return of, true
		case "all":
			var members []ref.Val
			for _, item := range items {
				members = append(members, f.member(s, item))
			}
			return listOf(members), true
		case "done_for", "not_done_for":
			var out []string
			for _, item := range items {
				if deployer.DoneFor(*f.Deployment, s, item) == (name == "done_for") {
					out = append(out, item)
				}
			}
			return textsOf(out), true
		}
		return f.output(s, "", name)
	}}
}

// undone are the members of a step that was not needed: nobody has asked which they
// are, and whichever is meant has left nothing behind.
type undone struct {
	traits.Mapper
	member func(string) ref.Val
}

// Find implements traits.Mapper.
func (u undone) Find(key ref.Val) (ref.Val, bool) {
	if k, ok := key.(types.String); ok {
		return u.member(string(k)), true
	}
	return u.Mapper.Find(key)
}

// Get implements traits.Mapper.
func (u undone) Get(key ref.Val) ref.Val {
	if v, ok := u.Find(key); ok {
		return v
	}
	return u.Mapper.Get(key)
}

// member is what a step leaves behind for one of those that it is done for.
func (f *facts) member(s deployer.StepState, item string) thing {
	path := fmt.Sprintf("steps.%s.of[%q]", s.ID, item)
	return thing{path: path, same: path, print: item, field: func(name string) (ref.Val, bool) {
		if v, ok := f.common(s, name, deployer.DoneFor(*f.Deployment, s, item)); ok {
			return v, true
		}
		if v, ok := f.output(s, item, name); ok || name != "name" {
			return v, ok
		}
		return types.String(item), true
	}}
}

// common is what every step leaves behind.
func (f *facts) common(s deployer.StepState, name string, done bool) (ref.Val, bool) {
	switch name {
	case "done":
		return types.Bool(done), true
	case "skipped":
		return types.Bool(s.Skipped.By.ID != ""), true
	case "failed":
		return types.Bool(s.Failed || s.Status == deployer.StepFailed), true
	case "by":
		return person(whoDid(s)), true
	case "at":
		return moment(s.Finished), true
	case "took":
		if s.Finished.IsZero() || s.Began.IsZero() {
			return nil, true
		}
		return types.Duration{Duration: s.Finished.Sub(s.Began)}, true
	case "why":
		if s.Skipped.Reason != "" {
			return types.String(s.Skipped.Reason), true
		}
		return types.String(s.Why), true
	}
	return nil, false
}

// whoDid is who has answered a step last, or skipped it.
func whoDid(s deployer.StepState) deployer.Actor {
	switch {
	case s.Skipped.By.ID != "":
		return s.Skipped.By
	case s.By.ID != "":
		return s.By
	case len(s.Approvals) > 0:
		return s.Approvals[len(s.Approvals)-1].By
	case len(s.Given) > 0:
		return s.Given[len(s.Given)-1].By
	}
	return deployer.Actor{}
}

// output is one of those that a step leaves behind. Where it has left none, a text is
// empty, a flag is false, a list is empty, and all else is absent.
func (f *facts) output(s deployer.StepState, item, name string) (ref.Val, bool) {
	left := deployer.Outputs(*f.Deployment, s, item)
	if link := linkTo(s.FirstPost(item)); link != "" && s.Status == deployer.Done && s.Skipped.By.ID == "" {
		left = deployer.Values{"url": {Text: link}}
	}
	for _, p := range declared(s.Step) {
		if p.Name == name || plain(p.Name) == name {
			v, ok := left[p.Name]
			return parameter(p, v, ok), true
		}
	}
	return nil, false
}

// declared are the outputs of a step: its kind's, and those that it declares itself.
func declared(s deployer.Step) []deployer.Param {
	if s.Kind == nil {
		return nil
	}
	out := append([]deployer.Param(nil), s.Kind.Outputs...)
	for _, p := range s.Kind.Params {
		switch p.Type {
		case deployer.TypeInputs:
			for _, in := range s.With[p.Name].Inputs {
				out = append(out, deployer.Param{Name: in.ID, Type: outputType(in)})
			}
		case deployer.TypeOutputs:
			for name := range s.With[p.Name].Texts {
				out = append(out, deployer.Param{Name: name, Type: deployer.TypeText})
			}
		}
	}
	return out
}

// outputType is how an answer to an input is kept.
func outputType(in deployer.Input) deployer.ParamType {
	if in.Many {
		return deployer.TypeList
	}
	switch in.Kind {
	case deployer.InputBoolean:
		return deployer.TypeFlag
	case deployer.InputNumber:
		return deployer.TypeNumber
	case deployer.InputTime:
		return deployer.TypeTime
	case deployer.InputDuration:
		return deployer.TypeDuration
	}
	return deployer.TypeText
}

// skipped says what was skipped, by whom and why, and what went on without having gone
// well: a sentence each.
func (f *facts) skipped() string {
	var out []string
	for _, s := range f.Steps {
		switch {
		case s.Skipped.By.ID != "":
			out = append(out, deployer.Sentence(fmt.Sprintf("“%s” was skipped by %s: %s", s.Title, s.Skipped.By.Name, s.Skipped.Reason)))
		case s.Noted():
			out = append(out, deployer.Sentence(fmt.Sprintf("“%s” did not go well: %s", s.Title, s.Why)))
		}
	}
	return strings.Join(out, " ")
}

// failure is the one that a text is about.
func (f *facts) failure() thing {
	failed := deployer.FailureOf(*f.Deployment, f.at.Step)
	title := failed.Step
	if s := f.Step(failed.Step); s != nil && s.Title != "" {
		title = s.Title
	}
	return fixed("failure", title, map[string]ref.Val{
		"step": types.String(title), "why": types.String(deployer.Sentence(failed.Why)), "kind": types.String(failed.Kind),
	})
}
