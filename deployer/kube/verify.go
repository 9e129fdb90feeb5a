package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

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
	began := followRef{generation: d.Generation, since: time.Now()}
	return deployer.Observation{Kind: deployer.ObservedPresent, Ref: began.String(), State: view{deployment: d}.state(at.container)}, nil
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
		in: in, at: workloadRefOf(in.Where), ref: parseFollowRef(reference), steady: steady, grace: r.s.cfg.Grace, restarts: map[runKey]int32{},
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
		v.outcome.Result = deployer.Failed
		v.outcome.Why = fmt.Sprintf("%d of %s %s errors%s.", r.Matching, deployer.Count(len(pods), "pod"), pick(r.Matching, "logs", "log"), r.Unread)
		v.outcome.Detail = clip(r.Detail, detailMax-len("…"))
	case r.Failed != nil:
		return c.unread(r.Failed.Pod, r.Failed.Err)
	default:
		v.outcome.Why += "; no errors in the logs" + r.Unread
	}
	return nil
}

// unread says why a log could not be read. Only a right that is missing is for
// good: a pod may have gone meanwhile.
func (c *cluster) unread(p *corev1.Pod, err error) error {
	if apierrors.IsForbidden(err) {
		return c.definite(err, "read the log of "+p.Name)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("read the log of %s: %w", p.Name, c.problem(err))
}
