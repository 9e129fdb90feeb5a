package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// onCall is who is paged.
type onCall struct{}

func (onCall) OnCall(role string) []deployer.Actor {
	return []deployer.Actor{{ID: "U" + role, Name: role}}
}

// A night in which nobody comes goes its way through any restart, each level once and at
// its time, to the default of its failure; and while it only waits it is not in memory.
func TestANightInWhichNobodyComesGoesOnThroughRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		process := func() {
			f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: c.runners(), People: people{}, Pager: onCall{}})
			f.run(t)
		}
		process()
		o := start("web:v2")
		cmd := o.Command.(deployer.Start)
		cmd.Procedure.Steps = []deployer.Step{{
			ID: "approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}, Timeout: 3 * time.Hour,
			Remind: []time.Duration{10 * time.Minute}, Escalate: deployer.Escalate{Deputies: 20 * time.Minute, Page: 45 * time.Minute, BreakGlass: 2 * time.Hour},
		}}
		cmd.Procedure.OnCall, cmd.Procedure.BreakGlass = "sre", "sre"
		cmd.Procedure.Failure = deployer.Failure{Timeout: 30 * time.Minute, Default: deployer.ChoiceStop, Escalate: deployer.Escalate{Page: 20 * time.Minute}}
		o.Command = cmd
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for time.Since(began) < 4*time.Hour {
			time.Sleep(7 * time.Minute)
			if f.engine.InMemory() != 0 {
				t.Error("it is in memory while it only waits")
			}
			f.close()
			time.Sleep(time.Minute) // it is down
			process()
		}
		f.close()
		var passed []string
		for _, e := range j.Events(d.ID) {
			switch e := e.(type) {
			case deployer.Reminded:
				passed = append(passed, "reminded "+e.At.Sub(began).Truncate(10*time.Minute).String())
			case deployer.Escalated:
				who := ""
				for _, p := range e.People {
					who += " " + p.Name
				}
				passed = append(passed, string(e.Level)+who+" "+e.At.Sub(began).Truncate(10*time.Minute).String())
			case deployer.Answered:
				passed = append(passed, string(e.Choice)+" by "+e.By.Name+" "+e.At.Sub(began).Truncate(10*time.Minute).String())
			}
		}
		want := []string{"reminded 10m0s", "deputies 20m0s", "page sre 40m0s", "break-glass 2h0m0s", "page sre 3h20m0s", "Stop by stationmaster 3h30m0s"}
		if !slices.Equal(passed, want) {
			t.Errorf("it passed %q\nwant %q", passed, want)
		}
		if d = loaded(t, j, d.ID); d.Status != deployer.Stopped || len(j.Places()) > 0 {
			t.Errorf("it is %s, and holds %v", d.Status, j.Places())
		}
	})
}
