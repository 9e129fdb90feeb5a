package app

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkStartWithTimersDue starts the app with 10,000 deployments in flight, of
// which some have waited for a time that passed while no process ran, and the
// others wait for a person: when the last of those timers has fired, from before the
// store is opened, and how long the first click meanwhile takes to be acknowledged.
func BenchmarkStartWithTimersDue(b *testing.B) {
	for _, due := range []int{2_000, inFlight} {
		b.Run(fmt.Sprintf("%d-of-%d", due, inFlight), func(b *testing.B) {
			var fired, click time.Duration
			n := 0
			for b.Loop() {
				y := newLiveApp(b)
				y.fill(inFlight, func(i int) beginning {
					if i < due {
						return beginning{procedure: "soaks", at: time.Now().Add(-time.Hour)}
					}
					return asksNow(i)
				})
				f, c := y.fireAll(due)
				fired, click, n = fired+f, click+c, n+1
			}
			b.ReportMetric(fired.Seconds()/float64(n), "fired-s")
			b.ReportMetric(milliseconds(click)/float64(n), "click-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// fireAll starts the app, types a command as soon as it is connected, and waits
// until so many timers have fired.
func (y *liveApp) fireAll(due int) (fired, click time.Duration) {
	began := time.Now()
	y.start()
	clicked := make(chan time.Duration)
	go func() {
		began := time.Now()
		y.types("status")
		clicked <- time.Since(began)
	}()
	// Each has made two commits before this start.
	for y.commits() < 2*inFlight+due {
		time.Sleep(2 * time.Millisecond)
	}
	for y.stillDue(began) {
		time.Sleep(2 * time.Millisecond)
	}
	fired = time.Since(began)
	click = <-clicked
	y.end()
	return fired, click
}

// commits is how many there are of all deployments.
func (y *liveApp) commits() int {
	head, err := y.store.Head(y.b.Context())
	if err != nil {
		y.b.Fatal(err)
	}
	count, _, _ := strings.Cut(head, "-")
	n, err := strconv.Atoi(count)
	if err != nil {
		y.b.Fatal(err)
	}
	return n
}

// stillDue reports whether a deployment waits that had to be looked at by then.
func (y *liveApp) stillDue(by time.Time) bool {
	wakeups, err := y.store.Wakeups(y.b.Context())
	if err != nil {
		y.b.Fatal(err)
	}
	for _, w := range wakeups {
		if w.Now || !w.At.IsZero() && w.At.Before(by) {
			return true
		}
	}
	return false
}
