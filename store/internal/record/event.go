package record

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The stored forms of the events. Those whose fields are all plain convert to
// the core's type as they are, so that a field which is added there is missed
// here by the compiler; the others by a method, and are missed by a test.
type (
	created struct {
		At    time.Time `json:"at,omitzero"`
		ID    string    `json:"id,omitzero"`
		By    person    `json:"by,omitzero"`
		Start start     `json:"start,omitzero"`
	}
	resolved struct {
		At      time.Time `json:"at,omitzero"`
		Targets []target  `json:"targets,omitzero"`
	}
	orderSeen struct {
		At    time.Time `json:"at,omitzero"`
		By    person    `json:"by,omitzero"`
		Nonce string    `json:"nonce,omitzero"`
	}
	stepBegan struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		Look    bool      `json:"look,omitzero"`
	}
	stepEnded struct {
		At     time.Time           `json:"at,omitzero"`
		Step   string              `json:"step,omitzero"`
		Status deployer.StepStatus `json:"status,omitzero"`
		Why    string              `json:"why,omitzero"`
	}
	confirmed struct {
		At   time.Time `json:"at,omitzero"`
		Step string    `json:"step,omitzero"`
		By   person    `json:"by,omitzero"`
	}
	reviewed struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		Words   string    `json:"words,omitzero"`
		By      person    `json:"by,omitzero"`
	}
	approved struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		By      person    `json:"by,omitzero"`
		Subject string    `json:"subject,omitzero"`
	}
	approvalVoided struct {
		At   time.Time `json:"at,omitzero"`
		Step string    `json:"step,omitzero"`
		Why  string    `json:"why,omitzero"`
	}
	targetChanged struct {
		At      time.Time `json:"at,omitzero"`
		Service string    `json:"service,omitzero"`
		Before  state     `json:"before,omitzero"`
	}
	effectIntended struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		Key     string    `json:"key,omitzero"`
		Runner  string    `json:"runner,omitzero"`
		Service string    `json:"service,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		Before  state     `json:"before,omitzero"`
	}
	effectActed struct {
		At  time.Time `json:"at,omitzero"`
		Key string    `json:"key,omitzero"`
		Ref string    `json:"ref,omitzero"`
	}
	effectSettled struct {
		At      time.Time `json:"at,omitzero"`
		Key     string    `json:"key,omitzero"`
		Outcome outcome   `json:"outcome,omitzero"`
	}
	effectReopened struct {
		At      time.Time `json:"at,omitzero"`
		Key     string    `json:"key,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
	}
	stepExpired struct {
		At   time.Time `json:"at,omitzero"`
		Step string    `json:"step,omitzero"`
	}
	reminded struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		N       int       `json:"n,omitzero"`
	}
	decided struct {
		At       time.Time         `json:"at,omitzero"`
		By       person            `json:"by,omitzero"`
		Decision deployer.Decision `json:"decision,omitzero"`
		Step     string            `json:"step,omitzero"`
		Services []string          `json:"services,omitzero"`
		Reason   string            `json:"reason,omitzero"`
	}
	delivered struct {
		At   time.Time `json:"at,omitzero"`
		Post post      `json:"post,omitzero"`
		Kind string    `json:"kind,omitzero"`
	}
	undelivered struct {
		At       time.Time `json:"at,omitzero"`
		DedupKey string    `json:"key,omitzero"`
		Why      string    `json:"why,omitzero"`
	}
	ended struct {
		At     time.Time       `json:"at,omitzero"`
		Status deployer.Status `json:"status,omitzero"`
		Why    string          `json:"why,omitzero"`
	}
)

func toCreated(e deployer.Created, blobs Blobs) (created, error) {
	s, err := toStart(e.Start, blobs)
	return created{At: e.At, ID: e.ID, By: person(e.By), Start: s}, err
}

