package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

// storm calls a method as fast as it can for so long, waiting as it is told, and counts.
func storm(l *Limiter, t Tier, method, channel string, d time.Duration) (permitted int) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if wait := l.Take(t, method, channel); wait > 0 {
			time.Sleep(time.Duration(wait) * time.Second)
			continue
		}
		permitted++
	}
	return permitted
}

// Every tier lets its figure through a minute, and at once what it has for that.
func TestTiersLetTheirFigureThrough(t *testing.T) {
	for _, c := range []struct {
		name             string
		tier             Tier
		atOnce, inAnHour int
	}{
		{"tier 1", Tier1, 10, 10 + 60}, {"tier 2", Tier2, 5, 5 + 1200}, {"tier 3", Tier3, 25, 25 + 3000},
		{"tier 4", Tier4, 50, 50 + 6000}, {"one channel", PerChannel, 5, 5 + 3600},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := New(true)
			for n := 0; ; n++ {
				if l.Take(c.tier, "m", "C1") > 0 {
					if n != c.atOnce {
						t.Errorf("%s: %d at once, want %d", c.name, n, c.atOnce)
					}
					break
				}
			}
			// Waits are whole seconds; what comes together meanwhile is used as it is there.
			if n := c.atOnce + storm(l, c.tier, "m", "C1", time.Hour); n < c.inAnHour*97/100 || n > c.inAnHour+1 {
				t.Errorf("%s: %d in an hour, want %d", c.name, n, c.inAnHour)
			}
		})
	}
}

// Read strictly, no minute has more than the tier's figure.
func TestStrictMinutesHoldNoMoreThanTheFigure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(false)
		l.Set(Limits{On: true, Strict: true})
		var at []time.Time
		for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if l.Take(Tier3, "m", "") == 0 {
				at = append(at, time.Now())
			}
		}
		for i := 50; i < len(at); i++ {
			if at[i].Sub(at[i-50]) < time.Minute {
				t.Fatalf("calls %d to %d lie within %s", i-50, i, at[i].Sub(at[i-50]))
			}
		}
		if len(at) != 500 {
			t.Errorf("%d calls in ten minutes, want 500", len(at))
		}
	})
}

// A full channel leaves the others alone; all channels together have a limit of their own, which other methods do not
// share.
func TestLimitsStandAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(true)
		for range 6 {
			l.Take(PerChannel, "chat.postMessage", "C0")
		}
		if l.Take(PerChannel, "chat.postMessage", "C0") == 0 || l.Take(PerChannel, "chat.postMessage", "C1") > 0 {
			t.Error("a channel's limit is not the channel's")
		}
		passed := 0
		for n := range 200 {
			if l.Take(PerChannel, "chat.postMessage", string(rune('D'+n))) == 0 {
				passed++
			}
		}
		if passed != 54 {
			t.Errorf("%d posts at once in other channels, want 60 less the six before", passed)
		}
		if l.Take(Tier3, "chat.update", "C0") > 0 {
			t.Error("edits wait for posts")
		}
		time.Sleep(time.Second)
		if l.Take(PerChannel, "chat.postMessage", "C0") > 0 {
			t.Error("a second later the channel is still full")
		}
	})
}

func TestLimitsAreSwitchedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(false)
		for range 100 {
			if l.Take(Tier3, "chat.update", "C1") > 0 {
				t.Fatal("limits are on by themselves")
			}
		}
		if u := l.Usage(); len(u) != 0 {
			t.Errorf("counted while off: %v", u)
		}
		l.Set(Limits{On: true, Speed: 60}) // 50 a second
		for range 30 {
			l.Take(Tier3, "chat.update", "C1")
		}
		time.Sleep(100 * time.Millisecond)
		for range 10 {
			l.Take(Tier3, "chat.update", "C1")
		}
		l.Take(PerChannel, "chat.postMessage", "C2")
		want := []Usage{{"chat.postMessage", "C2", 1, 0}, {"chat.update", "", 30, 10}}
		if got := l.Usage(); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("counted %v, want %v", got, want)
		}
	})
}
