package deployer

import (
	"slices"
	"time"
)

// Whoever is awaited may not come. Every question has clocks, which count from when it
// was asked and are absolute: whoever is awaited is called again, then somebody else may
// answer too. What has passed stands in the record, so that a process that was away
// says each thing once, late.

// A Level is what has happened since those who are awaited did not come; in Answered it
// says in whose place somebody answers.
type Level string

// The levels.
const (
	LevelDeputies   Level = "deputies"    // the role's deputies may answer too
	LevelPage       Level = "page"        // whoever is on call was paged
	LevelBreakGlass Level = "break-glass" // the people of Procedure.BreakGlass may answer, with a reason
)

// DeputyRole is the role of those who stand in for a role. No config can name it.
func DeputyRole(role string) string { return "deputies of " + role }

// A Pager says who is on call for a role, to be paged now: the directory, until a paging
// system stands behind it.
type Pager interface {
	OnCall(role string) []Actor
}

// A LevelAt is when a level is due.
type LevelAt struct {
	Level Level
	At    time.Time
}

// An Awaiting is what people are asked now, with its clocks.
type Awaiting struct {
	Step      string // "": what becomes of the deployment after a failure
	Attempt   int    // of that step
	Since     time.Time
	Roles     []string // that are awaited; none: the requester alone
	Remind    []time.Duration
	Reminded  int
	Escalate  Escalate
	Escalated []Level
}

// A Decision is what is waited for after a failure: since when, and what has passed of
// its clocks.
type Decision struct {
	Since     time.Time
	Reminded  int
	Escalated []Level
	Held      Actor  // who has stopped the clock of the default; nobody when zero
	Views     []View // of the experts, the last of each
}

// AllAwaiting is all that people are asked now.
func AllAwaiting(d Deployment) []Awaiting {
	var out []Awaiting
	for _, s := range d.Steps {
		if q, ok := AwaitingAt(d, s); ok {
			out = append(out, q)
		}
	}
	if q, ok := DecisionNow(d); ok {
		out = append(out, q)
	}
	return out
}

// AwaitingAt is what people are asked at a step: what it asks itself or, where it is
// decided about by itself, what becomes of it.
func AwaitingAt(d Deployment, s StepState) (Awaiting, bool) {
	q := Awaiting{Step: s.ID, Attempt: s.Attempt, Reminded: s.Reminded, Escalated: s.Escalated}
	switch {
	case d.Status == Halting || !onDuty(d, s) || s.Again != "":
		return q, false
	case s.Status == Active && s.RetryAt.IsZero() && d.AwaitsPerson(s):
		q.Since, q.Remind, q.Escalate, q.Roles = s.Asked(), s.Remind, s.Escalate, slices.DeleteFunc(AwaitedRoles(d, s), func(role string) bool { return role == "" })
		if len(OpenRequests(s)) > 0 { // the clocks of the approvers stand still: it is not them who are awaited
			q.Escalate, q.Escalated = Escalate{}, nil
		}
	case s.Broken() && decidedAlone(d, s):
		f := d.Procedure.Failure
		q.Since, q.Remind, q.Escalate, q.Roles = BrokenAt(s), f.Remind, f.escalation(), d.Deciders()
	default:
		return q, false
	}
	return q, true
}

// DecisionNow is the question what becomes of a deployment after a failure.
func DecisionNow(d Deployment) (Awaiting, bool) {
	if d.Status != Deciding || d.Decision.Since.IsZero() || Patching(d) != nil {
		return Awaiting{}, false
	}
	f := d.Procedure.Failure
	return Awaiting{
		Since: d.Decision.Since, Roles: d.Deciders(), Remind: f.Remind, Reminded: d.Decision.Reminded,
		Escalate: f.escalation(), Escalated: d.Decision.Escalated,
	}, true
}

// escalation is what happens where nobody decides. A time-out without a default has
// somebody paged.
func (f Failure) escalation() Escalate {
	if f.Escalate == (Escalate{}) && f.Default == "" {
		return Escalate{Page: f.Timeout}
	}
	return f.Escalate
}

// AwaitedRoles are those that a step waits for now, each once; "": the requester. While
// somebody wants something changed before they approve, that is who replies.
func AwaitedRoles(d Deployment, s StepState) []string {
	switch replies := d.Deciders(); {
	case s.gate() != nil:
		return []string{s.GateRole()}
	case len(OpenRequests(s)) > 0 && d.Requester.Kind != ActorPerson && len(replies) > 0:
		return replies
	case len(OpenRequests(s)) > 0:
		return []string{""}
	case len(s.RoleCounts()) > 0:
		return slices.Compact(MissingApprovals(d, s))
	case len(s.RolesAsked()) > 0:
		return Unanswered(d, s)
	}
	return []string{s.Role()}
}

