package deployer

import "slices"

// ordersSeenMax bounds the nonces that a deployment remembers.
const ordersSeenMax = 64

// Apply folds one event. It changes neither argument.
func Apply(d Deployment, e Event) Deployment {
	d = d.clone()
	e.apply(&d)
	d.Seq++
	return d
}

// Fold applies events in order.
func Fold(d Deployment, events ...Event) Deployment {
	for _, e := range events {
		d = Apply(d, e)
	}
	return d
}

func (e Created) apply(d *Deployment) {
	s := e.Start
	s.Procedure = s.Procedure.bound()
	*d = Deployment{
		ID: e.ID, Origin: s.Origin, Requester: e.By, Retailer: s.Retailer, Environment: s.Environment,
		Channels: s.Channels, Procedure: s.Procedure, Releases: s.Releases, Inputs: s.Inputs, Reason: s.Reason,
		Planned: s.Planned, Warnings: s.Warnings, Terms: s.Terms,
		Status: Resolving, Created: e.At,
	}
	add := func(steps []Step, back bool) {
		for _, step := range steps {
			d.Steps = append(d.Steps, StepState{Step: step, Back: back, Status: Pending})
		}
	}
	add(s.Procedure.Steps, false)
	add(s.Procedure.Rollback, true)
}

func (e Resolved) apply(d *Deployment) { d.Targets, d.Status = e.Targets, Running }

func (e OrderSeen) apply(d *Deployment) {
	d.OrdersSeen = append(d.OrdersSeen, e.Nonce)
	if extra := len(d.OrdersSeen) - ordersSeenMax; extra > 0 {
		d.OrdersSeen = slices.Delete(d.OrdersSeen, 0, extra)
	}
}

func (e StepBegan) apply(d *Deployment) {
	s := d.Step(e.Step)
	s.Status, s.Attempt, s.Began = Active, e.Attempt, e.At
	s.Expired, s.Reminded, s.Look, s.Lost = false, 0, e.Look, nil
}

func (e StepEnded) apply(d *Deployment) {
	s := d.Step(e.Step)
	s.Status, s.Finished, s.Why = e.Status, e.At, e.Why
	s.Failed = s.Failed || s.broken()
	if s.broken() && d.Status == Running {
		d.Status, d.Why = Deciding, e.Why
	}
}

func (e ApprovalVoided) apply(d *Deployment) {
	s := d.Step(e.Step)
	s.Approvals, s.Status, s.Why = nil, Pending, e.Why
	for i := range d.Steps {
		if w := &d.Steps[i]; w.Status == Active && w.Deploys() && !d.ready(*w) {
			w.Status = Pending
		}
	}
}

func (e TargetChanged) apply(d *Deployment) { d.Target(e.Service).Before = e.Before }

func (e EffectIntended) apply(d *Deployment) {
	s := d.Step(e.Step)
	effect := Effect{Key: e.Key, Runner: e.Runner, Service: e.Service, Attempt: e.Attempt, Stage: Intended, At: e.At, Before: e.Before}
	if old := s.effect(e.Key); old != nil {
		*old = effect
		return
	}
	s.Effects = append(s.Effects, effect)
}

func (e EffectActed) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Stage, f.Ref = Acted, e.Ref
}

func (e EffectSettled) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Stage, f.Outcome, f.LookOnly = Settled, e.Outcome, false
}

func (e EffectReopened) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Stage, f.LookOnly, f.Attempt, f.Outcome = Intended, true, e.Attempt, Outcome{}
}

func (e StepExpired) apply(d *Deployment) { d.Step(e.Step).Expired = true }

func (e Answered) apply(d *Deployment) {
	switch e.Choice {
	case ChoiceStop, ChoiceReject:
		d.Status, d.Why = Halting, e.Why()
	case ChoiceRollBack:
		d.Status, d.Back, d.RollbackServices, d.Why = Running, true, e.Services, e.Comment
	case ChoiceCheck, ChoiceRetry:
		d.Status, d.Why = Running, ""
	case ChoiceSkip:
		s := d.Step(e.Step)
		s.Status, s.Skipped = Done, Skipped{By: e.By, At: e.At, Reason: e.Comment}
		if b := d.Broken(); b != nil {
			d.Why = b.Why
		} else {
			d.Status, d.Why = Running, ""
		}
	default:
		d.Step(e.Step).answer(e)
	}
}

// answer keeps what somebody has answered to the step itself.
func (s *StepState) answer(e Answered) {
	if s.Approves() {
		s.Approvals = append(s.Approvals, Approval{By: e.By, At: e.At, Subject: e.Subject})
		return
	}
	s.By, s.Values = e.By, e.Values
}

// Why is why it was answered so: of what ends a deployment, as a sentence that
// names who did.
func (e Answered) Why() string {
	verb := map[Choice]string{ChoiceStop: "Stopped", ChoiceReject: "Rejected"}[e.Choice]
	switch {
	case verb == "":
		return e.Comment
	case e.Comment == "":
		return verb + " by " + e.By.Name + "."
	}
	return verb + " by " + e.By.Name + ": " + e.Comment
}

func (e Delivered) apply(d *Deployment) {
	if e.Kind == MessageCard {
		d.Card = e.Post
		return
	}
	if s := d.announcing(e.Post.DedupKey); s != nil {
		s.Posts = append(s.Posts, e.Post)
	}
}

func (e Undelivered) apply(d *Deployment) {
	if s := d.announcing(e.DedupKey); s != nil {
		lost := map[string]string{e.DedupKey: e.Why}
		for k, v := range s.Lost {
			lost[k] = v
		}
		s.Lost = lost
	}
}

func (e Ended) apply(d *Deployment) { d.Status, d.Ended, d.Why = e.Status, e.At, e.Why }
