package bottest

import (
	"context"
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A Fixture is an engine with its journal and its mailbox in memory, for a crowd
// of tech leads who deploy the same services again and again.
type Fixture struct {
	*deployertest.Engine
	T testing.TB
}

// NewFixture makes a Fixture. No commit may say of a message both that it was
// sent and that it is to be.
func NewFixture(t testing.TB) *Fixture {
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
	return &Fixture{Engine: e, T: t}
}

// Order gives an order that must be carried out.
func (f *Fixture) Order(id string, by deployer.Actor, c deployer.Command) deployer.Deployment {
	f.T.Helper()
	d, err := f.Do(context.Background(), deployer.Order{Deployment: id, By: by, Command: c})
	if err != nil {
		f.T.Fatalf("%T for %s: %v", c, id, err)
	}
	return d
}

// AllMessages returns the messages that wait.
func (f *Fixture) AllMessages() []deployer.OutboxMessage {
	f.T.Helper()
	messages, err := f.Messages(context.Background(), "", 10_000)
	if err != nil {
		f.T.Fatal(err)
	}
	return messages
}

// Tell lays a message that is about no deployment into the mailbox.
func (f *Fixture) Tell(m deployer.Message) { f.Put(deployer.OutboxMessage{Message: m}) }
