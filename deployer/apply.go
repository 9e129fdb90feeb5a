package deployer

import (
	"slices"
	"time"
)

// ordersSeenMax bounds the nonces that a deployment remembers.
const ordersSeenMax = 64

// Apply folds one event. It changes neither argument.
func Apply(d Deployment, e Event) Deployment {
	d = d.clone()
	e.apply(&d)
	d.Seq++
	return d
}

// Fold applies events in order. It changes neither argument.
func Fold(d Deployment, events ...Event) Deployment {
	d = d.clone()
	for _, e := range events {
		e.apply(&d)
		d.Seq++
	}
	return d
}

func (e Created) apply(d *Deployment) {
	s := e.Start
	s.Procedure = s.Procedure.bound()
	*d = Deployment{
		ID: e.ID, Store: e.Store, Origin: s.Origin, Requester: e.By, Role: e.Role, Site: s.Site,
		Channels: s.Channels, Procedure: s.Procedure, Releases: s.Releases, Inputs: s.Inputs, Reason: s.Reason,
		Planned: s.Planned, Within: s.Within, Warnings: s.Warnings, Terms: s.Terms, Place: s.Place, Earlier: s.Earlier, Back: s.Back, Drill: s.Drill,
		Status: Resolving, Created: e.At,
	}
	add := func(steps []Step, part Part) {
		for _, step := range steps {
			d.Steps = append(d.Steps, StepState{Step: step, Part: part, Status: Pending})
		}
	}
	add(s.Procedure.Steps, PartMain)
	add(s.Procedure.Rollback, PartRollback)
	add(s.Procedure.Failure.Steps, PartFailure)
	add(s.Procedure.After, PartAfter)
}

// The event is kept as it is: what a target is found to be later changes the deployment alone.
func (e Resolved) apply(d *Deployment) {
	if Patching(*d) != nil {
		replaceTargets(d, e.Targets)
		return
	}
	d.Targets, d.Status = slices.Clone(e.Targets), Running
}

func (e OrderSeen) apply(d *Deployment) {
	if e.Refused {
		d.OrdersRefused = append(d.OrdersRefused, e.Nonce)
		return
	}
	d.OrdersSeen = append(d.OrdersSeen, e.Nonce)
	if extra := len(d.OrdersSeen) - ordersSeenMax; extra > 0 {
		d.OrdersSeen = slices.Delete(d.OrdersSeen, 0, extra)
	}
}

func (e StepBegan) apply(d *Deployment) {
	s := d.Step(e.Step)
	givenBack(s)
	if s.Anew {
		s.forget()
	}
	if s.RetryAt.IsZero() {
		s.Tries = 0
	}
	s.Status, s.Attempt, s.Began, s.RetryAt = Active, e.Attempt, e.At, time.Time{}
	if len(s.Seen.Texts)+len(e.Seen.Texts) > 0 {
		s.show(d.written(s.ID), e.Seen.Texts)
	}
	s.Expired, s.Reminded, s.Escalated, s.Look, s.Lost, s.Held, s.Freed, s.Again, s.Seen = false, 0, nil, e.Look, nil, Held{}, time.Time{}, "", e.Seen
	s.HeldBack = false
	holdBack(d, s)
	if d.Status == Deciding && d.Broken() == nil {
		d.Status, d.Why = Running, ""
	}
}

func (e ConditionSeen) apply(d *Deployment) {
	if e.Phase == "" {
		d.Step(e.Step).Condition = e.Is
		return
	}
	if d.Phases == nil {
		d.Phases = map[string]Truth{}
	}
	d.Phases[e.Phase] = e.Is
}

func (e StepEnded) apply(d *Deployment) {
	s := d.Step(e.Step)
	if !e.Retry.IsZero() {
		s.Failed, s.Tries, s.RetryAt, s.Why, s.Fault = true, s.Tries+1, e.Retry, e.Why, e.Kind
		return
	}
	if s.Status != Done { // else what it has proven is not so any more; see Disproved
		s.Finished = e.At
	}
	s.Status, s.Why, s.Fault = e.Status, e.Why, e.Kind
	s.Failed = s.Failed || s.failed()
	if s.Work() == WorkPeople && s.Status == Done {
		age(d)
	}
	if s.Broken() {
		e.breaks(d, s)
	} else {
		endProblem(d, s.ID)
	}
	if repeats(*d, *s) {
		s.wait()
	}
	nextFailure(d)
}

