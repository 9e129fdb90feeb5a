package faulttest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func TestOneSeedDrawsTheSameFaults(t *testing.T) {
	p := Pace{Delay: time.Second, Late: time.Second, RetryAfter: 3, Envelope: time.Second}
	one, same := rand.New(rand.NewPCG(7, 0)), rand.New(rand.NewPCG(7, 0))
	for range 100 {
		if a, b := p.Call(one), p.Call(same); a != b {
			t.Fatalf("%+v is drawn, and %+v", a, b)
		}
		if a, b := p.Socket(one), p.Socket(same); a != b {
			t.Fatalf("%+v is drawn, and %+v", a, b)
		}
	}
}

func TestPaceBoundsWhatIsDrawn(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 0))
	quick, slow := Pace{}, Pace{Delay: time.Second, Late: 2 * time.Second, RetryAfter: 3, Envelope: 4 * time.Second}
	var seen struct{ delay, late, soon, lost, taken bool }
	for range 1000 {
		f := slow.Call(dice)
		if f.Delay > slow.Delay || f.Late > slow.Late || f.RetryAfter > slow.RetryAfter || f.Count < 1 {
			t.Errorf("beyond the pace: %+v", f)
		}
		if s := slow.Socket(dice); s.After > slow.Envelope || s.Count < 1 {
			t.Errorf("beyond the pace: %+v", s)
		}
		seen.delay, seen.late, seen.soon = seen.delay || f.Delay > 0, seen.late || f.Late > 0, seen.soon || f.RetryAfter > 0
		seen.lost, seen.taken = seen.lost || f.Lost, seen.taken || f.Taken
		if f := quick.Call(dice); f.Delay > 0 || f.Late > 0 || f.RetryAfter > 0 || f == (emulator.Fault{Method: f.Method, Skip: f.Skip, Count: f.Count}) {
			t.Errorf("a pace without waiting draws %+v", f)
		}
	}
	if !seen.delay || !seen.late || !seen.soon || !seen.lost || !seen.taken {
		t.Errorf("of a thousand faults some kind is never drawn: %+v", seen)
	}
}
