package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// A proxy stands between the System and its API server.
type proxy struct {
	lose    atomic.Int32         // so many answers to a PATCH are lost, after it took effect
	instead atomic.Pointer[hook] // is called where an answer is lost
	listing atomic.Pointer[hook] // is called, once, before ReplicaSets are listed

	sending atomic.Pointer[hook] // is called, once, before a PATCH arrives

	mu      sync.Mutex
	watches map[string]int // begun, by resource
	open    int            // watches that have not ended
	sent    map[string]int // requests, by verb and resource
}

type hook func()

// proxied puts a proxy before the fixture's API server.
func (f *fixture) proxied() *proxy {
	f.t.Helper()
	rc, err := clientcmd.BuildConfigFromFlags("", f.kubeconfig)
	if err != nil {
		f.t.Fatal(err)
	}
	transport, err := rest.TransportFor(rc)
	if err != nil {
		f.t.Fatal(err)
	}
	target, err := url.Parse(rc.Host)
	if err != nil {
		f.t.Fatal(err)
	}
	p := &proxy{watches: map[string]int{}, sent: map[string]int{}}
	forward := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     transport,
		FlushInterval: -1,
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer p.count(r)()
		if strings.HasSuffix(r.URL.Path, "/replicasets") && r.URL.Query().Get("watch") == "" {
			if f := p.listing.Swap(nil); f != nil {
				(*f)()
			}
		}
		if r.Method == http.MethodPatch {
			if f := p.sending.Swap(nil); f != nil {
				(*f)()
			}
		}
		if r.Method == http.MethodPatch && p.lose.Add(-1) >= 0 {
			forward.ServeHTTP(httptest.NewRecorder(), r)
			if f := p.instead.Load(); f != nil {
				(*f)()
			}
			panic(http.ErrAbortHandler) // the connection breaks
		}
		forward.ServeHTTP(w, r)
	}))
	f.t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	f.kubeconfig = writeKubeconfig(f.t, server.URL)
	f.reopen()
	return p
}

func writeKubeconfig(t testing.TB, server string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "proxied")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q}}], users: [{name: c, user: {}}],
contexts: [{name: c, context: {cluster: c, user: c}}]}`, server)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// count counts a request, and what it returns that it has ended.
func (p *proxy) count(r *http.Request) (ended func()) {
	parts := strings.Split(r.URL.Path, "/")
	resource := parts[len(parts)-1]
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Query().Get("watch") != "" {
		p.watches[resource]++
		p.open++
		return func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.open--
		}
	}
	if r.Method == http.MethodPatch {
		resource = parts[len(parts)-2]
	}
	p.sent[r.Method+" "+resource]++
	return func() {}
}

// watching is how many watches are open.
func (p *proxy) watching() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

func (p *proxy) number(of map[string]int, what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return of[what]
}
