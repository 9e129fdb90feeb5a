package app

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	registrysim "github.com/stationmaster/stationmaster/deployer/registry/sim"
)

const (
	waiting = 80  // deployments that stand at their first step
	rolling = 20  // and those that are rolled out, for minutes
	typing  = 300 // commands at a time
)

// BenchmarkAcknowledge compares how long somebody who types a command waits for
// Slack to be content, with 100 deployments in flight and with 10,000, against an
// echo bot on slack-go's own Socket Mode client that commits one record to bbolt
// before it acknowledges. Both have a Slack of their own, on real sockets, and take
// short turns in random order, so that a slow moment of the machine or its disk
// meets both. Every command starts a deployment, which is stopped between the
// turns.
func BenchmarkAcknowledge(b *testing.B) {
	for _, n := range []int{rolling + waiting, inFlight} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { acknowledge(b, newLoadedApp(b, n), newEchoBot(b)) })
	}
}

func acknowledge(b *testing.B, ours *loadedApp, echo *echoBot) {
	var took [2][]time.Duration
	for b.Loop() {
		for n := 0; n < typing; {
			turn := min(1+rand.IntN(3), typing-n)
			for _, k := range rand.Perm(2) {
				for range turn {
					time.Sleep(rand.N(20 * time.Millisecond)) // nobody types to the beat of what the last command caused
					if k == 0 {
						took[k] = append(took[k], ours.command())
					} else {
						took[k] = append(took[k], echo.command())
					}
				}
				ours.tidy()
			}
			n += turn
		}
	}
	for k, name := range []string{"ours", "echo"} {
		b.ReportMetric(milliseconds(quantile(took[k], 0.50)), name+"-p50-ms")
		b.ReportMetric(milliseconds(quantile(took[k], 0.99)), name+"-p99-ms")
	}
	ratio := func(share float64) float64 {
		return float64(quantile(took[0], share)) / float64(quantile(took[1], share))
	}
	b.ReportMetric(ratio(0.50), "p50-ratio")
	b.ReportMetric(ratio(0.99), "p99-ratio")
	b.ReportMetric(0, "ns/op") // not shown: it would be of a round of both bots
}

// A loadedApp has deployments in flight, and is asked for more.
type loadedApp struct {
	*benchFixture
	services []string
	free     []string // "retailer service"; the next one first
	begun    []string // places of those that have to be stopped
}

// busy rolls out first, so that it is under way without anybody's help.
const busy = `
id: busy
title: Busy
owner: nobody
unapproved: it is under way without anybody's help
phases: [{id: go, title: Go, steps: [{id: rollout, uses: rollout}, {id: healthy, title: It is healthy, uses: confirm}]}]
`

// newLoadedApp makes one with n in flight: 100 were begun while it runs, the others
// before.
func newLoadedApp(b *testing.B, n int) *loadedApp {
	t := &loadedApp{services: names("svc", 200)}
	s := scene{
		namespace: "prod", retailers: names("shop", 20), services: map[string]string{},
		procedures: map[string]string{"busy.yaml": busy, "asks.yaml": asks},
	}
	registry := httptest.NewServer(registrysim.Handler())
	b.Cleanup(registry.Close)
	s.registry = strings.TrimPrefix(registry.URL, "http://")
	s.image = s.registry
	cluster := clustersim.New(clustersim.Config{Behave: slowly})
	b.Cleanup(cluster.Close)
	for i, name := range t.services {
		s.services[name] = "deployment"
		pods := 1
		if i < rolling {
			s.services[name], pods = "busy", 20
		}
		for _, tag := range []string{"v1", "v2"} {
			if _, err := registrysim.Push(s.image+"/"+name, tag, name+tag); err != nil {
				b.Fatal(err)
			}
		}
		if err := cluster.AddDeployment("prod", name, "app", s.image+"/"+name+":v1", pods); err != nil {
			b.Fatal(err)
		}
	}
	api := httptest.NewServer(cluster.Handler())
	b.Cleanup(func() { api.CloseClientConnections(); api.Close() })
	s.kubeconfig = filepath.Join(b.TempDir(), "kubeconfig")
	if err := os.WriteFile(s.kubeconfig, cluster.Kubeconfig(api.URL), 0o600); err != nil {
		b.Fatal(err)
	}
	t.benchFixture = newBenchFixture(b, s, nil)
	t.fill(n-rolling-waiting, func(int) beginning { return beginning{procedure: "asks", at: time.Now(), said: true} })
	t.benchFixture.start()
	t.deployAll()
	return t
}

// slowly: a pod of the new version takes so long that a rollout of 20, five at
// a time, is under way for as long as the benchmark runs.
func slowly(image string) clustersim.Behaviour {
	if strings.Contains(image, ":v2") {
		return clustersim.Behaviour{Ready: time.Minute}
	}
	return clustersim.Behaviour{}
}

