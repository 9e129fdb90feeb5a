package flood

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func TestABurstAndThenOneNowAndThen(t *testing.T) {
	t.Parallel()
	l := New(3, 10*time.Second)
	for i, c := range []struct {
		after time.Duration
		who   string
		wait  time.Duration
	}{
		{0, "ana", 0}, {0, "ana", 0}, {0, "ana", 0}, {0, "ana", 10 * time.Second}, {0, "bob", 0},
		{4 * time.Second, "ana", 6 * time.Second}, {10 * time.Second, "ana", 0}, {10 * time.Second, "ana", 10 * time.Second},
		{time.Hour, "ana", 0}, {time.Hour, "ana", 0}, {time.Hour, "ana", 0}, {time.Hour, "ana", 10 * time.Second},
	} {
		if wait := l.Take(c.who, noon.Add(c.after)); wait != c.wait {
			t.Errorf("%d: %s has to wait %v, want %v", i, c.who, wait, c.wait)
		}
	}
	l.Return("ana")
	l.Return("eve")
	if wait := l.Take("ana", noon.Add(time.Hour)); wait != 0 {
		t.Errorf("after one came to nothing, she has to wait %v", wait)
	}
}

// In any time of n intervals nobody gets through more than the burst and n, whoever
// waits as long as is said gets through, and nobody is remembered for good.
func TestNobodyGetsThroughMoreOften(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		burst, every := rapid.IntRange(1, 5).Draw(t, "burst"), 10*time.Second
		l, now := New(burst, every), noon
		taken := map[string][]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "orders") {
			now = now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond)
			who := fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "who"))
			wait := l.Take(who, now)
			if wait > 0 {
				if wait > every || rapid.Bool().Draw(t, "goes away") {
					continue
				}
				if now = now.Add(wait); l.Take(who, now) != 0 {
					t.Fatalf("after %v it is to wait again", wait)
				}
			}
			taken[who] = append(taken[who], now)
			for i, from := range taken[who] {
				if n := len(taken[who]) - i; n > burst+int(now.Sub(from)/every) {
					t.Fatalf("%d in %v", n, now.Sub(from))
				}
			}
		}
		now = now.Add(time.Hour)
		l.Take("x", now)
		if len(l.full) != 1 {
			t.Fatalf("%d are remembered", len(l.full))
		}
	})
}
