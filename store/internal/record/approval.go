package record

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The stored forms of what becomes of approvals, and of those of other deployments.
type (
	approvalLapsed struct {
		At     time.Time `json:"at,omitzero"`
		Step   string    `json:"step,omitzero"`
		People []person  `json:"people,omitzero"`
		Why    string    `json:"why,omitzero"`
	}
	approvalCarried struct {
		At       time.Time `json:"at,omitzero"`
		Step     string    `json:"step,omitzero"`
		Approval approval  `json:"approval,omitzero"`
	}
	approval struct {
		By      person    `json:"by,omitzero"`
		At      time.Time `json:"at,omitzero"`
		Subject string    `json:"subject,omitzero"`
		Roles   string    `json:"roles,omitzero"`
		From    string    `json:"from,omitzero"`
	}
	earlier struct {
		Deployment string            `json:"deployment,omitzero"`
		Step       string            `json:"step,omitzero"`
		By         person            `json:"by,omitzero"`
		At         time.Time         `json:"at,omitzero"`
		Roles      string            `json:"roles,omitzero"`
		Images     map[string]string `json:"images,omitzero"`
	}
)

func toPerson(a deployer.Actor) person { return person(a) }

func (r person) actor() deployer.Actor { return deployer.Actor(r) }

func toApprovalLapsed(e deployer.ApprovalLapsed) approvalLapsed {
	return approvalLapsed{At: e.At, Step: e.Step, People: each(e.People, toPerson), Why: e.Why}
}

func (r approvalLapsed) event() deployer.ApprovalLapsed {
	return deployer.ApprovalLapsed{At: r.At, Step: r.Step, People: each(r.People, person.actor), Why: r.Why}
}

func toApprovalCarried(e deployer.ApprovalCarried) approvalCarried {
	a := e.Approval
	return approvalCarried{At: e.At, Step: e.Step, Approval: approval{By: person(a.By), At: a.At, Subject: a.Subject, Roles: a.Roles, From: a.From}}
}

func (r approvalCarried) event() deployer.ApprovalCarried {
	a := r.Approval
	return deployer.ApprovalCarried{At: r.At, Step: r.Step, Approval: deployer.Approval{By: deployer.Actor(a.By), At: a.At, Subject: a.Subject, Roles: a.Roles, From: a.From}}
}

func toEarlier(e deployer.EarlierApproval) earlier {
	return earlier{Deployment: e.Deployment, Step: e.Step, By: person(e.By), At: e.At, Roles: e.Roles, Images: e.Images}
}

func (r earlier) earlier() deployer.EarlierApproval {
	return deployer.EarlierApproval{Deployment: r.Deployment, Step: r.Step, By: deployer.Actor(r.By), At: r.At, Roles: r.Roles, Images: r.Images}
}
