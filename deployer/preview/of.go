package preview

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Of says what a start would become. The start is filled as package launch does it;
// what is missing in it is said.
func Of(start deployer.Start, f Facts) Preview {
	d := deployer.Apply(deployer.Deployment{}, deployer.Created{At: f.Now, Start: start, By: f.By})
	start.Procedure = d.Procedure // as it is bound to its kinds
	v := viewer{d: &d, f: f}
	p := Preview{Start: start, Changes: v.changes()}
	p.Missing = v.missing()
	p.Taken, p.Locked = v.barred()
	p.Phases = v.phases()
	p.Failure = v.steps(start.Procedure.Failure.Steps)
	p.Rollback = v.steps(start.Procedure.Rollback)
	p.After = v.steps(start.Procedure.After)
	return p
}

// A viewer looks at a deployment that has not begun.
type viewer struct {
	d *deployer.Deployment
	f Facts
}

func (v viewer) changes() []Change {
	var out []Change
	for _, r := range v.d.Releases {
		out = append(out, Change{Service: r.Service, From: v.f.Runs[r.Service], To: r.Tag, Revision: r.Revision})
	}
	return out
}

// missing are the inputs that have to be given. One that is not asked is not missing.
func (v viewer) missing() []deployer.Input {
	var out []deployer.Input
	for _, in := range v.d.Procedure.Inputs {
		if in.Required && deployer.Blank(v.d.Inputs[in.ID]) && v.condition(in.When, "") != Not {
			out = append(out, in)
		}
	}
	return out
}

// barred is what keeps it away.
func (v viewer) barred() (taken []deployer.Taken, locked []deployer.Locked) {
	for i, place := range v.d.Places() {
		service := ""
		if i < len(v.d.Releases) {
			service = v.d.Releases[i].Service
		}
		if h, ok := v.f.Holders[place]; ok {
			taken = append(taken, deployer.Taken{Service: service, Holder: h})
		}
		if v.d.Drill.On {
			continue
		}
		if r := v.f.Locks.Forbids(service, v.f.By, v.f.Now); r != nil && r.Locked != nil {
			locked = append(locked, *r.Locked)
		}
	}
	return taken, locked
}

// phases are those of the procedure, each with its steps.
func (v viewer) phases() []Phase {
	var out []Phase
	for i, s := range v.d.Procedure.Steps {
		if n := len(out); n == 0 || v.d.Procedure.Steps[i-1].Phase != s.Phase {
			out = append(out, v.phase(s))
		}
		last := &out[len(out)-1]
		step := v.step(s)
		if step.Needed == Sure {
			step.Needed, step.Why = last.Needed, last.Why
		}
		last.Steps = append(last.Steps, step)
	}
	return out
}

func (v viewer) phase(s deployer.Step) Phase {
	ph := v.d.Procedure.PhaseOf(s)
	return Phase{Title: ph.Title, Needed: v.condition(ph.When, ""), Why: v.why(ph.When, ph.Else, "")}
}

func (v viewer) steps(steps []deployer.Step) []Step {
	var out []Step
	for _, s := range steps {
		out = append(out, v.step(s))
	}
	return out
}

// step is what one step would do.
func (v viewer) step(s deployer.Step) Step {
	out := Step{Step: s, Does: does(s), Needed: v.condition(s.When, s.ID), Why: v.why(s.When, s.Else, s.ID)}
	if why, not := v.d.NotNeeded(deployer.StepState{Step: s}); not && out.Needed != Not {
		out.Needed, out.Why = Not, why
	}
	if why, left := deployer.LeftOut(s); left && out.Needed != Not {
		out.Needed, out.Why = Not, why
	}
	out.Members = v.members(s)
	texts := []string{s.Title, s.Expect, s.How, s.Else}
	switch out.Does {
	case Asks:
		out.Roles = asked(s)
	case Posts:
		out.To, out.Lacks = v.channels(s)
		out.Words = v.d.Procedure.Messages[cmp.Or(s.Message(), s.ID)]
		texts = append(texts, out.Words)
	case Waits:
		out.Until = v.until(s)
	case Looks:
		out.URLs = v.urls(s, out.Members)
	}
	out.Values = v.values(s.ID, texts)
	out.With = v.with(s)
	return out
}

// does is what a step does.
func does(s deployer.Step) Does {
	switch s.Work() {
	case deployer.WorkPeople:
		return Asks
	case deployer.WorkMessages:
		return Posts
	case deployer.WorkTime:
		return Waits
	case deployer.WorkFact:
		return Checks
	}
	switch {
	case s.Hand:
		return Asks
	case s.Proves():
		return Looks
	}
	return Acts
}

// asked are the roles that may answer a step.
func asked(s deployer.Step) []string {
	out := slices.Concat(s.With["roles"].List, sortedKeys(s.With["roles"].Counts))
	if s.Role() != "" {
		out = append(out, s.Role())
	}
	return out
}

