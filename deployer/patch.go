package deployer

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// To patch forward is to answer a failure with another version: it takes over the place,
// the window and the record of the deployment. What the tags mean is looked up as at the
// start, and until that is known nothing of the deployment is another. Then all begins from
// nothing that stands at or after its first approval, and everybody is asked anew; what was
// done before stays done. The way back stays that from what ran before the first rollout.

// A Patch is one version that has taken over from another.
type Patch struct {
	By       Actor
	At       time.Time
	Comment  string
	From, To []Release // of all services
	Taken    bool      // it has taken over
	Refused  string    // why it can't; where it has not taken over either, it is looked up what it means
	Over     time.Time // when it was refused
}

// Brought is what a deployment has rolled out of a service before another version took
// over.
type Brought struct {
	Service string
	Since   time.Time // when its first rollout began
	State   State     // what the last one was to bring
	Mark    string    // which that one has, going forward
	Found   State     // what that one found
	Runs    State     // what was there when the next version was resolved
}

// Patching is the patch of which it is looked up what it means; nil: there is none.
func Patching(d Deployment) *Patch {
	if n := len(d.Patches); d.Status == Deciding && n > 0 && !d.Patches[n-1].Taken && d.Patches[n-1].Refused == "" {
		return &d.Patches[n-1]
	}
	return nil
}

// Unpatched is the patch that could not take over, as long as somebody decides what is to
// be done instead; nil: there is none.
func Unpatched(d Deployment) *Patch {
	if n := len(d.Patches); d.Status == Deciding && n > 0 && d.Patches[n-1].Refused != "" && d.Patches[n-1].Over.Equal(d.Decision.Since) {
		return &d.Patches[n-1]
	}
	return nil
}

// Patched are the patches that have taken over, the first first.
func Patched(d Deployment) []Patch {
	return slices.DeleteFunc(slices.Clone(d.Patches), func(p Patch) bool { return !p.Taken })
}

// Changed are the services that a patch brings another version of, with the old one and
// the new one.
func (p Patch) Changed() (from, to []Release) {
	for i, r := range p.To {
		if r != p.From[i] {
			from, to = append(from, p.From[i]), append(to, r)
		}
	}
	return from, to
}

// Unresolved are the releases of which it is to be looked up what they mean: at the
// start, and of a patch.
func Unresolved(d Deployment) []Release {
	if p := Patching(d); p != nil {
		return p.To
	}
	return d.Releases
}

// patchable reports whether another version can take over after a failure.
func patchable(d Deployment) bool {
	return d.Part == PartMain && !d.Freed && d.Back == "" && len(d.Releases) > 0 && firstAnew(d) >= 0
}

// patchesForward refuses whoever may not have another version take over, and a button of
// an earlier state.
func (by answerer) patchesForward(a Answer) (*StepState, error) {
	if err := by.checkRoleDecides("patch forward"); err != nil {
		return nil, err
	}
	return undecided(*by.d, a)
}

// patchForward has another version looked up, which takes over then.
func patchForward(c *decider, a Answer, by answerer) error {
	s, err := by.patchesForward(a)
	if err != nil {
		return err
	}
	to, err := patchedTo(c.d, a.Values)
	switch {
	case err != nil:
		return err
	case said(a.Comment) == "":
		return Refuse("Say in a few words what the new version mends.", "Patching forward needs a reason.")
	}
	if role := unapprovable(c, by); role != "" {
		return Refuse("Let somebody else patch it forward, or roll back.", "Nobody else could approve it as %s then.", role)
	}
	values := map[string]string{}
	for i, r := range to {
		if r != c.d.Releases[i] {
			values[r.Service] = r.Tag
		}
	}
	c.add(Answered{
		At: c.now, By: by.Actor, Choice: ChoicePatch, Step: s.ID, Attempt: s.Attempt, Values: values, Comment: said(a.Comment),
		Role: by.decidesAs(), As: by.as,
	})
	return nil
}

// unapprovable is a role that nobody would be left to approve for what somebody patches
// forward, as far as is known who holds it; "": none. A human counts once.
func unapprovable(c *decider, by answerer) string {
	if c.members == nil {
		return ""
	}
	var places, roles []string
	may := map[string][]string{} // by id: the places that somebody could fill
	for _, s := range c.d.Steps[max(firstAnew(c.d), 0):] {
		if s.Part != PartMain || !s.Approves() || s.Status == StepNotNeeded || s.When != "" && s.Attempt == 0 {
			continue
		}
		for _, role := range s.approvalPlaces() {
			place := s.ID + " " + role
			for _, id := range couldApprove(c, s, role, by) {
				if !slices.Contains(may[id], place) {
					may[id] = append(may[id], place)
				}
			}
			places, roles = append(places, place), append(roles, role)
		}
	}
	for i, who := range assign(places, slices.Collect(maps.Values(may))) {
		if who < 0 {
			return roles[i]
		}
	}
	return ""
}

