package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

var (
	ana = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob = deployer.Actor{ID: "UBOB", Name: "Bob"}
)

type people struct{}

func (people) Who(_ context.Context, id string) (deployer.Person, error) {
	if id == bob.ID {
		return deployer.Person{Roles: []string{"tech-lead"}}, nil
	}
	return deployer.Person{}, nil
}

// A fixture is an engine with people and a chat system that do what they are
// asked, in a bubble of faked time.
type fixture struct {
	t       *testing.T
	journal *deployertest.Journal
	cluster *cluster
	engine  *engine.Engine
	stop    context.CancelFunc
	ran     chan error
	decide  deployer.Command // what Ana decides when something failed; nil: nothing
}

func newFixture(t *testing.T, j *deployertest.Journal, c *cluster) *fixture {
	f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
	f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: c.runners(), People: people{}})
	f.run(t)
	return f
}

func (f *fixture) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	f.stop = stop
	go func() { f.ran <- f.engine.Run(ctx) }()
	synctest.Wait() // Run has listed what is live: what starts now is not found by it
}

func (f *fixture) close() {
	f.stop()
	if err := <-f.ran; err != nil {
		f.t.Errorf("Run: %v", err)
	}
}

// play lets everybody do what they are asked until the deployment ends, or
// until nothing happens for an hour.
func (f *fixture) play(id string) deployer.Deployment {
	f.t.Helper()
	for range 3600 {
		f.deliver(id)
		d, err := f.journal.Load(f.t.Context(), id)
		if err != nil {
			f.t.Fatal(err)
		}
		if d.Status.Ended() {
			return d
		}
		f.answer(d)
		time.Sleep(time.Second)
	}
	d, _ := f.journal.Load(f.t.Context(), id)
	f.t.Fatalf("does not end: %s %+v", d.Status, d.Current())
	return d
}

// deliver takes what waits to be sent, and says so where that is waited for.
func (f *fixture) deliver(id string) {
	f.t.Helper()
	messages, err := f.journal.Messages(f.t.Context(), "", 100)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, m := range messages {
		if err := f.journal.Discard(f.t.Context(), m); err != nil {
			f.t.Fatal(err)
		}
		if !m.Receipt {
			continue
		}
		f.try(deployer.Order{Deployment: id, Command: deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1"}}})
	}
}

func (f *fixture) answer(d deployer.Deployment) {
	for _, step := range d.Current() {
		nonce := fmt.Sprint(step.ID, step.Attempt)
		switch {
		case step.Status != deployer.Active:
			if b := d.Broken(); f.decide != nil && b != nil {
				cmd := f.decide
				if a, ok := cmd.(deployer.Answer); ok && a.Choice == deployer.ChoiceRetry {
					cmd = deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry}
				}
				f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: nonce + "decide", Command: cmd})
			}
		case step.Confirms():
			f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: nonce, Command: deployer.Answer{Step: step.ID, Attempt: step.Attempt, Choice: deployer.ChoiceDone}})
		case step.Approves():
			f.try(deployer.Order{Deployment: d.ID, By: bob, Nonce: nonce, Command: deployer.Answer{Step: step.ID, Attempt: step.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}})
		}
	}
}

// try gives an order; a refusal is fine, since the world moves meanwhile.
func (f *fixture) try(o deployer.Order) {
	var r *deployer.Refusal
	if _, err := f.engine.Do(f.t.Context(), o); err != nil && !errors.As(err, &r) {
		f.t.Errorf("%#v: %v", o.Command, err)
	}
}

func (f *fixture) begin(wants ...string) deployer.Deployment {
	f.t.Helper()
	d, err := f.engine.Do(f.t.Context(), start(wants...))
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

// run plays one whole deployment with a fixture of its own.
func run(t *testing.T, setup func(*deployertest.Journal, *cluster, *fixture), wants ...string) (d deployer.Deployment, j *deployertest.Journal, c *cluster) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j, c = deployertest.NewJournal(), newCluster()
		f := newFixture(t, j, c)
		defer f.close()
		if setup != nil {
			setup(j, c, f)
		}
		d = f.play(f.begin(wants...).ID)
	})
	return d, j, c
}

func procedure() deployer.Procedure {
	return deployer.Procedure{
		ID: "deployment", SHA: "sha", Messages: map[string]string{"starting": "{what} is starting"},
		Steps: []deployer.Step{
			{ID: "ready", Uses: "confirm"},
			{ID: "approve", Uses: "approve", With: deployer.Values{"role": {Text: "tech-lead"}}, Needs: []string{"ready"}},
			{ID: "starting", Uses: "announce", With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}}, Needs: []string{"approve"}},
			{ID: "rollout", Uses: "rollout", Needs: []string{"starting"}, Timeout: 15 * time.Minute},
			{ID: "soak", Uses: "wait", With: deployer.Values{"for": {Duration: 5 * time.Minute}}, Needs: []string{"rollout"}},
			{ID: "pods", Uses: "kubernetes.verify", Needs: []string{"soak"}},
		},
		Rollback: []deployer.Step{
			{ID: "back", Uses: "rollout"}, {ID: "back-pods", Uses: "kubernetes.verify", Needs: []string{"back"}},
		},
	}
}

func start(wants ...string) deployer.Order {
	s := deployer.Start{
		Origin: "trigger " + strings.Join(wants, ","), Site: deployer.Site{Name: "tangerine", Environment: "prod"},
		Channels: map[string]string{"deploys": "C1"}, Procedure: procedure(),
	}
	for _, w := range wants {
		service, tag, _ := strings.Cut(w, ":")
		s.Releases = append(s.Releases, deployer.Release{Service: service, Tag: tag})
	}
	return deployer.Order{By: ana, Nonce: s.Origin, Command: s}
}
