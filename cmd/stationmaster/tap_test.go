package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// When, about a request, the plug is pulled.
type when int

const (
	never  when = iota
	before      // the request has no effect
	after       // it took effect, and its answer is lost with the process
	late        // its effect comes when the next process is at work already
	hang        // it is never answered, and nobody dies
)

// A tap stands before Slack and before the cluster, sees every request and acknowledgement, and pulls the plug
// around those that it is told to.
type tap struct {
	pull func() // kills the process and starts the next one

	mu     sync.Mutex
	doing  string            // what a person is at: names acknowledgements
	seen   map[string]int    // moments, and how often they came
	plan   func(string) when // nil: nothing happens
	lose   int               // so many answers to a PATCH are lost, without anybody dying
	down   [2]time.Time      // until when Slack and the cluster do not answer
	parked []*parked
}

// A parked request takes effect later.
type parked struct {
	patch bool // after the next PATCH; else before the next call to Slack
	run   func()
}

func newTap() *tap { return &tap{pull: func() {}, seen: map[string]int{}} }

// arrive notes a moment and says what to do about it.
func (tp *tap) arrive(moment string) when {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.seen[moment]++
	if tp.plan == nil {
		return never
	}
	return tp.plan(moment)
}

func (tp *tap) person(doing string) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.doing = doing
}

// count is how often a moment came.
func (tp *tap) count(moment string) int {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return tp.seen[moment]
}

// moments are those that came.
func (tp *tap) moments() []string {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return slices.Sorted(maps.Keys(tp.seen))
}

func (tp *tap) setPlan(plan func(string) when) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.plan = plan
}

func (tp *tap) loseAnswers(n int) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.lose = n
}

// The systems that can be down.
const (
	slackDown = iota
	clusterDown
)

// goDown lets a system refuse every connection for a while.
func (tp *tap) goDown(system int, d time.Duration) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.down[system] = time.Now().Add(d)
}

func (tp *tap) isDown(system int) bool {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return time.Now().Before(tp.down[system])
}

// loses reports whether the answer to this PATCH is to be lost.
func (tp *tap) loses(moment string) bool {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	if tp.lose == 0 {
		return false
	}
	tp.lose--
	tp.seen[moment]++
	return true
}

// slack wraps the local Slack.
func (tp *tap) slack(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tp.isDown(slackDown) {
			panic(http.ErrAbortHandler)
		}
		tp.due(false)
		if r.URL.Path == "/socket" {
			h.ServeHTTP(&listener{w, tp}, r)
			return
		}
		tp.serve(w, r, slackMoment(r), h)
	})
}

// cluster wraps an API server. A watch goes on for ever, so it can only be cut off before.
func (tp *tap) cluster(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tp.isDown(clusterDown) {
			panic(http.ErrAbortHandler)
		}
		moment := clusterMoment(r)
		if r.Method == http.MethodPatch {
			defer tp.due(true)
			if tp.loses(moment) {
				effect(h, r)()
				panic(http.ErrAbortHandler)
			}
		}
		tp.serve(w, r, moment, h)
	})
}

func (tp *tap) serve(w http.ResponseWriter, r *http.Request, moment string, h http.Handler) {
	switch tp.arrive(moment) {
	case before:
		tp.pull()
	case after:
		if !strings.HasPrefix(moment, "WATCH") {
			effect(h, r)()
		}
		tp.pull()
	case late:
		tp.park(&parked{r.Method == http.MethodPatch, effect(h, r)})
		tp.pull()
	case hang:
		<-r.Context().Done()
	default:
		h.ServeHTTP(w, r)
		return
	}
	panic(http.ErrAbortHandler) // whoever asked is gone
}

func (tp *tap) park(p *parked) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.parked = append(tp.parked, p)
}

// due lets what is parked take effect.
func (tp *tap) due(patch bool) {
	tp.mu.Lock()
	var now, still []*parked
	for _, p := range tp.parked {
		if p.patch == patch {
			now = append(now, p)
		} else {
			still = append(still, p)
		}
	}
	tp.parked = still
	tp.mu.Unlock()
	for _, p := range now {
		p.run()
	}
}

// effect is the request without anybody who waits for its answer.
func effect(h http.Handler, r *http.Request) func() {
	body, _ := io.ReadAll(r.Body) // what is missing of it was never sent
	r = r.Clone(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(body))
	return func() {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler { // a fault of the local Slack's own
				panic(p)
			}
		}()
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// slackMoment names a call: by its method, and a post by what is posted.
func slackMoment(r *http.Request) string {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	if method != "chat.postMessage" {
		return method
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	var meta struct {
		Payload struct{ Message, Key string } `json:"event_payload"`
	}
	if err != nil || json.Unmarshal([]byte(form.Get("metadata")), &meta) != nil {
		return method
	}
	kind, channel := meta.Payload.Message, meta.Payload.Key[strings.LastIndex(meta.Payload.Key, "/")+1:]
	if kind == "note" || kind == "ask" || kind == "card" {
		return method + " " + kind
	}
	return method + " " + kind + " " + channel
}

// clusterMoment names a request by its verb and resource, and a PATCH by what it changes.
func clusterMoment(r *http.Request) string {
	if r.Method == http.MethodPatch {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch text := string(body); {
		case strings.Contains(text, `/rollback"`):
			return "PATCH rollback"
		case strings.Contains(text, `"replace","path":"/spec/template`):
			return "PATCH rollout"
		}
		return "PATCH pause"
	}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	resource := path[len(path)-1]
	if len(path)%2 == 0 && len(path) > 2 && path[0] == "api" || len(path)%2 == 1 && path[0] == "apis" {
		resource = path[len(path)-2] // ends in a name
	}
	if r.URL.Query().Get("watch") != "" {
		return "WATCH " + resource
	}
	return r.Method + " " + resource
}

// A listener hands over a connection that hears acknowledgements.
type listener struct {
	http.ResponseWriter
	tap *tap
}

func (l *listener) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h, ok := l.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("the connection can't be taken over")
	}
	c, rw, err := h.Hijack()
	return &ackConn{c, l.tap}, rw, err
}

// An ackConn notices what the bot sends down a socket: acknowledgements are its only texts.
type ackConn struct {
	net.Conn
	tap *tap
}

const wholeText = 0x81 // the first byte of a WebSocket frame

func (e *ackConn) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	if n == 0 || b[0] != wholeText {
		return n, err
	}
	e.tap.mu.Lock()
	moment := "ack " + e.tap.doing
	e.tap.mu.Unlock()
	switch e.tap.arrive(moment) {
	case before:
		e.tap.pull()
		return 0, net.ErrClosed
	case after:
		go e.tap.pull()
	}
	return n, err
}