// couldApprove are the ids of those who hold a role or may stand in for it later, but who
// neither asked for the deployment nor have patched it forward.
func couldApprove(c *decider, s StepState, role string, by answerer) []string {
	people := slices.Clone(c.members(role))
	if s.Escalate.Deputies > 0 {
		people = append(people, c.members(DeputyRole(role))...)
	}
	if glass := c.d.Procedure.BreakGlass; s.Escalate.BreakGlass > 0 && glass != "" {
		people = append(people, c.members(glass)...)
	}
	not := []string{c.d.Requester.ID, by.ID}
	for _, p := range Patched(c.d) {
		not = append(not, p.By.ID)
	}
	var out []string
	for _, a := range people {
		if !slices.Contains(not, a.ID) {
			out = append(out, a.ID)
		}
	}
	return out
}

// patchedTo are the releases with the tags that somebody gives, by service, or why they
// can't be taken. What is not given stays.
func patchedTo(d Deployment, tags map[string]string) ([]Release, error) {
	for _, service := range slices.Sorted(maps.Keys(tags)) {
		if !slices.ContainsFunc(d.Releases, func(r Release) bool { return r.Service == service }) {
			return nil, Refuse("", "%s is none of the services of %s.", service, d.ID)
		}
	}
	to := slices.Clone(d.Releases)
	for i, r := range to {
		tag := strings.TrimSpace(tags[r.Service])
		if tag == "" || tag == r.Tag {
			continue
		}
		to[i] = Release{Service: r.Service, Tag: tag}
		if err := checkRelease(to[i]); err != nil {
			return nil, err
		}
		if !ValidTag(tag) {
			return nil, Refuse("Type it as the registry has it.", "That is no tag of %s.", r.Service)
		}
	}
	if slices.Equal(to, d.Releases) {
		return nil, Refuse("Give the new tag of at least one service. To try the same once more, Retry.", "That is what it deploys already.")
	}
	return to, nil
}

// patches notes that somebody patches forward.
func patches(d *Deployment, e Answered) {
	to := slices.Clone(d.Releases)
	for i, r := range to {
		if tag := e.Values[r.Service]; tag != "" {
			to[i] = Release{Service: r.Service, Tag: tag}
		}
	}
	d.Patches = append(d.Patches, Patch{By: e.By, At: e.At, Comment: e.Comment, From: d.Releases, To: to})
	decideProblems(d, e, func(s StepState) bool { return s.Part == PartMain && !decidedAlone(*d, s) })
}

// unpatch notes that a patch can't be: all is as before, and somebody decides.
func unpatch(d *Deployment, e Answered) {
	p := Patching(*d)
	if p == nil {
		return
	}
	p.Refused, p.Over = e.Comment, e.At
	d.Decision = Decision{Since: e.At, Held: d.Decision.Held}
	decideProblems(d, e, func(s StepState) bool { return s.Part == PartMain && !decidedAlone(*d, s) })
}

// rejectPatch has somebody decide again, since what a patch means can't be told.
func rejectPatch(c *decider, why string) {
	e := Answered{At: c.now, By: Itself, Choice: ChoiceUnpatched, Comment: Tail(why, textMax)}
	if s := c.d.Broken(); s != nil {
		e.Step, e.Attempt = s.ID, s.Attempt
	}
	c.add(e)
}

// replaceTargets has the version take over of which it is known now what it means. Of what was
// touched before, what ran before the first rollout stays what it goes back to.
func replaceTargets(d *Deployment, found []Target) {
	p := Patching(*d)
	old, touched, brought := *d, d.Touched(), []Brought(nil)
	old.Steps = slices.Clone(d.Steps)
	d.Mutated, d.Changed = mayHaveChanged(*d), FirstChange(*d)
	targets := slices.Clone(found)
	for i := range targets {
		t := &targets[i]
		was := old.Target(t.Service)
		if was == nil || !slices.Contains(touched, t.Service) {
			continue
		}
		b := broughtLast(old, *was)
		b.Runs = t.Before
		brought = append(brought, b)
		t.Before, t.Good = Found(old, *was), was.Good
	}
	p.Taken = true
	d.Releases, d.Targets, d.Brought, d.Arrived = p.To, targets, brought, nil
	d.Status, d.Why, d.Decision = Running, "", Decision{}
	beginAnew(d)
}

// firstAnew is the step of the main part from which on all begins from nothing: the first
// approval, or what deploys where none stands before that; -1: it has neither.
func firstAnew(d Deployment) int {
	first := slices.IndexFunc(d.Steps, func(s StepState) bool { return s.Part == PartMain && (s.Approves() || s.Deploys()) })
	if !slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == PartMain && s.Deploys() }) {
		return -1
	}
	return first
}

