package view

import (
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// unanswerable says that nobody can answer, and why; "": somebody can, or that is
// not known. One human says yes once over all approvals of what is to run.
func (c cardQuestion) unanswerable(s deployer.StepState) string {
	role, missing := s.Role(), 1
	var but []string
	switch _, _, gated := s.GateOf(); {
	case gated:
		role = s.GateRole()
	case s.Approves():
		missing, but = c.stillMissing(s)
	}
	if role == "" {
		return ""
	}
	h := c.Names.Holders(role)
	may := len(h.Except(but...))
	switch {
	case h.Unknown || may >= missing:
		return ""
	case may > 0:
		return fmt.Sprintf("Nobody can complete this: %d more of %s have to answer, and only %d can.", missing, mrkdwn.Escape(role, mrkdwn.NameMax), may)
	case len(h.People) > 0:
		return "Nobody can answer this: everybody of " + mrkdwn.Escape(role, mrkdwn.NameMax) + " has asked for it, or has approved already."
	case len(h.Lacks) > 0:
		return "Nobody can answer this: " + mrkdwn.Escape(strings.Join(h.Lacks, "; "), c.text) + "."
	}
	return "Nobody can answer this: nobody is " + mrkdwn.Escape(role, mrkdwn.NameMax) + "."
}

// stillMissing is how many more have to approve a step, and who can't: whoever asked
// for that, or has approved already.
func (c cardQuestion) stillMissing(s deployer.StepState) (n int, but []string) {
	but = append(but, c.d.Requester.ID)
	if s.Part == deployer.PartRollback {
		but = append(but, c.d.RolledBackBy.ID)
	}
	hash := c.d.Subject().Hash()
	n = max(s.Count(), 1)
	for _, other := range c.d.Steps {
		for _, given := range other.Approvals {
			if given.Subject != hash {
				continue
			}
			but = append(but, given.By.ID)
			if other.ID == s.ID {
				n--
			}
		}
	}
	return n, but
}
