package deployer

import (
	"slices"
	"strings"
	"time"
)

// A Choice is what somebody answers. The words are those on the buttons.
type Choice string

// The choices: of the kinds that ask, then of what becomes of a step that did
// not go well, then at any time.
const (
	ChoiceDone    Choice = "Done"
	ChoiceApprove Choice = "Approve"
	ChoiceReject  Choice = "Reject"
	ChoiceChanges Choice = "Request changes" // before they approve
	ChoiceReply   Choice = "Reply"           // to that
	ChoiceSend    Choice = "Send"            // words for clients
	ChoiceSave    Choice = "Save"            // what is ticked of a checklist so far

	ChoiceCheck    Choice = "Check again"
	ChoiceRetry    Choice = "Retry"
	ChoiceSkip     Choice = "Skip"
	ChoiceByHand   Choice = "Done by hand"
	ChoicePatch    Choice = "Patch forward"
	ChoiceRollBack Choice = "Roll back"

	ChoiceUnpatched Choice = "Not patched forward" // nobody's: what the new version is can't be told

	ChoiceProceed Choice = "Proceed" // at a gate of a system
	ChoiceAbort   Choice = "Abort"

	ChoiceOverride Choice = "Override" // what a window or a freeze refuses

	ChoiceStop     Choice = "Stop"
	ChoiceTakeOver Choice = "Take over"
	ChoiceHandBack Choice = "Hand back"

	ChoiceHold     Choice = "Hold"     // what would be decided by itself
	ChoiceView     Choice = "View"     // what an expert would decide
	ChoiceReviewed Choice = "Reviewed" // what was answered in the place of those who did not come
)

// An answerer is somebody who answers, at the moment of the click.
type answerer struct {
	Actor
	Person
	d   *Deployment
	now time.Time
	as  Level // in whose place; see standingIn
}

// answer decides what people say. Whoever says it is checked here, at the
// moment of the click, and nowhere else.
func (c *decider) answer(a Answer, by answerer) error {
	if a.Choice == ChoiceReviewed {
		return review(c, by)
	}
	by = by.standingIn(a)
	without := withoutExperts(c, a, by)
	if err := c.take(decidedWithout(a, without), by); err != nil {
		return err
	}
	return by.excused(a, without)
}

// take decides what somebody says of whom it is known what they may.
func (c *decider) take(a Answer, by answerer) error {
	if s := c.d.Step(a.Step); c.d.Status.Ended() && a.Choice != ChoiceStop && (s == nil || !onDuty(c.d, *s) && !s.open()) {
		return HasEnded(c.d)
	}
	if r := notMeanwhile(c.d, a); r != nil {
		return r
	}
	switch a.Choice {
	case ChoiceStop:
		return c.stop(a, by)
	case ChoiceRollBack:
		return c.rollBack(a, by)
	case ChoiceCheck, ChoiceRetry:
		return c.checkOrRetry(a, by)
	case ChoicePatch:
		return patchForward(c, a, by)
	case ChoiceSkip:
		return c.skip(a, by)
	case ChoiceByHand:
		return doByHand(c, a, by)
	case ChoiceTakeOver:
		return takeOver(c, a, by)
	case ChoiceHandBack:
		return handBack(c, a, by)
	case ChoiceHold:
		return hold(c, a, by)
	case ChoiceView:
		return tellView(c, a, by)
	case ChoiceOverride:
		return ruler{c}.override(a, by)
	}
	if a.Choice == ChoiceProceed || a.Choice == ChoiceAbort {
		return c.passGate(a, by)
	}
	if a.Choice == ChoiceReply {
		return reply(c, a, by)
	}
	s, err := by.asked(a)
	if err != nil {
		return err
	}
	if err := by.mayAnswer(*s, a); err != nil {
		return err
	}
	e := Answered{At: c.now, By: by.Actor, Step: s.ID, Attempt: s.Attempt, Choice: a.Choice, Comment: said(a.Comment), Role: s.Role(), As: by.as}
	if e.Role == "" {
		e.Role = by.decidesAs()
	}
	switch {
	case s.Approves():
		var held map[string]string
		if e.Role, held = s.approvesAs(by.Person); a.Choice == ChoiceApprove {
			e.Subject, e.Values = a.Subject, held
		}
	case s.Confirms():
		return c.confirm(*s, a, e, by)
	default:
		words := strings.TrimSpace(a.Values[fieldWords])
		if err := checkWords(c.d, *s, words); err != nil {
			return err
		}
		e.Values = ClientWords(words)
	}
	c.add(e)
	return nil
}

