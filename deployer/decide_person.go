package deployer

import (
	"slices"
	"strings"
)

// person decides the orders of people. Whoever gives one is checked here, at
// the moment of the click, and nowhere else.
func (c *decider) person(cmd Command, by Person, roles []string) error {
	switch cmd := cmd.(type) {
	case Confirm:
		return c.confirm(cmd, by, roles)
	case Review:
		return c.review(cmd, by, roles)
	case Approve:
		return c.approve(cmd, by, roles)
	case Reject:
		return c.reject(cmd, by, roles)
	case CheckAgain:
		return c.checkOrRetry(cmd.Step, cmd.Attempt, DecideCheck, by, roles)
	case Retry:
		return c.checkOrRetry(cmd.Step, cmd.Attempt, DecideRetry, by, roles)
	case Skip:
		return c.skip(cmd, by, roles)
	case RollBack:
		return c.rollBack(cmd, by, roles)
	case Stop:
		return c.stop(cmd, by, roles)
	}
	return Refuse("", "People can't do that.")
}

// asked returns the active step of that kind and attempt.
func (c *decider) asked(id string, attempt int, is func(Step) bool) (*StepState, error) {
	s := c.d.Step(id)
	switch {
	case s == nil || !is(s.Step):
		return nil, Refuse("Look at the card again.", "%s has no such step.", c.d.ID)
	case s.Status == Done:
		return nil, DoneAlready(*s)
	case s.Status != Active || c.d.Status == Halting:
		return nil, Refuse("Look at the card again.", "“%s” does not wait for an answer now.", s.Title)
	case s.Attempt != attempt:
		return nil, Refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
	}
	return s, nil
}

func (c *decider) confirm(cmd Confirm, by Person, roles []string) error {
	s, err := c.asked(cmd.Step, cmd.Attempt, Step.Confirms)
	if err != nil {
		return err
	}
	if !c.d.mayAnswer(*s, by, roles) {
		return Refuse("", "Only %s can confirm “%s”.", c.d.awaited(*s), s.Title).allowing(c.d.confirmers(*s))
	}
	c.add(Confirmed{At: c.now, Step: s.ID, By: by})
	return nil
}

// mayAnswer reports whether somebody may answer a step that asks a role or,
// where it names none, the requester.
func (d Deployment) mayAnswer(s StepState, by Person, roles []string) bool {
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

func (c *decider) approver(id string, attempt int, roles []string) (*StepState, error) {
	s, err := c.asked(id, attempt, Step.Approves)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(roles, s.Role()) {
		return nil, Refuse("Ask somebody of "+s.Role()+".", "Only %s can decide on “%s”.", s.Role(), s.Title).allowing(c.d.approvers(s.ID))
	}
	return s, nil
}

func (c *decider) approve(cmd Approve, by Person, roles []string) error {
	if by.ID == c.d.Requester.ID {
		return Refuse("Ask somebody else who may.", "Nobody approves their own deployment.").allowing(c.d.approvers(cmd.Step))
	}
	s, err := c.approver(cmd.Step, cmd.Attempt, roles)
	if err != nil {
		return err
	}
	hash := c.d.Subject().Hash()
	if cmd.Subject != hash {
		return Refuse("Look at the card again.", "What would be deployed has changed since that button was shown.")
	}
	for _, a := range s.Approvals {
		if a.By.ID == by.ID && a.Subject == hash {
			return Refuse("Somebody else has to approve as well.", "You have approved already.")
		}
	}
	c.add(Approved{At: c.now, Step: s.ID, By: by, Subject: hash})
	return nil
}

// approvers may approve a step.
func (d Deployment) approvers(step string) May {
	m := May{Not: d.Requester}
	if s := d.Step(step); s != nil && s.Approves() {
		m.Roles = []string{s.Role()}
	}
	return m
}

func (c *decider) reject(cmd Reject, by Person, roles []string) error {
	s, err := c.approver(cmd.Step, cmd.Attempt, roles)
	if err != nil {
		return err
	}
	why := "Rejected by " + by.Name + "."
	if strings.TrimSpace(cmd.Reason) != "" {
		why = "Rejected by " + by.Name + ": " + cmd.Reason
	}
	c.add(Decided{At: c.now, By: by, Decision: DecideReject, Step: s.ID, Reason: why})
	return nil
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
func (d Deployment) MayDecide(by Person, roles []string) bool {
	return by.ID == d.Requester.ID || slices.ContainsFunc(d.Deciders(), func(r string) bool { return slices.Contains(roles, r) })
}

func (d Deployment) mayDecide() May { return May{People: []Person{d.Requester}, Roles: d.Deciders()} }

func (c *decider) checkDecider(by Person, roles []string) error {
	if c.d.MayDecide(by, roles) {
		return nil
	}
	who := strings.Join(append([]string{c.d.Requester.Name}, c.d.Deciders()...), " or ")
	return Refuse("", "Only %s can decide that.", who).allowing(c.d.mayDecide())
}
