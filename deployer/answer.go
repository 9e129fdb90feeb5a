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
func (c *decider) answer(a Answer, by Actor, roles []string) error {
	switch a.Choice {
	case ChoiceStop:
		return c.stop(a, by, roles)
	case ChoiceRollBack:
		return c.rollBack(a, by, roles)
	case ChoiceCheck, ChoiceRetry:
		return c.checkOrRetry(a, by, roles)
	case ChoiceSkip:
		return c.skip(a, by, roles)
	}
	if a.Choice == ChoiceProceed || a.Choice == ChoiceAbort {
		return c.passGate(a, by, roles)
	}
	s, err := c.asked(a, by)
	if err != nil {
		return err
	}
	if err := c.mayAnswer(*s, a, by, roles); err != nil {
		return err
	}
	e := Answered{At: c.now, By: by, Step: s.ID, Attempt: s.Attempt, Choice: a.Choice, Comment: said(a.Comment)}
	if s.Approves() && a.Choice == ChoiceApprove {
		e.Subject = a.Subject
	}
	if s.ForClients() {
		words := strings.TrimSpace(a.Values[fieldWords])
		if err := c.d.CheckClientWords(words); err != nil {
			return err
		}
		e.Values = ClientWords(words)
	}
	c.add(e)
	return nil
}

// passGate answers a gate of a system.
func (c *decider) passGate(a Answer, by Actor, roles []string) error {
	s, e := c.d.Step(a.Step), c.d.Effect(EffectKey{Step: a.Step, Item: a.Item}.String())
	switch {
	case s == nil || e == nil || s.Attempt != a.Attempt || !e.Open() || e.Gate.ID == "" || a.Subject != e.Gate.ID || c.d.Status == Halting || s.Expired && a.Choice == ChoiceProceed:
		return Refuse("Look at the card again.", "That question is not asked any more.")
	case !e.Gate.Open():
		return Refuse("", "“%s” is answered already: %s, by %s.", e.Gate.Asks, e.Gate.Answer, e.Gate.By.Name)
	case s.GateRole() == "":
		return Refuse("", "“%s” is answered in the system that asks it, not here.", e.Gate.Asks)
	case !slices.Contains(roles, s.GateRole()):
		return Refuse("", "Only %s can answer “%s”.", s.GateRole(), e.Gate.Asks).allowing(May{Roles: []string{s.GateRole()}})
	case a.Choice == ChoiceAbort && said(a.Comment) == "":
		return Refuse("Say in a few words what is wrong.", "Aborting needs a reason.")
	}
	c.add(Answered{
		At: c.now, By: by, Step: s.ID, Attempt: s.Attempt, Item: a.Item, Choice: a.Choice, Subject: a.Subject, Comment: said(a.Comment),
	})
	return nil
}

// asked returns the step that waits for that answer.
func (c *decider) asked(a Answer, by Actor) (*StepState, error) {
	s := c.d.Step(a.Step)
	if s == nil {
		return nil, Refuse("Look at the card again.", "%s has no such step.", c.d.ID)
	}
	_, known := s.kind().Asks.option(a.Choice)
	switch {
	case !known:
		return nil, Refuse("Look at the card again.", "%s has no such step.", c.d.ID)
	case a.Choice == ChoiceApprove && by.ID == c.d.Requester.ID:
		return nil, Refuse("Ask somebody else who may.", "Nobody approves their own deployment.").allowing(c.d.approvers(*s))
	case s.Status == Done:
		return nil, DoneAlready(*s)
	case a.Choice == ChoiceApprove && s.Part == PartRollback && by.ID == c.d.RolledBackBy.ID:
		return nil, Refuse("Ask somebody else who may.", "Nobody approves the rollback that they decided.").allowing(May{Roles: []string{s.Role()}, Not: by})
	case s.Status != Active || c.d.Status == Halting || s.Part != c.d.Part:
		return nil, Refuse("Look at the card again.", "“%s” does not wait for an answer now.", s.Title)
	case s.Attempt != a.Attempt:
		return nil, Refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
	case s.Announces() && !s.ForClients():
		return nil, Refuse("", "“%s” is not read by anybody before it goes out.", s.Title)
	case s.Announces() && s.Words() != "":
		return nil, Refuse("", "“%s” is on its way already.", s.Title)
	}
	return s, nil
}

// mayAnswer refuses whoever may not answer a step, and an approval of anything
// but the Subject.
func (c *decider) mayAnswer(s StepState, a Answer, by Actor, roles []string) error {
	switch {
	case s.Approves() && !slices.Contains(roles, s.Role()):
		return Refuse("Ask somebody of "+s.Role()+".", "Only %s can decide on “%s”.", s.Role(), s.Title).allowing(c.d.approvers(s))
	case s.Approves() && a.Choice == ChoiceApprove:
		return c.approves(s, a, by)
	case a.Choice == ChoiceReject && said(a.Comment) == "":
		return Refuse("Say in a few words what is wrong.", "Rejecting needs a reason.")
	case s.Approves() || c.d.holds(s, by, roles):
		return nil
	case s.Announces():
		return Refuse("", "Only %s can say what clients read.", c.d.awaited(s)).allowing(c.d.confirmers(s))
	}
	return Refuse("", "Only %s can confirm “%s”.", c.d.awaited(s), s.Title).allowing(c.d.confirmers(s))
}

func (c *decider) approves(s StepState, a Answer, by Actor) error {
	hash := c.d.Subject().Hash()
	if a.Subject != hash {
		return Refuse("Look at the card again.", "What would be deployed has changed since that button was shown.")
	}
	for _, given := range s.Approvals {
		if given.By.ID == by.ID && given.Subject == hash {
			return Refuse("Somebody else has to approve as well.", "You have approved already.")
		}
	}
	return nil
}

// approvers may approve a step.
func (d Deployment) approvers(s StepState) May {
	return May{Roles: []string{s.Role()}, Not: d.Requester}
}

// holds reports whether somebody may answer a step that asks a role or, where
// it names none, the requester.
func (d Deployment) holds(s StepState, by Actor, roles []string) bool {
	if s.Role() != "" {
		return slices.Contains(roles, s.Role())
	}
	return d.MayDecide(by, roles)
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
		if s.Approves() && !slices.Contains(roles, s.Role()) {
			roles = append(roles, s.Role())
		}
	}
	return roles
}

// MayDecide reports whether somebody with these roles may decide what becomes
// of the deployment.
func (d Deployment) MayDecide(by Actor, roles []string) bool {
	return by.ID == d.Requester.ID || slices.ContainsFunc(d.Deciders(), func(r string) bool { return slices.Contains(roles, r) })
}

func (d Deployment) mayDecide() May { return May{People: []Actor{d.Requester}, Roles: d.Deciders()} }

func (c *decider) checkDecider(by Actor, roles []string) error {
	if c.d.MayDecide(by, roles) {
		return nil
	}
	who := strings.Join(append([]string{c.d.Requester.Name}, c.d.Deciders()...), " or ")
	return Refuse("", "Only %s can decide that.", who).allowing(c.d.mayDecide())
}
