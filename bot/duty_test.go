package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// duties is a procedure with a wait that a role may skip, a check that nothing waits
// for, and duties after the end.
func duties(s *setup) {
	p := standard()
	p.Steps = []deployer.Step{
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
		{ID: "watch", Title: "No alert fires", Uses: "kubernetes.verify", Background: true, Needs: []string{"rollout"}},
		{ID: "soak", Title: "Let it run", Uses: deployer.KindWait, MaySkip: "tech-lead", Needs: []string{"rollout"}, With: deployer.Values{"for": {Duration: time.Hour}}},
		{ID: "well", Title: "All is well", Uses: deployer.KindConfirm, Needs: []string{"soak"}},
	}
	p.After = []deployer.Step{
		{ID: "graph", Title: "The graph is saved", Uses: "kubernetes.verify"},
		{ID: "report", Title: "The report is written", Uses: deployer.KindConfirm},
		{ID: "learned", Title: "It was talked about", Uses: deployer.KindConfirm, In: 72 * time.Hour},
	}
	p.Failure.Decide = "tech-lead"
	s.bot.Procedures["deployment"] = p
}

// besides presses a button of the row of one step, as soon as it is there.
func (r *fixture) besides(user, step, button string) {
	r.t.Helper()
	var row string
	m, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool {
		row = rowWith(r.t, m, "/"+step, button)
		return m.Metadata != nil && m.Metadata.EventPayload["message"] == "card" && row != ""
	})
	if err != nil {
		r.t.Fatalf("no card with %s of %s: %v", button, step, r.Messages(deploys))
	}
	r.must(r.Act(r.ctx(), emulator.Action{User: user, Channel: deploys, MessageTS: m.TS, BlockID: row, Button: button}))
}

// rowWith is the id, with an ending, of a row of buttons in which one has a label; "":
// there is none.
func rowWith(t *testing.T, m emulator.Message, ending, label string) string {
	t.Helper()
	var blocks []struct {
		ID       string          `json:"block_id"`
		Elements json.RawMessage `json:"elements"`
	}
	if len(m.Blocks) == 0 {
		return ""
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if strings.HasSuffix(b.ID, ending) && strings.Contains(string(b.Elements), `"`+label+`"`) {
			return b.ID
		}
	}
	return ""
}

// toSoak brings a deployment of ana's to where it waits, and something is watched beside.
func (r *fixture) toSoak() {
	r.t.Helper()
	r.types("ana", "/deploy web v2")
	r.does(effect("rollout/web", "v1", deployer.OK)...)
}

// toDuties brings it to its end, with a duty that has failed.
func (r *fixture) toDuties() {
	r.t.Helper()
	r.toSoak()
	r.does(effect("watch/web", "v2", deployer.OK)...)
	r.besides("bob", "soak", "Skip")
	if said := r.because("bob", "it ran in staging"); said != "" {
		r.t.Fatalf("it said %q", said)
	}
	r.clicks("ana", "Done")
	r.does(effect("graph/web", "v2", deployer.Failed)...)
}

// A wait that says who may skip it has its button from the start.
func TestAWaitIsSkippedByItsRole(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toSoak()
		r.besides("ana", "soak", "Skip")
		r.hears("ana", "Only tech-lead can do without “Let it run”.")
		r.besides("bob", "soak", "Skip")
		bottest.Contains(t, r.form("bob"), "*Let it run* is not over yet.")
		if said := r.because("bob", "it ran in staging"); said != "" {
			t.Fatalf("it said %q", said)
		}
		r.thread("bob skipped *Let it run*. it ran in staging.")
		d := r.only()
		if s := d.Step("soak"); s.Skipped.By.ID != "UBOB" || d.Step("well").Status != deployer.Active {
			t.Errorf("the wait is %+v, what comes next %s", s.Skipped, d.Step("well").Status)
		}
	}, duties)
}

// What nothing waits for is decided by itself: the rest goes on, on the card and on the
// home tab.
func TestWhatStandsBesideIsDecidedByItself(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toSoak()
		r.does(effect("watch/web", "v2", deployer.Failed)...)
		r.thread("✗ *No alert fires* failed.")
		r.besides("eve", "watch", "Retry")
		r.hears("eve", "can decide that")
		r.besides("bob", "watch", "Retry")
		if d := r.only(); d.Status != deployer.Running || d.Step("watch").Attempt != 2 || d.Step("soak").Status != deployer.Active {
			t.Fatalf("it is %s, tried %d times", d.Status, d.Step("watch").Attempt)
		}
		r.does(effect("watch/web", "v2", deployer.Failed)...)
		r.OpenHome("bob")
		id := r.home("bob", "“No alert fires” failed.")
		r.must(r.Act(r.ctx(), emulator.Action{User: "bob", ViewID: id, Button: "Check again"}))
		r.eventually("it is looked at again", func() bool { d := r.only(); s := d.Step("watch"); return s.Attempt == 3 && s.Look })
		r.does(deployer.Settle{Key: "watch/web", Outcome: deployer.Outcome{Result: deployer.OK}})
		if d := r.only(); d.Step("watch").Status != deployer.Done || d.Status != deployer.Running {
			t.Errorf("it is %s: %+v", d.Status, d.Step("watch"))
		}
	}, duties, subscribed)
}

// A deployment that has ended and lives on: its duties are answered and decided about one
// by one, or ended together. How it ended stays.
func TestDutiesAfterTheEndHaveTheirButtons(t *testing.T) {
	t.Parallel()
	for name, press := range map[string]func(r *fixture){
		"skipped": func(r *fixture) {
			r.besides("bob", "graph", "Skip")
			bottest.Contains(r.t, r.form("bob"), "*The graph is saved* failed.")
			if said := r.because("bob", "nobody reads it"); said != "" {
				r.t.Errorf("it said %q", said)
			}
			r.thread("bob skipped *The graph is saved*. nobody reads it.")
		},
		"tried again": func(r *fixture) {
			r.besides("ana", "graph", "Retry")
			r.does(effect("graph/web", "v2", deployer.OK)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, r *fixture) {
				r.toDuties()
				m := r.card("Retry")
				bottest.Contains(t, string(m.Blocks), "*Complete, not proven.*", "*Still due:*\\n• It was talked about", "“The graph is saved” failed.", "Waiting for Ana: The report is written")
				press(r)
				d := r.only()
				if s := d.Step("graph"); !s.Over() || d.Status != deployer.Complete || !deployer.Lives(d) {
					t.Fatalf("it is %s, its duty %+v", d.Status, s)
				}
				r.besides("ana", "report", "Done")
				r.eventually("the report is written", func() bool { d := r.only(); return d.Step("report").Status == deployer.Done })
				r.clicks("ana", "Stop")
				r.eventually("nothing is due any more", func() bool { d := r.only(); return !deployer.Lives(d) && d.Status == deployer.Complete })
				r.eventually("the card says so", func() bool {
					for _, m := range r.Messages(deploys) {
						if m.Metadata != nil && m.Metadata.EventPayload["message"] == "card" {
							return !strings.Contains(string(m.Blocks), "Still due") && !strings.Contains(string(m.Blocks), `"actions"`)
						}
					}
					return false
				})
			}, duties)
		})
	}
}
