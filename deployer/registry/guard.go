package registry

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
)

// What one question, such as a list of tags with all its pages, may come to.
const (
	tagsMax     = 50_000
	requestsMax = 100     // with pages, retries, redirects and the token service
	bytesMax    = 4 << 20 // of bodies
)

// A guard is on every connection of one question. It keeps the question within
// its limits, and off plain HTTP: the library takes that for private addresses
// and names such as localhost without being told.
type guard struct {
	registry string // host and port
	plain    bool   // whether it may be asked by plain HTTP
	wire     http.RoundTripper
	requests atomic.Int64
	bytes    atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && (!g.plain || req.URL.Host != g.registry) {
		return nil, fmt.Errorf("%s is not asked by plain HTTP, unless it stands under registries with plain_http: true", req.URL.Host)
	}
	if g.requests.Add(1) > requestsMax {
		return nil, fmt.Errorf("%s wants more than %d requests for one answer", g.registry, requestsMax)
	}
	resp, err := g.wire.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &guardedBody{ReadCloser: resp.Body, guard: g}
	return resp, nil
}

// A guardedBody counts what is read of it.
type guardedBody struct {
	io.ReadCloser
	guard *guard
}

func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.guard.bytes.Add(int64(n)) > bytesMax {
		return 0, fmt.Errorf("%s answers with more than %d MiB", b.guard.registry, bytesMax>>20)
	}
	return n, err
}
