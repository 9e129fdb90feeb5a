package bot

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// phoneBook is a table of names.
type phoneBook struct{}

func (phoneBook) Role(role string) []string {
	return map[string][]string{"tech-lead": {"Bob", "Rosa"}, "sre": {"Olga"}}[role]
}

func (phoneBook) Mention(role string) string {
	return map[string]string{"tech-lead": "<!subteam^S1>"}[role]
}

func (b phoneBook) Call(role string, but []string) string {
	if role != "tech-lead" || len(but) == 0 {
		return b.Mention(role)
	}
	var out []string
	for _, p := range []deployer.Person{bob, rosa} {
		if !slices.Contains(but, p.ID) {
			out = append(out, "<@"+p.ID+">")
		}
	}
	return strings.Join(out, " ")
}

func (phoneBook) Person(p deployer.Person) string { return p.Name }

// noted is a guide with names alone; handbook also knows where retailers are,
// and links.
var (
	noted    = guide{names: phoneBook{}, command: "/deploy"}
	handbook = guide{
		names: phoneBook{}, command: "/deploy",
		retailers: map[string]Retailer{"tangerine": {Zone: newYork(), Links: map[string]deployer.Link{
			"ticket": "https://jira.example/browse/{ticket}", "calendar": "https://calendar.example/{retailer}?env={environment}",
		}}},
		services: map[string]Service{web: linked(), orders: linked(), stock: linked()},
	}
)

func newYork() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}

func linked() Service {
	return Service{Links: map[string]deployer.Link{
		"changes": "https://git.example/{service}/compare/{from}...{to}", "dashboard": "https://grafana.example/d/{service}?var-client={retailer}",
		"nowhere": "https://git.example/{missing}",
	}}
}

var (
	ana  = deployer.Person{ID: "UANA", Name: "Ana"}
	bob  = deployer.Person{ID: "UBOB", Name: "Bob"}
	rosa = deployer.Person{ID: "UROSA", Name: "Rosa"}
)

// tenPM is when the deployments of these tests begin.
var tenPM = time.Date(2026, 2, 5, 22, 0, 0, 0, time.UTC)

// What is deployed in these tests.
var (
	sop       = deployertest.SampleProcedure
	startOf   = deployertest.SampleStart
	targetsOf = deployertest.SampleTargets
)

// newEngine makes an engine for a crowd of tech leads. No commit may say of a
// message both that it was sent and that it is to be.
func newEngine(t testing.TB) *deployertest.Engine {
	e := deployertest.NewEngine()
	e.People, e.Crowded = deployertest.EverybodyHolds{"tech-lead"}, true
	e.OnCommit(func(_ int, c deployer.Commit) (bool, error) {
		keys := slices.Clone(c.Sent)
		for n := range c.Messages {
			key := deployertest.MessageKey(c, n)
			if slices.Contains(keys, key) {
				t.Errorf("the message %s is written twice, or written and deleted", key)
			}
			keys = append(keys, key)
		}
		return true, nil
	})
	return e
}

// order gives an order that must be carried out.
func order(t testing.TB, e *deployertest.Engine, id string, by deployer.Person, c deployer.Command) deployer.Deployment {
	t.Helper()
	d, err := e.Do(context.Background(), deployer.Order{Deployment: id, By: by, Command: c})
	if err != nil {
		t.Fatalf("%T for %s: %v", c, id, err)
	}
	return d
}

// A night drives one deployment through its states, with a clock that is set.
type night struct {
	*deployertest.Engine
	t    testing.TB
	id   string
	time time.Time
}

func newNight(t testing.TB, start deployer.Start) *night {
	n := &night{Engine: newEngine(t), t: t, time: tenPM}
	n.SetClock(func() time.Time { return n.time })
	n.id = order(t, n.Engine, "", ana, start).ID
	return n
}

func (n *night) does(by deployer.Person, c deployer.Command) *night {
	n.t.Helper()
	n.time = n.time.Add(time.Minute)
	order(n.t, n.Engine, n.id, by, c)
	return n
}

func (n *night) engine(c deployer.Command) *night { n.t.Helper(); return n.does(deployer.Person{}, c) }

func (n *night) d() deployer.Deployment {
	n.t.Helper()
	d, err := n.Load(context.Background(), n.id)
	if err != nil {
		n.t.Fatal(err)
	}
	return d
}

// approved goes as far as the approval and beyond it.
func (n *night) approved() *night {
	n.t.Helper()
	n.does(ana, deployer.Confirm{Step: "control", Attempt: 1})
	return n.does(bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: n.d().Subject().Hash()})
}

// announced has Slack take an announcement.
func (n *night) announced(step string) *night {
	n.t.Helper()
	for _, to := range []string{"deploys", "change"} {
		n.engine(deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey(step, to), Channel: n.d().Channels[to], TS: "1.1"}, Kind: step})
	}
	return n
}

// begins begins an effect; ends settles it.
func (n *night) begins(step, service string) *night {
	n.t.Helper()
	d := n.d()
	now := d.Target(service).Before
	return n.engine(deployer.Intend{Key: step + "/" + service, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: now}}).
		engine(deployer.Act{Key: step + "/" + service, Ref: "r"})
}

func (n *night) ends(key string, result deployer.Result, why, detail string) *night {
	n.t.Helper()
	return n.engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: why, Detail: detail}})
}

// resolved finds out what the words mean.
func (n *night) resolved(targets ...deployer.Target) *night {
	n.t.Helper()
	return n.engine(deployer.Resolve{Targets: targets})
}

// rollingOut goes to the middle of the rollout of some services.
func rollingOut(t testing.TB, services ...string) *night {
	n := newNight(t, startOf(services...)).resolved(targetsOf(services...)...).approved().announced("starting")
	for _, s := range services {
		n.begins("rollout", s)
	}
	return n
}