// breaks is what comes of a step that did not go well, unless that is only noted: the
// deployment ends calmly where the step says so, else somebody decides.
func (e StepEnded) breaks(d *Deployment, s *StepState) {
	if s.Stops() && d.Status == Running {
		d.Status, d.Why = Halting, "“"+s.Title+"”: "+Sentence(e.Why)
		return
	}
	switch {
	case decidedAlone(*d, *s):
		s.Reminded, s.Escalated = 0, nil // another question is asked there now
	case d.Status == Running:
		d.Status, d.Why, d.Decision = Deciding, e.Why, Decision{Since: e.At}
	}
	if d.Status != Halting {
		hasProblem(d, *s, e)
	}
	s.Told = true
	fails(d, FailedStep{Step: s.ID, Why: e.Why, Kind: e.Kind})
}

func (e ApprovalVoided) apply(d *Deployment) {
	s := d.Step(e.Step)
	s.Approvals = nil
	askAgain(d, s, e.Why)
}

func (e TargetChanged) apply(d *Deployment) {
	if e.Live {
		d.Arrived = append(d.Arrived, Arrival{e.Service, e.By})
		return
	}
	if b := BroughtBefore(*d, e.Service); b != nil {
		b.Runs = e.Before
		return
	}
	d.Target(e.Service).Before = e.Before
}

func (e EffectIntended) apply(d *Deployment) {
	key := ParseEffectKey(e.Key)
	s := d.Step(key.Step)
	if s.Held.Item == key.Item && !s.HeldBack {
		letGo(s, e.At)
	}
	effect := Effect{
		Key: e.Key, Runner: e.Runner, Item: key.Item, Verb: key.Verb, Attempt: e.Attempt, Began: e.Attempt, Stage: Intended, At: e.At, Before: e.Before,
	}
	if old := s.Effect(e.Key); old != nil {
		*old = effect
		return
	}
	s.Effects = append(s.Effects, effect)
}

func (e EffectTried) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Sent = append(f.Sent, e.At)
}

func (e EffectActed) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Stage, f.Ref = Acted, e.Ref
}

func (e GateOpened) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Gate, f.Asked = e.Gate, e.At
	s := d.Step(ParseEffectKey(e.Key).Step)
	s.Reminded, s.Escalated = 0, nil
}

func (e EffectSettled) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Stage, f.Outcome, f.LookOnly, f.Seen = Settled, e.Outcome, false, e.At
	f.Aged = false
	f.Untold = d.Status == Halting && e.Outcome.Result == Interrupted
	d.open(*f)
	defer nextFailure(d)
	if key := ParseEffectKey(e.Key); IsGateVerb(key.Verb) {
		d.passGate(key, e.Outcome.Result)
	}
}

// open lets later steps find the channel that an effect has opened: from now on it is
// meant by that name, whatever the site has for it.
func (d *Deployment) open(f Effect) {
	s := d.Step(ParseEffectKey(f.Key).Step)
	as := s.WithOf(f.Item)[s.kind().Opens].Text
	if as == "" || f.Outcome.Result != OK || f.Ref == "" || !f.IsMain() {
		return
	}
	if d.Channels == nil {
		d.Channels = map[string]string{}
	}
	if d.Channels[as] = f.Ref; d.Drill.On { // none was opened
		d.Channels[as] = d.Channels[ChannelDeploys]
	}
}

// passGate is what becomes of a gate when the answer was given to its system, or
// could not be: then it is asked again.
func (d *Deployment) passGate(key EffectKey, given Result) {
	f := d.Effect(EffectKey{Step: key.Step, Item: key.Item}.String())
	switch {
	case f == nil || f.Gate.Answer == "" || f.Gate.verb() != key.Verb: // it asks something else by now
	case given == OK:
		f.Gate = Gate{}
	default:
		f.Gate.Answer, f.Gate.By = "", Actor{}
	}
}

func (e EffectReopened) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Stage, f.LookOnly, f.Attempt, f.Outcome, f.Untold = Intended, true, e.Attempt, Outcome{}, false
}

