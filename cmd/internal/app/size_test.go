package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/deployer/telling"
	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/templates"
)

// deploymentBytes is what one deployment may cost in the file: twelve steps, one
// service, no log.
const deploymentBytes = 10_000

func TestADeploymentCostsLittleInTheFile(t *testing.T) {
	slowtest.Only(t, "it plays many deployments")
	t.Parallel()
	if got := deploymentSize(t, 300); got > deploymentBytes {
		t.Errorf("a deployment costs %d bytes, and may cost %d", got, deploymentBytes)
	}
}

// BenchmarkDeploymentSize tells how many bytes of the file a deployment costs.
func BenchmarkDeploymentSize(b *testing.B) {
	size := 0
	for b.Loop() {
		size = deploymentSize(b, 2000)
	}
	b.ReportMetric(float64(size), "B/deployment")
	b.ReportMetric(0, "ns/op")
}

// deploymentSize runs n deployments to their end, many at the same time, and says how
// much of the file each takes: bbolt makes it longer in leaps, and that does
// not count.
func deploymentSize(t testing.TB, n int) int {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := store.Open(context.Background(), "bolt://"+path)
	if err != nil {
		t.Fatal(err)
	}
	procedures, err := templates.Load(templates.Known{Kinds: Kinds()}, os.DirFS("testdata/simple"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	busy := make(chan struct{}, 64)
	for i := range n {
		busy <- struct{}{}
		all.Go(func() {
			defer func() { <-busy }()
			x := &deploymentRun{TB: t, s: s, now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)}
			x.run(deployer.Start{
				Origin: fmt.Sprint("trigger ", i), Site: deployer.Site{Name: fmt.Sprint("retailer", i%40), Environment: "prod"}, Procedure: procedures["deployment"],
				Releases: []deployer.Release{{Service: fmt.Sprint("svc", i), Tag: "v2"}},
				Channels: map[string]string{"deploys": "C1", "change": "C2", "support": "C3"},
				Inputs:   map[string]string{"risk": "low", "downtime": "no", "ticket": "CHG-1"},
			})
		})
	}
	all.Wait()
	if err := s.VerifyAll(context.Background()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	size := 0
	if err := db.View(func(tx *bbolt.Tx) error { size = int(tx.Size()); return nil }); err != nil {
		t.Fatal(err)
	}
	return size / n
}

// A deploymentRun takes one deployment to its end, as the engine, the outbox and
// people do together.
type deploymentRun struct {
	testing.TB
	s   *store.Store
	d   deployer.Deployment
	now time.Time
}

func (x *deploymentRun) do(o deployer.Order) {
	x.Helper()
	x.now = x.now.Add(time.Second)
	facts := deployer.Facts{Now: x.now, Person: deployer.Person{Roles: []string{"tech-lead"}}}
	if start, ok := o.Command.(deployer.Start); ok {
		id, err := x.s.Allocate(context.Background(), start.Site.Name)
		if err != nil {
			x.Error(err)
		}
		facts.ID = id
	}
	events, messages, err := telling.Decide(x.d, o, facts)
	if err != nil {
		x.Errorf("decide %T: %v", o.Command, err)
	}
	c := deployer.Pack(x.d, o, events, messages)
	if err := x.s.Append(context.Background(), c); err != nil {
		x.Errorf("append %T: %v", o.Command, err)
	}
	x.d = c.After
}

func (x *deploymentRun) run(start deployer.Start) {
	x.do(deployer.Order{By: deployer.Actor{ID: "UANA", Name: "Ana"}, Nonce: start.Origin, Command: start})
	r := start.Releases[0]
	x.do(deployer.Order{Command: deployer.Deliver{Kind: deployer.MessageCard, Post: deployer.Post{DedupKey: deployer.MessageCard, Channel: "C1", TS: "1764.1"}}})
	x.do(deployer.Order{Command: deployer.Resolve{Targets: []deployer.Target{{
		Service: r.Service, Runner: "kubernetes", Where: map[string]string{"namespace": "prod"},
		Before: deployer.State{Version: "v1", Image: "registry.example/" + r.Service + ":v1"},
		After:  deployer.State{Version: "v2", Image: "registry.example/" + r.Service + ":v2"},
	}}}})
	for range 200 {
		if x.send(); x.d.Status.Ended() {
			break
		}
		if !x.effect() {
			x.answer()
		}
	}
	x.send()
	if x.d.Status != deployer.Complete {
		x.Errorf("%s is %s: %+v", x.d.ID, x.d.Status, x.d.Current())
	}
}

// send does what the outbox does: a receipt is a commit, and what was sent goes.
func (x *deploymentRun) send() {
	messages, err := x.s.Messages(context.Background(), "", 1000)
	if err != nil {
		x.Error(err)
	}
	for _, m := range messages {
		if m.Deployment != x.d.ID {
			continue
		}
		if m.Receipt && m.Kind != deployer.MessageCard {
			post := deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1764.2"}
			x.do(deployer.Order{Command: deployer.Deliver{Kind: m.Kind, Post: post, OutboxKey: m.Key}})
		}
		if err := x.s.Discard(context.Background(), m); err != nil {
			x.Error(err)
		}
	}
}

// effect carries out what is wanted, and says whether anything was.
func (x *deploymentRun) effect() bool {
	for _, cmd := range deployertest.StillSo(x.d, x.now) {
		x.do(deployer.Order{Command: cmd})
		return true
	}
	for _, want := range deployer.Next(x.d, x.now).Effects {
		state := want.Intent.From
		x.do(deployer.Order{Command: deployer.Intend{Key: want.Key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: state}}})
		x.do(deployer.Order{Command: deployer.Act{Key: want.Key, Ref: "revision 7"}})
		x.do(deployer.Order{Command: deployer.Settle{Key: want.Key, Outcome: deployer.Outcome{Result: deployer.OK, Why: "6 pods stayed healthy for 10s"}}})
		return true
	}
	return false
}

// answer does what people are asked for.
func (x *deploymentRun) answer() {
	if current := x.d.Current(); len(current) > 0 {
		s := current[0]
		nonce := fmt.Sprint(x.d.ID, s.ID, s.Attempt)
		switch {
		case s.Confirms():
			ticks := map[string]string{}
			for i := range deployer.Checklist(s, "") {
				ticks[deployer.TickOf(i+1)] = deployer.Ticked
			}
			x.do(deployer.Order{By: deployer.Actor{ID: "UANA", Name: "Ana"}, Nonce: nonce, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceDone, Values: ticks}})
		case s.Approves():
			approve := deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: x.d.Subject().Hash(), Choice: deployer.ChoiceApprove}
			x.do(deployer.Order{By: deployer.Actor{ID: "UBOB", Name: "Bob"}, Nonce: nonce, Command: approve})
		}
	}
}
