package deployer

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// wants are the effects that a step has, as intents that nobody committed yet.
func (d planner) wants(s StepState) []Wanted {
	if s.Announces() {
		return d.withOpen(s, d.looksFor(s))
	}
	if s.Work() != WorkSystem {
		return nil
	}
	var out []Wanted
	for _, item := range d.items(s) {
		w := d.want(s, EffectKey{Step: s.ID, Item: item})
		out = append(out, w)
		e := s.Effect(w.Key)
		if e.needsPause(s.Attempt) && s.Deploys() && d.pauses(item) && !TakenOver(d.Deployment) {
			out = append(out, d.want(s, EffectKey{Step: s.ID, Item: item, Verb: VerbPause}))
		}
		if e != nil && e.Open() && e.Gate.Answer != "" {
			out = append(out, d.want(s, EffectKey{Step: s.ID, Item: item, Verb: e.Gate.verb()}))
		}
	}
	return d.withOpen(s, out)
}

// looksFor are the looks whether the channels of a step have already what it announces.
func (d planner) looksFor(s StepState) []Wanted {
	var out []Wanted
	if d.AwaitsPerson(s) {
		return nil
	}
	for _, item := range d.items(s) {
		for _, name := range d.Audience(s.To()) {
			if s.WithOf(item)[paramUnless].Text != "" {
				out = append(out, d.want(s, EffectKey{Step: s.ID, Item: item, Verb: VerbUnless + " " + name}))
			}
		}
	}
	return out
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

// items are what the step is done for, each by itself.
func (d planner) items(s StepState) []string {
	switch s.Scope() {
	case ScopeOnce:
		return once
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

// waves are what a step is done for, in the order in which that comes: what is in one
// wave goes side by side. Somebody else may have brought what one would begin with.
func (d planner) waves(s StepState) [][]string {
	items, n := d.items(s), 0
	if len(s.Order) == 0 {
		return [][]string{items}
	}
	var out [][]string
	wave := []string{}
	for _, item := range d.inOrderOf(s) {
		size := s.Order[min(len(out), len(s.Order)-1)]
		if n++; slices.Contains(items, item) {
			wave = append(wave, item)
		}
		if size != WaveRest && n >= max(size, 1) {
			out, wave, n = append(out, wave), []string{}, 0
		}
	}
	return append(out, wave)
}

// inWaves are the effects of a step, wave by wave.
func (d planner) inWaves(s StepState, all []Wanted) [][]Wanted {
	if len(s.Order) == 0 {
		return [][]Wanted{all}
	}
	waves := d.waves(s)
	out := make([][]Wanted, len(waves))
	for _, w := range all {
		i := slices.IndexFunc(waves, func(wave []string) bool { return slices.Contains(wave, w.Intent.Item) })
		out[max(i, 0)] = append(out[max(i, 0)], w) // what is under way and not wanted any more counts at once
	}
	return out
}

// inOrderOf are all that the waves of a step are made of, which stays so while it is
// under way.
func (d planner) inOrderOf(s StepState) []string {
	if s.Scope() != ScopeServices {
		return d.items(s)
	}
	var out []string
	for _, t := range d.Targets {
		live := s.Part == PartMain && s.Deploys() && t.Live
		if !live && (s.Part != PartRollback || slices.Contains(d.items(s), t.Service)) {
			out = append(out, t.Service)
		}
	}
	return out
}

// isTurn reports whether all that comes before an item of a step has gone well.
func (d planner) isTurn(s StepState, item string) bool {
	if len(s.Order) == 0 {
		return true
	}
	for _, wave := range d.waves(s) {
		if slices.Contains(wave, item) {
			return true
		}
		for _, other := range wave {
			e := s.Effect(EffectKey{Step: s.ID, Item: other}.String())
			if e == nil || e.Stage != Settled || e.Outcome.Result != OK {
				return false
			}
		}
	}
	return true
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
	if verb == VerbUnless {
		w.Repeat, w.Intent.Gate = RepeatReads, ""
		w.Intent.Where = map[string]string{WhereChannel: d.Channels[gate], WhereSince: d.Created.UTC().Format(time.RFC3339)}
	}
	if s.kind().OfTarget {
		name := s.kind().Name
		if verb == VerbPause {
			name = VerbPause
		}
		w.Runner = d.Target(key.Item).Runner + "." + name
	}
	return d.Drill.simulates(s, w)
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
		Step: s.ID, Item: item, Attempt: s.Attempt, Began: s.Attempt, Mark: d.Mark(false) + s.round(), With: s.WithOf(item), By: d.Requester,
	}
	for _, r := range d.Releases {
		in.Services = append(in.Services, r.Service)
	}
	in.Deadline = s.Due()
	t := d.Target(item)
	if s.Scope() != ScopeServices || t == nil {
		return in
	}
	in.Service, in.Where, in.From, in.To = t.Service, t.Where, runsNow(d.Deployment, *t), t.After
	in.Back = s.Part == PartRollback && slices.Contains(d.RollbackServices, t.Service)
	if s.kind().Repeat == RepeatReads { // it looks at what was brought, whichever version that was
		in.Mark = broughtLast(d.Deployment, *t).Mark
	}
	if in.Back {
		last := broughtLast(d.Deployment, *t)
		in.Mark, in.From, in.Found = last.Mark+rollbackMark, last.State, last.Found
		in.To, _ = BackTo(d.Deployment, *t)
	}
	return in
}

// fresh reports whether a wanted effect must be begun in the step's attempt. A
// rollout is held anew in each, since to retry it lets it go.
func (s StepState) fresh(w Wanted, e *Effect) bool {
	if e == nil || e.Stage != Settled {
		return e == nil
	}
	if IsGateVerb(w.Verb) { // it was answered again, or is asked again after a retry
		asks := s.Effect(EffectKey{Step: s.ID, Item: w.Intent.Item}.String())
		return e.Outcome.Result != OK || asks != nil && e.Began < asks.Began
	}
	return e.Attempt < s.Attempt && (e.Outcome.Result != OK || w.Verb == VerbPause)
}

// conclusion is how the step has ended, if all that it waits for is there.
func (d planner) conclusion(s StepState) (StepStatus, string, bool) {
	if why, yes := d.NotNeeded(s); yes {
		return StepNotNeeded, why, true
	}
	if done, over := s.answered(d.Deployment); done && d.Drill.On && s.ForClients() {
		return Done, DrillNotSent, true
	} else if done {
		return Done, "", true
	} else if over != "" {
		return StepFailed, over, true
	}
	if displaced(s) {
		return StepNotNeeded, "A later deployment has taken its place: " + Sentence(s.Effects[0].Outcome.Why), true
	}
	wants := d.wants(s)
	if s.Deploys() && s.Part == PartMain && len(wants) == 0 && len(d.Targets) > 0 { // somebody else has brought all of it
		return StepNotNeeded, Sentence(strings.Join(runsStill(d.Deployment), ", ")), true
	}
	switch {
	case s.Work() == WorkFact:
		return d.fact(s)
	case s.Expired && d.takesDefaults(s):
		return Done, "Nobody answered in time.", true
	case s.Expired && (len(wants) == 0 || s.Announces()) && !TellsUnread(s):
		return StepFailed, d.notInTime(s), true
	case s.Work() != WorkSystem:
		return "", "", false
	}
	status, why := Done, ""
	for _, wave := range d.inWaves(s, wants) {
		for _, w := range wave {
			s2, why2, over := d.end(s, w)
			if !over {
				return "", "", false
			}
			if s2 != Done {
				status, why = worse(status, why, s2, why2)
			}
		}
		if status != Done {
			break // those to come are not touched
		}
	}
	return status, why, true
}

// fact is whether what a step says is so, of each of what it is said.
func (d planner) fact(s StepState) (StepStatus, string, bool) {
	if d.Drill.On {
		return d.Drill.fact(s)
	}
	for _, item := range d.items(s) {
		for _, p := range s.kind().Params {
			if p.Type != TypeCond || s.WithOf(item)[p.Name].Flag {
				continue
			}
			why := cmp.Or(s.Expect, "That is not so: "+s.With[p.Name].Text)
			if name := ItemName(d.Deployment, s, item); name != "" {
				why = name + ": " + why
			}
			return StepFailed, Sentence(why), true
		}
	}
	return Done, "", true
}

// takesDefaults reports whether what nobody has answered in time is taken for what it
// is by default.
func (d planner) takesDefaults(s StepState) bool {
	return !slices.ContainsFunc(Unanswered(d.Deployment, s), func(item string) bool { return !s.hasDefaults(item) }) && s.Confirms()
}

// TellsUnread reports whether words that nobody has read in time are told as they were
// drafted. Clients never read those.
func TellsUnread(s StepState) bool {
	return s.Expired && s.Reviewed() && !s.ForClients()
}

// end is how one effect of a step has ended, if it has.
func (d planner) end(s StepState, w Wanted) (status StepStatus, why string, over bool) {
	e, of := s.Effect(w.Key), ""
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
	case e.Outcome.Result == OK, s.Part == PartAfter && e.Outcome.Kind == FaultReplaced:
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
		return len(Unanswered(d, s)) == 0, ""
	case s.Approves():
		return len(MissingApprovals(d, s))+len(OpenRequests(s)) == 0, ""
	case s.Announces():
		missing, unreached := 0, ""
		if d.Drill.On && d.AwaitsPerson(s) { // though nothing is sent then
			missing++
		}
		for _, item := range ItemsOf(d, s) {
			for _, id := range Direct(s, item) {
				if why, lost := s.Lost[s.AnnouncementKey(item, directMark+id)]; lost {
					unreached = why
				} else if !s.Posted(s.AnnouncementKey(item, directMark+id)) {
					missing++
				}
			}
			for _, name := range d.Audience(s.To()) {
				key := s.AnnouncementKey(item, name)
				look, there := LookOf(d, s, item, name)
				if there {
					continue
				} else if look == nil && s.WithOf(item)[paramUnless].Text != "" && !s.Posted(key) {
					missing++
				} else if why, lost := s.Lost[key]; lost && !strings.Contains(over, why) {
					over = strings.TrimSpace(over + " " + why)
				} else if !lost && !s.Posted(key) {
					missing++
				}
			}
		}
		switch {
		case missing > 0:
			over = ""
		case over == "" && len(s.Posts) == 0 && len(d.Audience(s.To())) == 0: // else others were told, and the thread says who was not
			over = unreached
		}
		return missing == 0 && over == "", over
	}
	return false, ""
}
