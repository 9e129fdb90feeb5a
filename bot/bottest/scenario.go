package bottest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The services, and what goes wrong with them.
const (
	Web    = "decanting-service"
	Orders = "orders"
	Stock  = "stock"
	Crash  = "app is in CrashLoopBackOff, exit code 1"
)

// Skipped is a scenario whose last check failed and was skipped.
func Skipped(t testing.TB) *Scenario {
	n := RollingOut(t, Web).Ends("rollout/"+Web, deployer.OK, "", "").Begins("pods", Web).
		Ends("pods/"+Web, deployer.Failed, "ERROR in the log of app: 3 lines", "")
	n.Does(Bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: "log noise that we know", Choice: deployer.ChoiceSkip})
	n.Time = n.Time.Add(5 * time.Minute)
	return n.Engine(deployer.Elapse{Step: "soak", Attempt: 1}).Announced("complete")
}

// AllTicked is what ticks both lines of a checklist.
var AllTicked = map[string]string{deployer.TickOf(1): deployer.Ticked, deployer.TickOf(2): deployer.Ticked}

// Confirmed is one that waits for its approval.
func Confirmed(t testing.TB) *Scenario {
	return NewScenario(t, StartOf(Web)).Resolved(TargetsOf(Web)...).Does(Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: AllTicked})
}

// Failed is one whose rollout failed and is paused.
func Failed(t testing.TB) *Scenario {
	return RollingOut(t, Web).Ends("rollout/"+Web, deployer.Failed, Crash, "boom\npanic: no database").
		Engine(deployer.Intend{Key: "rollout/" + Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Ends("rollout/"+Web+"/pause", deployer.OK, "", "")
}

// Patching is one that failed, of which it is looked up what it is patched forward to;
// Patched is that with what was found.
func Patching(t testing.TB) *Scenario {
	return Failed(t).Does(Bob, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoicePatch, Values: map[string]string{Web: "24-02-06.1"}, Comment: "the setting is <there> now"})
}

// Patched waits for the approval of that.
func Patched(t testing.TB) *Scenario {
	n := Patching(t)
	found := TargetsOf(Web)
	found[0].Before, found[0].After = found[0].After, deployer.State{Version: "24-02-06.1", Image: "registry.example/" + Web + ":24-02-06.1"}
	return n.Resolved(found...)
}

// Complete is one that went well.
func Complete(t testing.TB) *Scenario {
	n := RollingOut(t, Web).Ends("rollout/"+Web, deployer.OK, "", "").Begins("pods", Web).Ends("pods/"+Web, deployer.OK, "6 pods, healthy for 5 min", "")
	n.Time = n.Time.Add(5 * time.Minute)
	return n.Engine(deployer.Elapse{Step: "soak", Attempt: 1}).Announced("complete")
}

// A Scenario drives one deployment through its states, with a clock that is set.
type Scenario struct {
	*Fixture
	ID   string
	Time time.Time
}

// NewScenario orders a deployment at ten in the evening.
func NewScenario(t testing.TB, start deployer.Start) *Scenario {
	n := &Scenario{Fixture: NewFixture(t), Time: TenPM}
	n.SetClock(func() time.Time { return n.Time })
	n.ID = n.Order("", Ana, start).ID
	return n
}

// RollingOut goes to the middle of the rollout of some services.
func RollingOut(t testing.TB, services ...string) *Scenario {
	n := NewScenario(t, StartOf(services...)).Resolved(TargetsOf(services...)...).Approved().Announced("starting")
	for _, s := range services {
		n.Begins("rollout", s)
	}
	return n
}

// ForClients is one that waits for the words that clients read.
func ForClients(t testing.TB) *Scenario {
	start := StartOf(Web)
	start.Channels[deployer.ChannelClients] = "C3"
	start.Planned = TenPM.Add(2 * time.Hour)
	start.Warnings = []string{"This was announced 2 hours ahead; for high risk it should be 24 hours."}
	start.Inputs = map[string]string{"risk": "high", "downtime": "yes"}
	start.Procedure.Messages["told"] = "We carry out maintenance on {start}, until {end}. {impact} We write again by {next-update}, after {duration}."
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, 2, deployer.Step{
		ID: "told", Title: "Tell clients beforehand", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "told"}, "to": {List: []string{"clients"}}}, Needs: []string{"approve"},
	})
	start.Procedure.Steps[3].Needs = []string{"told"}
	return NewScenario(t, start).Resolved(TargetsOf(Web)...).Approved()
}

// Does gives an order of a person, a minute later.
func (s *Scenario) Does(by deployer.Actor, c deployer.Command) *Scenario {
	s.T.Helper()
	s.Time = s.Time.Add(time.Minute)
	s.Order(s.ID, by, c)
	return s
}

// Engine gives an order as the engine does.
func (s *Scenario) Engine(c deployer.Command) *Scenario {
	s.T.Helper()
	return s.Does(deployer.Actor{}, c)
}

// Deployment is the deployment as it is now.
func (s *Scenario) Deployment() deployer.Deployment {
	s.T.Helper()
	d, err := s.Load(context.Background(), s.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	return d
}

// Approved goes as far as the approval and beyond it.
func (s *Scenario) Approved() *Scenario {
	s.T.Helper()
	s.Does(Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: AllTicked})
	return s.Does(Bob, deployer.Answer{Step: "approve", Attempt: 1, Subject: s.Deployment().Subject().Hash(), Choice: deployer.ChoiceApprove})
}

// Announced has Slack take an announcement.
func (s *Scenario) Announced(step string) *Scenario {
	s.T.Helper()
	for _, to := range []string{"deploys", "change"} {
		s.Engine(deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey(step, to), Channel: s.Deployment().Channels[to], TS: "1.1"}, Kind: step})
	}
	return s
}

// Begins begins an effect; Ends settles it.
func (s *Scenario) Begins(step, service string) *Scenario {
	s.T.Helper()
	d := s.Deployment()
	now := d.Target(service).Before
	return s.Engine(deployer.Intend{Key: step + "/" + service, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: now}}).
		Engine(deployer.Act{Key: step + "/" + service, Ref: "r"})
}

// Ends settles an effect.
func (s *Scenario) Ends(key string, result deployer.Result, why, detail string) *Scenario {
	s.T.Helper()
	return s.Engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: why, Detail: detail}})
}

// Resolved finds out what the words mean.
func (s *Scenario) Resolved(targets ...deployer.Target) *Scenario {
	s.T.Helper()
	return s.Engine(deployer.Resolve{Targets: targets})
}
