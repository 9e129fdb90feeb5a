package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/deployer/registry/sim"
)

// An address of this machine, or of a private network, is asked by plain HTTP
// no more than any other, and what to write is said.
func TestPlainHTTPIsOnlyForHostsThatSaySo(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	inner := sim.Handler()
	host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		inner.ServeHTTP(w, r)
	}))
	push(t, host+"/web", "v1", "1")
	asked.Store(0)
	strict := registry.New(registry.Config{Hosts: map[string]registry.Host{host: {Username: "bot", Password: always("hush-hush")}}})
	_, err := strict.Pin(t.Context(), host+"/web", "v1")
	var refused *deployer.Refusal
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), host+" answers plain HTTP, not HTTPS. ") || !strings.Contains(err.Error(), "plain_http: true") {
		t.Errorf("Pin: %v", err)
	}
	if _, err := strict.Tags(t.Context(), host+"/web"); err == nil || !strings.Contains(err.Error(), "plain_http: true") {
		t.Errorf("Tags: %v", err)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests came by plain HTTP", n)
	}
	if _, err := at(host).Pin(t.Context(), host+"/web", "v1"); err != nil {
		t.Errorf("with plain_http: %v", err)
	}
}

// A registry may not make us read for ever: an endless list of tags took 805 MiB
// in a second.
func TestAnEndlessAnswerIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<16)
	for name, c := range map[string]struct {
		page func(w http.ResponseWriter, r *http.Request)
		want string
	}{
		"one endless list": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"tags":["v1"`)
			for {
				if _, err := fmt.Fprintf(w, ",%q", long); err != nil {
					return
				}
			}
		}, "answers with more than 4 MiB"},
		"one endless word": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"tags":["`)
			for {
				if _, err := fmt.Fprint(w, long); err != nil {
					return
				}
			}
		}, "answers with more than 4 MiB"},
		"endless pages": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "<"+r.URL.Path+`?last=v1>; rel="next"`)
			_ = json.NewEncoder(w).Encode(map[string]any{"tags": []string{"v1"}})
		}, "wants more than 100 requests"},
		"endless tags": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "<"+r.URL.Path+`?last=v1>; rel="next"`)
			_ = json.NewEncoder(w).Encode(map[string]any{"tags": strings.Split(strings.Repeat("v1,", 1000), ",")})
		}, "more than 50000 tags"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v2/" {
					c.page(countedWriter{w, &sent}, r)
				}
			}))
			tags, err := at(host).Tags(t.Context(), host+"/web")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d tags, %v; want %q", len(tags), err, c.want)
			}
			if n := sent.Load(); n > 12<<20 { // with what is on its way
				t.Errorf("it took %d MiB", n>>20)
			}
		})
	}
}

// A countedWriter counts the bytes that were taken of it.
type countedWriter struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (w countedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.sent.Add(int64(n))
	return n, err
}
