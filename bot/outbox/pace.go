package outbox

import "time"

// A Pace says how fast the outbox may go, and how long it waits. A zero field
// means its default.
type Pace struct {
	Timeout time.Duration // of one call; 10 s
	Settle  time.Duration // how long a call without an answer may still take effect; 10 s
	Post    time.Duration // between posts in one channel; 1 s
	Card    time.Duration // between edits of one card; 1.2 s
	Edit    time.Duration // between edits of all cards together; 1.2 s
	Retry   time.Duration // after the first failure, doubled with every other one; 250 ms
	WaitMax time.Duration // the longest wait of all, and that for a refused token; 30 s
	Grace   time.Duration // for a call under way when the outbox has to stop; 2 s
}

// WithDefaults fills the fields that are not set.
func (p Pace) WithDefaults() Pace {
	or := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	or(&p.Timeout, 10*time.Second)
	or(&p.Settle, 10*time.Second)
	or(&p.Post, time.Second)
	or(&p.Card, 1200*time.Millisecond)
	or(&p.Edit, 1200*time.Millisecond)
	or(&p.Retry, 250*time.Millisecond)
	or(&p.WaitMax, 30*time.Second)
	or(&p.Grace, 2*time.Second)
	return p
}

// backoff is how long to wait after so many failures in a row.
func (p Pace) backoff(failures int) time.Duration {
	return min(p.Retry<<min(max(failures-1, 0), 16), p.WaitMax)
}

// latest returns the last of some times.
func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
