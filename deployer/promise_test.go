package deployer_test

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// promises checks an event against the state before it.
func (w *fixture) promises(e deployer.Event) {
	switch e := e.(type) {
	case deployer.EffectIntended:
		if old := w.d.Effect(e.Key); old != nil && old.Open() {
			w.t.Fatalf("%s is tried again before the attempt before is settled", e.Key)
		}
		if s := w.d.Step(deployer.ParseEffectKey(e.Key).Step); deployer.TakenOver(w.d) && !s.Proves() {
			w.t.Fatalf("%s is begun, and %s has taken over", e.Key, w.d.Taken.By.Name)
		} else if s.Mutates() && w.d.Freed && !w.d.Status.Ended() {
			w.t.Fatalf("%s changes what runs, and its place may be somebody else's", e.Key)
		} else if s.Mutates() && s.Part != deployer.PartRollback {
			w.approved(*s)
			w.open(*s, deployer.ParseEffectKey(e.Key))
		}
	case deployer.Overridden:
		if e.Step == "" || !slices.Contains(roles[e.By.ID], e.Role) || e.Role != "sre" || deployer.Blank(e.Reason) {
			w.t.Fatalf("%s overrides as %q, with the reason %q", e.By.Name, e.Role, e.Reason)
		}
	case deployer.StepHeld:
		if e.Held.Rule != "" && !deployer.AsksRules(w.d) {
			w.t.Fatalf("%s is held by %s after something has begun", e.Step, e.Held.Rule)
		}
	case deployer.StepEnded:
		s := w.d.Step(e.Step)
		if s.Until() == deployer.UntilPlanned && e.Status == deployer.Done && w.now.Before(w.d.Planned) {
			w.t.Fatalf("%s did not wait for %s", e.Step, w.d.Planned)
		}
	case deployer.EffectActed:
		if f := w.d.Effect(e.Key); f == nil || f.Stage != deployer.Intended {
			w.t.Fatalf("%s acted without a committed intent", e.Key)
		}
	case deployer.EffectSettled:
		if f := w.d.Effect(e.Key); f == nil || !f.Open() {
			w.t.Fatalf("%s settled without an intent", e.Key)
		}
	case deployer.Answered:
		if e.Choice == deployer.ChoiceSkip {
			w.skips(e)
		}
		w.takes(e)
	case deployer.StepBegan:
		if s := w.d.Step(e.Step); s.Skipped.By.ID != "" {
			w.t.Fatalf("%s was skipped and begins again", e.Step)
		}
	case deployer.Reminded:
		w.reminded(e)
	case deployer.Ended:
		if w.d.Status.Ended() || slices.ContainsFunc(w.d.Open(), func(f deployer.Effect) bool {
			s := *w.d.Step(deployer.ParseEffectKey(f.Key).Step)
			return e.Status == deployer.Stopped || !s.Background && !beside(w.d, s) // not even the end waits for what is in the background
		}) {
			w.t.Fatalf("ended twice, or with effects under way")
		}
		for _, s := range w.d.Steps { // nothing is passed over
			if e.Status != deployer.Stopped && e.Status != deployer.Refused && s.Part == w.d.Part && !s.Background && !s.Over() {
				w.t.Fatalf("it is %s, and %s is %s", e.Status, s.ID, s.Status)
			}
		}
		if n := len(w.past); n > 0 && w.past[n-1] == (deployer.PlacesFreed{At: e.At}) { // else it was when they were given back
			w.provenAt(e)
		}
	case deployer.PlacesFreed:
		if w.d.Status == deployer.Running && slices.ContainsFunc(w.d.Steps, func(s deployer.StepState) bool { return s.Part == w.d.Part && !s.Background && !s.Over() }) {
			w.provenAt(deployer.Ended{At: e.At, Status: deployer.Complete})
		}
	}
}

// open: nothing begins to change what runs, as the first, while a rule refuses that nobody
// has overridden. What is there already was begun by somebody else.
func (w *fixture) open(s deployer.StepState, key deployer.EffectKey) {
	in, ok := w.order.Command.(deployer.Intend)
	if !ok || in.Observation.Kind == deployer.ObservedPresent || key.Verb != "" || s.Part != deployer.PartMain || w.d.Drill.On || !deployer.FirstChange(w.d).IsZero() {
		return
	}
	for _, v := range w.verdicts() {
		if !slices.ContainsFunc(w.past, func(e deployer.Event) bool { o, is := e.(deployer.Overridden); return is && o.Rule == v.Rule }) {
			w.t.Fatalf("%s begins while %s refuses", s.ID, v.Rule)
		}
	}
}

