package kubeconfig

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// A Transport sends each request as the files say when it is sent, so that a client
// on it, and whatever watches by it, goes on when they are renewed: what is under way
// stays as it is, and the next request is the new one. Files that can't be used
// change nothing. It is safe for concurrent use.
type Transport struct {
	source  Source
	prepare func(*rest.Config)
	renewed func()

	mu      sync.Mutex
	seen    stamp
	present connection
	err     error // why the files can't be used as they are; nil: they are in use
}

// A connection is the way to a server, with credentials.
type connection struct {
	server *url.URL
	next   http.RoundTripper
}

// New reads the files and connects nothing. What is not in them, prepare adds to
// each configuration; renewed is called before each change of them is taken up, and
// must not use the Transport.
func New(source Source, prepare func(*rest.Config), renewed func()) (*Transport, error) {
	t := &Transport{source: source, prepare: prepare, renewed: renewed, seen: stampOf(source.files())}
	var err error
	t.present, err = t.connect()
	return t, err
}

func (t *Transport) connect() (connection, error) {
	rc, err := t.source.load()
	if err != nil {
		return connection{}, err
	}
	t.prepare(rc)
	server, _, err := rest.DefaultServerUrlFor(rc)
	if err != nil {
		return connection{}, fmt.Errorf("read the address of its server: %w", err)
	}
	next, err := rest.TransportFor(rc)
	return connection{server, next}, err
}

// Host is what a client on the Transport has as its server: where requests would go
// now. Each goes to the server that the files name when it is sent.
func (t *Transport) Host() string {
	to := t.current().server
	return to.Scheme + "://" + to.Host
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	to := t.current()
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = to.server.Scheme, to.server.Host, to.server.Host
	if below := strings.TrimSuffix(to.server.Path, "/"); below != "" {
		req.URL.Path = below + req.URL.Path
		if req.URL.RawPath != "" {
			req.URL.RawPath = below + req.URL.RawPath
		}
	}
	return to.next.RoundTrip(req)
}

// Problem says why the files can't be used as they are now, or returns nil. As long as
// they can't, what they said before goes on.
func (t *Transport) Problem() error {
	t.current()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// current looks at the files and takes up what has changed.
func (t *Transport) current() connection {
	t.mu.Lock()
	defer t.mu.Unlock()
	files := t.source.files()
	if len(files) == 0 || t.seen.holds(files) {
		return t.present
	}
	now := stampOf(files)
	switch {
	case now.digest == t.seen.digest:
		t.seen = now
		return t.present
	case now.fresh():
		return t.present // the next request looks again
	}
	t.seen = now
	next, err := t.connect()
	if t.err = err; err != nil {
		return t.present
	}
	t.renewed()
	t.present = next
	return next
}
