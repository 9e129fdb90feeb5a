package deployer

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// What was found to be well may change while people are awaited, and so may what
// was held where it is. So it is watched, and what rests on a proof, such as the
// word that a deployment is complete, waits until that was looked at once more.

// proofAge is how old a proof may be when something rests on it.
const proofAge = 30 * time.Second

// A Watch is of an effect that is settled well, and whose outcome is to stay so.
type Watch struct {
	Intent Intent
	Key    string // the text of its EffectKey
	Runner string
	Ref    string
	Known  Outcome
	Now    bool // something that rests on it waits: it is looked at once more
}

// WatchEvery is the Watch of a runner that can only look now and then: it returns what
// a look has found that is not well. A look that fails tells nothing.
func WatchEvery(ctx context.Context, every time.Duration, look func() (Outcome, error)) (Outcome, error) {
	again := time.NewTicker(every)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return Outcome{}, ctx.Err()
		case <-again.C:
		}
		if o, err := look(); err == nil && o.Result != OK {
			return o, nil
		}
	}
}

// watches lists the proofs of a deployment that goes on, and what is held of one
// that waits for a decision.
func (d planner) watches(now time.Time) []Watch {
	var out []Watch
	if d.Status != Running && d.Status != Deciding || d.Freed {
		return nil
	}
	rolledOut, restedOn := d.rolledOut(), sync.OnceValue(d.restedOn)
	for i, s := range d.Steps {
		for _, e := range s.Effects {
			proof := d.Status == Running && d.isProof(s, rolledOut) && e.proves()
			held := d.Status == Deciding && s.Part == d.Part && e.Attempt == s.Attempt && e.Holds()
			if !proof && !held {
				continue
			}
			w := d.want(s, ParseEffectKey(e.Key))
			w.Intent.At, w.Intent.Attempt, w.Intent.Began = e.At, e.Attempt, e.Began
			out = append(out, Watch{
				Intent: w.Intent, Key: e.Key, Runner: w.Runner, Ref: e.Ref, Known: e.Outcome,
				Now: proof && e.isStale(now) && restedOn()[i],
			})
		}
	}
	return out
}

// rolledOut is when the last rollout of the part was over; zero: it has none.
func (d planner) rolledOut() time.Time {
	var last time.Time
	for _, s := range d.Steps {
		if s.Part == d.Part && s.Deploys() && s.Finished.After(last) {
			last = s.Finished
		}
	}
	return last
}

// isProof reports whether a step has looked at what the part has rolled out, and
// found all well.
func (d planner) isProof(s StepState, rolledOut time.Time) bool {
	return s.Part == d.Part && s.Proves() && s.Status == Done && s.Skipped.By.ID == "" && !s.Began.Before(rolledOut)
}

// HasProven reports whether a step has looked at what the part that a deployment is on has
// rolled out, and found all well.
func HasProven(d Deployment, s StepState) bool { return planner{d}.isProof(s, planner{d}.rolledOut()) }

func (e Effect) proves() bool { return e.IsMain() && e.Stage == Settled && e.Outcome.Result == OK }

// Holds reports whether the effect holds a rollout where it is.
func (e Effect) Holds() bool {
	return e.Verb == VerbPause && e.Stage == Settled && e.Outcome.Result == OK && e.Ref != NothingToPause
}

// isStale reports whether something may have changed since an effect was seen to be
// well: somebody was awaited meanwhile, or it is too long ago.
func (e Effect) isStale(now time.Time) bool {
	return e.Aged || now.Sub(e.Seen) > proofAge
}

// age has every proof looked at once more before something rests on it: a person may
// have taken any time to answer.
func age(d *Deployment) {
	for i := range d.Steps {
		for j := range d.Steps[i].Effects {
			if d.Steps[i].Proves() {
				d.Steps[i].Effects[j].Aged = true
			}
		}
	}
}

// anyStale reports whether a proof is to be looked at once more before the end.
func (d planner) anyStale(now time.Time) bool {
	rolledOut := d.rolledOut()
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return d.isProof(s, rolledOut) && s.hasStale(now) })
}

func (s StepState) hasStale(now time.Time) bool {
	return slices.ContainsFunc(s.Effects, func(e Effect) bool { return e.proves() && e.isStale(now) })
}

