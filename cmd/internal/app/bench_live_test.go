package app

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	"github.com/stationmaster/stationmaster/store"
)

const asks = `
id: asks
title: Asks
owner: nobody
phases: [{id: go, title: Go, steps: [{id: ready, title: It is ready, uses: confirm}, {id: rollout, uses: rollout}]}]
`

// BenchmarkManyLive starts the app with 10,000 deployments in flight, each of which
// waits for ana and has its card to be sent yet, against 100, in the same run: when
// it is connected, how long the first command takes to be acknowledged, when the
// first Home tab is there, when it has all, and how long a change takes to be seen
// there, in the best of four.
func BenchmarkManyLive(b *testing.B) {
	for b.Loop() {
		few, many := manyLive(b, 100), manyLive(b, 10_000)
		for i, name := range []string{"connected", "click", "status", "tab", "whole-tab", "change"} {
			b.ReportMetric(milliseconds(few[i]), name+"-ms-of-100")
			b.ReportMetric(milliseconds(many[i]), name+"-ms-of-10000")
			b.ReportMetric(float64(many[i])/float64(few[i]), name+"-ratio")
		}
	}
	b.ReportMetric(0, "ns/op")
}

func manyLive(b *testing.B, n int) [6]time.Duration {
	y := &liveApp{retailers: names("shop", 20)}
	y.scene(b)
	y.fill(n)
	var took [6]time.Duration
	watch := func(i int, do func()) {
		began := time.Now()
		do()
		took[i] = time.Since(began)
	}
	watch(0, y.start)
	watch(1, func() { y.types("stop shop-0-1 --reason enough") })
	watch(2, func() { y.types("status") })
	watch(3, func() {
		y.slack.OpenHome("ana")
		y.tabSays("Waiting for you")
	})
	watch(4, func() { y.tabSays(fmt.Sprint("Waiting for you · ", n-1, "\"")) })
	for try := range 4 {
		began := time.Now()
		y.types(fmt.Sprintf("stop shop-0-%d --reason enough", try+2))
		y.tabSays(fmt.Sprint("Waiting for you · ", n-2-try, "\""))
		if change := time.Since(began); try == 0 || change < took[5] {
			took[5] = change
		}
	}
	y.end()
	return took
}

// A liveApp is an app whose store is filled before it starts.
type liveApp struct {
	*benchFixture
	retailers []string
}

func (y *liveApp) scene(b *testing.B) {
	cluster := clustersim.New(clustersim.Config{})
	b.Cleanup(cluster.Close)
	api := httptest.NewServer(cluster.Handler())
	b.Cleanup(func() { api.CloseClientConnections(); api.Close() })
	s := scene{
		namespace: "prod", retailers: y.retailers, services: map[string]string{"web": "asks"}, image: "registry.example",
		procedures: map[string]string{"asks.yaml": asks}, kubeconfig: filepath.Join(b.TempDir(), "kubeconfig"),
	}
	if err := os.WriteFile(s.kubeconfig, cluster.Kubeconfig(api.URL), 0o600); err != nil {
		b.Fatal(err)
	}
	y.benchFixture = newBenchFixture(b, s, nil)
}

// fill writes so many deployments, as an earlier process would have.
func (y *liveApp) fill(n int) {
	s, err := store.Open(y.b.Context(), y.cfg.Store)
	if err != nil {
		y.b.Fatal(err)
	}
	var all sync.WaitGroup
	at := make(chan int)
	for range 64 { // they share what a commit costs
		all.Go(func() {
			for i := range at {
				if err := y.begin(s, i); err != nil {
					y.b.Error(err)
				}
			}
		})
	}
	for i := range n {
		at <- i
	}
	close(at)
	all.Wait()
	if err := s.Close(); err != nil {
		y.b.Fatal(err)
	}
}

// begin starts the i-th deployment, up to its question.
func (y *liveApp) begin(s *store.Store, i int) error {
	retailer, service := y.retailers[i%len(y.retailers)], fmt.Sprint("svc-", i)
	id, err := s.Allocate(y.b.Context(), retailer)
	if err != nil {
		return err
	}
	channel := y.slack.ChannelID(channelOf(retailer))
	var d deployer.Deployment
	for _, o := range []deployer.Order{
		{By: deployer.Actor{ID: "UANA", Name: "ana"}, Nonce: id, Command: deployer.Start{
			Origin: id, Site: deployer.Site{Name: retailer, Environment: "prod"}, Channels: map[string]string{deployer.ChannelDeploys: channel}, Inputs: map[string]string{},
			Procedure: y.cfg.Procedures["asks"], Releases: []deployer.Release{{Service: service, Tag: "v2"}},
		}},
		{Command: deployer.Resolve{Targets: []deployer.Target{{
			Service: service, Runner: "kubernetes", Before: deployer.State{Version: "v1"}, After: deployer.State{Version: "v2"},
		}}}},
	} {
		events, messages, err := deployer.Decide(d, o, deployer.Facts{ID: id, Now: time.Now()})
		if err == nil {
			c := deployer.Pack(d, o, events, messages)
			d, err = c.After, s.Append(y.b.Context(), c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// types types a command in the first retailer's channel.
func (y *liveApp) types(text string) {
	ctx, cancel := context.WithTimeout(y.b.Context(), patience)
	defer cancel()
	if err := y.slack.Type(ctx, "ana", channelOf(y.retailers[0]), "/deploy "+text, ""); err != nil {
		y.b.Error(errors.Join(err, errors.New(y.told())))
	}
}

// tabSays waits until ana's tab says something.
func (y *liveApp) tabSays(part string) {
	await(y.b, "the tab says "+part, func() bool {
		for _, v := range y.slack.Views("ana") {
			if v["type"] == "home" && strings.Contains(fmt.Sprintf("%v", v["blocks"])+"\"", strings.TrimSuffix(part, "\"")) {
				return true
			}
		}
		return false
	})
}