// provenAt: the end never rests on a proof from before somebody was awaited.
func (w *fixture) provenAt(e deployer.Ended) {
	var rolledOut time.Time
	for _, s := range w.d.Steps {
		if s.Part == w.d.Part && s.Deploys() && s.Finished.After(rolledOut) {
			rolledOut = s.Finished
		}
	}
	answered := 0 // the number of the last event by which somebody's step was done
	seen := map[string]int{}
	for i, e := range w.past {
		switch e := e.(type) {
		case deployer.StepEnded:
			if s := w.d.Step(e.Step); e.Status == deployer.Done && s.Work() == deployer.WorkPeople && s.Part == w.d.Part {
				answered = i
			}
		case deployer.EffectSettled:
			seen[e.Key] = i
		case deployer.EffectRechecked:
			seen[e.Key] = i
		}
	}
	for _, s := range w.d.Steps {
		if s.Part != w.d.Part || !s.Proves() || s.Status != deployer.Done || s.Skipped.By.ID != "" || s.Began.Before(rolledOut) {
			continue
		}
		for _, f := range s.Effects {
			if e.Status != deployer.Stopped && f.Outcome.Result == deployer.OK && seen[f.Key] < answered {
				w.t.Fatalf("it is %s by what %s found before the last answer", e.Status, s.ID)
			}
		}
	}
}

// skips: only a decider skips, or where a role was asked that role or a decider's
// role, with a reason, only what is broken and neither
// rolls out nor approves, and only while nothing is under way. What the step's
// effects came to stays.
func (w *fixture) skips(e deployer.Answered) {
	s := *w.d.Step(e.Step)
	after := deployer.Apply(w.d, e)
	now := *after.Step(e.Step)
	again := now.Part == deployer.PartFailure && now.Anew // it is done for the next failure, too
	may := w.d.MayDecide(e.By, deployer.Person{Roles: roles[e.By.ID]})
	if of := deployer.Waivers(w.d); len(of) > 0 {
		may = slices.ContainsFunc(of, func(r string) bool { return slices.Contains(roles[e.By.ID], r) })
	}
	if s.MaySkip != "" {
		may = slices.Contains(roles[e.By.ID], s.MaySkip)
	} else if role := cmp.Or(s.Role(), s.GateRole()); role != "" {
		may = slices.ContainsFunc(append([]string{role}, w.d.Deciders()...), func(r string) bool { return slices.Contains(roles[e.By.ID], r) })
	}
	switch {
	case !may:
		w.t.Fatalf("%s skipped %s", e.By.Name, s.ID)
	case e.Comment == "" || !again && now.Skipped != deployer.Skipped{By: e.By, At: e.At, Reason: e.Comment}:
		w.t.Fatalf("it is not kept why %s was skipped: %+v", s.ID, now.Skipped)
	case !slices.Contains(deployer.StepOptions(w.d, s), deployer.ChoiceSkip):
		w.t.Fatalf("%s was skipped, which is %s", s.ID, s.Status)
	case s.MaySkip == deployer.MaySkipNobody:
		w.t.Fatalf("%s was skipped, which nobody may", s.ID)
	case beside(w.d, s) || s.Waits(): // what is under way is no matter
	case s.Status != deployer.StepFailed && s.Status != deployer.StepInterrupted || s.Part != w.d.Part:
		w.t.Fatalf("%s was skipped, which is %s", s.ID, s.Status)
	case s.Deploys() || s.Approves():
		w.t.Fatalf("a step of the kind %s was skipped", s.Uses)
	case slices.ContainsFunc(deployer.Next(w.d, w.now).Effects, func(f deployer.Wanted) bool { return !beside(w.d, *w.d.Step(f.Intent.Step)) }):
		w.t.Fatalf("%s was skipped while something was under way", s.ID)
	case !again && now.Status != deployer.Done || now.Why != s.Why || !reflect.DeepEqual(now.Effects, s.Effects):
		w.t.Fatalf("skipping %s has changed what became of it", s.ID)
	}
}

// takes: nothing is decided by itself while somebody has taken over, whoever decides takes
// over, and nobody's word is taken for a rollout or where people are asked.
func (w *fixture) takes(e deployer.Answered) {
	may := w.d.MayDecide(e.By, deployer.Person{Roles: roles[e.By.ID]})
	switch taken := deployer.TakenOver(w.d); {
	case taken && (e.By == deployer.Itself && e.Choice != deployer.ChoiceUnpatched || e.Choice == deployer.ChoiceRollBack || e.Choice == deployer.ChoiceProceed || e.Choice == deployer.ChoiceAbort):
		w.t.Fatalf("%s decided %s, and %s has taken over", e.By.Name, e.Choice, w.d.Taken.By.Name)
	case e.Choice == deployer.ChoiceTakeOver && (taken || !may), e.Choice == deployer.ChoiceHandBack && (!taken || !may && e.By != w.d.Taken.By):
		w.t.Fatalf("%s: %s", e.By.Name, e.Choice)
	case e.Choice != deployer.ChoiceByHand:
		return
	}
	s := *w.d.Step(e.Step)
	after := deployer.Apply(w.d, e)
	now := *after.Step(e.Step)
	switch {
	case s.Work() != deployer.WorkSystem || s.Deploys() || s.Over() || !s.Broken() && !deployer.TakenOver(w.d) || slices.ContainsFunc(s.Effects, deployer.Effect.Open):
		w.t.Fatalf("%s was done by hand, which is %s", s.ID, s.Status)
	case e.Comment == "", !now.Anew && (now.Status != deployer.Done || now.By != e.By || !now.Hand || !reflect.DeepEqual(now.Effects, s.Effects)):
		w.t.Fatalf("%s was done by hand by %s: %+v", s.ID, e.By.Name, now)
	}
}

