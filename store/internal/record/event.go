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
		Store string    `json:"store,omitzero"`
		By    person    `json:"by,omitzero"`
		Role  string    `json:"role,omitzero"`
		Start start     `json:"start,omitzero"`
	}
	resolved struct {
		At      time.Time `json:"at,omitzero"`
		Targets []target  `json:"targets,omitzero"`
	}
	orderSeen struct {
		At      time.Time `json:"at,omitzero"`
		By      person    `json:"by,omitzero"`
		Nonce   string    `json:"nonce,omitzero"`
		Refused bool      `json:"refused,omitzero"`
		Via     string    `json:"via,omitzero"`
	}
	stepBegan struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		Look    bool      `json:"look,omitzero"`
		Seen    seen      `json:"seen,omitzero"`
	}
	seen struct {
		Members  []string                    `json:"members,omitzero"`
		Deadline time.Time                   `json:"deadline,omitzero"`
		With     map[string]map[string]value `json:"with,omitzero"`
		Texts    map[string]string           `json:"texts,omitzero"`
		Words    map[string]string           `json:"words,omitzero"`

		Each map[string]map[string]string `json:"each,omitzero"`
	}
	stepEnded struct {
		At     time.Time           `json:"at,omitzero"`
		Step   string              `json:"step,omitzero"`
		Status deployer.StepStatus `json:"status,omitzero"`
		Why    string              `json:"why,omitzero"`
		Kind   string              `json:"kind,omitzero"`
		Retry  time.Time           `json:"retry,omitzero"`
	}
	answered struct {
		At       time.Time         `json:"at,omitzero"`
		By       person            `json:"by,omitzero"`
		Step     string            `json:"step,omitzero"`
		Attempt  int               `json:"attempt,omitzero"`
		Item     string            `json:"item,omitzero"`
		Choice   deployer.Choice   `json:"choice,omitzero"`
		Values   map[string]string `json:"values,omitzero"`
		Comment  string            `json:"comment,omitzero"`
		Role     string            `json:"role,omitzero"`
		As       deployer.Level    `json:"as,omitzero"`
		Subject  string            `json:"subject,omitzero"`
		Services []string          `json:"services,omitzero"`
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
		Live    bool      `json:"live,omitzero"`
		By      person    `json:"by,omitzero"`
		Why     string    `json:"why,omitzero"`
	}
	effectIntended struct {
		At      time.Time `json:"at,omitzero"`
		Key     string    `json:"key,omitzero"`
		Runner  string    `json:"runner,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		Before  state     `json:"before,omitzero"`

		Step    string `json:"step,omitzero"`    // version 1 said again what stands in the key
		Service string `json:"service,omitzero"` // likewise
	}
	effectTried struct {
		At  time.Time `json:"at,omitzero"`
		Key string    `json:"key,omitzero"`
	}
	gateOpened struct {
		At   time.Time `json:"at,omitzero"`
		Key  string    `json:"key,omitzero"`
		Gate gate      `json:"gate,omitzero"`
	}
	gate struct {
		ID     string          `json:"id,omitzero"`
		Asks   string          `json:"asks,omitzero"`
		Answer deployer.Choice `json:"answer,omitzero"`
		By     person          `json:"by,omitzero"`
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
	effectRechecked struct {
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
	escalated struct {
		At      time.Time      `json:"at,omitzero"`
		Step    string         `json:"step,omitzero"`
		Attempt int            `json:"attempt,omitzero"`
		Level   deployer.Level `json:"level,omitzero"`
		People  []person       `json:"people,omitzero"`
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
	conditionSeen struct {
		At    time.Time         `json:"at,omitzero"`
		Step  string            `json:"step,omitzero"`
		Phase string            `json:"phase,omitzero"`
		Saw   map[string]string `json:"saw,omitzero"`
		Is    deployer.Truth    `json:"is,omitzero"`
		Why   string            `json:"why,omitzero"`
	}
	stepHeld struct {
		At    time.Time `json:"at,omitzero"`
		Step  string    `json:"step,omitzero"`
		Why   string    `json:"why,omitzero"`
		Item  string    `json:"item,omitzero"`
		Until time.Time `json:"until,omitzero"`
		Rule  string    `json:"rule,omitzero"`
		Role  string    `json:"role,omitzero"`
		Calls bool      `json:"calls,omitzero"`
		Asks  bool      `json:"asks,omitzero"`
	}
	overridden struct {
		At     time.Time `json:"at,omitzero"`
		By     person    `json:"by,omitzero"`
		Step   string    `json:"step,omitzero"`
		Rule   string    `json:"rule,omitzero"`
		Why    string    `json:"why,omitzero"`
		Role   string    `json:"role,omitzero"`
		Reason string    `json:"reason,omitzero"`
	}
	placesFreed struct {
		At time.Time `json:"at,omitzero"`
	}
	ended struct {
		At     time.Time       `json:"at,omitzero"`
		Status deployer.Status `json:"status,omitzero"`
		Why    string          `json:"why,omitzero"`
	}
)

func toCreated(e deployer.Created, blobs Blobs) (created, error) {
	s, err := toStart(e.Start, blobs)
	return created{At: e.At, ID: e.ID, Store: e.Store, By: person(e.By), Role: e.Role, Start: s}, err
}

func (r created) event(aside Aside) (deployer.Created, error) {
	s, err := r.modernize().Start.start(aside)
	return deployer.Created{At: r.At, ID: r.ID, Store: r.Store, By: deployer.Actor(r.By), Role: r.Role, Start: s}, err
}

func toResolved(e deployer.Resolved) resolved {
	return resolved{At: e.At, Targets: each(e.Targets, toTarget)}
}

func (r resolved) event() deployer.Resolved {
	return deployer.Resolved{At: r.At, Targets: each(r.Targets, target.target)}
}

func toOrderSeen(e deployer.OrderSeen) orderSeen {
	return orderSeen{At: e.At, By: person(e.By), Nonce: e.Nonce, Refused: e.Refused, Via: e.Via}
}

func (r orderSeen) event() deployer.OrderSeen {
	return deployer.OrderSeen{At: r.At, By: deployer.Actor(r.By), Nonce: r.Nonce, Refused: r.Refused, Via: r.Via}
}

func toTargetChanged(e deployer.TargetChanged) targetChanged {
	return targetChanged{At: e.At, Service: e.Service, Before: state(e.Before), Live: e.Live, By: person(e.By), Why: e.Why}
}

func (r targetChanged) event() deployer.TargetChanged {
	return deployer.TargetChanged{At: r.At, Service: r.Service, Before: deployer.State(r.Before), Live: r.Live, By: deployer.Actor(r.By), Why: r.Why}
}

func toEffectIntended(e deployer.EffectIntended) effectIntended {
	return effectIntended{
		At: e.At, Key: e.Key, Runner: e.Runner, Attempt: e.Attempt, Before: state(e.Before),
	}
}

func (r effectIntended) event() deployer.EffectIntended {
	return deployer.EffectIntended{
		At: r.At, Key: r.Key, Runner: r.Runner, Attempt: r.Attempt, Before: deployer.State(r.Before),
	}
}

func toGateOpened(e deployer.GateOpened) gateOpened {
	g := e.Gate
	return gateOpened{At: e.At, Key: e.Key, Gate: gate{ID: g.ID, Asks: g.Asks, Answer: g.Answer, By: person(g.By)}}
}

func (r gateOpened) event() deployer.GateOpened {
	g := r.Gate
	return deployer.GateOpened{At: r.At, Key: r.Key, Gate: deployer.Gate{ID: g.ID, Asks: g.Asks, Answer: g.Answer, By: deployer.Actor(g.By)}}
}

func toStepHeld(e deployer.StepHeld) stepHeld {
	h := e.Held
	return stepHeld{At: e.At, Step: e.Step, Why: h.Why, Item: h.Item, Until: h.Until, Rule: h.Rule, Role: h.Role, Calls: h.Calls, Asks: h.Asks}
}

func (r stepHeld) event() deployer.StepHeld {
	return deployer.StepHeld{At: r.At, Step: r.Step, Held: deployer.Held{Why: r.Why, Item: r.Item, Until: r.Until, Rule: r.Rule, Role: r.Role, Calls: r.Calls, Asks: r.Asks}}
}

func toOverridden(e deployer.Overridden) overridden {
	return overridden{At: e.At, By: person(e.By), Step: e.Step, Rule: e.Rule, Why: e.Why, Role: e.Role, Reason: e.Reason}
}

func (r overridden) event() deployer.Overridden {
	return deployer.Overridden{At: r.At, By: deployer.Actor(r.By), Step: r.Step, Rule: r.Rule, Why: r.Why, Role: r.Role, Reason: r.Reason}
}

func toEffectSettled(e deployer.EffectSettled, blobs Blobs) (effectSettled, error) {
	return effectSettled{At: e.At, Key: e.Key, Outcome: toOutcome(e.Outcome, blobs)}, nil
}

func (r effectSettled) event(aside Aside) (deployer.EffectSettled, error) {
	o, err := r.Outcome.outcome(aside)
	return deployer.EffectSettled{At: r.At, Key: r.Key, Outcome: o}, err
}

func toEffectRechecked(e deployer.EffectRechecked, blobs Blobs) (effectRechecked, error) {
	return effectRechecked{At: e.At, Key: e.Key, Outcome: toOutcome(e.Outcome, blobs)}, nil
}

func (r effectRechecked) event(aside Aside) (deployer.EffectRechecked, error) {
	o, err := r.Outcome.outcome(aside)
	return deployer.EffectRechecked{At: r.At, Key: r.Key, Outcome: o}, err
}

func toDelivered(e deployer.Delivered) delivered {
	return delivered{At: e.At, Post: post(e.Post), Kind: e.Kind}
}

func (r delivered) event() deployer.Delivered {
	return deployer.Delivered{At: r.At, Post: deployer.Post(r.Post), Kind: r.Kind}
}

func toAnswered(e deployer.Answered) answered {
	return answered{
		At: e.At, By: person(e.By), Step: e.Step, Attempt: e.Attempt, Item: e.Item, Choice: e.Choice,
		Values: e.Values, Comment: e.Comment, Role: e.Role, As: e.As, Subject: e.Subject, Services: e.Services,
	}
}

func (r answered) event() deployer.Answered {
	return deployer.Answered{
		At: r.At, By: deployer.Actor(r.By), Step: r.Step, Attempt: r.Attempt, Item: r.Item, Choice: r.Choice,
		Values: r.Values, Comment: r.Comment, Role: r.Role, As: r.As, Subject: r.Subject, Services: r.Services,
	}
}

func toEscalated(e deployer.Escalated) escalated {
	return escalated{At: e.At, Step: e.Step, Attempt: e.Attempt, Level: e.Level, People: each(e.People, toPerson)}
}

func (r escalated) event() deployer.Escalated {
	return deployer.Escalated{At: r.At, Step: r.Step, Attempt: r.Attempt, Level: r.Level, People: each(r.People, person.actor)}
}

func toStepBegan(e deployer.StepBegan) stepBegan {
	return stepBegan{At: e.At, Step: e.Step, Attempt: e.Attempt, Look: e.Look, Seen: seen{
		Members: e.Seen.Members, Deadline: e.Seen.Deadline, With: eachValue(e.Seen.With, toValues), Texts: e.Seen.Texts, Words: e.Seen.Words, Each: e.Seen.Each,
	}}
}

func (r stepBegan) event() deployer.StepBegan {
	return deployer.StepBegan{At: r.At, Step: r.Step, Attempt: r.Attempt, Look: r.Look, Seen: deployer.Seen{
		Members: r.Seen.Members, Deadline: r.Seen.Deadline, With: eachValue(r.Seen.With, values), Texts: r.Seen.Texts, Words: r.Seen.Words, Each: r.Seen.Each,
	}}
}
