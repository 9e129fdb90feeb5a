package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// A night is a job under test: its store lives on while processes come and go, and
// its clock can be set.
type night struct {
	mu     sync.Mutex
	begun  map[string]int // how often, by nominal time
	done   []time.Time    // what the clock showed then
	offset time.Duration
	spec   *cron.SpecSchedule
	stop   context.CancelFunc
	over   chan struct{}
}

func newNight(spec string) *night {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		panic(err)
	}
	return &night{begun: map[string]int{}, spec: s.(*cron.SpecSchedule)}
}

func (n *night) Ran(context.Context, string) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.begun) > 0, nil
}

func (n *night) Once(_ context.Context, _, nominal string) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.begun[nominal]++
	return n.begun[nominal] == 1, nil
}

func (n *night) now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Add(n.offset).Round(0)
}

// set sets the clock.
func (n *night) set(to time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offset = time.Until(to)
}

// start starts a process.
func (n *night) start() {
	ctx, stop := context.WithCancel(context.Background())
	n.stop, n.over = stop, make(chan struct{})
	go func() {
		defer close(n.over)
		_ = nightly{name: "verify", schedule: n.spec, store: n, log: logtest.Logger(), clock: n.now, job: func(context.Context) {
			n.mu.Lock()
			n.done = append(n.done, time.Now().Add(n.offset).Round(0))
			n.mu.Unlock()
		}}.run(ctx)
	}()
	synctest.Wait()
}

func (n *night) end() {
	n.stop()
	<-n.over
}

// times is how often the job was done.
func (n *night) times() int {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.done)
}

func date(text string, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(nominalForm, text, zone)
	if err != nil {
		panic(err)
	}
	return t
}

// Once at each nominal time: through restarts, a clock that is set back by an hour,
// a week, or after a year ahead, and what was missed is made up for once.
func TestNightlyIsDoneOnceAtEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNight("CRON_TZ=UTC 0 3 * * *")
		wants := func(what string, times int) {
			t.Helper()
			if got := n.times(); got != times {
				t.Errorf("%s it was done %d times, want %d: %v", what, got, times, n.begun)
			}
		}
		n.set(date("2026-03-10 12:00", time.UTC))
		n.start()
		wants("where nothing was due since it was first there", 0)
		time.Sleep(15 * time.Hour)
		wants("at three", 1)
		n.end()
		n.start()
		time.Sleep(time.Hour)
		wants("after a restart", 1)
		n.set(date("2026-03-11 02:30", time.UTC))
		time.Sleep(time.Hour)
		wants("set back by an hour and a half, it makes up for the night before and", 2)
		for range 7 {
			time.Sleep(24 * time.Hour)
		}
		wants("a week later", 9)
		n.set(date("2026-03-11 02:30", time.UTC))
		time.Sleep(7*24*time.Hour + time.Hour)
		wants("set back by a week, a week later", 9)
		time.Sleep(24 * time.Hour)
		wants("in the night after", 10)
		n.set(date("2027-06-01 12:00", time.UTC))
		time.Sleep(time.Hour)
		wants("set ahead", 11)
		n.set(date("2026-03-19 12:00", time.UTC))
		time.Sleep(24 * time.Hour)
		wants("and set right again, the next night", 12)
		n.end()
		time.Sleep(72 * time.Hour)
		n.start()
		wants("after three nights away, for the last of them", 13)
		n.end()
	})
}

// The hour that comes twice in autumn has one of each time, and the one that is
// missing in spring has none.
func TestNightlyInTheHoursThatAZoneChanges(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for spec, wants := range map[string]int{"30 1 * * *": 3, "30 2 * * *": 3, "0 3 * * *": 3} {
		for _, noon := range []string{"2026-10-30 12:00", "2026-03-06 12:00"} { // and three nights, the second with a change
			synctest.Test(t, func(t *testing.T) {
				n := newNight("CRON_TZ=America/New_York " + spec)
				n.set(date(noon, zone))
				n.start()
				time.Sleep(72 * time.Hour)
				want := wants
				if spec == "30 2 * * *" && noon < "2026-06" {
					want-- // there is no 2:30 in that night
				}
				if got := n.times(); got != want {
					t.Errorf("%s after %s: %d times, want %d: %v", spec, noon, got, want, n.begun)
				}
				n.end()
			})
		}
	}
}

// Whatever happens to process and clock: no nominal time twice, and nothing at any
// other time than the schedule has.
func TestNightlyIsNeverDoneTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := newNight("CRON_TZ=Europe/Vienna 30 2 * * *")
		begin := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(r, "begin"), 0)
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"wait", "set", "restart"}), 1, 8).Draw(r, "steps")
		hours := rapid.SliceOfN(rapid.IntRange(-40, 40), len(steps), len(steps)).Draw(r, "hours")
		synctest.Test(t, func(*testing.T) {
			n.set(begin)
			n.start()
			for i, step := range steps {
				d := time.Duration(hours[i]) * time.Hour
				switch step {
				case "wait":
					time.Sleep(max(d, -d))
				case "set":
					n.set(n.now().Add(d))
				case "restart":
					n.end()
					time.Sleep(max(d, 0))
					n.start()
				}
			}
			n.end()
		})
		if len(n.done) != len(n.begun) {
			r.Fatalf("it was done %d times at %d nominal times: %v", len(n.done), len(n.begun), n.begun)
		}
		for nominal := range n.begun {
			if nominal[len("2026-01-01 "):] != "02:30" {
				r.Fatalf("it was begun for %s", nominal)
			}
		}
	})
}
