package record

import (
	"encoding/json"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// A kind brings one type of event into its stored form and back.
type kind struct {
	name   string
	encode func(deployer.Event, Blobs) (data []byte, ok bool, err error) // ok: it is of this kind
	decode func([]byte, Aside) (deployer.Event, error)
}

// kinds are all types of events. The names are those in the store.
var kinds = []kind{
	withBlobs("created", toCreated, created.event),
	flat("resolved", toResolved, resolved.event),
	flat("heard", toOrderSeen, orderSeen.event),
	flat("step-began", toStepBegan, stepBegan.event),
	flat("step-ended",
		func(e deployer.StepEnded) stepEnded { return stepEnded(e) },
		func(r stepEnded) deployer.StepEnded { return deployer.StepEnded(r) }),
	flat("answered", toAnswered, answered.event),
	flat("approval-voided",
		func(e deployer.ApprovalVoided) approvalVoided { return approvalVoided(e) },
		func(r approvalVoided) deployer.ApprovalVoided { return deployer.ApprovalVoided(r) }),
	flat("approval-lapsed", toApprovalLapsed, approvalLapsed.event),
	flat("approval-carried", toApprovalCarried, approvalCarried.event),
	flat("target-changed", toTargetChanged, targetChanged.event),
	flat("effect-intended", toEffectIntended, effectIntended.event),
	flat("effect-tried",
		func(e deployer.EffectTried) effectTried { return effectTried(e) },
		func(r effectTried) deployer.EffectTried { return deployer.EffectTried(r) }),
	flat("gate-opened", toGateOpened, gateOpened.event),
	flat("condition-seen",
		func(e deployer.ConditionSeen) conditionSeen { return conditionSeen(e) },
		func(r conditionSeen) deployer.ConditionSeen { return deployer.ConditionSeen(r) }),
	flat("step-held", toStepHeld, stepHeld.event),
	flat("overridden", toOverridden, overridden.event),
	flat("places-freed",
		func(e deployer.PlacesFreed) placesFreed { return placesFreed(e) },
		func(r placesFreed) deployer.PlacesFreed { return deployer.PlacesFreed(r) }),
	flat("effect-acted",
		func(e deployer.EffectActed) effectActed { return effectActed(e) },
		func(r effectActed) deployer.EffectActed { return deployer.EffectActed(r) }),
	withBlobs("effect-settled", toEffectSettled, effectSettled.event),
	withBlobs("effect-rechecked", toEffectRechecked, effectRechecked.event),
	flat("effect-reopened",
		func(e deployer.EffectReopened) effectReopened { return effectReopened(e) },
		func(r effectReopened) deployer.EffectReopened { return deployer.EffectReopened(r) }),
	flat("step-expired",
		func(e deployer.StepExpired) stepExpired { return stepExpired(e) },
		func(r stepExpired) deployer.StepExpired { return deployer.StepExpired(r) }),
	flat("reminded",
		func(e deployer.Reminded) reminded { return reminded(e) },
		func(r reminded) deployer.Reminded { return deployer.Reminded(r) }),
	flat("delivered", toDelivered, delivered.event),
	flat("undelivered",
		func(e deployer.Undelivered) undelivered { return undelivered(e) },
		func(r undelivered) deployer.Undelivered { return deployer.Undelivered(r) }),
	flat("ended",
		func(e deployer.Ended) ended { return ended(e) },
		func(r ended) deployer.Ended { return deployer.Ended(r) }),
}

// kindOf has those of all versions by their names.
var kindOf = func() map[string]kind {
	all := map[string]kind{}
	for _, k := range slices.Concat(kinds, kindsV1) {
		all[k.name] = k
	}
	return all
}()

// flat makes the kind of an event that is stored whole.
func flat[E deployer.Event, R any](name string, to func(E) R, from func(R) E) kind {
	return withBlobs(name,
		func(e E, _ Blobs) (R, error) { return to(e), nil },
		func(r R, _ Aside) (E, error) { return from(r), nil })
}

// withBlobs makes the kind of an event of which something may be kept aside.
func withBlobs[E deployer.Event, R any](name string, to func(E, Blobs) (R, error), from func(R, Aside) (E, error)) kind {
	return kind{
		name: name,
		encode: func(e deployer.Event, blobs Blobs) ([]byte, bool, error) {
			own, ok := e.(E)
			if !ok {
				return nil, false, nil
			}
			r, err := to(own, blobs)
			if err != nil {
				return nil, true, err
			}
			data, err := json.Marshal(r)
			return data, true, err
		},
		decode: func(data []byte, aside Aside) (deployer.Event, error) {
			var r R
			if err := strict(data, &r); err != nil {
				return nil, err
			}
			return from(r, aside)
		},
	}
}
