package deployer

import (
	"slices"
	"time"
)

// A start is announced before the rollout looks at its target once more. Where
// that has changed, the approval is void and asked for again, which may take
// an hour: whoever read that it starts is told that it waits, and then that it
// goes on. The announcement itself stays the only one of its kind.

// held are those messages when an approval is asked again.
func (d Deployment) held(approve StepState, e ApprovalVoided) []Message {
	if !d.only(approve) {
		return nil // it was told when the first of several was voided
	}
	return d.tell(MessageHeld, d.Procedure.Failure.Held, d.told(approve), e.At, map[string]string{"why": e.Why})
}

// resumed are those when it was given again.
func (d Deployment) resumed(approve StepState, at time.Time) []Message {
	for _, s := range d.Steps {
		if s.Uses == KindApprove && s.Back == approve.Back && s.Status != Done {
			return nil // it waits for another approval
		}
	}
	return d.tell(MessageResumed, d.Procedure.Failure.Resumed, d.told(approve), at, nil)
}

// only reports whether the approval is the only one that was voided.
func (d Deployment) only(approve StepState) bool {
	return !slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Uses == KindApprove && s.ID != approve.ID && s.Back == approve.Back && s.Attempt > 0 && s.Status == Pending
	})
}

// told are the names of the channels in which something was announced that
// rests on the approval. Clients are left out: what they are told, a person
// has read.
func (d Deployment) told(approve StepState) []string {
	var names []string
	for _, s := range d.Steps {
		if s.Back == approve.Back && !s.ForClients() && d.announced(s) && d.rests(s, approve.ID) {
			names = append(names, s.To...)
		}
	}
	return names
}

// rests reports whether a step needs another one, directly or not.
func (d Deployment) rests(s StepState, on string) bool {
	return slices.ContainsFunc(s.Needs, func(id string) bool {
		n := d.Step(id)
		return id == on || n != nil && d.rests(*n, on)
	})
}
