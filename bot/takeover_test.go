package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// builds is a setup in which a build, whose number is announced, and a question stand side
// by side.
func builds(s *setup) {
	p := standard()
	p.Kinds = append(deployer.CoreKinds(), deployer.Kind{
		Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Outputs: []deployer.Param{{Name: "number", Type: deployer.TypeNumber}},
	})
	p.Steps = []deployer.Step{
		{ID: "build", Title: "The build has run", Uses: "jenkins.build", How: "Start the job on its page"},
		{ID: "looked", Title: "Somebody has looked", Uses: deployer.KindConfirm, With: deployer.Values{"role": {Text: "tech-lead"}}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"build", "looked"}},
	}
	p.Failure.Decide, p.Unapproved = "tech-lead", "a test"
	p.Messages["built"] = "{steps.build.number}"
	s.bot.Procedures["deployment"] = p
	s.bot.Has = func(deployer.Kind, string, string) bool { return true }
}

// What a machine could not do is done by hand by those who decide, with what later steps
// name; what is wrong is said in the form.
func TestWhatAMachineCouldNotDoIsDoneByHand(t *testing.T) {
	t.Parallel()
	r := newFixture(t, builds)
	r.types("ana", "/deploy web v2")
	r.card("Take over")
	r.does(deployer.Intend{Key: "build", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}},
		deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "the node is <gone>"}})
	r.clicks("eve", "Done by hand")
	r.hears("eve", "Only tech-lead can skip or roll back.")
	if form := r.form("eve"); form != "[]" {
		t.Errorf("somebody who may not has a form: %s", form)
	}
	r.clicks("bob", "Done by hand")
	bottest.Contains(t, r.form("bob"), "How: Start the job on its page", "input/number", "What was done?")
	if invalid := r.sends("bob", map[string]any{"input/number": typed("42"), "reason": typed(" ")}); !strings.Contains(invalid["input/number"], "needs to say how") {
		t.Errorf("nothing is said of how, and it says %v", invalid)
	}
	if invalid := r.sends("bob", map[string]any{"input/number": typed("42"), "reason": typed("ran it on node-4")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.eventually("it is done", func() bool { d := r.only(); return d.Step("build").Status == deployer.Done })
	d := r.only()
	if out := deployer.Outputs(d, *d.Step("build"), ""); out["number"].Number != 42 || d.Step("build").By.Name != "bob" {
		t.Errorf("left behind is %v", out)
	}
	r.eventually("the thread says so", func() bool { return r.heard("done by hand by bob: ran it on node-4") })
}

// heard reports whether a message of the channel, or of a thread, has a part.
func (r *fixture) heard(part string) bool {
	for _, m := range r.Messages(deploys) {
		if strings.Contains(m.Text+string(m.Blocks), part) {
			return true
		}
	}
	return false
}

// Somebody takes over: all are told who has, what is asked is answered still, a step is
// done by hand, and it goes on once it is handed back.
func TestSomebodyTakesOverAndHandsBack(t *testing.T) {
	t.Parallel()
	r := newFixture(t, builds)
	r.types("ana", "/deploy web v2")
	r.clicks("eve", "Take over")
	r.hears("eve", "can decide that")
	r.clicks("bob", "Take over")
	m := r.card("Hand back")
	bottest.Contains(t, string(m.Blocks), "bob has taken over", "waits until it is handed back")
	r.eventually("all are told", func() bool {
		return r.heard("<@UANA>: *bob has taken over.*") && r.heard("what you are asked on the card above still waits")
	})
	bottest.Contains(t, r.types("ana", "/deploy status"), "Taken over by bob")
	r.clicks("rosa", "Done")
	r.clicks("bob", "Done by hand")
	if invalid := r.sends("bob", map[string]any{"input/number": typed("42"), "reason": typed("ran it on node-4")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.eventually("the rollout waits", func() bool { d := r.only(); return d.Step("rollout").HeldBack })
	r.clicks("eve", "Hand back")
	r.hears("eve", "Only bob, and those who decide, can hand it back.")
	r.clicks("ana", "Hand back")
	r.card("Take over")
	r.eventually("it goes on", func() bool { d := r.only(); return !deployer.TakenOver(d) && !d.Step("rollout").HeldBack })
}