// confirm takes what somebody says who does a step, about one of the things that it
// asks for or, where they name none, about all that nobody has answered: of several
// roles, those that they hold.
func (c *decider) confirm(s StepState, a Answer, e Answered, by answerer) error {
	open := Unanswered(c.d, s)
	switch {
	case a.Item != "" && !slices.Contains(AskedOf(c.d, s), a.Item):
		return Refuse("Look at the card again.", "“%s” does not ask for %s.", s.Title, a.Item)
	case a.Item != "" && !slices.Contains(open, a.Item):
		given, _ := s.givenFor(a.Item)
		return Refuse("", "“%s” is done already for %s, by %s.", s.Title, a.Item, given.By.Name)
	}
	fill := complete
	if a.Choice == ChoiceSave {
		fill = newTicks
	}
	values, err := fill(s, a.Item, a.Values)
	if err != nil {
		return err
	}
	e.Item, e.Values = a.Item, values
	if len(s.RolesAsked()) == 0 {
		c.add(e)
		return nil
	}
	for _, role := range open {
		if by.holds(role) && (a.Item == "" || a.Item == role) {
			e.Item, e.Role = role, role
			c.add(e)
		}
	}
	return nil
}

// passGate answers a gate of a system.
func (c *decider) passGate(a Answer, by answerer) error {
	s, e := c.d.Step(a.Step), c.d.Effect(EffectKey{Step: a.Step, Item: a.Item}.String())
	switch {
	case s == nil || e == nil || s.Attempt != a.Attempt || !e.Open() || e.Gate.ID == "" || a.Subject != e.Gate.ID || c.d.Status == Halting || s.Skipped.By.ID != "" || s.Expired && a.Choice == ChoiceProceed:
		return Refuse("Look at the card again.", "That question is not asked any more.")
	case !e.Gate.Open():
		return Refuse("", "“%s” is answered already: %s, by %s.", e.Gate.Asks, e.Gate.Answer, e.Gate.By.Name)
	case s.GateRole() == "":
		return Refuse("", "“%s” is answered in the system that asks it, not here.", e.Gate.Asks)
	case !by.holds(s.GateRole()):
		return Refuse("", "Only %s can answer “%s”.", s.GateRole(), e.Gate.Asks).allowing(May{Roles: []string{s.GateRole()}})
	case a.Choice == ChoiceAbort && said(a.Comment) == "":
		return Refuse("Say in a few words what is wrong.", "Aborting needs a reason.")
	}
	c.add(Answered{
		At: c.now, By: by.Actor, Step: s.ID, Attempt: s.Attempt, Item: a.Item, Choice: a.Choice, Subject: a.Subject, Comment: said(a.Comment),
		Role: s.GateRole(), As: by.as,
	})
	return nil
}

