package deployer

import (
	"slices"
	"strings"
)

// A Choice is what somebody answers. The words are those on the buttons.
type Choice string

// The choices: of the kinds that ask, then of what becomes of a step that did
// not go well, then at any time.
const (
	ChoiceDone    Choice = "Done"
	ChoiceApprove Choice = "Approve"
	ChoiceReject  Choice = "Reject"
	ChoiceSend    Choice = "Send" // words for clients

	ChoiceCheck    Choice = "Check again"
	ChoiceRetry    Choice = "Retry"
	ChoiceSkip     Choice = "Skip"
	ChoiceRollBack Choice = "Roll back"

	ChoiceProceed Choice = "Proceed" // at a gate of a system
	ChoiceAbort   Choice = "Abort"

	ChoiceStop Choice = "Stop"
)

// answer decides what people say. Whoever says it is checked here, at the
// moment of the click, and nowhere else.
func (c *decider) answer(a Answer, by Actor, who Person) error {
	if s := c.d.Step(a.Step); c.d.Status.Ended() && a.Choice != ChoiceStop && (s == nil || !onDuty(c.d, *s) && !s.open()) {
		return HasEnded(c.d)
	}
	switch a.Choice {
	case ChoiceStop:
		return c.stop(a, by, who)
	case ChoiceRollBack:
		return c.rollBack(a, by, who)
	case ChoiceCheck, ChoiceRetry:
		return c.checkOrRetry(a, by, who)
	case ChoiceSkip:
		return c.skip(a, by, who)
	}
	if a.Choice == ChoiceProceed || a.Choice == ChoiceAbort {
		return c.passGate(a, by, who)
	}
	s, err := c.asked(a, by, who)
	if err != nil {
		return err
	}
	if err := c.mayAnswer(*s, a, by, who); err != nil {
		return err
	}
	e := Answered{At: c.now, By: by, Step: s.ID, Attempt: s.Attempt, Choice: a.Choice, Comment: said(a.Comment), Role: s.Role()}
	if e.Role == "" {
		e.Role = c.decidesAs(who)
	}
	switch {
	case s.Approves():
		var held map[string]string
		if e.Role, held = s.approvesAs(who); a.Choice == ChoiceApprove {
			e.Subject, e.Values = a.Subject, held
		}
	case s.Confirms():
		return c.confirm(*s, a, e, who)
	default:
		words := strings.TrimSpace(a.Values[fieldWords])
		if err := c.d.checkWords(*s, words); err != nil {
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
func (c *decider) confirm(s StepState, a Answer, e Answered, who Person) error {
	open := Unanswered(c.d, s)
	switch {
	case a.Item != "" && !slices.Contains(AskedOf(c.d, s), a.Item):
		return Refuse("Look at the card again.", "“%s” does not ask for %s.", s.Title, a.Item)
	case a.Item != "" && !slices.Contains(open, a.Item):
		given, _ := s.givenFor(a.Item)
		return Refuse("", "“%s” is done already for %s, by %s.", s.Title, a.Item, given.By.Name)
	}
	values, err := s.filled(a.Item, a.Values)
	if err != nil {
		return err
	}
	e.Item, e.Values = a.Item, values
	if len(s.rolesAsked()) == 0 {
		c.add(e)
		return nil
	}
	for _, role := range open {
		if who.holds(role) && (a.Item == "" || a.Item == role) {
			e.Item, e.Role = role, role
			c.add(e)
		}
	}
	return nil
}

// passGate answers a gate of a system.
func (c *decider) passGate(a Answer, by Actor, who Person) error {
	s, e := c.d.Step(a.Step), c.d.Effect(EffectKey{Step: a.Step, Item: a.Item}.String())
	switch {
	case s == nil || e == nil || s.Attempt != a.Attempt || !e.Open() || e.Gate.ID == "" || a.Subject != e.Gate.ID || c.d.Status == Halting || s.Skipped.By.ID != "" || s.Expired && a.Choice == ChoiceProceed:
		return Refuse("Look at the card again.", "That question is not asked any more.")
	case !e.Gate.Open():
		return Refuse("", "“%s” is answered already: %s, by %s.", e.Gate.Asks, e.Gate.Answer, e.Gate.By.Name)
	case s.GateRole() == "":
		return Refuse("", "“%s” is answered in the system that asks it, not here.", e.Gate.Asks)
	case !who.holds(s.GateRole()):
		return Refuse("", "Only %s can answer “%s”.", s.GateRole(), e.Gate.Asks).allowing(May{Roles: []string{s.GateRole()}})
	case a.Choice == ChoiceAbort && said(a.Comment) == "":
		return Refuse("Say in a few words what is wrong.", "Aborting needs a reason.")
	}
	c.add(Answered{
		At: c.now, By: by, Step: s.ID, Attempt: s.Attempt, Item: a.Item, Choice: a.Choice, Subject: a.Subject, Comment: said(a.Comment),
		Role: s.GateRole(),
	})
	return nil
}

// asked returns the step that waits for that answer.
func (c *decider) asked(a Answer, by Actor, who Person) (*StepState, error) {
	s := c.d.Step(a.Step)
	if s == nil {
		return nil, Refuse("Look at the card again.", "%s has no such step.", c.d.ID)
	}
	_, known := s.kind().Asks.option(a.Choice)
	switch {
	case !known:
		return nil, Refuse("Look at the card again.", "%s has no such step.", c.d.ID)
	case a.Choice == ChoiceApprove && who.is(by.ID, c.d.Requester.ID):
		return nil, Refuse("Ask somebody else who may.", "Nobody approves their own deployment.").allowing(c.d.approvers(*s))
	case s.Status == Done:
		return nil, DoneAlready(*s)
	case a.Choice == ChoiceApprove && s.Part == PartRollback && who.is(by.ID, c.d.RolledBackBy.ID):
		return nil, Refuse("Ask somebody else who may.", "Nobody approves the rollback that they decided.").allowing(May{Roles: s.roles(), Not: by})
	case s.Status != Active || c.d.Status == Halting || !onDuty(c.d, *s):
		return nil, Refuse("Look at the card again.", "“%s” does not wait for an answer now.", s.Title)
	case s.Attempt != a.Attempt:
		return nil, Refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
	case s.Announces() && !s.reviewed():
		return nil, Refuse("", "“%s” is not read by anybody before it goes out.", s.Title)
	case s.Announces() && s.Words() != "":
		return nil, Refuse("", "“%s” is on its way already.", s.Title)
	}
	return s, nil
}

// mayAnswer refuses whoever may not answer a step, and an approval of anything
// but the Subject.
func (c *decider) mayAnswer(s StepState, a Answer, by Actor, who Person) error {
	roles := s.roles()
	words := strings.Join(roles, " or ")
	switch {
	case s.Approves() && !who.holds(roles...):
		return Refuse("Ask somebody of "+words+".", "Only %s can decide on “%s”.", words, s.Title).allowing(c.d.approvers(s))
	case s.Approves() && a.Choice == ChoiceApprove:
		return c.approves(a, by, who)
	case a.Choice == ChoiceReject && said(a.Comment) == "":
		return Refuse("Say in a few words what is wrong.", "Rejecting needs a reason.")
	case len(s.rolesAsked()) > 0:
		return c.attends(s, a, who)
	case s.Approves() || c.d.holds(s, by, who):
		return nil
	case s.ForClients():
		return Refuse("", "Only %s can say what clients read.", c.d.awaited(s)).allowing(c.d.confirmers(s))
	case s.Announces():
		return Refuse("", "Only %s can say what is told.", c.d.awaited(s)).allowing(c.d.confirmers(s))
	}
	return Refuse("", "Only %s can confirm “%s”.", c.d.awaited(s), s.Title).allowing(c.d.confirmers(s))
}

// attends refuses whoever holds none of the roles of which somebody is still missing.
func (c *decider) attends(s StepState, a Answer, who Person) error {
	open := Unanswered(c.d, s)
	if a.Item != "" {
		open = []string{a.Item}
	}
	if who.holds(open...) {
		return nil
	}
	return Refuse("", "“%s” waits for %s.", s.Title, strings.Join(open, " and ")).allowing(May{Roles: open})
}

// approves refuses a yes to anything but the Subject, and a second one: a human
// counts once, over all approvals of a deployment and all accounts of theirs.
func (c *decider) approves(a Answer, by Actor, who Person) error {
	hash := c.d.Subject().Hash()
	if a.Subject != hash {
		return Refuse("Look at the card again.", "What would be deployed has changed since that button was shown.")
	}
	for _, s := range c.d.Steps {
		for _, given := range s.Approvals {
			switch {
			case given.Subject != hash || !who.is(by.ID, given.By.ID):
			case given.By.ID != by.ID:
				return Refuse("Somebody else has to approve as well.", "You have approved already, as %s: “%s”.", given.By.Name, s.Title)
			case s.ID != a.Step:
				return Refuse("Somebody else has to approve as well.", "You have approved already: “%s”. Each approval is another person's.", s.Title)
			default:
				return Refuse("Somebody else has to approve as well.", "You have approved already.")
			}
		}
	}
	return nil
}

// Counted are those of whom one human must not be two: who asked for the deployment,
// who decided its rollback, and whose approvals it has.
func Counted(d Deployment) []Actor {
	out := []Actor{d.Requester, d.RolledBackBy}
	for _, s := range d.Steps {
		for _, given := range s.Approvals {
			out = append(out, given.By)
		}
	}
	return out
}

// approvers may approve a step.
func (d Deployment) approvers(s StepState) May {
	return May{Roles: s.roles(), Not: d.Requester}
}

// holds reports whether somebody may answer a step that asks a role or, where
// it names none, the requester.
func (d Deployment) holds(s StepState, by Actor, who Person) bool {
	if s.Role() != "" {
		return who.holds(s.Role())
	}
	return d.MayDecide(by, who)
}

// confirmers may answer such a step.
func (d Deployment) confirmers(s StepState) May {
	if s.Role() != "" {
		return May{Roles: []string{s.Role()}}
	}
	return d.mayDecide()
}

// awaited says in words who answers such a step.
func (d Deployment) awaited(s StepState) string {
	if s.Role() != "" {
		return s.Role()
	}
	return strings.Join(append([]string{d.Requester.Name}, d.Deciders()...), " or ")
}

// Deciders are the roles that may decide besides the requester.
func (d Deployment) Deciders() []string {
	if role := d.Procedure.Failure.Decide; role != "" {
		return []string{role}
	}
	var roles []string
	for _, s := range d.Steps {
		if s.Approves() {
			roles = append(roles, slices.DeleteFunc(s.roles(), func(role string) bool { return slices.Contains(roles, role) })...)
		}
	}
	return roles
}

// MayDecide reports whether somebody may decide what becomes of the deployment.
func (d Deployment) MayDecide(by Actor, who Person) bool {
	return by.ID == d.Requester.ID || who.holds(d.Deciders()...)
}

func (d Deployment) mayDecide() May { return May{People: []Actor{d.Requester}, Roles: d.Deciders()} }

func (c *decider) checkDecider(by Actor, who Person) error {
	if c.d.MayDecide(by, who) {
		return nil
	}
	may := strings.Join(append([]string{c.d.Requester.Name}, c.d.Deciders()...), " or ")
	return Refuse("", "Only %s can decide that.", may).allowing(c.d.mayDecide())
}

// decidesAs is the first role by which somebody decides; "": as the requester.
func (c *decider) decidesAs(who Person) string {
	for _, role := range c.d.Deciders() {
		if who.holds(role) {
			return role
		}
	}
	return ""
}
