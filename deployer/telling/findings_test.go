package telling_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// What a check has found out stands in the thread, for each service by its name.
func TestTheThreadTellsWhatWasFound(t *testing.T) {
	t.Parallel()
	for _, services := range [][]string{{"web"}, {"web", "api"}} {
		p := deployer.Procedure{ID: "p", SHA: "sha", Steps: []deployer.Step{{ID: "pods", Title: "Pods run", Uses: "kubernetes.verify"}}}
		start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Channels: map[string]string{"deploys": "C1"}}
		var targets []deployer.Target
		for _, s := range services {
			start.Releases = append(start.Releases, deployer.Release{Service: s, Tag: "v2"})
			targets = append(targets, deployer.Target{Service: s})
		}
		d := order(t, order(t, deployer.Deployment{}, ana, start, dawn), deployer.Actor{}, deployer.Resolve{Targets: targets}, dawn)
		said := ""
		for _, s := range services {
			key := "pods/" + s
			d = order(t, d, deployer.Actor{}, deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}, dawn)
			settle := deployer.Order{Command: deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.OK, Why: "6 pods, healthy for 10s"}}}
			events, messages, err := telling.Decide(d, settle, deployer.Facts{Now: dawn})
			if err != nil {
				t.Fatal(err)
			}
			d = deployer.Fold(d, events...)
			for _, m := range messages {
				if m.Note.Kind == deployer.NoteStepDone {
					said = m.Note.Why
				}
			}
		}
		want := "6 pods, healthy for 10s."
		if len(services) > 1 {
			want = "web: 6 pods, healthy for 10s. api: 6 pods, healthy for 10s."
		}
		if said != want {
			t.Errorf("%v: %q, want %q", services, said, want)
		}
	}
}
