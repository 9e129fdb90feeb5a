package lagtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// What is asked for first does not always come first, an answer comes after
// its effect, and one seed makes the same lags.
func TestRequestsOvertakeEachOther(t *testing.T) {
	t.Setenv(slowtest.Variable, "1")
	t.Setenv(slowtest.SeedVariable, "7")
	first, again := run(t), run(t)
	overtaken, long := 0, 0
	for i, at := range first {
		if at != again[i] {
			t.Fatalf("request %d: effect and answer after %v, and after %v with the same seed", i, at, again[i])
		}
		if at.answer <= at.effect {
			t.Errorf("request %d is answered after %s, and has its effect after %s", i, at.answer, at.effect)
		}
		if i > 0 && at.effect < first[i-1].effect {
			overtaken++
		}
		if at.answer > 2*short {
			long++
		}
	}
	if overtaken < 20 || long < 5 {
		t.Errorf("%d requests of %d overtook the one before, and %d took long", overtaken, len(first), long)
	}
}

type times struct{ effect, answer time.Duration }

// run asks a hundred times, one after the other as the dice go, and says how
// long after it was asked each had its effect and its answer.
func run(t *testing.T) []times {
	t.Helper()
	var out []times
	synctest.Test(t, func(t *testing.T) {
		var effect time.Time
		h := Handler(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			effect = time.Now()
		}))
		for range 100 {
			begun := time.Now()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
			out = append(out, times{effect.Sub(begun), time.Since(begun)})
		}
	})
	return out
}

// Some channels are slow, for whoever posts there, and never for threads.
func TestSomeChannelsAreSlow(t *testing.T) {
	t.Setenv(slowtest.Variable, "1")
	t.Setenv(slowtest.SeedVariable, "7")
	synctest.Test(t, func(t *testing.T) {
		h := Slack(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.PostFormValue("text") != "hello" {
				t.Error("what was posted did not come through")
			}
		}))
		post := func(channel, thread string) time.Duration {
			begun := time.Now()
			form := url.Values{"channel": {channel}, "thread_ts": {thread}, "text": {"hello"}}
			r := httptest.NewRequest(http.MethodPost, "/api/chat.postMessage", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			h.ServeHTTP(httptest.NewRecorder(), r)
			return time.Since(begun)
		}
		slowly := 0
		for i := range 30 {
			channel := fmt.Sprint("C", i)
			first, again := post(channel, "") >= slow, post(channel, "") >= slow
			if first != again || post(channel, "1.0") >= slow {
				t.Errorf("%s is slow: %t, then %t, and in a thread", channel, first, again)
			}
			if first {
				slowly++
			}
		}
		if slowly < 5 || slowly > 15 {
			t.Errorf("%d channels of 30 are slow", slowly)
		}
	})
}

// Where nobody asks for the slow tests, nothing lags.
func TestNothingLagsInAQuickRun(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv(slowtest.Variable, "")
	synctest.Test(t, func(t *testing.T) {
		bare := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		for name, h := range map[string]http.Handler{"a server": Handler(t, bare), "Slack": Slack(t, bare)} {
			begun := time.Now()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
			if took := time.Since(begun); took > 0 {
				t.Errorf("%s takes %s", name, took)
			}
		}
	})
}