// asked returns the step that waits for that answer.
func (by answerer) asked(a Answer) (*StepState, error) {
	s := by.d.Step(a.Step)
	if s == nil {
		return nil, Refuse("Look at the card again.", "%s has no such step.", by.d.ID)
	}
	_, known := s.kind().Asks.option(a.Choice)
	known = known || a.Choice == ChoiceSave && s.Confirms() && len(Checklist(*s, a.Item)) > 0
	switch {
	case !known:
		return nil, Refuse("Look at the card again.", "%s has no such step.", by.d.ID)
	case a.Choice == ChoiceApprove && by.is(by.ID, by.d.Requester.ID):
		return nil, Refuse("Ask somebody else who may.", "Nobody approves their own deployment.").allowing(approvers(*by.d, *s))
	case a.Choice == ChoiceApprove && slices.ContainsFunc(Patched(*by.d), func(p Patch) bool { return by.is(by.ID, p.By.ID) }):
		return nil, Refuse("Ask somebody else who may.", "Nobody approves what they patched forward to.").allowing(May{Roles: s.Roles(), Not: by.Actor})
	case s.Status == Done:
		return nil, DoneAlready(*s)
	case a.Choice == ChoiceApprove && s.Part == PartRollback && by.is(by.ID, by.d.RolledBackBy.ID):
		return nil, Refuse("Ask somebody else who may.", "Nobody approves the rollback that they decided.").allowing(May{Roles: s.Roles(), Not: by.Actor})
	case s.Status != Active || by.d.Status == Halting || !onDuty(*by.d, *s):
		return nil, Refuse("Look at the card again.", "“%s” does not wait for an answer now.", s.Title)
	case s.Attempt != a.Attempt:
		return nil, Refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
	case s.Announces() && !s.Reviewed():
		return nil, Refuse("", "“%s” is not read by anybody before it goes out.", s.Title)
	case s.Announces() && s.Words() != "":
		return nil, Refuse("", "“%s” is on its way already.", s.Title)
	}
	return s, nil
}

// mayAnswer refuses whoever may not answer a step, and an approval of anything
// but the Subject.
func (by answerer) mayAnswer(s StepState, a Answer) error {
	roles := s.Roles()
	words := strings.Join(roles, " or ")
	switch {
	case s.Approves() && !by.holds(roles...):
		return Refuse("Ask somebody of "+words+".", "Only %s can decide on “%s”.", words, s.Title).allowing(approvers(*by.d, s))
	case s.Approves() && a.Choice == ChoiceApprove:
		return by.approves(s, a)
	case a.Choice == ChoiceReject && said(a.Comment) == "":
		return Refuse("Say in a few words what is wrong.", "Rejecting needs a reason.")
	case a.Choice == ChoiceChanges && said(a.Comment) == "":
		return Refuse("Say in a few words what should change.", "Asking for changes needs words.")
	case len(s.RolesAsked()) > 0:
		return by.attends(s, a)
	case s.Approves() || by.mayConfirm(s):
		return nil
	case s.ForClients():
		return Refuse("", "Only %s can say what clients read.", awaited(*by.d, s)).allowing(confirmers(*by.d, s))
	case s.Announces():
		return Refuse("", "Only %s can say what is told.", awaited(*by.d, s)).allowing(confirmers(*by.d, s))
	}
	return Refuse("", "Only %s can confirm “%s”.", awaited(*by.d, s), s.Title).allowing(confirmers(*by.d, s))
}

// attends refuses whoever holds none of the roles of which somebody is still missing.
func (by answerer) attends(s StepState, a Answer) error {
	open := Unanswered(*by.d, s)
	if a.Item != "" {
		open = []string{a.Item}
	}
	if by.holds(open...) {
		return nil
	}
	return Refuse("", "“%s” waits for %s.", s.Title, strings.Join(open, " and ")).allowing(May{Roles: open})
}

// approves refuses a yes to anything but the Subject, and a second one: a human
// counts once, over all approvals of a deployment and all accounts of theirs.
func (by answerer) approves(asked StepState, a Answer) error {
	hash := by.d.Subject().Hash()
	if a.Subject != hash {
		return Refuse("Look at the card again.", "What would be deployed has changed since that button was shown.")
	}
	for _, s := range by.d.Steps {
		for _, given := range s.Approvals {
			switch {
			case given.Subject != hash || !by.is(by.ID, given.By.ID):
			case given.By.ID != by.ID:
				return Refuse("Somebody else has to approve as well.", "You have approved already, as %s: “%s”.", given.By.Name, s.Title)
			case s.ID != a.Step:
				return Refuse("Somebody else has to approve as well.", "You have approved already: “%s”. Each approval is another person's.", s.Title)
			default:
				return Refuse("Somebody else has to approve as well.", "You have approved already.")
			}
		}
	}
	if since := by.now.Sub(by.d.Approved.At); by.is(by.ID, by.d.Approved.By.ID) && since >= 0 && since < tapWithin {
		return Refuse("Look at the card, and press it again if you mean this one, too.", "You approved a moment ago, and this is another question.")
	}
	return by.waitsForReply(asked)
}

