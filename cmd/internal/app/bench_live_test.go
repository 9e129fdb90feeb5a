package app

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// BenchmarkManyLive starts the app with 10,000 deployments in flight, each of which
// waits for ana and has its card to be sent yet, against 100, in the same run: when
// it is connected, how long the first command takes to be acknowledged, when the
// first Home tab is there, when it has all, and how long a change takes to be seen
// there, in the best of four.
func BenchmarkManyLive(b *testing.B) {
	for b.Loop() {
		few, _ := manyLive(b, 100)
		many, weight := manyLive(b, inFlight)
		b.ReportMetric(weight, "KiB/waiting")
		for i, name := range []string{"connected", "click", "status", "tab", "whole-tab", "change"} {
			b.ReportMetric(milliseconds(few[i]), name+"-ms-of-100")
			b.ReportMetric(milliseconds(many[i]), name+"-ms-of-10000")
			b.ReportMetric(float64(many[i])/float64(few[i]), name+"-ratio")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// manyLive also says by how many KiB the heap of the process has grown for each
// deployment from before the start until all are on the tab: what the local Slack
// remembers of them is in it.
func manyLive(b *testing.B, n int) (took [6]time.Duration, weight float64) {
	y := newLiveApp(b)
	y.fill(n, asksNow)
	before := heap()
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
	weight = (heap() - before) / float64(n)
	for try := range 4 {
		began := time.Now()
		y.types(fmt.Sprintf("stop shop-0-%d --reason enough", try+2))
		y.tabSays(fmt.Sprint("Waiting for you · ", n-2-try, "\""))
		if change := time.Since(began); try == 0 || change < took[5] {
			took[5] = change
		}
	}
	y.end()
	return took, weight
}

// A liveApp is an app whose store is filled before it starts.
type liveApp struct{ *benchFixture }

func newLiveApp(b *testing.B) *liveApp {
	cluster := clustersim.New(clustersim.Config{})
	b.Cleanup(cluster.Close)
	api := httptest.NewServer(cluster.Handler())
	b.Cleanup(func() { api.CloseClientConnections(); api.Close() })
	s := scene{
		namespace: "prod", retailers: names("shop", 20), services: map[string]string{"web": "asks"}, image: "registry.example",
		procedures: map[string]string{"asks.yaml": asks, "soaks.yaml": soaks}, kubeconfig: filepath.Join(b.TempDir(), "kubeconfig"),
	}
	if err := os.WriteFile(s.kubeconfig, cluster.Kubeconfig(api.URL), 0o600); err != nil {
		b.Fatal(err)
	}
	return &liveApp{newBenchFixture(b, s, nil)}
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