func (e EffectRechecked) apply(d *Deployment) {
	f := d.Effect(e.Key)
	f.Seen, f.Aged = e.At, false
	switch {
	case f.Verb == VerbPause || e.Outcome.Result != OK:
		f.Outcome = e.Outcome
	case e.Outcome.Remark != "":
		f.Outcome.Remark = e.Outcome.Remark
	}
}

func (e StepExpired) apply(d *Deployment) { d.Step(e.Step).Expired = true }

func (e Answered) apply(d *Deployment) {
	breakGlass(d, e)
	switch e.Choice {
	case ChoiceHold:
		d.Decision.Held = e.By
	case ChoiceView:
		heard(d, e)
	case ChoiceReviewed:
		reviewed(d, e)
	case ChoiceStop, ChoiceReject:
		if d.Status == Halting {
			d.GivenUp, d.Why = true, Sentence(d.Why)+" "+e.GaveUp()
			return
		}
		if d.Status.Ended() {
			endDuties(d, e)
			return
		}
		d.Status, d.Why, d.Rejected = Halting, e.Why(), e.Choice == ChoiceReject
		decideProblems(d, e, func(s StepState) bool { return s.Part != PartAfter })
	case ChoiceChanges:
		requestChanges(d, e)
	case ChoiceReply:
		closeRequests(d, e)
	case ChoiceRollBack:
		decideProblems(d, e, func(s StepState) bool { return s.Part == PartMain && !decidedAlone(*d, s) })
		d.Status, d.Part, d.RollbackServices, d.Why = Running, PartRollback, e.Services, e.Comment
		d.RolledBackBy = e.By
	case ChoiceCheck, ChoiceRetry:
		beginAgain(d, e)
	case ChoicePatch:
		patches(d, e)
	case ChoiceUnpatched:
		unpatch(d, e)
	case ChoiceProceed, ChoiceAbort:
		if f := d.Effect(EffectKey{Step: e.Step, Item: e.Item}.String()); f != nil {
			f.Gate.Answer, f.Gate.By = e.Choice, e.By
		}
	case ChoiceSkip:
		d.Step(e.Step).skip(e)
		goOn(d, e)
	case ChoiceByHand:
		doneByHand(d, e)
	case ChoiceTakeOver:
		takenOver(d, e)
	case ChoiceHandBack:
		handedBack(d, e.At)
	case ChoiceSave:
		e.tick(d.Step(e.Step))
	default:
		d.Step(e.Step).answer(e)
		if e.Choice == ChoiceApprove {
			d.Approved = Approval{By: e.By, At: e.At, Subject: e.Subject}
			closeRequests(d, e)
		}
		putOffWords(d, e.Step)
	}
}

// answer keeps what somebody has answered to the step itself.
func (s *StepState) answer(e Answered) {
	if s.Approves() {
		s.Approvals = append(s.Approvals, Approval{By: e.By, At: e.At, Subject: e.Subject, Roles: e.Values[fieldRoles]})
		return
	}
	s.By, s.Values = e.By, e.Values
	s.Given = append(s.Given, Given{Item: e.Item, By: e.By, At: e.At, Values: e.Values, Comment: e.Comment})
}

func (e Delivered) apply(d *Deployment) {
	if IsCardKey(e.Post.DedupKey) {
		d.Card = e.Post
		return
	}
	if p := d.ProblemOf(e.Post.DedupKey); p != nil {
		p.Post = e.Post
		return
	}
	if s := d.announcing(e.Post.DedupKey); s != nil {
		s.Posts = append(s.Posts, e.Post)
	}
}

func (e Undelivered) apply(d *Deployment) {
	if IsCardKey(e.DedupKey) && d.Card.TS != "" {
		d.Card, d.CardsLost = Post{}, d.CardsLost+1
	}
	if p := d.ProblemOf(e.DedupKey); p != nil && p.Key() == e.DedupKey {
		p.Lost = true
	}
	if s := d.announcing(e.DedupKey); s != nil {
		lost := map[string]string{e.DedupKey: e.Why}
		for k, v := range s.Lost {
			lost[k] = v
		}
		s.Lost = lost
	}
}

func (PlacesFreed) apply(d *Deployment) { d.Freed = d.Status == Running }

func (e Ended) apply(d *Deployment) {
	d.Status, d.Ended, d.Why = e.Status, e.At, e.Why
	handedBack(d, e.At)
	endProblems(d)
}
