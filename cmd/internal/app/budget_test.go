package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// builtIn is a procedure that comes with stationmaster, which proves for a second.
func builtIn(t *testing.T, id string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "templates", "procedures", id+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("for: 1m,", "for: 1s,").Replace(string(b))
}

// What the built-in deployment costs people where no system is there but Kubernetes, counted at the local Slack: at
// most three taps of the requester with low risk and six with high risk, one of the approver, and in the channel the
// card, starting and complete alone.
func TestTheBuiltInDeploymentCostsFewTaps(t *testing.T) {
	slowtest.Only(t, "deployments of thirty steps, to their end")
	t.Parallel()
	type press struct{ who, label, waits string } // with what the card says before
	for _, c := range []struct {
		name, text string
		presses    []press
		most       int // of the requester, until it is complete
	}{
		{"low risk", "/deploy web v2", []press{
			{"ana", "Confirm 2", ""}, {"bob", "Approve", ""},
			{"ana", "Done by hand", "Waiting for ana: The retailer is healthy before"}, {"ana", "Done by hand", "Waiting for ana: The retailer is healthy, by hand"},
		}, 3},
		{"high risk", "/deploy web v2 --input risk=high --input downtime=yes", []press{
			{"ana", "Confirm 2", ""}, {"bob", "Approve", ""}, {"ana", "Confirm 2", "It stands in the change calendar"},
			{"tam", "I'm here: tam of tangerine", ""}, {"eve", "I'm here: sre", ""}, {"ana", "Confirm 2", "The maintenance is in progress"},
			{"ana", "Done by hand", "Waiting for ana: The retailer is healthy, by hand"}, {"ana", "Done by hand", "The maintenance is completed"},
		}, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"procedures/closing.yaml": builtIn(t, "closing"), "procedures/deployment.yaml": builtIn(t, "deployment")}
			tw := newAppFixture(t, plan{files: files, config: func(config string) string {
				return strings.NewReplacer(
					"developers: {users: [ana, bob, eve]}}", "developers: {users: [ana, bob, eve]}, sre: {users: [eve]}, production-domain: {users: [rosa]}, train-owner: {users: [eve]}}\nowners: {table: [{component: web, role: sre}, {component: api, role: sre}]}",
				).Replace(config)
			}})
			tw.starts("ana", c.text)
			taps := map[string]int{}
			for _, p := range c.presses {
				tw.shows(p.waits)
				tw.presses(p.who, p.label)
				if len(tw.slack.Views(p.who)) > 0 { // a form that opens is one tap with its button
					tw.sendsAll(p.who, "CC-1")
				}
				taps[p.who]++
			}
			tw.shows("Complete. Took")
			if taps["ana"] > c.most || taps["bob"] > 1 {
				t.Errorf("it took %v taps", taps)
			}
			tw.stands(map[string][]string{deploys: {
				"*Deploy is starting:* web v2 in tangerine prod. Requested by ana, approved by bob.", "*Deploy is complete:* web v2 in tangerine prod.",
			}})
		})
	}
}

// sendsAll ticks all of the form that is open, types the same into each field that has to be filled in, and sends it.
func (tw *appFixture) sendsAll(user, text string) {
	tw.t.Helper()
	views := tw.slack.Views(user)
	if len(views) != 1 {
		tw.t.Fatalf("%d forms are open\n%s", len(views), tw.scene())
	}
	state := map[string]any{}
	for _, block := range views[0]["blocks"].([]any) {
		b := block.(map[string]any)
		element, _ := b["element"].(map[string]any)
		switch element["type"] {
		case "checkboxes":
			state[b["block_id"].(string)] = map[string]any{element["action_id"].(string): map[string]any{"selected_options": element["options"]}}
		case "plain_text_input":
			state[b["block_id"].(string)] = map[string]any{element["action_id"].(string): map[string]any{"value": text}}
		}
	}
	if invalid, err := tw.slack.Submit(tw.t.Context(), user, views[0]["id"].(string), state); err != nil || len(invalid) > 0 {
		tw.t.Fatalf("it says %v: %v", invalid, err)
	}
}
