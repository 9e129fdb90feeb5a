package drill_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/drill"
)

// An effect lasts as its step is estimated, and not longer than ten seconds, from when it
// was intended on: a process that comes later waits for the rest alone.
func TestEffectLastsFromItsIntentOn(t *testing.T) {
	t.Parallel()
	verify := deployer.Kind{Name: "verify", Work: deployer.WorkSystem, Fails: []string{"ill", "lost"}, Outputs: []deployer.Param{{Name: "n", Type: deployer.TypeNumber}}}
	for name, c := range map[string]struct {
		estimate, ago, want time.Duration
	}{
		"short":                   {3 * time.Second, 0, 3 * time.Second},
		"long":                    {time.Hour, 0, 10 * time.Second},
		"not estimated":           {0, 0, 2 * time.Second},
		"after a while":           {time.Hour, 4 * time.Second, 6 * time.Second},
		"after a restart at noon": {time.Hour, 12 * time.Hour, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := deployer.Deployment{ID: "tangerine-1", Drill: deployer.Drill{On: true}, Steps: []deployer.StepState{
				{Step: deployer.Step{ID: "pods", Estimate: c.estimate, Kind: &verify}, Attempt: 1},
			}}
			r := drill.Runner{Load: func(context.Context, string) (deployer.Deployment, error) { return d, nil }}
			in := deployer.Intent{Deployment: d.ID, Step: "pods", From: deployer.State{Image: "old"}, To: deployer.State{Image: "new"}}
			if o, err := r.Look(t.Context(), in); err != nil || o.Kind != deployer.ObservedAbsent || o.State != in.From {
				t.Errorf("%s: before it is intended there is %+v, %v", name, o, err)
			}
			in.At = time.Now().Add(-c.ago)
			if o, err := r.Look(t.Context(), in); err != nil || o.Kind != deployer.ObservedPresent || o.State != in.From {
				t.Errorf("%s: then there is %+v, %v", name, o, err)
			}
			began := time.Now()
			out, err := r.Follow(t.Context(), in, "drill", func(deployer.Progress) {})
			if took := time.Since(began); took != c.want {
				t.Errorf("%s: it took %s, want %s", name, took, c.want)
			}
			if n, ok := out.Outputs["n"]; err != nil || out.Result != deployer.OK || out.State != in.To || !ok || n.Number != 0 {
				t.Errorf("%s: it is %+v, %v", name, out, err)
			}
			d.Drill.Fail = []string{"pods"}
			if out, err = r.Follow(t.Context(), in, "drill", func(deployer.Progress) {}); err != nil || out.Result != deployer.Failed || out.Kind != "ill" {
				t.Errorf("%s: where it is to fail it is %+v, %v", name, out, err)
			}
			in.Verb = deployer.VerbPause
			if out, err = r.Follow(t.Context(), in, "drill", func(deployer.Progress) {}); err != nil || out.Result != deployer.OK {
				t.Errorf("%s: the pause is %+v, %v", name, out, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			in.At = time.Now()
			if _, err = r.Follow(ctx, in, "drill", func(deployer.Progress) {}); err == nil {
				t.Errorf("%s: it does not end with its process", name)
			}
		})
	}
}
