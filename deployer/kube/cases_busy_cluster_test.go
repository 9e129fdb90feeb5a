package kube

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// busy answers the first request of every kind as an API server that has too much to
// do, and counts them.
type busy struct {
	http.RoundTripper
	code int

	mu   sync.Mutex
	seen map[string]int
}

func (b *busy) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	kind := r.Method + " " + r.URL.Path + " " + r.URL.Query().Get("watch")
	b.seen[kind]++
	n := b.seen[kind]
	b.mu.Unlock()
	if n > 1 {
		return b.RoundTripper.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: b.code, Header: http.Header{"Retry-After": {"1"}, "Content-Type": {"text/plain"}},
		Body: io.NopCloser(strings.NewReader("too many requests, please try again later")), Request: r,
	}, nil
}

// krane 805 and 749, kubernetes 40224 and 41336: an API server that is busy ended the
// tracking, while the rollout went on. It is asked again when it says; nothing is set
// twice, and nothing fails.
func TestClusterCasesOfAnAPIServerThatIsBusy(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 2)
			in := f.intent("tangerine-1", "web", "2.0")
			b := &busy{code: code, seen: map[string]int{}}
			f.reopen()
			f.System.wrap = func(next http.RoundTripper) http.RoundTripper {
				b.RoundTripper = next
				return b
			}
			o := f.do(f.rollout(), in, deployer.OK)
			if o.State.Version != "2.0" {
				t.Errorf("outcome %+v", o)
			}
			if n := f.revisions("web"); n != 2 {
				t.Errorf("revision %d", n)
			}
		})
	}
}
