package inflight_test

import (
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/deployer"
)

// What is kept of a deployment takes less than 1 KiB.
func TestAnEntryIsSmall(t *testing.T) {
	const n = 10_000
	d := bottest.Confirmed(t).Deployment()
	x := inflight.New(newRecords(), slog.New(slog.DiscardHandler))
	before := heap()
	for i := range n {
		d.ID, d.Requester.ID = fmt.Sprint("tangerine-", i+1), fmt.Sprint("U0000", i/10)
		d.Steps = slices.Clone(d.Steps)
		for j := range d.Steps {
			d.Steps[j].ID = strings.Clone(d.Steps[j].ID)
			if role := d.Steps[j].Role(); role != "" {
				d.Steps[j].With = d.Steps[j].With.Set("role", deployer.Value{Text: strings.Clone(role)})
			}
		}
		x.Put(d)
	}
	each := float64(heap()-before) / n
	runtime.KeepAlive(x)
	t.Logf("%.0f bytes each", each)
	if each > 1024 {
		t.Errorf("one takes %.0f bytes", each)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSelect measures what a tab's selection costs, for somebody who is awaited
// in none, with 10,000 under way against 100.
func BenchmarkSelect(b *testing.B) {
	d := bottest.Confirmed(b).Deployment()
	of := func(n int) func() time.Duration {
		x := inflight.New(newRecords(), slog.New(slog.DiscardHandler))
		for i := range n {
			d.ID, d.Created = fmt.Sprint("tangerine-", i+1), bottest.TenPM.Add(time.Duration(i)*time.Second)
			x.Put(d)
		}
		return func() time.Duration {
			began := time.Now()
			for range 100 {
				x.Select(inflight.Reader{ID: "UEVE", Public: public}, 11, 12)
			}
			return time.Since(began) / 100
		}
	}
	few, many := of(100), of(10_000)
	leastFew, leastMany := few(), many()
	for b.Loop() {
		leastFew, leastMany = min(leastFew, few()), min(leastMany, many())
	}
	b.ReportMetric(leastFew.Seconds()*1e6, "us-of-100")
	b.ReportMetric(leastMany.Seconds()*1e6, "us-of-10000")
	b.ReportMetric(float64(leastMany)/float64(leastFew), "ratio")
	b.ReportMetric(0, "ns/op")
}