// approvers may approve a step.
func approvers(d Deployment, s StepState) May {
	return May{Roles: s.Roles(), Not: d.Requester}
}

// mayConfirm reports whether they may answer a step that asks a role or, where
// it names none, the requester.
func (by answerer) mayConfirm(s StepState) bool {
	if s.Role() != "" {
		return by.holds(s.Role())
	}
	return by.decides()
}

// confirmers may answer such a step.
func confirmers(d Deployment, s StepState) May {
	if s.Role() != "" {
		return May{Roles: []string{s.Role()}}
	}
	return deciders(d)
}

// awaited says in words who answers such a step.
func awaited(d Deployment, s StepState) string {
	if s.Role() != "" {
		return s.Role()
	}
	return strings.Join(append([]string{d.Requester.Name}, d.Deciders()...), " or ")
}

// Deciders are the roles that may decide besides the requester.
func (d Deployment) Deciders() []string {
	if f := d.Procedure.Failure; f.Decide != "" {
		return append([]string{f.Decide}, f.Roles...)
	}
	var roles []string
	for _, s := range d.Steps {
		if s.Approves() {
			roles = append(roles, slices.DeleteFunc(s.Roles(), func(role string) bool { return slices.Contains(roles, role) })...)
		}
	}
	return roles
}

// MayDecide reports whether somebody may decide what becomes of the deployment.
func (d Deployment) MayDecide(by Actor, who Person) bool {
	return by.ID == d.Requester.ID || who.holds(d.Deciders()...)
}

// Waivers are the roles that alone may skip and roll back, where the procedure says who
// decides; none: everybody may who decides.
func Waivers(d Deployment) []string {
	if d.Procedure.Failure.Decide == "" {
		return nil
	}
	return d.Deciders()
}

func deciders(d Deployment) May { return May{People: []Actor{d.Requester}, Roles: d.Deciders()} }

// checkDecider refuses whoever may not decide what becomes of the deployment.
func (by answerer) checkDecider() error {
	if by.decides() {
		return nil
	}
	may := strings.Join(append([]string{by.d.Requester.Name}, by.d.Deciders()...), " or ")
	return Refuse("", "Only %s can decide that.", may).allowing(deciders(*by.d))
}

// decides reports whether they may decide, or do in the place of those who may.
func (by answerer) decides() bool {
	return by.d.MayDecide(by.Actor, by.Person) || by.as == LevelBreakGlass
}

// checkRoleDecides refuses whoever may not do without a step, go back or patch forward. Where the
// procedure says who decides, that is not the requester's as such.
func (by answerer) checkRoleDecides(what string) error {
	roles := Waivers(*by.d)
	if len(roles) == 0 {
		return by.checkDecider()
	}
	if by.holds(roles...) {
		return nil
	}
	return Refuse("", "Only %s can %s.", strings.Join(roles, " or "), what).allowing(May{Roles: roles})
}

// decidesAs is the first role by which they decide; "": as the requester.
func (by answerer) decidesAs() string {
	for _, role := range by.d.Deciders() {
		if by.holds(role) {
			return role
		}
	}
	return ""
}

// AwaitsPerson reports whether the step, once active, waits for a person: for Done, for
// an approval, or for words that somebody reads first.
func (d Deployment) AwaitsPerson(s StepState) bool {
	if s.Work() == WorkPeople || s.gate() != nil {
		return true
	}
	return s.Reviewed() && s.Words() == "" && d.Needed(s) && !TellsUnread(s)
}
