package bottest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

const Web, Orders, Stock = "decanting-service", "orders", "stock"

const Crash = "app is in CrashLoopBackOff, exit code 1"

// WaivedNight is one whose last check failed and was skipped.
func WaivedNight(t testing.TB) *Night {
	n := RollingOut(t, Web).Ends("rollout/"+Web, deployer.OK, "", "").Begins("pods", Web).
		Ends("pods/"+Web, deployer.Failed, "ERROR in the log of app: 3 lines", "")
	n.Does(Bob, deployer.Skip{Step: "pods", Attempt: 1, Reason: "log noise that we know"})
	n.Time = n.Time.Add(5 * time.Minute)
	return n.Engine(deployer.Elapse{Step: "soak", Attempt: 1}).Announced("complete")
}

func ConfirmedNight(t testing.TB) *Night {
	return NewNight(t, StartOf(Web)).Resolved(TargetsOf(Web)...).Does(Ana, deployer.Confirm{Step: "control", Attempt: 1})
}

func FailedNight(t testing.TB) *Night {
	return RollingOut(t, Web).Ends("rollout/"+Web, deployer.Failed, Crash, "boom\npanic: no database").
		Engine(deployer.Intend{Key: "rollout/" + Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Ends("rollout/"+Web+"/pause", deployer.OK, "", "")
}

func CompleteNight(t testing.TB) *Night {
	n := RollingOut(t, Web).Ends("rollout/"+Web, deployer.OK, "", "").Begins("pods", Web).Ends("pods/"+Web, deployer.OK, "6 pods, healthy for 5 min", "")
	n.Time = n.Time.Add(5 * time.Minute)
	return n.Engine(deployer.Elapse{Step: "soak", Attempt: 1}).Announced("complete")
}

// A Night drives one deployment through its states, with a clock that is set.
type Night struct {
	*Fixture
	ID   string
	Time time.Time
}

func NewNight(t testing.TB, start deployer.Start) *Night {
	n := &Night{Fixture: NewFixture(t), Time: TenPM}
	n.SetClock(func() time.Time { return n.Time })
	n.ID = n.Order("", Ana, start).ID
	return n
}

// RollingOut goes to the middle of the rollout of some services.
func RollingOut(t testing.TB, services ...string) *Night {
	n := NewNight(t, StartOf(services...)).Resolved(TargetsOf(services...)...).Approved().Announced("starting")
	for _, s := range services {
		n.Begins("rollout", s)
	}
	return n
}

// ClientsNight is one that waits for the words that clients read.
func ClientsNight(t testing.TB) *Night {
	start := StartOf(Web)
	start.Channels[deployer.ChannelClients] = "C3"
	start.Planned, start.Lead = TenPM.Add(2*time.Hour), 24*time.Hour
	start.Inputs = map[string]string{"risk": "high", "downtime": "yes"}
	start.Procedure.Messages["told"] = "We carry out maintenance on {start}, until {end}. {impact} We write again by {next-update}, after {duration}."
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, 2, deployer.Step{
		ID: "told", Title: "Tell clients beforehand", Uses: deployer.KindAnnounce, Message: "told", To: []string{"clients"}, Needs: []string{"approve"},
	})
	start.Procedure.Steps[3].Needs = []string{"told"}
	return NewNight(t, start).Resolved(TargetsOf(Web)...).Approved()
}

func (n *Night) Does(by deployer.Person, c deployer.Command) *Night {
	n.T.Helper()
	n.Time = n.Time.Add(time.Minute)
	n.Order(n.ID, by, c)
	return n
}

// Engine gives an order as the engine does.
func (n *Night) Engine(c deployer.Command) *Night { n.T.Helper(); return n.Does(deployer.Person{}, c) }

func (n *Night) Deployment() deployer.Deployment {
	n.T.Helper()
	d, err := n.Load(context.Background(), n.ID)
	if err != nil {
		n.T.Fatal(err)
	}
	return d
}

// Approved goes as far as the approval and beyond it.
func (n *Night) Approved() *Night {
	n.T.Helper()
	n.Does(Ana, deployer.Confirm{Step: "control", Attempt: 1})
	return n.Does(Bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: n.Deployment().Subject().Hash()})
}

// Announced has Slack take an announcement.
func (n *Night) Announced(step string) *Night {
	n.T.Helper()
	for _, to := range []string{"deploys", "change"} {
		n.Engine(deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey(step, to), Channel: n.Deployment().Channels[to], TS: "1.1"}, Kind: step})
	}
	return n
}

// Begins begins an effect; ends settles it.
func (n *Night) Begins(step, service string) *Night {
	n.T.Helper()
	d := n.Deployment()
	now := d.Target(service).Before
	return n.Engine(deployer.Intend{Key: step + "/" + service, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: now}}).
		Engine(deployer.Act{Key: step + "/" + service, Ref: "r"})
}

func (n *Night) Ends(key string, result deployer.Result, why, detail string) *Night {
	n.T.Helper()
	return n.Engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: why, Detail: detail}})
}

// Resolved finds out what the words mean.
func (n *Night) Resolved(targets ...deployer.Target) *Night {
	n.T.Helper()
	return n.Engine(deployer.Resolve{Targets: targets})
}