// waitsForProof reports whether a step, which waits for nothing else, says or does
// what rests on a proof that is to be looked at once more.
func (d planner) waitsForProof(waits *order, i int, now time.Time) bool {
	if s := d.Steps[i]; d.Status.Ended() || d.Freed || !s.Announces() && (s.Work() != WorkSystem || s.Proves()) {
		return false
	}
	rolledOut, needed := d.rolledOut(), waits.before(i)
	for j := range d.Steps {
		if s := &d.Steps[j]; needed[j] && d.isProof(*s, rolledOut) && s.hasStale(now) {
			return true
		}
	}
	return false
}

// restedOn says of each step whether all that waits rests on what it has proven: the
// end, or a step after it that is ready.
func (d planner) restedOn() []bool {
	waits, over := newOrder(&d.Deployment), true
	on := make([]bool, len(d.Steps))
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Part != d.Part || s.Background || s.Over() {
			continue
		}
		over = false
		rests := s.Announces() || s.Work() == WorkSystem && !s.Proves()
		if rests && s.Status == Pending && waits.ready(i) && !waits.putOff(*s) {
			for j, needed := range waits.before(i) {
				on[j] = on[j] || needed
			}
		}
	}
	if over || onlyPaperwork(d.Deployment) { // the end rests on all of it, and so do the places that are given back
		return slices.Repeat([]bool{true}, len(d.Steps))
	}
	return on
}

// recheck notes how a settled effect stands now. A proof that does not hold any more
// is a step that did not go well.
func (c *decider) recheck(cmd Recheck) error {
	all := c.planner().watches(c.now)
	i := slices.IndexFunc(all, func(w Watch) bool { return w.Key == cmd.Key })
	if i < 0 {
		return ErrStale
	}
	w, out := all[i], cmd.Outcome.bounded()
	s := c.d.Step(w.Intent.Step)
	if out.Result == OK && (s.Proves() && !w.Now || out.Why == w.Known.Why && out.Detail == w.Known.Detail && !s.Proves()) {
		return ErrStale // nobody waits for it
	}
	c.add(EffectRechecked{At: c.now, Key: cmd.Key, Outcome: out})
	if s = c.d.Step(s.ID); !s.Proves() || out.Result == OK { // as it stands now: of what it failed is asked
		return nil
	}
	why, status := out.Why, StepFailed
	if name := ItemName(c.d, *s, w.Intent.Item); name != "" {
		why = name + ": " + why
	}
	if out.Result == Interrupted {
		status = StepInterrupted
	}
	c.add(StepEnded{At: c.now, Step: s.ID, Status: status, Why: why, Kind: fault(*s, status)})
	return nil
}

// Disproved reports whether a step is broken though it went well at first: what it
// had proven is not so any more, or nobody can tell.
func Disproved(s StepState) bool { return s.failed() && BrokenAt(s).After(s.Finished) }

// BrokenAt is when a broken step was seen to be so.
func BrokenAt(s StepState) time.Time {
	at := s.Finished
	for _, e := range s.Effects {
		if e.IsMain() && e.Outcome.Result != OK && e.Seen.After(at) {
			at = e.Seen
		}
	}
	return at
}

// putOffWords has a step that tells clients what somebody has read begin once more where
// that rests on a proof: it was read for a while, and is not told before that was looked
// at again.
func putOffWords(d *Deployment, step string) {
	if s := d.Step(step); s.Announces() && restsOnProof(d, step) {
		s.Status = Pending
		age(d)
	}
}

// restsOnProof reports whether a step that proves something stands before another one.
func restsOnProof(d *Deployment, step string) bool {
	waits := newOrder(d)
	i := waits.index[step]
	return slices.ContainsFunc(d.Steps, func(o StepState) bool {
		return o.Part == d.Steps[i].Part && o.Proves() && waits.after(o.ID)[i]
	})
}

// A Shortfall is what the end of a deployment does not stand for, though it went
// through all of its steps.
type Shortfall string

// What can be missing.
const (
	ShortOfNothing Shortfall = ""
	ShortOfRollout Shortfall = "rollout" // nothing was rolled out, or put back
	ShortOfProof   Shortfall = "proof"   // no step has looked whether it runs
)

