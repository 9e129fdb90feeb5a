package kube

import (
	"cmp"
	"context"
	"regexp"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
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
	return r.s.follow(ctx, in, j.judge, true, report)
}
