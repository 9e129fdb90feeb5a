package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// builtIn is a procedure that comes with stationmaster, which proves for a second and warns of no hour.
func builtIn(t *testing.T, id string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "templates", "procedures", id+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("for: 1m,", "for: 1s,", "is: warn", "is: fine").Replace(string(b)) // whatever the day
}

// A press is a button that somebody presses, once the card or its thread says something; without a name nobody does.
type press struct{ who, label, once string }

// What the built-in deployment costs people where no system is there but Kubernetes, counted at the local Slack: at
// most three taps of the requester with low risk and six with high risk, one of the approver, and in the channel the
// card, starting and complete alone. A hotfix is played likewise. The cards of each stage are in testdata/cards.
func TestBuiltInProceduresArePlayedByHand(t *testing.T) {
	slowtest.Only(t, "deployments of thirty steps, to their end")
	t.Parallel()
	began := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	for _, c := range []struct {
		name, text string
		presses    []press
		most       int // of the requester, until it is complete; 0: that is not held
		told       []string
	}{
		{"deployment-low", "/deploy web v2", []press{
			{"ana", "Confirm 2", "Everything is ready"}, {"bob", "Approve", "Waiting for bob"},
			{"ana", "Done by hand", "Waiting for ana: The retailer is healthy before"}, {"ana", "Done by hand", "✓ Pods run the new version"},
			{"", "", "Waiting for ana: The ticket is closed, with the record"},
		}, 3, []string{"*Deploy is starting:* web v2 in tangerine prod. Requested by ana, approved by bob.", "*Deploy is complete:* web v2 in tangerine prod."}},
		{"deployment-high", "/deploy web v2 --input risk=high --input downtime=yes", []press{
			{"ana", "Confirm 2", "Everything is ready"}, {"bob", "Approve", "Waiting for bob"}, {"ana", "Confirm 2", "Waiting for ana: A maintenance is scheduled"},
			{"tam", "I'm here: tam of tangerine", "Waiting for ana: The maintenance is in progress"}, {"eve", "I'm here: sre", "1 of 2"},
			{"ana", "Confirm 2", "✓ Whoever must be there is there"},
			{"ana", "Done by hand", "✓ Pods run the new version"}, {"ana", "Done by hand", "Waiting for ana: The maintenance is completed"},
			{"", "", "Waiting for ana: The ticket is closed, with the record"},
		}, 6, []string{"*Deploy is starting:* web v2 in tangerine prod. Requested by ana, approved by bob.", "*Deploy is complete:* web v2 in tangerine prod."}},
		{"hotfix", "/deploy web v2 --procedure hotfix --input severity=sev2 --input incident=" + began + ` --input cause="Orders are stuck" --input impact="Orders are late"`, []press{
			{"ana", "Confirm 3", "Waiting for ana: It stands in the change calendar"}, {"rosa", "I'm here: production-on-call", "#change-cc-1 is there"},
			{"eve", "I'm here: sre", "1 of 2"}, {"bob", "Approve", "✓ Whoever is needed is on the bridge"},
			{"ana", "Done by hand", "✓ Pods run the new version"},
			{"", "", "Waiting for ana: The ticket is closed, with the record"},
		}, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for _, id := range []string{"closing", "deployment", "hotfix"} {
				files["procedures/"+id+".yaml"] = builtIn(t, id)
			}
			tw := newAppFixture(t, plan{files: files, config: func(config string) string {
				return strings.NewReplacer(
					"developers: {users: [ana, bob, eve]}}", "developers: {users: [ana, bob, eve]}, sre: {users: [eve]}, production-on-call: {users: [rosa]}, production-domain: {users: [rosa]}, train-owner: {users: [eve]}}\nowners: {table: [{component: web, role: sre}, {component: api, role: sre}]}",
					"{short: developers}", "{short: developers, hotfix: developers}", "support: support}", "support: support, incident: support, announcements: change}",
				).Replace(config)
			}})
			tw.starts("ana", c.text)
			taps, cards := tw.played(c.presses)
			goldentest.Compare(t, filepath.Join("testdata", "cards", c.name+".txt"), []byte(cards))
			if c.most > 0 && (taps["ana"] > c.most || taps["bob"] > 1) {
				t.Errorf("it took %v taps", taps)
			}
			if c.told != nil {
				tw.stands(map[string][]string{deploys: c.told})
			}
		})
	}
}

// played presses one button after the other. It returns how often each has pressed, and what the card was before each.
func (tw *appFixture) played(presses []press) (taps map[string]int, cards string) {
	tw.t.Helper()
	taps = map[string]int{}
	for _, p := range presses {
		tw.comesTo(p.once)
		tw.quiet()
		cards += read(tw.card()) + "\n\n"
		if p.who == "" {
			break
		}
		tw.presses(p.who, p.label)
		if len(tw.slack.Views(p.who)) > 0 { // a form that opens is one tap with its button
			tw.sendsAll(p.who, "CC-1")
		}
		taps[p.who]++
	}
	return taps, cards
}

// comesTo waits until the card, or its thread, says something.
func (tw *appFixture) comesTo(words string) {
	tw.t.Helper()
	tw.eventually("it says "+words, func() bool {
		return slices.ContainsFunc(append(tw.everything(), tw.card()), func(m emulator.Message) bool { return strings.Contains(shown(m), words) })
	})
}

// passing is what of a card is another each time.
var passing = regexp.MustCompile(`<!date\^[^>]*>|\b[0-9]+ (s|min|h)\b( [0-9]+ s)?|sha256:[0-9a-f]+|127\.0\.0\.1:[0-9]+`)

// read is a card from top to bottom, with its buttons, as people read it.
func read(m emulator.Message) string {
	var blocks any
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return m.Text
	}
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if v["type"] == "button" {
				out = append(out, "["+v["text"].(map[string]any)["text"].(string)+"]")
				return
			}
			for _, key := range []string{"title", "text", "status", "details", "fields", "elements", "tasks"} {
				walk(v[key])
			}
		}
	}
	walk(blocks)
	return passing.ReplaceAllString(strings.Join(out, "\n"), "…")
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
