package outbox

import (
	"context"
	"slices"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// A scenario is one deployment from start to end, step by step.
type scenario struct {
	*fixture
	id string
}

func (s *scenario) load() deployer.Deployment {
	d, err := s.Load(context.Background(), s.id)
	if err != nil {
		s.T.Fatal(err)
	}
	return d
}

func (s *scenario) awaitActive(step string) {
	s.T.Helper()
	s.until(step+" is active", func() bool {
		d := s.load()
		return d.Step(step).Status == deployer.Active
	})
}

// effect is what an effect of a step does.
func (s *scenario) effect(step string) []func() {
	key := step + "/" + bottest.Web
	return []func(){
		func() {
			s.awaitActive(step)
			d := s.load()
			s.Order(s.id, deployer.Actor{}, deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(bottest.Web).Before}})
		},
		func() { s.Order(s.id, deployer.Actor{}, deployer.Act{Key: key, Ref: "r"}) },
		func() {
			s.Order(s.id, deployer.Actor{}, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.OK}})
		},
	}
}

// start begins a deployment without a wait in it.
func (s *scenario) start() {
	start := bottest.StartOf(bottest.Web)
	p := &start.Procedure
	p.Steps = slices.DeleteFunc(p.Steps, func(s deployer.Step) bool { return s.ID == "soak" })
	p.Steps[len(p.Steps)-1].Needs = []string{"pods"}
	s.id = s.Order("", bottest.Ana, start).ID
}

// startPosted has the deployment started and its card posted.
func (s *scenario) startPosted() {
	s.T.Helper()
	s.start()
	s.resolve()
	s.until("the card is delivered", func() bool { return s.load().Card.TS != "" })
	s.awaitEmpty()
}

func (s *scenario) resolve() {
	s.Order(s.id, deployer.Actor{}, deployer.Resolve{Targets: bottest.TargetsOf(bottest.Web)})
}

// confirm says that change control is followed: the card has a new state, and
// the thread a note and an ask.
func (s *scenario) confirm() {
	s.Order(s.id, bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked})
}

func (s *scenario) approve() {
	d := s.load()
	s.Order(s.id, bottest.Bob, deployer.Answer{Step: "approve", Attempt: 1, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove})
}

// steps are what happens, one after the other, until every message is posted.
func (s *scenario) steps() []func() {
	out := []func(){
		s.start,
		s.resolve,
		s.confirm,
		s.approve,
	}
	out = append(out, s.effect("rollout")...)
	out = append(out, s.effect("pods")...)
	return append(out, func() {
		s.until("it is complete", func() bool { return s.load().Status == deployer.Complete })
		s.awaitEmpty()
	})
}

// run does all steps.
func (s *scenario) run() {
	for _, step := range s.steps() {
		step()
	}
}
