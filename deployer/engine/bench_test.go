package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// sizes are how many deployments are in flight.
var sizes = []int{100, 10_000}

// A listed journal tells when it was asked what is live.
type listed struct {
	*deployertest.Journal
	asked chan struct{}
}

func (j listed) Wakeups(ctx context.Context) (map[string]deployer.Wakeup, error) {
	defer close(j.asked)
	return j.Journal.Wakeups(ctx)
}

// bench begins an engine on a journal. The caller calls stop.
func bench(b *testing.B, memory *deployertest.Journal) (e *engine.Engine, stop func()) {
	c, j := newCluster(), listed{memory, make(chan struct{})}
	e = engine.New(engine.Config{Journal: j, Resolver: c, Runners: c.runners(), People: people{}})
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- e.Run(ctx) }()
	<-j.asked
	return e, func() {
		cancel()
		if err := <-ran; err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkStartWithTimersDue is a start with so many timers that are due,
// until all have fired. B/waiting is what one takes in the engine's memory
// before that.
func BenchmarkStartWithTimersDue(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				j := sleepers(b, n, soak(time.Nanosecond))
				old := j.Commits()
				b.StartTimer()
				_, stop := bench(b, j)
				for j.Commits()-old < n {
					time.Sleep(time.Millisecond)
				}
				stop()
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(n)*1e6, "µs/timer")
		})
	}
}

// BenchmarkStartWithSleepers is a start with so many deployments that wait for
// another time, until a first order has been decided. B/sleeper is what one
// takes in the memory of the engine.
func BenchmarkStartWithSleepers(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := deployertest.NewEngine()
			e.Crowded, e.Resolve = true, deployertest.TargetsByTag
			addSleepers(b, e, n, soak(24*time.Hour))
			before := heap()
			engine, stop := bench(b, e.Journal)
			refused(b, engine)
			size := heap() - before
			stop()
			for b.Loop() {
				engine, stop := bench(b, e.Journal)
				refused(b, engine)
				stop()
			}
			b.ReportMetric(float64(size)/float64(n), "B/sleeper")
		})
	}
}

// refused gives an order that is decided, and changes nothing.
func refused(b *testing.B, e *engine.Engine) {
	o := deployer.Order{Deployment: "tangerine-1", By: ana, Command: deployer.Answer{Step: "last", Attempt: 1, Choice: deployer.ChoiceDone}}
	if _, err := e.Do(context.Background(), o); err == nil {
		b.Fatal("a step was confirmed that has not begun")
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
