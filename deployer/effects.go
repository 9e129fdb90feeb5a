package deployer

import (
	"slices"
	"strings"
)

// wants are the effects that a step has, as intents that nobody committed yet.
func (d planner) wants(s StepState) []Wanted {
	if s.Work() != WorkSystem {
		return nil
	}
	var out []Wanted
	for _, t := range d.Targets {
		undo := slices.Contains(d.RollbackServices, t.Service)
		if s.Back && !undo && !slices.Contains(d.Touched(), t.Service) {
			continue
		}
		w := Wanted{Key: EffectKey{Step: s.ID, Service: t.Service}.String(), Runner: s.kind().Name, Intent: d.intent(s, t, s.Back && undo)}
		if s.kind().OfTarget {
			w.Runner = t.Runner + "." + w.Runner
		}
		if s.Deploys() {
			if s.Back && !undo || !s.Back && t.Live {
				continue
			}
		}
		out = append(out, w)
		if e := s.effect(w.Key); t.Pauses && s.Deploys() && e.needsPause(s.Attempt) {
			w.Key, w.Runner, w.Pause = EffectKey{Step: s.ID, Service: t.Service, Pause: true}.String(), t.Runner+".pause", true
			out = append(out, w)
		}
	}
	return out
}

// needsPause reports whether a rollout was left half way in this attempt.
// What somebody else has taken over is left alone.
func (e *Effect) needsPause(attempt int) bool {
	return e != nil && e.Attempt == attempt && e.Stage == Settled && e.Outcome.Result == Failed
}

// intent is what the step wants for a target: forward, or back to what the
// rollout found there.
func (d planner) intent(s StepState, t Target, back bool) Intent {
	in := Intent{
		Deployment: d.ID, Retailer: d.Retailer, Environment: d.Environment,
		Step: s.ID, Service: t.Service, Attempt: s.Attempt, Mark: d.ID, Back: back,
		Where: t.Where, From: t.Before, To: t.After, With: s.With,
	}
	if back {
		in.Mark = RollbackMark(d.ID)
		in.From, in.To = t.After, d.found(t)
	}
	if s.Timeout > 0 {
		in.Deadline = s.Began.Add(s.Timeout)
	}
	return in
}

// found is what the rollout of the target found before it acted.
func (d Deployment) found(t Target) State {
	for _, s := range d.Steps {
		if e := s.effect(EffectKey{Step: s.ID, Service: t.Service}.String()); e != nil && s.Deploys() && !s.Back {
			return e.Before
		}
	}
	return t.Before
}

// fresh reports whether the effect must be begun in the step's attempt.
func (s StepState) fresh(e *Effect) bool {
	return e == nil || e.Stage == Settled && e.Attempt < s.Attempt && e.Outcome.Result != OK
}

// conclusion is how the step has ended, if all that it waits for is there.
func (d planner) conclusion(s StepState) (StepStatus, string, bool) {
	if why, yes := d.NotNeeded(s); yes {
		return Done, why, true
	}
	if done, over := s.answered(d.Deployment); done {
		return Done, "", true
	} else if over != "" {
		return StepFailed, over, true
	}
	wants := d.wants(s)
	if s.Expired && len(wants) == 0 {
		return StepFailed, s.notInTime(), true
	}
	if s.Work() != WorkSystem {
		return "", "", false
	}
	status, why := Done, ""
	for _, w := range wants {
		e := s.effect(w.Key)
		of := ""
		if len(d.Targets) > 1 {
			of = w.Service() + ": "
		}
		switch {
		case s.fresh(e) && !s.Expired && !s.Look, e != nil && e.Open():
			return "", "", false
		case s.fresh(e):
			status, why = worse(status, why, StepFailed, w.Service()+": it was not begun.")
		case e.IsPause() && e.Outcome.Result != OK:
			status, why = worse(status, why, StepFailed, w.Service()+": the rollout could not be paused: "+e.Outcome.Why)
		case e.Outcome.Result == Interrupted:
			status, why = worse(status, why, StepInterrupted, of+e.Outcome.Why)
		case e.Outcome.Result != OK:
			status, why = worse(status, why, StepFailed, of+e.Outcome.Why)
		}
	}
	return status, why, true
}

// worse keeps the first reason; interrupted outweighs failed, since it must
// not be taken for a known end.
func worse(s StepStatus, why string, s2 StepStatus, why2 string) (StepStatus, string) {
	if s == Done {
		return s2, why2
	}
	if s2 == StepInterrupted {
		s = s2
	}
	return s, Sentence(why) + " " + why2
}

// answered reports whether people and the chat system have given what the step
// waits for, or why they never will.
func (s StepState) answered(d Deployment) (done bool, over string) {
	switch {
	case s.Confirms():
		return s.By.ID != "", ""
	case s.Approves():
		return s.approvals(d.Subject().Hash()) >= max(s.Count(), 1), ""
	case s.Announces():
		missing := 0
		for _, name := range d.audience(s.To()) {
			key := AnnouncementKey(s.ID, name)
			if why, lost := s.Lost[key]; lost {
				over = strings.TrimSpace(over + " " + why)
			} else if !s.posted(key) {
				missing++
			}
		}
		if missing > 0 {
			over = ""
		}
		return missing == 0 && over == "", over
	}
	return false, ""
}

// approvals counts the people whose approval is about that Subject.
func (s StepState) approvals(hash string) int {
	n := 0
	for _, a := range s.Approvals {
		if a.Subject == hash {
			n++
		}
	}
	return n
}
