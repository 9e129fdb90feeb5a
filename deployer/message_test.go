package deployer_test

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A stop that comes while "starting" is on its way is told where "starting"
// will stand; one that comes before is told nowhere.
func TestStopIsToldWhereStartingIs(t *testing.T) {
	p := deployer.Procedure{
		ID: "p", SHA: "sha", Messages: map[string]string{"starting": "{what} is starting", "stopped": "{what} was stopped. {why}"},
		Steps: []deployer.Step{
			{ID: "ready", Uses: deployer.KindConfirm},
			{ID: "starting", Uses: deployer.KindAnnounce, Message: "starting", To: []string{"change"}, Needs: []string{"ready"}},
		},
		Failure: deployer.Failure{Stopped: "stopped", To: []string{"change"}},
	}
	for name, begun := range map[string]bool{"before": false, "on its way": true} {
		t.Run(name, func(t *testing.T) {
			var d deployer.Deployment
			var sent []deployer.Message
			do := func(by deployer.Person, c deployer.Command) {
				t.Helper()
				events, letters, err := deployer.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: dawn, ID: "tangerine-1"})
				if err != nil {
					t.Fatal(err)
				}
				d, sent = deployer.Fold(d, events...), append(sent, letters...)
			}
			do(ana, deployer.Start{
				Origin: "o", Retailer: "tangerine", Procedure: p, Wants: []deployer.Want{{Service: "web", Tag: "v2"}},
				Channels: map[string]string{"deploys": "C1", "change": "C2"},
			})
			do(deployer.Person{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web"}}})
			if begun {
				do(ana, deployer.Confirm{Step: "ready", Attempt: 1})
			}
			do(ana, deployer.Stop{})
			var told []string
			for _, m := range sent {
				if m.Channel == "C2" {
					told = append(told, m.Kind)
				}
			}
			if begun && (len(told) != 2 || told[0] != "starting" || told[1] != deployer.MessageStopped) || !begun && len(told) != 0 {
				t.Errorf("told %q", told)
			}
			if !d.Ended.Equal(dawn) || d.Took(dawn.Add(time.Hour)) != 0 {
				t.Errorf("it ended at %s", d.Ended)
			}
		})
	}
}
