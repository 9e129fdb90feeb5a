package registry

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

const password = "hush-hush"

// A listener is a server that notes what it is asked, and with which credentials.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func listen(t *testing.T, serve func(http.Handler) *httptest.Server) *listener {
	l := &listener{}
	l.Server = serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen = append(l.seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
	}))
	t.Cleanup(l.Close)
	return l
}

// A registry by HTTPS sends what it is asked elsewhere: a tag by a redirect, a
// list by a link. Nobody there gets its password, and nobody is asked by plain HTTP.
func TestCredentialsStayWithTheRegistry(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]*listener{"by HTTPS": listen(t, httptest.NewTLSServer), "by plain HTTP": listen(t, httptest.NewServer)} {
		t.Run(name, func(t *testing.T) {
			var own sync.Map // what the registry itself was asked with the password
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, given, _ := r.BasicAuth(); given != password {
					w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				own.Store(r.URL.Path, true)
				if strings.HasSuffix(r.URL.Path, "/linked/tags/list") {
					w.Header().Set("Link", "<"+to.URL+`/v2/linked/tags/list>; rel="next"`)
					fmt.Fprint(w, `{"tags":["v1"]}`)
					return
				}
				http.Redirect(w, r, to.URL+r.URL.Path, http.StatusTemporaryRedirect)
			}))
			t.Cleanup(server.Close)
			host := strings.TrimPrefix(server.URL, "https://")
			r := New(Config{Hosts: map[string]Host{host: {Username: "bot", Password: func() (deployer.Secret, error) { return password, nil }}}})
			r.wire = server.Client().Transport // which trusts the certificates of tests

			_, pinned := r.Pin(t.Context(), host+"/web", "v1")
			_, listed := r.Tags(t.Context(), host+"/web")
			_, linked := r.Tags(t.Context(), host+"/linked")
			for what, err := range map[string]error{"a tag": pinned, "a list": listed, "a linked list": linked} {
				if err == nil || strings.Contains(err.Error(), password) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if _, ok := own.Load("/v2/linked/tags/list"); !ok {
				t.Error("the registry itself was not asked with its password")
			}
			to.mu.Lock()
			defer to.mu.Unlock()
			if name == "by plain HTTP" && len(to.seen) > 0 {
				t.Errorf("elsewhere it was asked %q", to.seen)
			}
			if slices.ContainsFunc(to.seen, func(s string) bool { return !strings.HasSuffix(s, " ") || strings.Contains(s, "linked") }) {
				t.Errorf("elsewhere it was asked %q", to.seen)
			}
		})
	}
}