func sortedKeys(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// channels are those that a step posts to, and those of them that are not there.
// What a step before makes is there when it is wanted.
func (v viewer) channels(s deployer.Step) (to, lacks []string) {
	for _, name := range s.To() {
		made := slices.ContainsFunc(v.d.Procedure.Steps, func(x deployer.Step) bool { return x.With["as"].Text == name })
		if v.d.Channels[name] == "" && !made {
			lacks = append(lacks, name)
			continue
		}
		to = append(to, name)
	}
	return to, lacks
}

// until is the moment that a step waits for, as far as it is known.
func (v viewer) until(s deployer.Step) time.Time {
	switch text := s.Until(); {
	case text == deployer.UntilPlanned:
		return v.d.Planned
	case text != "" && v.f.Language != nil && v.known(text):
		if t, err := v.f.Language.Compute(text, deployer.TypeTime, v.moment(s.ID)); err == nil {
			return t.Time
		}
	}
	return time.Time{}
}

// members are what a step is done for, as far as it is known.
func (v viewer) members(s deployer.Step) []string {
	switch {
	case s.EachOf == deployer.EachService:
		var out []string
		for _, r := range v.d.Releases {
			out = append(out, r.Service)
		}
		return out
	case s.EachOf != "" && v.f.Language != nil && v.known(s.EachOf):
		if list, err := v.f.Language.Compute(s.EachOf, deployer.TypeList, v.moment(s.ID)); err == nil {
			return list.List
		}
	}
	return s.Each
}

// condition says whether something applies.
func (v viewer) condition(when, step string) Needed {
	switch {
	case when == "":
		return Sure
	case v.f.Language == nil || !v.known(when):
		return Depends
	}
	is, err := v.f.Language.Compute(when, deployer.TypeCond, v.moment(step))
	switch {
	case err != nil:
		return Depends
	case is.Flag:
		return Sure
	}
	return Not
}

// why is the reason for what condition says.
func (v viewer) why(when, otherwise, step string) string {
	switch v.condition(when, step) {
	case Not:
		return otherwise
	case Depends:
		return when
	}
	return ""
}

func (v viewer) moment(step string) deployer.Moment {
	return deployer.Moment{Deployment: v.d, Now: v.f.Now, Step: step}
}

// Values are those of the placeholders in words at a moment, as far as all that they rest
// on is known before anything has begun. Without a language none is.
func Values(language deployer.Language, at deployer.Moment, words string) map[string]string {
	return viewer{d: at.Deployment, f: Facts{Language: language, Now: at.Now}}.values(at.Step, []string{words})
}

// values are those of the placeholders in texts.
func (v viewer) values(step string, texts []string) map[string]string {
	out := map[string]string{}
	for _, text := range texts {
		for _, path := range placeholder.FindAllStringSubmatch(text, -1) {
			if v.f.Language == nil || !v.known(path[1]) {
				continue
			}
			values, err := v.f.Language.Words(path[0], v.moment(step))
			if err == nil {
				out[path[1]] = values[path[1]]
			}
		}
	}
	return out
}

// urls are the addresses that a step asks, each once: one for all, or one for each member.
func (v viewer) urls(s deployer.Step, members []string) []string {
	var out []string
	if s.Kind == nil {
		return nil
	}
	for _, p := range s.Kind.Params {
		if text := s.With[p.Name].Text; p.Type == deployer.TypeURL && text != "" {
			for i := range max(len(members), 1) {
				at := v.moment(s.ID)
				if len(members) > 0 {
					at.Item = members[i]
				}
				out = append(out, v.url(text, p.Name, at))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// url is one at a moment; as it is written where that is not known yet.
func (v viewer) url(text, param string, at deployer.Moment) string {
	if v.f.Language == nil || v.d.Step(at.Step) == nil || slices.ContainsFunc(placeholder.FindAllString(text, -1), func(h string) bool { return !v.known(h) }) {
		return text
	}
	if with, err := v.f.Language.With(at); err == nil && with[param].Text != "" {
		return with[param].Text
	}
	return text
}

// with are the parameters of a step, filled where all that they rest on is known.
func (v viewer) with(s deployer.Step) deployer.Values {
	if v.f.Language == nil || v.d.Step(s.ID) == nil || slices.ContainsFunc(s.With.Texts(), func(t string) bool { return !v.known(t) }) {
		return s.With
	}
	if with, err := v.f.Language.With(v.moment(s.ID)); err == nil && with != nil {
		return with
	}
	return s.With
}

var (
	placeholder = regexp.MustCompile(`\{([a-z][A-Za-z0-9_.-]*)\}`)
	literal     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	// later are the names of what is found out on the way.
	later  = regexp.MustCompile(`(^|[^A-Za-z0-9_.-])(steps|maintenance|failure|outcome|approvers|skipped|each|card|id)\b`)
	past   = regexp.MustCompile(`\bsteps\.([A-Za-z0-9_-]+)`)
	valued = regexp.MustCompile(`\bvalues\.([A-Za-z0-9_-]+)`)
)

// known reports whether all that an expression or a path names is known before
// anything has begun.
func (v viewer) known(expression string) bool { return v.knownBut(expression, map[string]bool{}) }

func (v viewer) knownBut(expression string, seen map[string]bool) bool {
	bare := v.withoutPast(literal.ReplaceAllString(expression, ""))
	if later.MatchString(bare) {
		return false
	}
	for _, m := range valued.FindAllStringSubmatch(bare, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		value, ok := v.d.Procedure.Values[m[1]]
		if !ok {
			value = v.d.Procedure.Values[strings.ReplaceAll(m[1], "_", "-")]
		}
		if !v.knownBut(value, seen) {
			return false
		}
	}
	return true
}

// withoutPast is an expression without what it names of steps that are over, which is
// known.
func (v viewer) withoutPast(expression string) string {
	return past.ReplaceAllStringFunc(expression, func(name string) string {
		id := strings.TrimPrefix(name, "steps.")
		for _, s := range v.d.Steps {
			if s.Over() && (s.ID == id || strings.ReplaceAll(s.ID, "-", "_") == id) {
				return "true"
			}
		}
		return name
	})
}
