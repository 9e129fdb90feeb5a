package deployertest

import (
	"context"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A Store is a journal with its locks, its records and its mailbox, as package
// store has them.
type Store interface {
	deployer.Journal
	AllLocks(ctx context.Context) ([]deployer.Locks, error)
	List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error)
	ID() string
	Head(ctx context.Context) (string, error)
	Holds(ctx context.Context, head string) error
	Trail(ctx context.Context, id string) ([]deployer.Record, error)
	Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error)
	Discard(ctx context.Context, m deployer.OutboxMessage) error
	MessagesIn(ctx context.Context, box deployer.Box) ([]deployer.OutboxMessage, error)
	Arrivals(ctx context.Context) (<-chan deployer.Box, error)
	Changes(ctx context.Context) (<-chan string, error)
}

// RunJournal holds what open opens, which is empty, to what a journal promises.
func RunJournal(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for name, promise := range map[string]func(*testing.T, Store){
		"what is committed is loaded":                testLoad,
		"who is live is what the commits say":        testLive,
		"a conflict changes nothing":                 testConflict,
		"a place that is free is the next one's":     testFreed,
		"nonsense changes nothing":                   testNonsense,
		"of many commits on one state one is first":  testOneWinner,
		"no number is given twice":                   testNumbers,
		"an ended context stops everything":          testContextEnded,
		"a lock comes between a look and a start":    testLocks,
		"a lock comes between a look and an act":     testLocksLater,
		"a list has what matches, the newest first":  testList,
		"a trail leads to the deployment":            testTrail,
		"every head that there was is held":          testHeads,
		"messages wait in order until they are sent": testMessages,
		"there is one card, as old as what it holds": testCard,
		"a box has the messages of one deployment":   testBox,
		"arrivals are told until the context ends":   testArrivals,
		"changes are told until the context ends":    testChanges,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); promise(t, open(t)) })
	}
}

var (
	ana  = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob  = deployer.Actor{ID: "UBOB", Name: "Bob"}
	dawn = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
)

// A script drives one deployment through a store, order by order.
type script struct {
	*testing.T
	s   Store
	d   deployer.Deployment
	now time.Time
}

// begin starts a deployment; its origin is named as its first service.
func begin(t *testing.T, s Store, services ...string) *script {
	t.Helper()
	x := &script{T: t, s: s, now: dawn}
	x.do(startOf(services[0], services...))
	return x
}

func startOf(origin string, services ...string) deployer.Order {
	start := deployer.Start{
		Origin: origin, Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"deploys": "C1"}, Inputs: map[string]string{},
		Procedure: deployer.Procedure{
			ID: "deployment", Title: "Standard deployment", SHA: "sha", Messages: map[string]string{"starting": "{what} is starting"},
			Steps: []deployer.Step{
				{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm},
				{ID: "starting", Title: "Announce", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}}, Needs: []string{"ready"}},
				{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"starting"}},
			},
		},
	}
	for _, name := range services {
		start.Releases = append(start.Releases, deployer.Release{Service: name, Tag: "v2"})
	}
	return deployer.Order{By: ana, Nonce: origin, Command: start}
}

// decide makes the commit that follows from an order.
func (x *script) decide(o deployer.Order) deployer.Commit {
	x.Helper()
	x.now = x.now.Add(time.Second)
	facts := deployer.Facts{Now: x.now}
	if start, ok := o.Command.(deployer.Start); ok {
		id, err := x.s.Allocate(context.Background(), start.Site.Name)
		if err != nil {
			x.Fatal(err)
		}
		facts.ID = id
	}
	events, messages, err := telling.Decide(x.d, o, facts)
	if err != nil {
		x.Fatalf("decide %T: %v", o.Command, err)
	}
	return deployer.Pack(x.d, o, events, messages)
}

func (x *script) do(o deployer.Order) {
	x.Helper()
	c := x.decide(o)
	if err := x.s.Append(context.Background(), c); err != nil {
		x.Fatalf("append %T: %v", o.Command, err)
	}
	x.d = c.After
}

func (x *script) engine(c deployer.Command) { x.Helper(); x.do(deployer.Order{Command: c}) }

func (x *script) resolve() {
	x.Helper()
	var targets []deployer.Target
	for _, r := range x.d.Releases {
		targets = append(targets, deployer.Target{
			Service: r.Service, Runner: "kubernetes", Before: deployer.State{Version: "v1", Image: "r:v1"}, After: deployer.State{Version: r.Tag, Image: "r:v2"},
		})
	}
	x.engine(deployer.Resolve{Targets: targets})
}

func (x *script) confirm() {
	x.Helper()
	x.do(deployer.Order{By: ana, Nonce: "ready", Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}})
}

// announce has the announcement taken.
func (x *script) announce() {
	x.Helper()
	for _, m := range x.messages() {
		if m.Kind == "starting" {
			x.engine(deployer.Deliver{Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1.2"}, Kind: m.Kind, OutboxKey: m.Key})
		}
	}
}

// finish brings the deployment to its end.
func (x *script) finish() {
	x.Helper()
	x.resolve()
	x.confirm()
	x.announce()
	for _, target := range x.d.Targets {
		key := "rollout/" + target.Service
		x.engine(deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: target.Before}})
		x.engine(deployer.Act{Key: key, Ref: "rev 7"})
		x.engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.OK}})
	}
	if x.d.Status != deployer.Complete {
		x.Fatalf("it is %s, want complete", x.d.Status)
	}
}

// messages returns what waits about this deployment.
func (x *script) messages() []deployer.OutboxMessage {
	x.Helper()
	var mine []deployer.OutboxMessage
	all, err := x.s.Messages(context.Background(), "", 1000)
	if err != nil {
		x.Fatal(err)
	}
	for _, m := range all {
		if m.Deployment == x.d.ID {
			mine = append(mine, m)
		}
	}
	return mine
}

func (x *script) card() deployer.OutboxMessage {
	x.Helper()
	for _, m := range x.messages() {
		if m.Kind == deployer.MessageCard {
			return m
		}
	}
	x.Fatal("there is no card")
	return deployer.OutboxMessage{}
}
