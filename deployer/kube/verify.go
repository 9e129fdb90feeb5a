package kube

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/logsearch"
)

// verify is the runner that proves what runs. It changes nothing: all that Act
// does is note the moment from which on it watches.
type verify struct{ s *System }

// steady is how long pods must stay healthy where the step does not say.
const steady = 10 * time.Second

// Look is always present: to read again is always possible.
func (r verify) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	at := workloadRefOf(in.Where)
	_, d, err := r.s.findWorkload(ctx, at)
	if err != nil {
		return deployer.Observation{}, refuseMismatch(err)
	}
	v := view{deployment: d}
	began := followRef{generation: d.Generation, since: time.Now(), pods: v.wanted()}
	return deployer.Observation{Kind: deployer.ObservedPresent, Ref: began.String(), State: v.state(at.container)}, nil
}

// Act notes when it begins.
func (r verify) Act(ctx context.Context, in deployer.Intent) (string, error) {
	s, err := r.Look(ctx, in)
	return s.Ref, err
}

// Follow watches until every pod has been healthy for the set time, and served
// by every Service that selects it. Then it reads the logs, if they are not to
// hold something.
func (r verify) Follow(ctx context.Context, in deployer.Intent, reference string, report func(deployer.Progress)) (deployer.Outcome, error) {
	j := &verifyJudge{
		in: in, at: workloadRefOf(in.Where), ref: parseFollowRef(reference), steady: steady, store: r.s.cfg.Store,
		grace: newGraceTracker(r.s.cfg.Grace, in.At), proof: newProof(), restarts: map[runKey]int32{},
		content: content{manifests: r.s.manifests(ctx)},
	}
	if j.ref.since.IsZero() {
		j.ref.since = time.Now()
	}
	j.steady = cmp.Or(in.With["for"].Duration, j.steady)
	if p := in.With["errors"].Text; p != "" {
		pattern, err := regexp.Compile(p)
		if err != nil {
			return deployer.Outcome{}, deployer.Refuse("Correct the procedure.", "%q is not a regular expression.", p)
		}
		j.errors = pattern
	}
	return r.s.followThrough(ctx, in, j.judge, &j.ref.generation, true, report)
}

// passWhenSteady ends it once enough pods have been well for long enough.
func (j *verifyJudge) passWhenSteady(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) {
	since := later(j.ref.since, j.lastFault)
	well := j.proof.longest(v.of(set), since, now)
	if n := j.ref.needed(v); v.wanted() > 0 {
		since = well[n-1].since
	}
	end := since.Add(j.steady)
	if now.Before(end) {
		out.recheckAt = end
		out.progress.Note = fmt.Sprintf("Healthy; must stay so for %s.", deployer.Span(j.steady))
		return
	}
	if v.wanted() == 0 {
		out.end(deployer.Interrupted, j.at.workload+" is scaled to 0: nothing runs that could be verified.")
		return
	}
	var proven []*corev1.Pod
	for _, p := range well {
		if !now.Before(p.since.Add(j.steady)) {
			proven = append(proven, p.pod)
		}
	}
	n := min(len(proven), v.wanted())
	why := fmt.Sprintf("%s, healthy for %s", deployer.Count(n, "pod"), deployer.Span(j.steady))
	if more := v.wanted() - n; more > 0 {
		why += fmt.Sprintf("; %d more %s being added", more, pick(more, "was", "were"))
	}
	out.end(deployer.OK, why+v.endpoints.caveat()+j.content.caveat(v.of(set), j.at.container, j.in.To.Image))
	if j.errors != nil {
		out.search = &logSearch{pattern: j.errors, pods: proven}
	}
}

// needed is how many pods must be proven: what an autoscaler has added or taken away
// since the beginning is not waited for.
func (r followRef) needed(v view) int {
	n := v.wanted()
	if r.pods > 0 {
		n = min(n, r.pods)
	}
	return max(n, 1)
}

// A proof remembers of each pod that is verified when it was not well.
type proof struct{ pods map[types.UID]podRecord }

type podRecord struct {
	ready   bool      // it was, at some time
	unready time.Time // when it was last seen not to be
}

func newProof() *proof { return &proof{pods: map[types.UID]podRecord{}} }

// A wellPod is one that is ready, and since when it is so without a break.
type wellPod struct {
	pod   *corev1.Pod
	since time.Time
}

// take takes in how the pods are now. It says how many are ready, and whether one is
// not that was, or that was there when the verification began: one that an
// autoscaler has just added need not be.
func (r *proof) take(pods []*corev1.Pod, began, now time.Time) (well int, broken bool) {
	for _, p := range pods {
		record := r.pods[p.UID]
		if ready(p) {
			record.ready = true
			well++
		} else {
			broken = broken || record.ready || !p.CreationTimestamp.After(began)
			record.unready = now
		}
		r.pods[p.UID] = record
	}
	return well, broken
}

// longest are the pods that are ready, from the one that has been for the longest. The
// pods themselves say since when, so that our own restart costs no time; it counts
// from then on at the earliest.
func (r *proof) longest(pods []*corev1.Pod, from, now time.Time) []wellPod {
	var well []wellPod
	for _, p := range pods {
		if !ready(p) {
			continue
		}
		since := later(later(from, condition(p, corev1.PodReady).LastTransitionTime.Time), r.pods[p.UID].unready)
		if since.After(now) {
			since = now // that clock is ahead of ours
		}
		well = append(well, wellPod{p, since})
	}
	slices.SortStableFunc(well, func(a, b wellPod) int { return a.since.Compare(b.since) })
	return well
}

// A logSearch is what no log of the pods may hold.
type logSearch struct {
	pattern *regexp.Regexp
	pods    []*corev1.Pod
}

// searchLogs completes a good outcome by what the logs hold: lines that match make
// it a failure. A log that can't be read leaves it open, unless another one has
// such lines.
func (s *System) searchLogs(ctx context.Context, c *cluster, at workloadRef, v *verdict) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	pods := v.search.pods
	r := logsearch.Search{Client: c.client, Pods: pods, Container: at.container, Pattern: v.search.pattern}.Run(ctx)
	switch {
	case r.Matching > 0:
		v.outcome.Result, v.outcome.Kind = deployer.Failed, failErrors
		v.outcome.Why = fmt.Sprintf("%d of %s %s errors%s.", r.Matching, deployer.Count(len(pods), "pod"), pick(r.Matching, "logs", "log"), r.Unread)
		v.outcome.Detail = clip(r.Detail, detailMax-len("…"))
	case r.Failed != nil:
		return c.unread(r.Failed.Pod, r.Failed.Err)
	default:
		v.outcome.Why += "; no errors in the logs" + r.Unread
	}
	return nil
}
