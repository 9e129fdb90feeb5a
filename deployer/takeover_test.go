package deployer_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func byHand(step, how string) deployer.Answer {
	return deployer.Answer{Step: step, Attempt: 1, Choice: deployer.ChoiceByHand, Comment: how, Values: map[string]string{"number": "42"}}
}

// handed is a procedure in which a build, a rollout, a check and an announcement come one
// after the other, and somebody is asked beside them.
func handed(change ...func(*deployer.Procedure)) deployer.Procedure {
	p := deployer.Procedure{
		Kinds: []deployer.Kind{proves, builds}, Messages: map[string]string{"told": "{what}"},
		Steps: []deployer.Step{
			{ID: "asked", Title: "Look at it", Uses: deployer.KindConfirm},
			{ID: "build", Title: "Build it", Uses: builds.Name, Timeout: 10 * time.Minute, Fields: []deployer.Input{{ID: "number", Label: "Number", Kind: deployer.InputNumber, Required: true}}},
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"build"}},
			{ID: "verify", Title: "It runs", Uses: proves.Name, Needs: []string{"rollout"}},
			{ID: "told", Title: "Tell", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "told"}, "to": {List: []string{"change"}}}, Needs: []string{"verify"}},
		},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func decidedBy(role string) func(*deployer.Procedure) {
	return func(p *deployer.Procedure) { p.Failure.Decide = role }
}

// What a machine could not do somebody does, and says so with all that later steps need.
func TestAFailedStepIsDoneByHand(t *testing.T) {
	t.Parallel()
	s := speaks(t, handed(decidedBy("tech-lead")), nil, "web").rolls(deployer.Failed, "build").is("build=failed")
	if got := s.d.Options(); !slices.Equal(got, []deployer.Choice{deployer.ChoiceCheck, deployer.ChoiceRetry, deployer.ChoiceByHand, deployer.ChoiceSkip, deployer.ChoicePatch, deployer.ChoiceTakeOver, deployer.ChoiceStop}) {
		t.Errorf("the options are %q", got)
	}
	s.refuses(eve, byHand("build", "on its page"), "Only tech-lead can skip or roll back.")
	s.refuses(bob, byHand("build", " "), "needs to say how")
	s.refuses(bob, deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceByHand, Comment: "so"}, "“Number” is missing.")
	s.refuses(bob, byHand("asked", "so"), "can't be done by hand now")
	s.refuses(bob, byHand("rollout", "so"), "it is looked at")
	s.does(bob, byHand("build", "on its page")).is("build=done", "rollout=active")
	build := *s.d.Step("build")
	if out := deployer.Outputs(s.d, build, ""); out["number"].Number != 42 || !deployer.DoneFor(s.d, build, "") || build.By != bob || build.Skipped.By.ID != "" {
		t.Errorf("left behind is %+v by %+v", out, build.By)
	}
	if p := s.d.LastProblem("build"); p == nil || p.Ended == 0 || p.By != bob || p.Decided != deployer.ChoiceByHand || s.d.Status != deployer.Running {
		t.Errorf("the problem is %+v", p)
	}
	s.refuses(rosa, byHand("build", "me too"), "“Build it” is done already, by Bob.")
}

// Nobody's word is taken for what runs, nor for a check that nobody may skip.
func TestWhatDeploysIsNotDoneByHand(t *testing.T) {
	t.Parallel()
	s := speaks(t, handed(func(p *deployer.Procedure) { p.Steps[3].MaySkip = deployer.MaySkipNobody }), nil, "web")
	s.rolls(deployer.OK, "build").rolls(deployer.Failed, "rollout/web").is("rollout=failed")
	s.refuses(ana, byHand("rollout", "with kubectl"), "it is looked at")
	s.does(ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceCheck})
	s.does(engine, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK}}).rolls(deployer.Failed, "verify/web").is("verify=failed")
	s.refuses(ana, byHand("verify", "it looks fine"), "can't be done by hand now")
}

// While somebody has taken over nothing acts, people are asked, and the time of machines
// stands still.
func TestNothingActsWhileSomebodyHasTakenOver(t *testing.T) {
	t.Parallel()
	takes, hands := deployer.Answer{Choice: deployer.ChoiceTakeOver}, deployer.Answer{Choice: deployer.ChoiceHandBack}
	s := speaks(t, handed(decidedBy("tech-lead")), nil, "web")
	s.refuses(eve, takes, "Only Ana or tech-lead")
	s.refuses(ana, hands, "Nobody has taken tangerine-1 over.")
	s.does(ana, takes).is("asked=active", "build=active")
	if w := s.wanted(); len(w) > 0 || !deployer.TakenOver(s.d) {
		t.Errorf("wanted is %v", w)
	}
	if err := s.decide(engine, look("build", deployer.ObservedAbsent, runsV1)); err == nil {
		t.Error("an effect begins")
	}
	s.refuses(bob, takes, "Ana has taken over already.")
	s.refuses(bob, deployer.Answer{Choice: deployer.ChoiceRollBack}, "Nothing of tangerine-1 is done by itself until it is handed back.")
	s.does(ana, presses("asked")).is("asked=done")
	s.now = s.now.Add(time.Hour)
	if plan := deployer.Next(s.d, s.now); len(plan.Due) > 0 {
		t.Errorf("due is %+v", plan.Due)
	}
	s.refuses(eve, byHand("build", "so"), "Only Ana or tech-lead")
	s.does(ana, byHand("build", "on its page")).is("build=done", "rollout=active") // who has taken over, whoever decides
	if w := s.wanted(); len(w) > 0 {
		t.Errorf("wanted is %v", w)
	}
	s.refuses(ana, byHand("rollout", "with kubectl"), "it is looked at")
	s.does(bob, hands)
	if w := s.wanted(); !slices.Equal(w, []string{"rollout/web"}) || deployer.TakenOver(s.d) {
		t.Errorf("wanted is %v", w)
	}
}

