// Package lagtest makes servers answer at changing times, as real ones do. On a
// machine that has nothing else to do, what comes second is there a moment after
// what comes first, and a test that looks for the one as soon as it has seen the
// other fails once in fifty runs, on somebody else's machine. Behind a lag it
// fails in one of the first. It takes long, so there is a lag only where somebody
// asks for the slow tests.
package lagtest

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

const (
	short = 20 * time.Millisecond  // the longest of the usual lags
	long  = 400 * time.Millisecond // the longest of one in rare
	rare  = 16
	slow  = 1500 * time.Millisecond // what a post takes in one channel of some
	some  = 3
)

// Handler lets time go by before and after h serves a request: after it has the
// effect, before whoever asked knows. Who goes away before has asked nothing.
// Connections that become sockets wait only at their beginning. How long is
// drawn from the test's name and a seed, which is another one in every run and
// which a test that fails names: with it the lags are the same, as far as
// requests come in the same order.
func Handler(t testing.TB, h http.Handler) http.Handler {
	t.Helper()
	if !slowtest.Asked() {
		return h
	}
	return newLag(t).serve(h, func(*http.Request, []byte) time.Duration { return 0 })
}

// Slack is a Handler before Slack: in some channels it also takes long until a
// message is there, save in threads. Channels are told side by side, and so what
// stands in one says nothing about another.
func Slack(t testing.TB, h http.Handler) http.Handler {
	t.Helper()
	if !slowtest.Asked() {
		return h
	}
	l := newLag(t)
	return l.serve(h, func(r *http.Request, body []byte) time.Duration {
		form, err := url.ParseQuery(string(body))
		if err != nil || !strings.HasSuffix(r.URL.Path, "/chat.postMessage") || form.Get("thread_ts") != "" {
			return 0
		}
		return l.in(form.Get("channel"))
	})
}

// A lag says how long to wait. Safe for concurrent use.
type lag struct {
	seed, test uint64

	mu   sync.Mutex
	dice *rand.Rand
}

func newLag(t testing.TB) *lag {
	t.Helper()
	l := &lag{seed: slowtest.Seed(t), test: sum(t.Name())}
	l.dice = rand.New(rand.NewPCG(l.seed, l.test))
	return l
}

func sum(text string) uint64 {
	h := fnv.New64()
	_, _ = fmt.Fprint(h, text) // never fails, by its documentation
	return h.Sum64()
}

func (l *lag) serve(h http.Handler, more func(r *http.Request, body []byte) time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !wait(r.Context(), l.next()+more(r, body)) {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, r)
		if r.Header.Get("Upgrade") == "" {
			wait(r.Context(), l.next())
		}
	})
}

// wait reports false if whoever asked goes away before.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *lag) next() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := short
	if l.dice.IntN(rare) == 0 {
		most = long
	}
	return time.Duration(l.dice.Int64N(int64(most)))
}

// in is what a channel takes, always the same.
func (l *lag) in(channel string) time.Duration {
	if rand.New(rand.NewPCG(l.seed, l.test^sum(channel))).IntN(some) == 0 {
		return slow
	}
	return 0
}