// deployAll brings 100 in flight.
func (t *loadedApp) deployAll() {
	var places []string
	for i, service := range t.services[:rolling+waiting] {
		retailer := t.retailers[i%len(t.retailers)]
		places = append(places, deployer.Place(retailer, "prod", service))
		t.deploy(retailer, service, "v2")
	}
	for _, retailer := range t.retailers {
		for _, service := range t.services[rolling+waiting:] {
			t.free = append(t.free, retailer+" "+service)
		}
	}
	await(t.b, "the last 100 are in flight", func() bool {
		active := map[string]int{}
		for _, id := range t.holders(places) {
			for _, s := range t.load(id).Current() {
				active[s.Uses]++
			}
		}
		return active[deployer.KindRollout] == rolling && active[deployer.KindConfirm] == waiting
	})
	await(t.b, "Slack has taken what 100 deployments say at first", func() bool {
		messages, err := t.store.Messages(t.b.Context(), "", 1)
		return err == nil && len(messages) == 0
	})
}

// command starts a deployment and says how long the acknowledgement took.
func (t *loadedApp) command() time.Duration {
	retailer, service, _ := strings.Cut(t.free[0], " ")
	t.free, t.begun = append(t.free[1:], t.free[0]), append(t.begun, deployer.Place(retailer, "prod", service))
	begun := time.Now()
	t.deploy(retailer, service, "v2")
	return time.Since(begun)
}

// holders are the deployments that hold places.
func (t *loadedApp) holders(places []string) map[string]string {
	holders, err := t.store.Holders(t.b.Context(), places)
	if err != nil {
		t.b.Fatal(err)
	}
	return holders
}

// tidy stops what was started, so that as many are in flight as before, and takes back
// what would be said about it: at Slack's pace that takes seconds for each, and
// more and more messages would wait.
func (t *loadedApp) tidy() {
	ctx := t.b.Context()
	holders := t.holders(t.begun)
	if len(holders) != len(t.begun) {
		t.b.Fatalf("%d of %d were started", len(holders), len(t.begun))
	}
	over := map[string]bool{}
	for _, id := range holders {
		stop := deployer.Order{By: t.load(id).Requester, Deployment: id, Command: deployer.Answer{Choice: deployer.ChoiceStop}}
		if _, err := t.engine.Do(ctx, stop); err != nil {
			t.b.Fatal(err)
		}
		over[id] = true
	}
	t.begun = nil
	messages, err := t.store.Messages(ctx, "", 1000)
	if err != nil {
		t.b.Fatal(err)
	}
	for _, l := range messages {
		if !over[l.Deployment] {
			continue
		}
		if err := t.store.Discard(ctx, l); err != nil {
			t.b.Fatal(err)
		}
	}
}

// An echoBot is a bot that knows one thing: to write down that it heard.
type echoBot struct {
	b     *testing.B
	slack *emulator.Server
}

func newEchoBot(b *testing.B) *echoBot {
	server, url := newSlack(b, []string{"shop"}, nil)
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "echo.db"), 0o600, &bbolt.Options{NoStatistics: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	client := socketmode.New(slack.New("xoxb-local", slack.OptionAppLevelToken("xapp-local"), slack.OptionAPIURL(url)))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { _ = client.RunContext(ctx); ended <- struct{}{} }() // ends with ctx
	go func() { answer(ctx, b, client, db); ended <- struct{}{} }()
	b.Cleanup(func() { stop(); <-ended; <-ended })
	if err := server.WaitSockets(b.Context(), 1); err != nil {
		b.Fatal(err)
	}
	return &echoBot{b, server}
}

// answer commits a record of every command and acknowledges it.
func answer(ctx context.Context, b *testing.B, client *socketmode.Client, db *bbolt.DB) {
	record := bytes.Repeat([]byte("r"), 300)
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case e := <-client.Events:
			if e.Type != socketmode.EventTypeSlashCommand {
				continue
			}
			n++
			err := db.Update(func(tx *bbolt.Tx) error {
				bucket, err := tx.CreateBucketIfNotExists([]byte("heard"))
				if err != nil {
					return err
				}
				return bucket.Put(fmt.Appendf(nil, "%08d", n), record)
			})
			if err == nil {
				err = client.Ack(*e.Request)
			}
			if err != nil {
				b.Error(err)
			}
		}
	}
}

func (e *echoBot) command() time.Duration {
	begun := time.Now()
	if err := e.slack.Type(e.b.Context(), "ana", channelOf("shop"), "/deploy web v2", ""); err != nil {
		e.b.Error(err)
	}
	return time.Since(begun)
}