// beside reports whether nothing waits for a step, and nothing that it does is waited for.
func beside(d deployer.Deployment, s deployer.StepState) bool {
	return d.Status.Ended() || s.Part == deployer.PartAfter || s.Part == deployer.PartFailure || s.Background && s.OnFailure != deployer.FailureRollBack
}

// reminded: nobody is called twice for one time, too early, in a burst, or when
// nothing is awaited of them any more.
func (w *fixture) reminded(e deployer.Reminded) {
	s := w.d.Step(e.Step)
	q, _ := deployer.AwaitingAt(w.d, *s) // after changes were asked for, and after the reply, the clocks begin anew
	switch {
	case s.Status != deployer.Active || s.Attempt != e.Attempt || w.d.Status == deployer.Halting:
		w.t.Fatalf("%+v while the step is %s in attempt %d, and the deployment %s", e, s.Status, s.Attempt, w.d.Status)
	case e.N <= s.Reminded || e.N > len(s.Remind):
		w.t.Fatalf("%+v after reminder %d of %d", e, s.Reminded, len(s.Remind))
	case q.Since.Add(s.Remind[e.N-1]).After(e.At):
		w.t.Fatalf("%+v is too early: they are awaited since %s", e, q.Since)
	case e.N < len(s.Remind) && !q.Since.Add(s.Remind[e.N]).After(e.At):
		w.t.Fatalf("%+v is followed by another at once: they are awaited since %s", e, q.Since)
	}
}

// told: clients read only what a person has read, and a plan is told only where
// there is one.
func (w *fixture) told(m deployer.Message) {
	step, _, _ := deployer.ParseAnnouncementKey(m.DedupKey)
	s := w.d.Step(step)
	if m.Channel == "C3" && (!m.Plain || m.Words != s.Words() || s.Words() == "") {
		w.t.Fatalf("clients are told %q, and read was %q", m.Words, s.Words())
	}
	_, answers := w.order.Command.(deployer.Answer)
	_, expires := w.order.Command.(deployer.Expire)
	drafted := expires && s != nil && s.Expired && !s.Seen.Deadline.IsZero() // a moment that was promised is kept
	if s != nil && s.Announces() && deployer.TakenOver(w.d) && m.Receipt && !answers && !drafted {
		w.t.Fatalf("%s is told, and %s has taken over", step, w.d.Taken.By.Name)
	}
	if m.Channel == "C2" && s != nil && s.Planned() && w.d.Planned.IsZero() {
		w.t.Fatalf("%s is told, and nothing was planned", step)
	}
}

// approved: an approval never outlives its Subject.
func (w *fixture) approved(s deployer.StepState) {
	for _, n := range w.d.Steps {
		if n.ID == s.ID {
			return
		}
		if !n.Approves() || n.Part != s.Part || n.Status == deployer.StepNotNeeded {
			continue
		}
		count := 0
		for _, a := range n.Approvals {
			if a.By == ana {
				w.t.Fatal("the requester approved")
			}
			if a.Subject == w.d.Subject().Hash() {
				count++
			}
			w.inTime(n, a)
		}
		if count < n.Count() {
			w.t.Fatalf("%s was begun, and %s, which stands before it, approved something else", s.ID, n.ID)
		}
	}
}

// inTime: the first thing that rests on an approval begins while that holds.
func (w *fixture) inTime(approve deployer.StepState, a deployer.Approval) {
	since, holds := a.At, approve.With["expires"].Duration
	if approve.Part == deployer.PartMain && w.d.Planned.After(since) {
		since = w.d.Planned
	}
	if holds == 0 || w.now.Before(since.Add(holds)) {
		return
	}
	for _, s := range w.d.Steps {
		for _, e := range s.Effects {
			if s.Mutates() && s.Part == approve.Part && e.Verb == "" && !e.At.Before(a.At) {
				return
			}
		}
	}
	w.t.Fatalf("it begins at %s on what was approved at %s for %s", w.now, a.At, holds)
}
