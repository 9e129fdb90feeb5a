package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// procedureFile is a procedure that comes with stationmaster, or that of the language's page, which proves for a second.
func procedureFile(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "..", "templates"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("for: 1m,", "for: 1s,").Replace(string(b))
}

// What a standard deployment costs people where no system is there but Kubernetes, counted at the local Slack: three
// forms of the requester and one tap of the approver until it is complete, and in the channel the card, starting and
// complete alone.
func TestAStandardDeploymentIsThreeFormsAndOneApproval(t *testing.T) {
	slowtest.Only(t, "a deployment of twenty steps, to its end")
	t.Parallel()
	files := map[string]string{
		"procedures/closing.yaml":    procedureFile(t, "procedures", "closing.yaml"),
		"procedures/deployment.yaml": procedureFile(t, "testdata", "language", "deployment.yaml"),
	}
	tw := newAppFixture(t, plan{files: files, config: func(config string) string {
		return strings.NewReplacer(
			"developers: {users: [ana, bob, eve]}}", "developers: {users: [ana, bob, eve]}, sre: {users: [eve]}, production-domain: {users: [rosa]}, train-owner: {users: [eve]}}\nowners: {table: [{component: web, role: sre}, {component: api, role: sre}]}",
		).Replace(config)
	}})
	tw.starts("ana", "/deploy web v2")
	taps := map[string]int{}
	tap := func(user, label string) { // a form that opens is one tap with its button
		tw.presses(user, label)
		taps[user]++
	}
	tap("ana", "Confirm 2")
	tw.sendsAll("ana", "CC-1")
	tap("bob", "Approve")
	tw.shows("Waiting for ana: The retailer is healthy before")
	tap("ana", "Done by hand")
	tw.shows("Waiting for ana: The retailer is healthy, by hand")
	tap("ana", "Done by hand")
	tw.shows("Complete. Took")
	if taps["ana"] > 3 || taps["bob"] > 1 {
		t.Errorf("it took %v taps", taps)
	}
	tw.stands(map[string][]string{deploys: {
		"*Deploy is starting:* web v2 in tangerine prod. Requested by ana, approved by bob.", "*Deploy is complete:* web v2 in tangerine prod.",
	}})
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
