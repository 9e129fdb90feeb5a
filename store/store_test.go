package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

var (
	ana  = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob  = deployer.Actor{ID: "UBOB", Name: "Bob"}
	dawn = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
)

func openFile(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), "bolt://"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openNew(t testing.TB) *Store {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "s.db"))
}

func procedure() deployer.Procedure {
	return deployer.Procedure{
		ID: "deployment", Title: "Standard deployment", SHA: "sha",
		Messages: map[string]string{"starting": "{what} is starting", "failed": "{why}"},
		Failure:  deployer.Failure{Message: "failed", To: []string{"change"}},
		Steps: []deployer.Step{
			{ID: "ready", Title: "Ready", Uses: "confirm"},
			{ID: "approve", Title: "Approve", Uses: "approve", With: deployer.Values{"role": {Text: "tech-lead"}}, Needs: []string{"ready"}},
			{ID: "starting", Title: "Announce", Uses: "announce", With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}}, Needs: []string{"approve"}},
			{ID: "rollout", Title: "Roll out", Uses: "rollout", Needs: []string{"starting"}, Timeout: 15 * time.Minute},
		},
	}
}

func start(origin string, services ...string) deployer.Start {
	s := deployer.Start{
		Origin: origin, Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: procedure(),
		Channels: map[string]string{"deploys": "C1", "change": "C2"}, Inputs: map[string]string{},
	}
	for _, name := range services {
		s.Releases = append(s.Releases, deployer.Release{Service: name, Tag: "v2"})
	}
	return s
}

// A fixture drives one deployment through a store, as the engine does.
type fixture struct {
	testing.TB
	s   *Store
	d   deployer.Deployment
	now time.Time
}

// decide makes the commit that follows from an order.
func (c *fixture) decide(o deployer.Order) deployer.Commit {
	c.Helper()
	c.now = c.now.Add(time.Second)
	facts := deployer.Facts{Now: c.now, Person: deployer.Person{Roles: []string{"tech-lead"}}}
	if start, ok := o.Command.(deployer.Start); ok {
		id, err := c.s.Allocate(context.Background(), start.Site.Name)
		if err != nil {
			c.Fatal(err)
		}
		facts.ID = id
	}
	events, messages, err := telling.Decide(c.d, o, facts)
	if err != nil {
		c.Fatalf("decide %T: %v", o.Command, err)
	}
	return deployer.Pack(c.d, o, events, messages)
}

// try decides and commits.
func (c *fixture) try(o deployer.Order) error {
	c.Helper()
	commit := c.decide(o)
	if err := c.s.Append(context.Background(), commit); err != nil {
		return err
	}
	c.d = commit.After
	return nil
}

func (c *fixture) do(o deployer.Order) {
	c.Helper()
	if err := c.try(o); err != nil {
		c.Fatalf("append %T: %v", o.Command, err)
	}
}

// begin starts a deployment.
func begin(t testing.TB, s *Store, start deployer.Start) *fixture {
	t.Helper()
	c := &fixture{TB: t, s: s, now: dawn}
	c.do(deployer.Order{By: ana, Nonce: start.Origin, Command: start})
	return c
}

func (c *fixture) resolve() {
	c.Helper()
	c.do(deployer.Order{Command: deployer.Resolve{Targets: c.targets()}})
}

func (c *fixture) targets() []deployer.Target {
	var targets []deployer.Target
	for _, w := range c.d.Releases {
		targets = append(targets, deployer.Target{
			Service: w.Service, Runner: "kubernetes", Where: map[string]string{"namespace": "prod"},
			Before: deployer.State{Version: "v1", Image: "r/" + w.Service + ":v1"},
			After:  deployer.State{Version: w.Tag, Image: "r/" + w.Service + ":" + w.Tag},
		})
	}
	return targets
}

func (c *fixture) approve() {
	c.Helper()
	c.do(deployer.Order{By: ana, Nonce: "ready", Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}})
	c.do(deployer.Order{By: bob, Nonce: "yes", Command: deployer.Answer{Step: "approve", Attempt: 1, Subject: c.d.Subject().Hash(), Choice: deployer.ChoiceApprove}})
}

func (c *fixture) announce() {
	c.Helper()
	for _, l := range c.messages() {
		if l.Kind == "starting" {
			c.do(deployer.Order{Command: deployer.Deliver{Post: deployer.Post{DedupKey: l.DedupKey, Channel: l.Channel, TS: "1.2"}, Kind: l.Kind, OutboxKey: l.Key}})
		}
	}
}

// rollOut begins and settles the rollout of every service.
func (c *fixture) rollOut(o deployer.Outcome) {
	c.Helper()
	for _, target := range c.d.Targets {
		key := "rollout/" + target.Service
		c.do(deployer.Order{Command: deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: target.Before}}})
		c.do(deployer.Order{Command: deployer.Act{Key: key, Ref: "rev 7"}})
		c.do(deployer.Order{Command: deployer.Settle{Key: key, Outcome: o}})
	}
}

// finish brings a deployment to its end.
func (c *fixture) finish() {
	c.Helper()
	c.resolve()
	c.approve()
	c.announce()
	c.rollOut(deployer.Outcome{Result: deployer.OK})
	if c.d.Status != deployer.Complete {
		c.Fatalf("it is %s, want complete", c.d.Status)
	}
}

func (c *fixture) messages() []deployer.OutboxMessage {
	c.Helper()
	messages, err := c.s.Messages(context.Background(), "", 1000)
	if err != nil {
		c.Fatal(err)
	}
	return messages
}

func (c *fixture) card() deployer.OutboxMessage {
	c.Helper()
	for _, l := range c.messages() {
		if l.Kind == deployer.MessageCard && l.Deployment == c.d.ID {
			return l
		}
	}
	c.Fatal("there is no card")
	return deployer.OutboxMessage{}
}

func origin(n int) string { return fmt.Sprint("trigger ", n) }

// hear adds an event that changes hardly anything.
func (c *fixture) hear() {
	c.Helper()
	e := deployer.OrderSeen{At: c.now, By: ana, Nonce: fmt.Sprint("nonce ", c.d.Seq)}
	card := deployer.Message{Kind: deployer.MessageCard, DedupKey: deployer.MessageCard, Channel: "C1"}
	commit := deployer.Pack(c.d, deployer.Order{By: ana}, []deployer.Event{e}, []deployer.Message{card})
	if err := c.s.Append(context.Background(), commit); err != nil {
		c.Fatal(err)
	}
	c.d = commit.After
}