// beginAnew has all begin from nothing that the next version has to go through, and what
// did not go well before that. What goes on beside it goes on.
func beginAnew(d *Deployment) {
	first := firstAnew(*d)
	anew := map[string]bool{}
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Part != PartMain || i < first && (!s.Broken() || s.aside()) || s.open() || s.Background && s.Status == Active {
			continue
		}
		anew[s.ID] = true
		endProblem(d, s.ID)
		s.wait()
		s.forget()
		s.Condition, s.Again, s.Seen, s.Lost, s.Held, s.Called = Unasked, "", Seen{}, nil, Held{}, nil
		s.RetryAt, s.Tries, s.Expired, s.Step = time.Time{}, 0, false, d.written(s.ID)
	}
	for _, p := range d.Procedure.Phases {
		if !slices.ContainsFunc(d.Steps, func(s StepState) bool { return phaseOf(*d, s).ID == p.ID && !anew[s.ID] }) {
			delete(d.Phases, p.ID)
		}
	}
}

// BroughtBefore is what the deployment has rolled out of a service before another version
// took over, or nil.
func BroughtBefore(d Deployment, service string) *Brought {
	i := slices.IndexFunc(d.Brought, func(b Brought) bool { return b.Service == service })
	if i < 0 {
		return nil
	}
	return &d.Brought[i]
}

// broughtLast is what the deployment has rolled out of a target last.
func broughtLast(d Deployment, t Target) Brought {
	before := BroughtBefore(d, t.Service)
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Part != PartMain || len(s.Effects) == 0 || !s.Deploys() {
			continue
		}
		e := s.Effect(EffectKey{Step: s.ID, Item: t.Service}.String())
		if e == nil || before != nil && !e.Touched() {
			continue
		}
		b := Brought{Service: t.Service, Since: e.At, State: t.After, Mark: d.Mark(false) + s.round(), Found: e.Before}
		if before != nil {
			b.Since = before.Since
		}
		return b
	}
	if before != nil {
		return *before
	}
	return Brought{Service: t.Service, State: t.After, Mark: d.Mark(false), Found: t.Before}
}

// runsNow is what a target ran when it was looked up last: what ran before, or what the
// deployment itself had brought before another version took over.
func runsNow(d Deployment, t Target) State {
	if b := BroughtBefore(d, t.Service); b != nil {
		return b.Runs
	}
	return t.Before
}

// PatchWords say from what to what a patch goes, in plain words: web from v2 to v3.
func PatchWords(p Patch) string {
	from, to := p.Changed()
	var out []string
	for i, r := range to {
		out = append(out, r.Service+" from "+cmp.Or(from[i].Tag, "revision "+from[i].Revision)+" to "+r.Tag)
	}
	return strings.Join(out, ", ")
}

// goOn is what becomes of a deployment when somebody has decided about one step.
func goOn(d *Deployment, e Answered) {
	decideProblems(d, e, func(s StepState) bool { return s.ID == e.Step })
	endProblem(d, e.Step)
	switch b := d.Broken(); {
	case d.Status != Deciding:
	case b != nil:
		d.Why = b.Why
	default:
		d.Status, d.Why = Running, ""
	}
	nextFailure(d)
}

// skip is what becomes of a step that somebody goes on without: at once, or once it
// did not go well.
func (s *StepState) skip(e Answered) {
	if s.Status == Active || s.Status == Pending {
		s.Finished = e.At
	}
	s.Status, s.Skipped, s.Anew, s.RetryAt = Done, Skipped{By: e.By, At: e.At, Reason: e.Comment}, false, time.Time{}
}

// beginAgain notes which of the broken steps begin again: to look again, those
// that have begun anything. What tells of a proof waits for that as it did at first.
// A step that is decided about by itself begins alone.
func beginAgain(d *Deployment, e Answered) {
	c := e.Choice
	if s := d.Step(e.Step); s != nil && s.Broken() && decidedAlone(*d, *s) {
		s.Again = c
		decideProblems(d, e, func(o StepState) bool { return o.ID == s.ID })
		return
	}
	decideProblems(d, e, func(s StepState) bool {
		return s.Part == d.Part && s.Broken() && !s.aside() && (c == ChoiceRetry || s.begun())
	})
	for i := range d.Steps {
		switch s := &d.Steps[i]; {
		case s.Part != d.Part || !s.Broken() || s.aside() || c != ChoiceRetry && !s.begun():
		case s.Announces() && restsOnProof(d, s.ID):
			s.Status = Pending
			if s.When != "" {
				s.Condition = Holds // where that can't be told, it is taken for needed
			}
		default:
			s.Again = c
		}
	}
	if d.Status == Deciding && d.Broken() == nil {
		d.Status, d.Why = Running, ""
	}
}
