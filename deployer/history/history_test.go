package history

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A shelf is a record in memory, the newest first.
type shelf []deployer.Deployment

func (s shelf) Load(_ context.Context, id string) (deployer.Deployment, error) {
	for _, d := range s {
		if d.ID == id && d.Site.Name != "" {
			return d, nil
		}
	}
	return deployer.Deployment{}, deployer.ErrNotFound
}

func (s shelf) List(_ context.Context, q deployer.Query) ([]deployer.Summary, error) {
	var out []deployer.Summary
	after := q.Before == ""
	for _, d := range s {
		if after && d.Site.Environment == q.Site.Environment && len(out) < q.Limit {
			out = append(out, d.Summarize())
		}
		after = after || d.ID == q.Before
	}
	return out, nil
}

// now is when the question is asked.
var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// past is a deployment of web that ended so long ago.
func past(id, version string, status deployer.Status, ended time.Duration, more ...func(*deployer.Deployment)) deployer.Deployment {
	d := deployer.Deployment{
		ID: id, Site: deployer.Site{Name: "tangerine", Environment: "staging"}, Status: status, Created: now.Add(-ended - 10*time.Minute), Ended: now.Add(-ended),
		Procedure: deployer.Procedure{ID: "deployment"}, Targets: []deployer.Target{{Service: "web", After: deployer.State{Version: version, Image: "r.example/web:" + version}}},
	}
	rollout := deployer.Step{ID: "rollout", Uses: deployer.KindRollout}
	d.Steps = []deployer.StepState{{Step: rollout, Effects: []deployer.Effect{{Key: "rollout/web", Item: "web", Stage: deployer.Settled, Outcome: deployer.Outcome{Result: deployer.OK}}}}}
	for _, change := range more {
		change(&d)
	}
	return d
}

func by(procedure string) func(*deployer.Deployment) {
	return func(d *deployer.Deployment) { d.Procedure.ID = procedure }
}

func alertsAfter(d *deployer.Deployment) {
	d.Steps = append(d.Steps, deployer.StepState{Step: deployer.Step{ID: "watch"}, Part: deployer.PartAfter, Failed: true})
}

func untouched(d *deployer.Deployment) { d.Steps = nil }

func pinned(d *deployer.Deployment) { d.Targets[0].After.Image += "@sha256:one" }

// What the record says, whatever else stands in it.
func TestHistoryTellsWhetherThisVersionRanWell(t *testing.T) {
	t.Parallel()
	stable := deployer.Values{"environment": {Text: "staging"}, "stable": {Duration: 24 * time.Hour}}
	rehearsed := deployer.Values{"environment": {Text: "staging"}, "procedure": {Text: "rollback"}, "within": {Duration: 30 * 24 * time.Hour}}
	for name, c := range map[string]struct {
		record   shelf
		with     deployer.Values
		kind     string // "": it is found
		says, of string
	}{
		"nothing": {nil, stable, "not-found", "web v2 was never completed in staging, as far as the record tells.", ""},
		"long enough": {shelf{past("t-7", "v2", deployer.Complete, 25*time.Hour)}, stable, "",
			"web v2 was completed in staging by t-7.", "t-7"},
		"too young": {shelf{past("t-7", "v2", deployer.Complete, time.Hour)}, stable, "too-young",
			"web v2 has run in staging for 1h since t-7, and not for 24h.", ""},
		"any time": {shelf{past("t-7", "v2", deployer.Complete, time.Minute)}, deployer.Values{"environment": {Text: "staging"}}, "",
			"web v2 was completed in staging by t-7.", "t-7"},
		"again, and nothing was done": {shelf{past("t-8", "v2", deployer.Complete, time.Hour, untouched), past("t-7", "v2", deployer.Complete, 25*time.Hour)}, stable, "",
			"web v2 was completed in staging by t-7.", "t-7"},
		"a digest more": {shelf{past("t-7", "v2", deployer.Complete, 25*time.Hour, pinned)}, stable, "", "web v2 was completed in staging by t-7.", "t-7"},
		"another environment": {shelf{past("t-7", "v2", deployer.Complete, 25*time.Hour, func(d *deployer.Deployment) { d.Site.Environment = "prod" })}, stable,
			"not-found", "web v2 was never completed in staging, as far as the record tells.", ""},
		"rolled back since": {shelf{past("t-8", "v2", deployer.RolledBack, time.Hour), past("t-7", "v2", deployer.Complete, 25*time.Hour)}, stable,
			"not-found", "web v2 has failed in staging: see t-8.", ""},
		"stopped before it touched anything": {shelf{past("t-8", "v2", deployer.Stopped, time.Hour, untouched), past("t-7", "v2", deployer.Complete, 25*time.Hour)}, stable,
			"", "web v2 was completed in staging by t-7.", "t-7"},
		"an alert after its end": {shelf{past("t-7", "v2", deployer.Complete, 25*time.Hour, alertsAfter)}, stable,
			"not-found", "web v2 has failed in staging: see t-7.", ""},
		"failed before it was well": {shelf{past("t-8", "v2", deployer.Complete, 25*time.Hour), past("t-7", "v2", deployer.RolledBack, 30*time.Hour)}, stable,
			"", "web v2 was completed in staging by t-8.", "t-8"},
		"replaced soon": {shelf{past("t-8", "v3", deployer.Complete, 47*time.Hour), past("t-7", "v2", deployer.Complete, 48*time.Hour)}, stable,
			"too-young", "web v2 has run in staging for 50m since t-7, and was then replaced by t-8, and not for 24h.", ""},
		"replaced after a day": {shelf{past("t-8", "v3", deployer.Complete, time.Hour), past("t-7", "v2", deployer.Complete, 48*time.Hour)}, stable,
			"", "web v2 was completed in staging by t-7.", "t-7"},
		"under way": {shelf{past("t-8", "v2", deployer.Running, 0), past("t-7", "v2", deployer.Complete, 25*time.Hour)}, stable, "",
			"web v2 was completed in staging by t-7.", "t-7"},
		"one that can't be read": {shelf{past("t-8", "v2", deployer.RolledBack, time.Hour, func(d *deployer.Deployment) {
			d.Site.Name = ""
		}), past("t-7", "v2", deployer.Complete, 25*time.Hour)}, stable, "", "web v2 was completed in staging by t-7.", "t-7"},
		"the procedure": {shelf{past("t-7", "v1", deployer.Complete, 48*time.Hour, by("rollback"))}, rehearsed, "",
			"rollback was completed for web in staging by t-7.", "t-7"},
		"the procedure, long ago": {shelf{past("t-7", "v1", deployer.Complete, 31*24*time.Hour, by("rollback"))}, rehearsed, "not-found",
			"rollback was completed for web in staging 744h ago, by t-7, and not within 720h.", ""},
		"the procedure, stopped": {shelf{past("t-7", "v1", deployer.Stopped, time.Hour, by("rollback"))}, rehearsed, "not-found",
			"rollback was never completed for web in staging, as far as the record tells.", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(now))
			in := deployer.Intent{
				Deployment: "tangerine-99", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Service: "web", With: c.with,
				To: deployer.State{Version: "v2", Image: "r.example/web:v2"},
			}
			o, err := New(c.record).Follow(t.Context(), in, "", nil)
			if err != nil || o.Kind != c.kind || (o.Result == deployer.OK) != (c.kind == "") || o.Why != c.says || o.Outputs["deployment"].Text != c.of {
				t.Errorf("%s: %+v, %v", name, o, err)
			}
			if c.of != "" && o.Outputs["since"].Time.IsZero() {
				t.Errorf("%s: since when it does not say", name)
			}
		})
	}
}

