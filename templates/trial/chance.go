package trial

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A chance says what happens by a seed alone: the same whenever it is asked.
type chance struct {
	seed uint64
	few  bool // nobody would be left to approve what somebody patches forward
}

// draw is a number below n that follows from the seed and from what it is for.
func (c chance) draw(n int, parts ...string) int {
	h := fnv.New64a()
	for _, p := range append([]string{strconv.FormatUint(c.seed, 10)}, parts...) {
		h.Write([]byte(p + "\x00"))
	}
	return int(h.Sum64() % uint64(n))
}

// triesMax is after how many tries nothing fails any more, so that a walk ends.
const triesMax = 4

// Machine implements Director: every sixth try fails.
func (c chance) Machine(s deployer.StepState, item string) Outcome {
	at := func(what string) []string { return []string{s.ID, item, strconv.Itoa(s.Attempt), what} }
	out := Outcome{After: time.Duration(1+c.draw(300, at("takes")...)) * time.Second, Outputs: map[string]string{}}
	if fails := s.Kind.Fails; c.draw(6, at("fails")...) == 0 && s.Attempt < triesMax {
		out.Fails = deployer.FaultTimeout
		if len(fails) > 0 {
			out.Fails = fails[c.draw(len(fails), at("which")...)]
		}
	}
	for _, p := range s.Kind.Outputs {
		if p.Type == deployer.TypeFlag {
			out.Outputs[p.Name] = strconv.FormatBool(c.draw(2, at(p.Name)...) == 0)
		}
	}
	return out
}

// Answer implements Director: now and then somebody says no, or comes late.
func (c chance) Answer(s deployer.StepState, item, person string) (Outcome, bool) {
	at := func(what string) []string { return []string{s.ID, item, person, strconv.Itoa(s.Attempt), what} }
	out := Outcome{After: time.Duration(1+c.draw(90, at("takes")...)) * time.Minute, Outputs: map[string]string{}}
	if c.draw(12, at("fails")...) == 0 {
		out.Fails = rejected
	}
	for _, row := range s.With["choices"].Rows {
		if out.Choice == "" || c.draw(2, at(row["id"])...) == 0 {
			out.Choice = row["id"]
		}
	}
	return out, true
}

// decisionsMax is after how many decisions a walk is stopped.
const decisionsMax = 8

// Decides implements Director.
func (c chance) Decides(n int) Outcome {
	choices := []string{"retry", "retry", "check-again", "skip", "patch-forward", "roll-back", "stop"}
	switch {
	case n > decisionsMax:
		choices = []string{"stop"}
	case c.few:
		choices = slices.DeleteFunc(choices, func(choice string) bool { return choice == "patch-forward" })
	}
	return Outcome{Choice: choices[c.draw(len(choices), "decides", strconv.Itoa(n))]}
}

// Walk plays a procedure once, with what chance makes of a seed: of its inputs, of what
// people and systems do, of restarts. The error says which promise was not kept, or
// that it came to no end.
func Walk(s Setting, id string, seed uint64) error {
	p, ok := s.Procedures[id]
	if !ok || p.Abstract {
		return fmt.Errorf("there is no procedure %s that can be started", id)
	}
	c := chance{seed: seed}
	at := time.Date(2026, time.March, 5, 10, 0, 0, 0, time.UTC).Add(time.Duration(c.draw(14*24, "at")) * time.Hour)
	f := file{Retailers: []string{"tangerine", "lemon", "plum"}}
	b := start{In: place{Retailer: "tangerine", Environment: "prod"}, Services: map[string]string{}, Inputs: map[string]strict.Text{}, Reason: "A walk."}
	if len(p.Environments) > 0 {
		b.In.Environment = p.Environments[c.draw(len(p.Environments), "environment")]
	}
	for i := range map[deployer.ServiceCount]int{deployer.ServicesOne: 1, deployer.ServicesMany: 1 + c.draw(3, "services")}[p.Services] {
		b.Services["web-"+strconv.Itoa(i+1)] = "v2"
	}
	for _, system := range systemsOf(p) {
		if c.draw(3, "by hand") == 0 && c.draw(3, "by hand", system) > 0 {
			b.ByHand = append(b.ByHand, strict.Text{Value: system})
		}
	}
	c.few = c.draw(2, "few") == 0
	w := newWorld(s.Language, c, map[string][]string{}, at)
	w.restarts = c.draw(4, "restarts") == 0
	if c.few {
		w.few = fewest(p)
	}
	for _, in := range p.Inputs {
		b.Inputs[in.ID] = strict.Text{Value: c.input(s.options(in, f.Retailers), at)}
	}
	if p.HasPlannedStart() && c.draw(2, "planned") == 0 {
		b.Planned = strict.Text{Value: at.Add(time.Duration(1+c.draw(48, "ahead")) * time.Hour).Format(time.RFC3339)}
	}
	order, err := s.start(f, p, b, at)
	if err == nil {
		err = w.begin("requester", order)
	}
	if err == nil {
		err = w.play()
	}
	if field, wrong := errors.AsType[launch.FieldError](err); wrong && field.Field == launch.FieldPlanned && w.d.ID == "" {
		return nil // by a window; nothing else refuses it
	}
	if err == nil {
		err = w.kept()
	}
	if err != nil {
		return fmt.Errorf("walk %d of %s: %w", seed, id, err)
	}
	return nil
}

