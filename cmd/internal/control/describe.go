package control

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/deployer"
)

// summarize is a deployment in a line or two; holders are the people of a role.
func summarize(d deployer.Deployment, holders func(role string) []deployer.Actor) Summary {
	s := Summary{
		ID: d.ID, Drill: d.Drill.On, Title: cmp.Or(d.Procedure.Title, d.Procedure.ID), Retailer: d.Site.Name, Environment: d.Site.Environment,
		State: string(d.Status), AskedBy: d.Requester.Name, Since: d.Created, Services: changes(d), Waits: []Wait{},
	}
	for _, a := range awaited.Of(d) {
		w := Wait{Step: a.Step, What: "a decision", Who: waitedFor(d, a, holders), Since: a.Since}
		if step := d.Step(a.Step); step != nil {
			w.What = step.Title
			if g, _, gated := step.GateOf(); gated {
				w.What = g.Asks
			}
		} else if broken := d.Broken(); broken != nil {
			w.What = "a decision about “" + broken.Title + "”"
		}
		s.Waits = append(s.Waits, w)
	}
	if deployer.TakenOver(d) {
		s.Waits = append(s.Waits, Wait{What: "taken over by " + d.Taken.By.Name, Since: d.Taken.At})
	}
	for _, step := range d.Current() {
		if held(step) && !step.HeldBack {
			s.Waits = append(s.Waits, Wait{Step: step.ID, What: "“" + step.Title + "” is held: " + strings.TrimSuffix(step.Held.Why, "."), Since: step.Began})
		}
	}
	return s
}

// changes are what becomes of the services; before they are looked up, what was asked
// for.
func changes(d deployer.Deployment) []Change {
	out := []Change{}
	for _, t := range d.Targets {
		out = append(out, Change{t.Service, t.Before.Version, t.After.Version})
	}
	if len(out) > 0 {
		return out
	}
	for _, r := range d.Releases {
		out = append(out, Change{Service: r.Service, To: cmp.Or(r.Tag, r.Revision)})
	}
	return out
}

// waitedFor are those who can answer: by name where it is known, else by role.
func waitedFor(d deployer.Deployment, a awaited.Ask, holders func(role string) []deployer.Actor) []string {
	var out []string
	if a.Person != "" {
		out = append(out, d.Requester.Name)
	}
	for _, role := range a.Roles {
		var names []string
		for _, p := range holders(role) {
			if !slices.Contains(a.Except, p.ID) && !slices.Contains(out, p.Name) {
				names = append(names, p.Name)
			}
		}
		if len(names) == 0 && role != "" && len(holders(role)) == 0 {
			names = []string{"somebody of " + role}
		}
		out = append(out, names...)
	}
	return out
}

// held reports whether something keeps a step from changing what runs.
func held(s deployer.StepState) bool { return s.Status == deployer.Active && s.Held.Why != "" }

// describe is all of a deployment.
func describe(d deployer.Deployment, holders func(role string) []deployer.Actor) Detail {
	out := Detail{Summary: summarize(d, holders), Why: d.Why, Reason: d.Reason, Inputs: d.Inputs, Steps: []Step{}, Choices: []Choice{}}
	for _, s := range d.Steps {
		if s.Part != d.Part && s.Status == deployer.Pending {
			continue // of a rollback that nobody has decided, for one
		}
		out.Steps = append(out.Steps, stepOf(d, s))
	}
	for _, o := range offers(d) {
		out.Choices = append(out.Choices, o.Choice)
	}
	return out
}

// stepOf is one step and what became of it.
func stepOf(d deployer.Deployment, s deployer.StepState) Step {
	out := Step{ID: s.ID, Title: cmp.Or(s.Title, s.ID), Why: s.Why}
	switch {
	case s.Skipped.By.ID != "":
		out.State, out.Why = "skipped", "by "+s.Skipped.By.Name+": "+s.Skipped.Reason
	case s.Machine != nil:
		out.State, out.Why = "done", "by hand, by "+s.By.Name
	case held(s) && !(s.HeldBack && d.AwaitsPerson(s)):
		out.State, out.Why = "held", s.Held.Why
	case s.Status == deployer.Active && d.AwaitsPerson(s):
		out.State = "waiting"
		for _, item := range s.Items() {
			out.List = append(out.List, item.Title)
		}
	case s.Status == deployer.Active && s.Announces():
		out.State, out.Why = "telling", "Slack has not taken all of it yet"
	default:
		out.State = states[s.Status]
	}
	return out
}

// states are those of steps, in words.
var states = map[deployer.StepStatus]string{
	deployer.Pending: "to come", deployer.Active: "under way", deployer.Done: "done",
	deployer.StepFailed: "failed", deployer.StepInterrupted: "unclear", deployer.StepNotNeeded: "not needed",
}
