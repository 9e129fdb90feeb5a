package deployer

import (
	"context"
	"slices"
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

func (e Effect) proves() bool { return e.IsMain() && e.Stage == Settled && e.Outcome.Result == OK }

// PauseOf is what has become of holding a rollout that failed where it is, or nil:
// it was not tried since it was begun last.
func PauseOf(d Deployment, rollout Effect) *Effect {
	key := ParseEffectKey(rollout.Key)
	key.Verb = VerbPause
	if p := d.Effect(key.String()); p != nil && p.Stage == Settled && p.Attempt == rollout.Attempt {
		return p
	}
	return nil
}

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

// LooksAgain reports whether a deployment waits for nothing but that a proof is
// looked at once more.
func LooksAgain(d Deployment, now time.Time) bool {
	return slices.ContainsFunc(planner{d}.watches(now), func(w Watch) bool { return w.Now })
}

// Proofs are the effects that have found a service well, or what is about none, on
// the part that a deployment is on, as far as they hold for what runs.
func Proofs(d Deployment) []Effect {
	var out []Effect
	rolledOut := planner{d}.rolledOut()
	for _, s := range d.Steps {
		if !(planner{d}).isProof(s, rolledOut) {
			continue
		}
		for _, e := range d.EffectsInOrder(s) {
			if e.proves() {
				out = append(out, e)
			}
		}
	}
	return out
}

// Lost is what somebody has changed since a rollout was held, which a rollback of
// services, of the failed ones where none is named, takes back as well, or is taking
// back: whole sentences, with the service where there are several.
func Lost(d Deployment, services ...string) []string {
	if d.Part == PartRollback {
		services = d.RollbackServices
	} else {
		services = goingBack(d, services)
	}
	var out []string
	for _, t := range d.Targets {
		lost := changedSince(d, t.Service)
		if lost == "" || !slices.Contains(services, t.Service) {
			continue
		}
		if len(d.Targets) > 1 {
			lost = t.Service + ": " + lost
		}
		out = append(out, lost)
	}
	return out
}

// changedSince says, as a sentence, what somebody has changed of a service since its
// rollout was held. "": nothing, as far as is known.
func changedSince(d Deployment, service string) string {
	for _, s := range d.Steps {
		e := s.Effect(EffectKey{Step: s.ID, Item: service, Verb: VerbPause}.String())
		if e != nil && s.Part != PartRollback && e.Stage == Settled && e.Outcome.Detail != "" {
			return Sentence(e.Outcome.Detail)
		}
	}
	return ""
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