// It is looked for behind many others, but not without end.
func TestHistoryIsSearchedSoFar(t *testing.T) {
	t.Parallel()
	for others, found := range map[int]bool{depth - 1: true, depth: false} {
		var record shelf
		for i := range others {
			record = append(record, past("t-"+strconv.Itoa(1000-i), "v1", deployer.Complete, time.Duration(i)*time.Hour))
		}
		record = append(record, past("t-7", "v2", deployer.Complete, 5000*time.Hour))
		in := deployer.Intent{
			Deployment: "tangerine-99", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Service: "web",
			With: deployer.Values{"environment": {Text: "staging"}}, To: deployer.State{Version: "v2", Image: "r.example/web:v2"},
		}
		if o, err := New(record).Follow(t.Context(), in, "", nil); err != nil || (o.Result == deployer.OK) != found {
			t.Errorf("behind %d: %+v, %v", others, o, err)
		}
	}
}

// A record that can't be listed says nothing, so that it is asked again.
func TestHistoryThatCanNotBeReadIsNoAnswer(t *testing.T) {
	t.Parallel()
	if o, err := New(broken{}).Follow(t.Context(), deployer.Intent{}, "", nil); err == nil {
		t.Errorf("%+v", o)
	}
}

type broken struct{ shelf }

func (broken) List(context.Context, deployer.Query) ([]deployer.Summary, error) {
	return nil, errors.New("the disk is gone")
}

// changing is a record to which alerts are added.
type changing struct {
	shelf
	alerts *atomic.Bool
}

func (c changing) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	d, err := c.shelf.Load(ctx, id)
	if c.alerts.Load() {
		alertsAfter(&d)
	}
	return d, err
}

// Whoever waits for people hears of a failure that comes meanwhile.
func TestHistoryIsWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now))
		var alerts atomic.Bool
		record := changing{shelf{past("t-7", "v2", deployer.Complete, 25*time.Hour)}, &alerts}
		in := deployer.Intent{
			Site: deployer.Site{Name: "tangerine"}, Service: "web", With: deployer.Values{"environment": {Text: "staging"}}, To: deployer.State{Image: "r.example/web:v2"},
		}
		s := New(record)
		known, err := s.Recheck(t.Context(), in, "", deployer.Outcome{})
		if err != nil || known.Result != deployer.OK {
			t.Fatalf("%+v, %v", known, err)
		}
		ended := make(chan deployer.Outcome)
		go func() {
			o, _ := s.Watch(t.Context(), in, "", known, nil)
			ended <- o
		}()
		time.Sleep(2 * watchEvery)
		alerts.Store(true)
		if o := <-ended; o.Kind != failNotFound {
			t.Errorf("%+v", o)
		}
	})
}