// Passed reports whether a level has come.
func (q Awaiting) Passed(s Level) bool { return slices.Contains(q.Escalated, s) }

// Ahead are the levels that are to come, the next one first.
func (q Awaiting) Ahead() []LevelAt {
	var out []LevelAt
	for _, s := range []struct {
		level Level
		after time.Duration
	}{{LevelDeputies, q.Escalate.Deputies}, {LevelPage, q.Escalate.Page}, {LevelBreakGlass, q.Escalate.BreakGlass}} {
		if s.after > 0 && !q.Passed(s.level) {
			out = append(out, LevelAt{s.level, q.Since.Add(s.after)})
		}
	}
	slices.SortStableFunc(out, func(a, b LevelAt) int { return a.At.Compare(b.At) })
	return out
}

// Reminder is when those who are awaited are called next; zero: no more.
func (q Awaiting) Reminder() time.Time {
	if q.Reminded >= len(q.Remind) {
		return time.Time{}
	}
	return q.Since.Add(q.Remind[q.Reminded])
}

// passed counts the reminders whose time has come.
func (q Awaiting) passed(now time.Time) int {
	n := 0
	for n < len(q.Remind) && !q.Since.Add(q.Remind[n]).After(now) {
		n++
	}
	return n
}

// StandIns are the roles whose people may answer a question besides those who are
// awaited, now that these have not come.
func StandIns(d Deployment, q Awaiting) []string {
	var out []string
	if q.Passed(LevelDeputies) {
		for _, role := range q.asked(d) {
			out = append(out, DeputyRole(role))
		}
	}
	if q.Passed(LevelBreakGlass) && d.Procedure.BreakGlass != "" {
		out = append(out, d.Procedure.BreakGlass)
	}
	return out
}

// Paged are the roles whose people are paged about a question: whoever is on call or,
// where no such role is known, those who are awaited and their deputies.
func Paged(d Deployment, q Awaiting) []string {
	if d.Procedure.OnCall != "" {
		return []string{d.Procedure.OnCall}
	}
	out := q.asked(d)
	for _, role := range slices.Clone(out) {
		if q.Escalate.Deputies > 0 {
			out = append(out, DeputyRole(role))
		}
	}
	return out
}

// asked are the roles that a question is asked of: where it awaits the requester alone,
// those who decide.
func (q Awaiting) asked(d Deployment) []string {
	if len(q.Roles) > 0 {
		return slices.Clone(q.Roles)
	}
	return d.Deciders()
}

// clocks adds what is due of a question, and when the next is.
func (p *Plan) clocks(q Awaiting, now time.Time) {
	if at := q.Reminder(); !at.IsZero() {
		if !at.After(now) {
			p.Due = append(p.Due, Remind{Step: q.Step, Attempt: q.Attempt})
		}
		p.wakeAt(at, now)
	}
	if ahead := q.Ahead(); len(ahead) > 0 {
		if !ahead[0].At.After(now) {
			p.Due = append(p.Due, EscalateTo{Step: q.Step, Attempt: q.Attempt, Level: ahead[0].Level})
		}
		p.wakeAt(ahead[0].At, now)
	}
}

// questionOf is the question that a timer was set for.
func questionOf(d Deployment, step string, attempt int) (Awaiting, error) {
	if step == "" {
		if q, ok := DecisionNow(d); ok {
			return q, nil
		}
		return Awaiting{}, ErrStale
	}
	if s := d.Step(step); s != nil && s.Attempt == attempt {
		if q, ok := AwaitingAt(d, *s); ok {
			return q, nil
		}
	}
	return Awaiting{}, ErrStale
}

func remind(c *decider, cmd Remind) error {
	q, err := questionOf(c.d, cmd.Step, cmd.Attempt)
	if err != nil {
		return err
	}
	n := q.passed(c.now)
	if n <= q.Reminded {
		return ErrStale
	}
	c.add(Reminded{At: c.now, Step: q.Step, Attempt: q.Attempt, N: n})
	return nil
}

// escalate notes that a level has come.
func escalate(c *decider, cmd EscalateTo) error {
	q, err := questionOf(c.d, cmd.Step, cmd.Attempt)
	if err != nil {
		return err
	}
	ahead := q.Ahead()
	if len(ahead) == 0 || ahead[0].Level != cmd.Level || ahead[0].At.After(c.now) {
		return ErrStale
	}
	e := Escalated{At: c.now, Step: q.Step, Attempt: q.Attempt, Level: cmd.Level}
	if cmd.Level == LevelPage {
		e.People = cmd.People
	}
	c.add(e)
	return nil
}