func (r created) event(fetch Fetch) (deployer.Created, error) {
	s, err := r.modernize().Start.start(fetch)
	return deployer.Created{At: r.At, ID: r.ID, By: deployer.Person(r.By), Start: s}, err
}

func toResolved(e deployer.Resolved) resolved {
	return resolved{At: e.At, Targets: each(e.Targets, toTarget)}
}

func (r resolved) event() deployer.Resolved {
	return deployer.Resolved{At: r.At, Targets: each(r.Targets, target.target)}
}

func toOrderSeen(e deployer.OrderSeen) orderSeen {
	return orderSeen{At: e.At, By: person(e.By), Nonce: e.Nonce}
}

func (r orderSeen) event() deployer.OrderSeen {
	return deployer.OrderSeen{At: r.At, By: deployer.Person(r.By), Nonce: r.Nonce}
}

func toConfirmed(e deployer.Confirmed) confirmed {
	return confirmed{At: e.At, Step: e.Step, By: person(e.By)}
}

func (r confirmed) event() deployer.Confirmed {
	return deployer.Confirmed{At: r.At, Step: r.Step, By: deployer.Person(r.By)}
}

func toReviewed(e deployer.Reviewed) reviewed {
	return reviewed{At: e.At, Step: e.Step, Attempt: e.Attempt, Words: e.Words, By: person(e.By)}
}

func (r reviewed) event() deployer.Reviewed {
	return deployer.Reviewed{At: r.At, Step: r.Step, Attempt: r.Attempt, Words: r.Words, By: deployer.Person(r.By)}
}

func toApproved(e deployer.Approved) approved {
	return approved{At: e.At, Step: e.Step, By: person(e.By), Subject: e.Subject}
}

func (r approved) event() deployer.Approved {
	return deployer.Approved{At: r.At, Step: r.Step, By: deployer.Person(r.By), Subject: r.Subject}
}

func toTargetChanged(e deployer.TargetChanged) targetChanged {
	return targetChanged{At: e.At, Service: e.Service, Before: state(e.Before)}
}

func (r targetChanged) event() deployer.TargetChanged {
	return deployer.TargetChanged{At: r.At, Service: r.Service, Before: deployer.State(r.Before)}
}

func toEffectIntended(e deployer.EffectIntended) effectIntended {
	return effectIntended{
		At: e.At, Step: e.Step, Key: e.Key, Runner: e.Runner, Service: e.Service, Attempt: e.Attempt, Before: state(e.Before),
	}
}

func (r effectIntended) event() deployer.EffectIntended {
	return deployer.EffectIntended{
		At: r.At, Step: r.Step, Key: r.Key, Runner: r.Runner, Service: r.Service, Attempt: r.Attempt, Before: deployer.State(r.Before),
	}
}

func toEffectSettled(e deployer.EffectSettled, blobs Blobs) (effectSettled, error) {
	return effectSettled{At: e.At, Key: e.Key, Outcome: toOutcome(e.Outcome, blobs)}, nil
}

func (r effectSettled) event(fetch Fetch) (deployer.EffectSettled, error) {
	o, err := r.Outcome.outcome(fetch)
	return deployer.EffectSettled{At: r.At, Key: r.Key, Outcome: o}, err
}

func toDecided(e deployer.Decided) decided {
	return decided{At: e.At, By: person(e.By), Decision: e.Decision, Step: e.Step, Services: e.Services, Reason: e.Reason}
}

func (r decided) event() deployer.Decided {
	return deployer.Decided{
		At: r.At, By: deployer.Person(r.By), Decision: r.Decision, Step: r.Step, Services: r.Services, Reason: r.Reason,
	}
}

func toDelivered(e deployer.Delivered) delivered {
	return delivered{At: e.At, Post: post(e.Post), Kind: e.Kind}
}

func (r delivered) event() deployer.Delivered {
	return deployer.Delivered{At: r.At, Post: deployer.Post(r.Post), Kind: r.Kind}
}
