package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quietFor is how long nothing more is logged of trouble that goes on.
const quietFor = time.Minute

// A limiter says which lines are logged. Its zero value lets the first pass.
type limiter struct {
	mu       sync.Mutex
	troubles map[trouble]*silence
	swept    time.Time // when those that have passed were forgotten
}

// A trouble is one kind of line about one deployment, or whatever it is about.
type trouble struct{ about, line string }

type silence struct {
	since      time.Time
	suppressed int
}

// pass reports whether a line is logged now, and how many like it were not
// since the last one.
func (l *limiter) pass(x trouble, now time.Time) (suppressed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.troubles[x]
	if s != nil && now.Sub(s.since).Abs() < quietFor {
		s.suppressed++
		return 0, false
	}
	if s != nil {
		suppressed = s.suppressed
	}
	if now.Sub(l.swept).Abs() >= quietFor {
		l.forget(now)
	}
	l.troubles[x] = &silence{since: now}
	return suppressed, true
}

// forget drops what was not heard of for a while.
func (l *limiter) forget(now time.Time) {
	kept := map[trouble]*silence{}
	for x, s := range l.troubles {
		if now.Sub(s.since).Abs() < quietFor {
			kept[x] = s
		}
	}
	l.troubles, l.swept = kept, now
}

// complain logs trouble about something that is tried again: the first line at
// once, then one a minute.
func (e *Engine) complain(level slog.Level, line, about string, args ...any) {
	suppressed, ok := e.limiter.pass(trouble{about, line}, e.now())
	if !ok {
		return
	}
	if suppressed > 0 {
		args = append(args, "suppressed", suppressed)
	}
	e.Log.Log(context.Background(), level, line, args...)
}