func (e Reminded) apply(d *Deployment) {
	if s := d.Step(e.Step); s != nil {
		s.Reminded = e.N
		return
	}
	d.Decision.Reminded = e.N
}

func (e Escalated) apply(d *Deployment) {
	levels := &d.Decision.Escalated
	if s := d.Step(e.Step); s != nil {
		levels = &s.Escalated
	}
	*levels = append(slices.Clone(*levels), e.Level)
}

// standingIn is somebody who may answer in the place of those who have not come, unless
// they may anyway. Who answers their own stays refused: that is told by who they are.
func (by answerer) standingIn(a Answer) answerer {
	q, ok := questionFor(*by.d, a)
	if !ok || len(q.Escalated) == 0 {
		return by
	}
	roles := q.asked(*by.d)
	if s := by.d.Step(a.Step); s != nil && a.Choice == ChoiceSkip && s.MaySkip != "" {
		roles = append(roles, s.MaySkip)
	}
	if by.holds(roles...) || len(q.Roles) == 0 && by.is(by.ID, by.d.Requester.ID) || q.decides(*by.d) && by.d.MayDecide(by.Actor, by.Person) {
		return by
	}
	held := slices.Clone(by.Roles)
	if q.Passed(LevelDeputies) {
		for _, role := range roles {
			if by.holds(DeputyRole(role)) {
				held, by.as = append(held, role), LevelDeputies
			}
		}
	}
	if by.as == "" && q.Passed(LevelBreakGlass) && by.d.Procedure.BreakGlass != "" && by.holds(by.d.Procedure.BreakGlass) {
		held, by.as = append(held, roles...), LevelBreakGlass
	}
	by.Roles = held
	return by
}

// decides reports whether it is asked what becomes of something that did not go well.
func (q Awaiting) decides(d Deployment) bool {
	s := d.Step(q.Step)
	return s == nil || s.Broken()
}

// questionFor is the question that an answer is about.
func questionFor(d Deployment, a Answer) (Awaiting, bool) {
	if s := d.Step(a.Step); s != nil {
		about := *s
		if a.Choice != ChoiceReply {
			about.Requests = nil // whoever has asked for changes may still approve, in the place of those who did not come too
		}
		if q, ok := AwaitingAt(d, about); ok {
			return q, true
		}
	}
	return DecisionNow(d)
}

// excused refuses who breaks the glass, or decides without experts, and does not say why.
func (by answerer) excused(a Answer, without []string) error {
	if by.as != LevelBreakGlass || said(a.Comment) != "" {
		return unheard(a, without)
	}
	r := Refuse("Say in a few words why you answer in their place.", "You are not awaited, so this needs a reason. Everybody is told, and it is reviewed.")
	r.Reason = true
	return r
}

// ReviewsOwed are the answers that somebody gave in the place of others, and that
// nobody has looked at since.
func ReviewsOwed(d Deployment) []GlassBreak {
	return slices.DeleteFunc(slices.Clone(d.Glass), func(g GlassBreak) bool { return g.Reviewed.ID != "" })
}

// ReviewedBy are the roles that look at such an answer.
func ReviewedBy(d Deployment, g GlassBreak) []string {
	if g.Role != "" {
		return []string{g.Role}
	}
	return d.Deciders()
}

// reviews reports whether somebody may say that an answer was looked at: whoever holds
// the role in whose place it was given, neither who gave it nor who asked for the
// deployment.
func (by answerer) reviews(g GlassBreak) bool {
	return g.Reviewed.ID == "" && !by.is(by.ID, g.By.ID) && !by.is(by.ID, by.d.Requester.ID) && by.holds(ReviewedBy(*by.d, g)...)
}

// review notes that somebody has looked at what was answered in the place of others.
func review(c *decider, by answerer) error {
	owed := ReviewsOwed(c.d)
	if len(owed) == 0 {
		return Refuse("Look at the card again.", "There is nothing to review any more.")
	}
	for _, g := range owed {
		if by.reviews(g) {
			c.add(Answered{At: c.now, By: by.Actor, Step: g.Step, Choice: ChoiceReviewed, Role: g.Role, Subject: g.By.ID})
			return nil
		}
	}
	return Refuse("", "Only somebody else of those who were awaited can review that.").allowing(May{Roles: ReviewedBy(c.d, owed[0]), Not: owed[0].By})
}

// reviewed marks what was looked at: all that whoever it was answered in the place of
// that role.
func reviewed(d *Deployment, e Answered) {
	d.Glass = slices.Clone(d.Glass)
	for i := range d.Glass {
		if g := &d.Glass[i]; g.Reviewed.ID == "" && g.Role == e.Role && g.By.ID == e.Subject {
			g.Reviewed = e.By
		}
	}
}