// ShortOf says what the part that a deployment is on falls short of, and of which
// services: whether it changed anything that runs, and whether a step has looked
// since and found all well. Of a deployment under way it is what can't be made
// good any more.
func ShortOf(d Deployment) (Shortfall, []string) {
	var changed, unproven []string
	for _, t := range d.Targets {
		switch {
		case !changes(d, t.Service):
		default:
			changed = append(changed, t.Service)
			if !Proven(d, t.Service) && !toBeProven(d) {
				unproven = append(unproven, t.Service)
			}
		}
	}
	switch {
	case starts(d) || len(d.Targets) == 0:
		return ShortOfNothing, nil
	case len(changed) == 0 && !toBeRolledOut(d):
		return ShortOfRollout, Services(d)
	case len(unproven) > 0:
		return ShortOfProof, unproven
	}
	return ShortOfNothing, nil
}

// starts reports whether the deployment has others do its work.
func starts(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.kind().Name == KindRun })
}

// changes reports whether the part that a deployment is on has changed what a
// service runs.
func changes(d Deployment, service string) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool {
		e := s.Effect(EffectKey{Step: s.ID, Item: service}.String())
		return e != nil && s.Deploys() && s.Part == d.Part && e.Outcome.Result == OK
	})
}

// toBeRolledOut reports whether the part has a rollout that is not over.
func toBeRolledOut(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.Deploys() && !s.Background && !s.Over() })
}

// toBeProven reports whether the part has a step that may prove it yet.
func toBeProven(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.Proves() && !s.Background && !s.Over() })
}

// Proven reports whether a step of the part that a deployment is on has looked
// at a service after the rollout, and found all well.
func Proven(d Deployment, service string) bool {
	rolledOut := planner{d}.rolledOut()
	return slices.ContainsFunc(d.Steps, func(s StepState) bool {
		if !(planner{d}).isProof(s, rolledOut) {
			return false
		}
		e := s.Effect(EffectKey{Step: s.ID, Item: service}.String())
		return e == nil && s.Scope() != ScopeServices || e != nil && e.Outcome.Result == OK
	})
}

// Waived is the title of a step that was to prove what the part has changed, and
// that somebody skipped; "": there is none.
func Waived(d Deployment) string {
	for _, s := range d.Steps {
		if s.Part == d.Part && s.Proves() && s.Skipped.By.ID != "" {
			return s.Title
		}
	}
	return ""
}

// failedProof is the title of a step that was to prove what the part has changed, and
// did not, which is only noted; "": there is none.
func failedProof(d Deployment) string {
	for _, s := range d.Steps {
		if s.Part == d.Part && s.Proves() && s.Noted() {
			return s.Title
		}
	}
	return ""
}

// ShortWords say in plain words what the end does not stand for; "": nothing.
func ShortWords(d Deployment) string {
	short, services := ShortOf(d)
	switch {
	case short == ShortOfProof && failedProof(d) != "":
		return "Not proven: “" + failedProof(d) + "” failed."
	case short == ShortOfProof && Waived(d) != "":
		return "Not proven: “" + Waived(d) + "” was skipped."
	case short == ShortOfProof && SeenByHand(d) != nil:
		s := SeenByHand(d)
		return "Not proven by a machine: " + s.By.Name + " has done “" + s.Title + "” by hand."
	case short == ShortOfProof:
		return "Not proven: no step has looked whether " + strings.Join(services, ", ") + " runs well."
	case short == ShortOfRollout && d.Part == PartRollback:
		return "Nothing was put back."
	case short == ShortOfRollout:
		return "Nothing was rolled out: " + strings.Join(runsStill(d), ", ") + "."
	}
	return ""
}

// runsStill says of each service what it ran, where nothing was rolled out.
func runsStill(d Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		words := t.Service + " ran " + t.Before.Version + " when this began"
		if IsLive(d, t) {
			words = t.Service + " has " + t.After.Version + " already" + byWhom(d, t.Service)
		}
		out = append(out, words)
	}
	return out
}

// A Watcher is a Runner that can tell whether what it has found or done is still
// so. One whose kind only reads, or that holds a rollout, should be one.
type Watcher interface {
	// Recheck looks once more. Known is how it ended; OK says that it is so still.
	// What passes by itself, such as a pod that is replaced, may be waited for.
	Recheck(ctx context.Context, in Intent, ref string, known Outcome) (Outcome, error)
	// Watch returns when that is not so any more, or more is to be said of it than
	// known says. It reports what may pass by itself.
	Watch(ctx context.Context, in Intent, ref string, known Outcome, report func(Progress)) (Outcome, error)
}