// fewest is with how many people of each role a procedure can be gone through: with fewer,
// whoever starts it is warned of questions that nobody can answer.
func fewest(p deployer.Procedure) int {
	for n := 1; n < peopleOfRole; n++ {
		holders := func(role string) deployer.Holders {
			var h deployer.Holders
			for _, person := range namedLike(role)[:n] {
				h.People = append(h.People, []string{person})
			}
			return h
		}
		if len(launch.Unanswerable(p, "requester", holders)) == 0 {
			return n
		}
	}
	return peopleOfRole
}

// options is an input with the options that an expression comes to.
func (s Setting) options(in deployer.Input, retailers []string) deployer.Input {
	if in.OptionsOf != "" {
		d := deployer.Deployment{Site: deployer.Site{Name: retailers[0]}, Place: deployer.Locale{Retailers: retailers}}
		v, _ := s.Language.Compute(in.OptionsOf, deployer.TypeList, deployer.Moment{Deployment: &d}) // none: the start says why
		in.Options = v.List
	}
	return in
}

// input is what is given for an input: one of its options, its default, or something
// that fits.
func (c chance) input(in deployer.Input, at time.Time) string {
	switch {
	case len(in.Options) > 0 && in.Many:
		return strings.Join(in.Options[c.draw(len(in.Options), "input", in.ID):], "\n")
	case len(in.Options) > 0:
		return in.Options[c.draw(len(in.Options), "input", in.ID)]
	case in.Kind == deployer.InputBoolean:
		return strconv.FormatBool(c.draw(2, "input", in.ID) == 0)
	case in.Default != "" || !in.Required:
		return in.Default
	case in.Kind == deployer.InputTime:
		return at.Add(-time.Hour).Format(time.RFC3339)
	}
	return (&world{now: at}).example(in)
}

// kept says which promise about the end was not kept, if any.
func (w *world) kept() error {
	for _, s := range w.d.Steps {
		switch {
		case s.Skipped.By.ID != "" && s.Skipped.Reason == "":
			return fmt.Errorf("%s was skipped without a reason", s.ID)
		case s.Status == deployer.StepNotNeeded && s.When == "" && s.Why == "" && !w.phaseFails(s):
			return fmt.Errorf("%s was passed over, and nothing says why", s.ID)
		case w.d.Status == deployer.Complete && s.Part == deployer.PartMain && !s.Over():
			return fmt.Errorf("it is complete, and %s is %s", s.ID, s.Status)
		case s.Deploys() && s.Skipped.By.ID != "":
			return fmt.Errorf("%s deploys, and was skipped", s.ID)
		}
	}
	freed := 0
	for _, e := range w.events {
		if _, ok := e.(deployer.PlacesFreed); ok {
			freed++
		}
	}
	if freed != 1 {
		return fmt.Errorf("its places were freed %d times", freed)
	}
	return nil
}

// phaseFails reports whether the phase of a step was not needed.
func (w *world) phaseFails(s deployer.StepState) bool {
	return w.d.Phases[w.d.Procedure.PhaseOf(s.Step).ID] == deployer.Fails
}
