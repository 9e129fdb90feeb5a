package bot

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// does gives an order of the engine about the only deployment.
func (r *fixture) does(commands ...deployer.Command) {
	r.t.Helper()
	for _, c := range commands {
		_, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: "tangerine-1", Command: c})
		r.must(err)
	}
}

// effect are the orders by which an effect begins and ends.
func effect(key, runs string, result deployer.Result) []deployer.Command {
	service := deployer.ParseEffectKey(key).Item
	seen := deployer.Observation{Kind: deployer.ObservedAbsent}
	if service != "" {
		seen.State = deployer.State{Version: runs, Image: "registry.example/" + service + ":" + runs}
	}
	return []deployer.Command{
		deployer.Intend{Key: key, Observation: seen}, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: "no answer"}},
	}
}

// rowOf is the block id of the row of buttons on a card.
func rowOf(t *testing.T, m emulator.Message) string {
	t.Helper()
	var blocks []struct {
		Type string `json:"type"`
		ID   string `json:"block_id"`
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if b.Type == "actions" {
			return b.ID
		}
	}
	t.Fatalf("the card has no buttons: %s", m.Blocks)
	return ""
}

// verified is a procedure that rolls out, verifies and can go back.
func verified(s *setup) {
	p := standard()
	p.Steps = []deployer.Step{
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
		{ID: "verify", Title: "Verify", Uses: "kubernetes.verify", Needs: []string{"rollout"}},
	}
	p.Rollback = []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}}
	p.Failure.Decide = "tech-lead"
	s.bot.Procedures["deployment"] = p
}

// The dialog of Roll back on an old card names web; meanwhile somebody has
// retried that, which went well, and the check of api has failed. Whoever presses
// it is told what has changed, and nothing is rolled back. So it is with Stop.
func TestAnOldCardsDialogDecidesNothingElse(t *testing.T) {
	t.Parallel()
	r := newFixture(t, verified)
	r.types("ana", "/deploy web v2 api v2")
	untouched := r.card("Stop")
	r.does(effect("rollout/api", "v1", deployer.OK)...)
	r.does(effect("rollout/web", "v1", deployer.Interrupted)...)
	old := r.card("Roll back web to v1")
	bottest.Contains(t, string(old.Blocks), "This puts back web to v1. It leaves api v2 as it is.")
	press := func(m emulator.Message, user, button string) {
		t.Helper()
		r.must(r.Act(r.ctx(), emulator.Action{User: user, Channel: deploys, MessageTS: m.TS, BlockID: rowOf(t, m), Button: button, Stale: true}))
	}

	press(old, "rosa", "Retry")
	press(old, "bob", "Roll back web to v1")
	r.hears("bob", "can't be rolled back now: it is under way")
	r.does(effect("rollout/web", "v1", deployer.OK)...)
	r.does(effect("verify/web", "v2", deployer.OK)...)
	r.does(effect("verify/api", "v2", deployer.Failed)...)
	r.eventually("the card names api", func() bool {
		return strings.Contains(string(r.card("Roll back api to v1").Blocks), "This puts back api to v1. It leaves web v2 as it is.")
	})
	press(old, "bob", "Roll back web to v1")
	r.hears("bob", "What would be rolled back has changed since that button was shown. Now it is api to v1.\nLook at the card again.")
	press(untouched, "bob", "Stop")
	r.hears("bob", "What stopping would leave as it is has changed since that button was shown. Now that is web, api.")
	if d := r.only(); d.Status != deployer.Deciding {
		t.Errorf("it is %s", d.Status)
	}
	press(r.card("Roll back api to v1"), "bob", "Roll back api to v1")
	if d := r.only(); d.Part != deployer.PartRollback || strings.Join(d.RollbackServices, " ") != "api" {
		t.Errorf("rolled back is %v", d.RollbackServices)
	}
}

// gated is a procedure whose build asks the tech lead half way.
func gated(s *setup) {
	p := standard()
	p.Kinds = []deployer.Kind{bottest.Build}
	p.Steps = []deployer.Step{{ID: "build", Title: "Build", Uses: bottest.Build.Name, With: deployer.Values{"proceed": {Text: "tech-lead"}}}}
	p.Failure.Decide = "tech-lead"
	s.bot.Procedures["deployment"] = p
}

