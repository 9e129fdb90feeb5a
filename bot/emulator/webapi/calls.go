package webapi

import (
	"slices"
	"sync"
	"time"
)

// Call is one Web API request that arrived, in the order of arrival.
type Call struct {
	Method string    `json:"method"`
	At     time.Time `json:"at"`
	// Error is the word it was refused with, "cut" for one cut off before its effect, or empty.
	Error   string `json:"error,omitempty"`
	Channel string `json:"channel,omitempty"`
}

// callLog remembers the newest calls and counts all of them.
type callLog struct {
	mu     sync.Mutex
	calls  []*Call
	counts map[string]int
}

const callsMax = 50_000

// begin notes a call; done completes it.
func (l *callLog) begin(name string, a Args) (done func(word string)) {
	c := &Call{Method: name, At: time.Now(), Channel: a.Str("channel")}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	l.counts[name]++
	l.calls = append(l.calls, c)
	if len(l.calls) > 2*callsMax {
		l.calls = slices.Clone(l.calls[callsMax:])
	}
	return func(word string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		c.Error = word
	}
}

// Calls lists the Web API calls so far, the oldest first; the oldest of very many are forgotten.
func (s *API) Calls() []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	out := make([]Call, len(s.calls.calls))
	for i, c := range s.calls.calls {
		out[i] = *c
	}
	return out
}

// CallCount says how many calls of a method have arrived.
func (s *API) CallCount(method string) int {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return s.calls.counts[method]
}
