package kube

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// deadlineMargin is how much earlier than its step's time-out a Follow ends by itself,
// so that people read what is wrong rather than that time has passed.
const deadlineMargin = time.Second

// A rolloutJudge says how a rollout stands.
type rolloutJudge struct {
	in    deployer.Intent
	at    workloadRef
	ref   followRef
	grace *graceTracker
}

func (j *rolloutJudge) judge(v view, now time.Time) verdict {
	if err := v.mismatch(j.at); err != nil {
		return mismatchVerdict(err)
	}
	set := j.replicaSet(v)
	out := verdict{progress: v.progress(set)}
	switch ours := j.ours(v); {
	case v.deployment.Generation < j.ref.generation:
		out.progress = v.outdated()
		return out
	case !ours:
		out.end(deployer.Interrupted, supersededWhy(j.in, v))
		out.outcome.Kind = failReplaced
		out.outcome.State, out.supersededMark = v.state(j.at.container), j.in.Mark
		return out
	}
	j.grace.look(v, set, now)
	if v.complete() && (set != nil || v.wanted() == 0) && j.allNew(&out, v, now) {
		// Pods are watched apart, and may be shown later than the status that counts them.
		n := v.wanted()
		out.progress = deployer.Progress{Total: n, Updated: n, Ready: n, Available: n, Old: out.progress.Old}
		out.outcome.State = v.state(j.at.container)
		return out
	}
	j.unfinished(&out, v, set, now)
	return out
}

// allNew ends a rollout of which the new is complete, unless something of the old
// is left for which it is worth waiting. Old pods that never end are no failure.
func (j *rolloutJudge) allNew(out *verdict, v view, now time.Time) bool {
	left := j.grace.left
	switch {
	case out.progress.Old == 0 && v.wanted() == 0:
		out.end(deployer.OK, j.at.workload+" is scaled to 0, so nothing runs that shows it.")
	case out.progress.Old == 0:
		out.end(deployer.OK, "")
	case left.stuck(now), left != nil && left.only && j.timeIsUp(now):
		out.endStuck(deployer.OK, "Everything is new; ", left, now)
	}
	return out.done
}

// timeIsUp reports whether the step's own deadline is there, or about to be.
func (j *rolloutJudge) timeIsUp(now time.Time) bool {
	return !j.in.Deadline.IsZero() && !now.Before(j.in.Deadline.Add(-deadlineMargin))
}

// mismatchVerdict ends what follows another workload than the one resolved.
func mismatchVerdict(err error) verdict {
	var v verdict
	v.end(deployer.Interrupted, err.Error())
	return v
}

func (v *verdict) end(r deployer.Result, why string) {
	v.done, v.outcome.Result, v.outcome.Why = true, r, why
}

// endStuck ends it by old pods that do not end. Why they don't is asked for later.
func (v *verdict) endStuck(r deployer.Result, head string, left *leftover, now time.Time) {
	say := func(why string) string {
		if why = head + left.words(now, why); r == deployer.Failed {
			why += "."
		}
		return why
	}
	v.end(r, say(left.reason()))
	v.stuck = &stuckPods{pods: left.pods, say: say}
}

// replicaSet is the ReplicaSet of our revision, or nil. What was put back is the
// current one.
func (j *rolloutJudge) replicaSet(v view) *appsv1.ReplicaSet {
	if j.ref.found || v.mark() != j.in.Mark && brought(j.in, v) {
		return v.current()
	}
	return v.marked(j.in.Mark, j.in.To, j.at.container)
}

// ours reports whether the template is what the intent wants.
func (j *rolloutJudge) ours(v view) bool {
	return j.ref.found && matchesImage(v.image(j.at.container), j.in.To.Image) || brought(j.in, v)
}

// unfinished finds out why the rollout is not complete, and whether it will be.
func (j *rolloutJudge) unfinished(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) {
	f := j.grace.failure(v, set, j.since(), now)
	paused, ours := v.paused()
	switch {
	case f != nil && f.until.IsZero():
		out.end(deployer.Failed, f.why)
		out.outcome.Kind, out.outcome.Detail, out.culprit = f.name, f.detail, f.culprit
		out.outcome.State = v.state(j.at.container)
		return
	case ours:
		out.end(deployer.Failed, fmt.Sprintf("The rollout is held by stationmaster since it failed: %d of %d pods are updated, %d ready.",
			out.progress.Updated, out.progress.Total, out.progress.Ready))
		out.outcome.State = v.state(j.at.container)
		return
	case paused:
		out.progress.Note = "The rollout is paused, and not by stationmaster."
	case f != nil:
		out.progress.Note, out.recheckAt = f.why, f.until
	case v.complete() && j.grace.left != nil && j.grace.left.only:
		out.progress.Note = "Everything is new; " + j.grace.left.words(now, "") + "."
		out.recheckAt = j.grace.left.recheck(now)
	case out.progress.Updated == 0 && j.grace.left != nil && j.grace.left.only: // Recreate
		out.progress.Note = "New pods come when the old ones are gone: " + j.grace.left.words(now, j.grace.left.reason()) + "."
		out.recheckAt = j.grace.left.recheck(now)
	case out.progress.Old > 0 && v.complete():
		out.progress.Note = stopping(v.old(set))
	}
	if j.in.Deadline.IsZero() {
		return
	}
	if j.failAtDeadline(out, v, set, now); out.done {
		out.outcome.Kind = failStalled
		if f != nil && f.name != "" { // it might have passed
			out.outcome.Kind = f.name
		}
	}
}

// failAtDeadline ends what takes too long a moment before the engine would.
func (j *rolloutJudge) failAtDeadline(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) {
	if end := j.in.Deadline.Add(-deadlineMargin); !j.timeIsUp(now) {
		if out.recheckAt.IsZero() || end.Before(out.recheckAt) {
			out.recheckAt = end
		}
		return
	}
	why, c := unready(v, set)
	if out.progress.Note != "" {
		why = out.progress.Note
	}
	out.end(deployer.Failed, "It was not done in time. "+why)
	out.culprit, out.outcome.State = c, v.state(j.at.container)
}

// since is from when on a failure counts: a second attempt must not fail for
// what it found there, nor one that goes back to pods that were there before. At
// the first one that goes forward there was nothing of ours.
func (j *rolloutJudge) since() time.Time {
	if j.in.Attempt <= 1 && !j.in.Back && j.in.To.Revision == "" {
		return time.Time{}
	}
	return j.in.At
}
