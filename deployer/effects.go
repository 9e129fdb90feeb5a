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
	for _, item := range d.items(s) {
		w := d.want(s, EffectKey{Step: s.ID, Item: item})
		out = append(out, w)
		e := s.effect(w.Key)
		if e.needsPause(s.Attempt) && s.Deploys() && d.pauses(item) {
			out = append(out, d.want(s, EffectKey{Step: s.ID, Item: item, Verb: VerbPause}))
		}
		if e != nil && e.Open() && e.Gate.Answer != "" {
			out = append(out, d.want(s, EffectKey{Step: s.ID, Item: item, Verb: e.Gate.verb()}))
		}
	}
	return d.withOpen(s, out)
}

// withOpen adds what is open of a step and not wanted any more by itself: an
// answer that was reopened, for one.
func (d planner) withOpen(s StepState, out []Wanted) []Wanted {
	for _, e := range s.Effects {
		if e.Open() && !slices.ContainsFunc(out, func(w Wanted) bool { return w.Key == e.Key }) {
			out = append(out, d.want(s, ParseEffectKey(e.Key)))
		}
	}
	return out
}

// isGateVerb reports whether an effect gives an answer to a gate.
func isGateVerb(verb string) bool {
	return strings.HasPrefix(verb, VerbProceed) || strings.HasPrefix(verb, VerbAbort)
}

// verb is that of the effect that gives the answer to the system.
func (g Gate) verb() string {
	if g.Answer == ChoiceProceed {
		return VerbProceed + " " + g.ID
	}
	return VerbAbort + " " + g.ID
}

// items are what the step is done for, each by itself.
func (d planner) items(s StepState) []string {
	switch s.scope() {
	case ScopeOnce:
		return []string{""}
	case ScopeMembers:
		if s.EachOf != "" {
			return s.Seen.Members
		}
		return s.Each
	}
	var out []string
	for _, t := range d.Targets {
		back, undo := s.Part == PartRollback, slices.Contains(d.RollbackServices, t.Service)
		switch {
		case back && !undo && (s.Deploys() || !slices.Contains(d.Touched(), t.Service)):
		case !back && s.Deploys() && IsLive(d.Deployment, t):
		default:
			out = append(out, t.Service)
		}
	}
	return out
}

// pauses reports whether a rollout of that service can be held where it is.
func (d planner) pauses(service string) bool {
	t := d.Target(service)
	return t != nil && t.Pauses
}

// want is an effect of a step that nobody committed yet.
func (d planner) want(s StepState, key EffectKey) Wanted {
	verb, gate, _ := strings.Cut(key.Verb, " ")
	w := Wanted{Key: key.String(), Runner: s.kind().Name, Repeat: s.kind().Repeat, Verb: verb, Intent: d.intent(s, key.Item)}
	w.Intent.Verb, w.Intent.Gate = verb, gate
	if s.kind().OfTarget {
		name := s.kind().Name
		if verb == VerbPause {
			name = VerbPause
		}
		w.Runner = d.Target(key.Item).Runner + "." + name
	}
	return w
}

// needsPause reports whether a rollout was left half way in this attempt.
// What somebody else has taken over is left alone.
func (e *Effect) needsPause(attempt int) bool {
	return e != nil && e.Attempt == attempt && e.Stage == Settled && e.Outcome.Result == Failed
}

// intent is what the step wants for an item. Of a service that is forward, or
// back to what ran well before.
func (d planner) intent(s StepState, item string) Intent {
	in := Intent{
		Deployment: d.ID, Site: d.Site,
		Step: s.ID, Item: item, Attempt: s.Attempt, Began: s.Attempt, Mark: d.Mark(false) + s.round(), With: s.With, By: d.Requester,
	}
	for _, r := range d.Releases {
		in.Services = append(in.Services, r.Service)
	}
	if s.Timeout > 0 {
		in.Deadline = s.Began.Add(s.Timeout)
	}
	t := d.Target(item)
	if s.kind().Scope != ScopeServices || t == nil {
		return in
	}
	in.Service, in.Where, in.From, in.To = t.Service, t.Where, t.Before, t.After
	if in.Back = s.Part == PartRollback && slices.Contains(d.RollbackServices, t.Service); in.Back {
		in.Mark, in.From, in.Found = d.Mark(true), t.After, d.found(*t)
		in.To, _ = BackTo(d.Deployment, *t)
	}
	return in
}

// found is what the rollout of the target found before it acted.
func (d Deployment) found(t Target) State {
	for _, s := range d.Steps {
		if e := s.effect(EffectKey{Step: s.ID, Item: t.Service}.String()); e != nil && s.Deploys() && s.Part == PartMain {
			return e.Before
		}
	}
	return t.Before
}

// fresh reports whether a wanted effect must be begun in the step's attempt. A
// rollout is held anew in each, since to retry it lets it go.
func (s StepState) fresh(w Wanted, e *Effect) bool {
	if e == nil || e.Stage != Settled {
		return e == nil
	}
	if isGateVerb(w.Verb) { // it was answered again, or is asked again after a retry
		asks := s.effect(EffectKey{Step: s.ID, Item: w.Intent.Item}.String())
		return e.Outcome.Result != OK || asks != nil && e.Began < asks.Began
	}
	return e.Attempt < s.Attempt && (e.Outcome.Result != OK || w.Verb == VerbPause)
}

// conclusion is how the step has ended, if all that it waits for is there.
func (d planner) conclusion(s StepState) (StepStatus, string, bool) {
	if why, yes := d.NotNeeded(s); yes {
		return StepNotNeeded, why, true
	}
	if done, over := s.answered(d.Deployment); done {
		return Done, "", true
	} else if over != "" {
		return StepFailed, over, true
	}
	wants := d.wants(s)
	if s.Deploys() && s.Part == PartMain && len(wants) == 0 && len(d.Targets) > 0 { // somebody else has brought all of it
		return StepNotNeeded, Sentence(strings.Join(runsStill(d.Deployment), ", ")), true
	}
	if s.Expired && len(wants) == 0 {
		return StepFailed, s.notInTime(), true
	}
	if s.Work() != WorkSystem {
		return "", "", false
	}
	status, why := Done, ""
	for _, w := range wants {
		s2, why2, over := d.end(s, w)
		if !over {
			return "", "", false
		}
		if s2 != Done {
			status, why = worse(status, why, s2, why2)
		}
	}
	return status, why, true
}

// end is how one effect of a step has ended, if it has.
func (d planner) end(s StepState, w Wanted) (status StepStatus, why string, over bool) {
	e, of := s.effect(w.Key), ""
	if name := ItemName(d.Deployment, s, w.Intent.Item); name != "" {
		of = name + ": "
	}
	switch fresh := s.fresh(w, e); {
	case e != nil && e.Open(), fresh && w.Verb == VerbPause, fresh && !s.Expired && !s.Look:
		return "", "", false
	case fresh && w.Intent.Item == "":
		return StepFailed, "It was not begun.", true
	case fresh:
		return StepFailed, w.Intent.Item + ": it was not begun.", true
	case w.Verb == VerbPause && e.Outcome.Result != OK:
		if of != "" {
			return StepFailed, of + "the rollout could not be paused: " + e.Outcome.Why, true
		}
		return StepFailed, "The rollout could not be paused: " + e.Outcome.Why, true
	case e.Outcome.Result == OK:
		return Done, "", true
	case e.Outcome.Result == Interrupted:
		return StepInterrupted, of + e.Outcome.Why, true
	}
	return StepFailed, of + e.Outcome.Why, true
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
			key := s.announcementKey(name)
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
