package emulator

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault makes Web API calls fail. Exactly what is set happens; a Fault may, for instance, delay and then lose.
type Fault struct {
	// Method is the API method, or "*" for any.
	Method string `json:"method"`
	// Skip lets so many calls through first. Count is how many then suffer; zero means one.
	Skip  int `json:"skip,omitempty"`
	Count int `json:"count,omitempty"`

	// Delay is waited out before anything else, in nanoseconds, even if the caller goes away meanwhile: what it sent is
	// on its way.
	Delay time.Duration `json:"delay,omitempty"`
	// Cut closes the connection before the call has any effect.
	Cut bool `json:"cut,omitempty"`
	// Error is answered instead of running the call. Status alone answers with that HTTP status.
	Error  string `json:"error,omitempty"`
	Status int    `json:"status,omitempty"`
	// Taken runs the call all the same: fatal_error "may have succeeded", and so may a status of 500.
	Taken bool `json:"taken,omitempty"`
	// RetryAfter is the header's value, in seconds, for Status 429.
	RetryAfter int `json:"retry_after,omitempty"`
	// Lost runs the call and then closes the connection without an answer.
	Lost bool `json:"lost,omitempty"`
	// Half runs the call and closes the connection in the middle of the answer.
	Half bool `json:"half,omitempty"`
	// Late runs the call at once and holds the answer back so long, in nanoseconds.
	Late time.Duration `json:"late,omitempty"`
}

// faults holds what was injected, for the API and for the sockets.
type faults struct {
	mu      sync.Mutex
	api     []*Fault
	sockets []*SocketFault
}

// Inject adds a fault. Several for one method are used up in the order they were added.
func (s *Server) Inject(f Fault) {
	if f.Count == 0 {
		f.Count = 1
	}
	s.fault.mu.Lock()
	defer s.fault.mu.Unlock()
	s.fault.api = append(s.fault.api, &f)
}

// ClearFaults takes every fault back that has not happened yet, and lets held envelopes go.
func (s *Server) ClearFaults() {
	s.fault.mu.Lock()
	s.fault.api, s.fault.sockets = nil, nil
	s.fault.mu.Unlock()
	s.Release()
}

// take gives the fault for one call of a method; the zero fault does nothing.
func (f *faults) take(method string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, x := range f.api {
		if x.Method != method && x.Method != "*" {
			continue
		}
		if x.Skip > 0 {
			x.Skip--
			return Fault{}
		}
		if x.Count--; x.Count <= 0 {
			f.api = slices.Delete(f.api, i, i+1)
		}
		return *x
	}
	return Fault{}
}

// before waits out the delay; false means that the connection must be cut.
func (f Fault) before(server context.Context) bool {
	pause(server, server, f.Delay)
	return !f.Cut
}

func (f Fault) refuses() bool { return f.Error != "" || f.Status != 0 }

// word is the error to answer with.
func (f Fault) word() string {
	if f.Error == "" && f.Status == http.StatusTooManyRequests {
		return "ratelimited"
	}
	return f.Error
}

func (f Fault) status() int {
	if f.Status == 0 {
		return http.StatusOK
	}
	return f.Status
}

// write sends the answer, or as much of it as the fault leaves.
func (f Fault) write(w http.ResponseWriter, status int, body []byte) {
	if f.Lost {
		panic(http.ErrAbortHandler)
	}
	time.Sleep(f.Late)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status >= 500 {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body = []byte("<!DOCTYPE html><title>Server Error</title>")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if !f.Half {
		_, _ = w.Write(body) // a caller that went away has nobody left to tell
		return
	}
	_, _ = w.Write(body[:len(body)/2])
	if fl, ok := w.(http.Flusher); ok {
		fl.Flush()
	}
	panic(http.ErrAbortHandler)
}

// pause waits for d, or until either context ends.
func pause(a, b context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-a.Done():
	case <-b.Done():
	}
}