// What was brought meanwhile is done, by whoever had taken over; what somebody else has
// brought is told as before.
func TestHandedBackItIsLookedWhatWasDone(t *testing.T) {
	t.Parallel()
	s := speaks(t, handed(), nil, "web").does(ana, deployer.Answer{Choice: deployer.ChoiceTakeOver}).does(ana, byHand("build", "on its page"))
	s.does(ana, deployer.Answer{Choice: deployer.ChoiceHandBack}).does(engine, look("rollout/web", deployer.ObservedAbsent, runsV2))
	rollout := s.d.Step("rollout")
	if got := deployer.ArrivedBy(s.d, "web"); got != ana || rollout.Status != deployer.StepNotNeeded || rollout.Why != "web has v2 already: Ana had taken over." {
		t.Errorf("by %+v, and the rollout is %s: %s", got, rollout.Status, rollout.Why)
	}
	s.is("verify=active").does(ana, deployer.Answer{Choice: deployer.ChoiceTakeOver}).rolls(deployer.OK, "verify/web").is("verify=done", "told=pending")
	s.does(ana, deployer.Answer{Choice: deployer.ChoiceHandBack}).is("told=active")
}

// What fails meanwhile nobody decides about but people, also once it is handed back.
func TestWhatFailsMeanwhileIsNotDecidedByItself(t *testing.T) {
	t.Parallel()
	p := handed(func(p *deployer.Procedure) {
		p.Rollback = []deployer.Step{{ID: "back", Title: "Back", Uses: deployer.KindRollout}}
		p.Steps[3].OnFailure = deployer.FailureRollBack
		p.Failure.Default, p.Failure.Timeout = deployer.ChoiceRollBack, time.Minute
	})
	s := speaks(t, p, nil, "web").rolls(deployer.OK, "build").rolls(deployer.OK, "rollout/web")
	s.does(ana, deployer.Answer{Choice: deployer.ChoiceTakeOver}).rolls(deployer.Failed, "verify/web").is("verify=failed")
	for _, handed := range []bool{false, true} {
		if handed {
			s.does(ana, deployer.Answer{Choice: deployer.ChoiceHandBack})
		}
		s.now = s.now.Add(time.Hour)
		for _, due := range deployer.Next(s.d, s.now).Due {
			s.does(engine, due)
		}
		if s.d.Status != deployer.Deciding || s.d.Part != deployer.PartMain || slices.Contains(s.d.Options(), deployer.ChoiceRollBack) != handed {
			t.Errorf("handed back %v: it is %s, on %q, with %v", handed, s.d.Status, s.d.Part, s.d.Options())
		}
	}
}

// A rollout that fails meanwhile is not held: that would be done by the bot.
func TestARolloutThatFailsMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := handed()
	s := speaks(t, p, nil, "web").rolls(deployer.OK, "build")
	s.does(engine, look("rollout/web", deployer.ObservedAbsent, runsV1)).does(engine, deployer.Act{Key: "rollout/web", Ref: "r"})
	s.does(ana, deployer.Answer{Choice: deployer.ChoiceTakeOver})
	if w := s.wanted(); !slices.Equal(w, []string{"rollout/web"}) {
		t.Fatalf("followed is %v", w)
	}
	s.does(engine, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}}).is("rollout=failed")
	if w := s.wanted(); len(w) > 0 || slices.Contains(s.d.Options(), deployer.ChoiceRetry) {
		t.Errorf("wanted is %v, and the options %v", w, s.d.Options())
	}
}

// What is due again and again is done by the machine the next time.
func TestTheNextRoundIsTheMachines(t *testing.T) {
	t.Parallel()
	p := handed(func(p *deployer.Procedure) {
		p.Steps = p.Steps[:1]
		p.After = []deployer.Step{{ID: "build", Title: "Build it", Uses: builds.Name, Every: time.Minute, Lasts: time.Hour}}
	})
	s := speaks(t, p, nil, "web").does(ana, presses("asked"))
	s.now = s.now.Add(time.Minute)
	s.does(engine, deployer.Advance{}).rolls(deployer.Failed, "build").is("build=failed")
	s.does(ana, byHand("build", "on its page")).is("build=pending")
	s.now = s.now.Add(time.Minute)
	s.does(engine, deployer.Advance{}).is("build=active")
	if w := s.wanted(); !slices.Equal(w, []string{"build"}) {
		t.Errorf("wanted is %v", w)
	}
}

// Where somebody has looked in the place of a machine, the end says that no machine has.
func TestAProofByHandIsNoMachines(t *testing.T) {
	t.Parallel()
	p := handed(func(p *deployer.Procedure) { p.Steps = p.Steps[1:4] })
	s := speaks(t, p, nil, "web").rolls(deployer.OK, "build").rolls(deployer.OK, "rollout/web").rolls(deployer.Failed, "verify/web")
	s.does(ana, byHand("verify", "looked at its pods"))
	if want := "Not proven by a machine: Ana has done “It runs” by hand."; s.d.Status != deployer.Complete || s.d.Why != want {
		t.Errorf("it is %s: %s", s.d.Status, s.d.Why)
	}
}
