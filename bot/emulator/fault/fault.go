// Package fault holds what a harness wants to go wrong: calls of the Web API that fail, and envelopes of Socket Mode
// that get lost.
package fault

import (
	"slices"
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

// Queue holds what was injected, for the API and for the sockets.
type Queue struct {
	mu      sync.Mutex
	api     []*Fault
	sockets []*Socket
}

// Inject adds a fault. Several for one method are used up in the order they were added.
func (f *Queue) Inject(fault Fault) {
	if fault.Count == 0 {
		fault.Count = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.api = append(f.api, &fault)
}

// InjectSocket adds a fault. Several are used up in the order they were added.
func (f *Queue) InjectSocket(fault Socket) {
	if fault.Count == 0 {
		fault.Count = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sockets = append(f.sockets, &fault)
}

// Clear takes every fault back that has not happened yet.
func (f *Queue) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.api, f.sockets = nil, nil
}

// Take gives the fault for one call of a method; the zero fault does nothing.
func (f *Queue) Take(method string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	due := nextDue(&f.api, func(x *Fault) (bool, *int, *int) {
		return x.Method == method || x.Method == "*", &x.Skip, &x.Count
	})
	if due == nil {
		return Fault{}
	}
	return *due
}

// TakeSocket gives the fault for an envelope that is sent, or acknowledged; the zero fault does nothing.
func (f *Queue) TakeSocket(kind string, ack bool) Socket {
	f.mu.Lock()
	defer f.mu.Unlock()
	due := nextDue(&f.sockets, func(x *Socket) (bool, *int, *int) {
		return (x.Type == "" || x.Type == kind) && (x.Kind == CutOnAck) == ack, &x.Skip, &x.Count
	})
	if due == nil {
		return Socket{}
	}
	return *due
}

// nextDue counts one event against the first fault in a list that is meant for it, and gives that fault where it is due;
// nil while the fault lets events pass. about says whether a fault is meant, how many pass first and how many suffer.
func nextDue[F any](list *[]*F, about func(*F) (meant bool, skip, count *int)) *F {
	for i, x := range *list {
		meant, skip, count := about(x)
		if !meant {
			continue
		}
		if *skip > 0 {
			*skip--
			return nil
		}
		if *count--; *count <= 0 {
			*list = slices.Delete(*list, i, i+1)
		}
		return x
	}
	return nil
}