// atGate brings a deployment of ana's to where its build asks.
func atGate(t *testing.T) *fixture {
	t.Helper()
	r := newFixture(t, gated, subscribed)
	r.types("ana", "/deploy web v2")
	r.does(effect("build", "", "")[0], deployer.Act{Key: "build", Ref: "#7"}, r.asks("Deploy-1"))
	return r
}

func (r *fixture) asks(id string) deployer.Command {
	return deployer.OpenGate{Key: "build", Gate: deployer.Gate{ID: id, Asks: "Deploy build #7?"}}
}

// thread waits until something is said in the deployments' channel.
func (r *fixture) thread(part string) {
	r.t.Helper()
	r.eventually("it is said that "+part, func() bool {
		for _, m := range r.Messages(deploys) {
			if strings.Contains(m.Text, part) {
				return true
			}
		}
		return false
	})
}

// What a system asks half way is answered on the card and on the home tab, by the
// role that the step names.
func TestAGateIsAnsweredByItsRole(t *testing.T) {
	t.Parallel()
	r := atGate(t)
	r.thread("*Build* asks: Deploy build #7? The buttons are on the card above.")
	r.clicks("eve", "Proceed")
	r.hears("eve", "Only tech-lead can answer “Deploy build #7?”")
	r.OpenHome("bob")
	id := r.home("bob", "Build: Deploy build #7?")
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", ViewID: id, Button: "Proceed"}))
	r.thread("✓ *Build* · bob let it proceed")
	d := r.only()
	if g := d.Effect("build").Gate; g.Answer != deployer.ChoiceProceed || g.By.ID != "UBOB" {
		t.Errorf("the gate is %+v", g)
	}
}

// No is given a reason, in a form; a form of an earlier question is refused.
func TestAbortAtAGateTakesAReason(t *testing.T) {
	t.Parallel()
	r := atGate(t)
	m := r.card("Abort")
	r.clicks("bob", "Abort")
	bottest.Contains(t, r.form("bob"), "*Build* asks: Deploy build #7?")
	bottest.Contains(t, r.because("bob", " "), "Say in a few words what is wrong.")
	if said := r.because("bob", "wrong branch"); said != "" {
		t.Fatalf("it said %q", said)
	}
	r.thread("✗ *Build* · bob aborted it. Wrong branch.")
	r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", Channel: deploys, MessageTS: m.TS, Button: "Abort", Stale: true}))
	r.hears("rosa", "That button belongs to an earlier question.")
	d := r.only()
	if g := d.Effect("build").Gate; g.Answer != deployer.ChoiceAbort {
		t.Errorf("the gate is %+v", g)
	}
}

// A stop of which nobody can tell the end asks those who decide, who look again or
// give a reason: on the card, or typed.
func TestAStopThatCantBeToldIsGivenUpWithAReason(t *testing.T) {
	t.Parallel()
	for way, giveUp := range map[string]func(*fixture){
		"typed": func(r *fixture) {
			bottest.Contains(r.t, r.types("bob", "/deploy stop tangerine-1"), "Nobody can tell how far it came, so giving up needs a reason.")
			if said := r.types("bob", "/deploy stop tangerine-1 --reason 'jenkins is gone'"); said != "" {
				r.t.Errorf("it said %q", said)
			}
		},
		"pressed": func(r *fixture) {
			r.clicks("bob", "Stop anyway")
			bottest.Contains(r.t, r.form("bob"), "Nobody can tell how far", "Build", "no answer")
			bottest.Contains(r.t, r.because("bob", " "), "Say in a few words why it can be left so.")
			if said := r.because("bob", "jenkins is gone"); said != "" {
				r.t.Errorf("it said %q", said)
			}
		},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			r := atGate(t)
			unclear := deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "no answer"}}
			r.types("ana", "/deploy stop tangerine-1")
			r.does(unclear)
			r.thread("? The stop needs a decision. No answer.")
			r.clicks("bob", "Check again")
			if d := r.only(); len(d.Open()) != 1 {
				t.Fatalf("it is not looked at again: %+v", d.Steps[0].Effects)
			}
			r.does(unclear)
			giveUp(r)
			if d := r.only(); d.Status != deployer.Stopped || !strings.HasSuffix(d.Why, "bob gave up what can't be told: jenkins is gone") {
				t.Errorf("it is %s: %s", d.Status, d.Why)
			}
			r.thread("bob gave up what can't be told: jenkins is gone")
		})
	}
}
