package bottest

import (
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
	*Desk
	ID   string
	Time time.Time
}

func NewNight(t testing.TB, start deployer.Start) *Night {
	n := &Night{Desk: NewDesk(t), Time: TenPM}
	n.Now = func() time.Time { return n.Time }
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
