package slackapi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAnAPIWithoutTLSIsOnThisMachine(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"": "", "https://slack.com/api/": "", "http://127.0.0.1:8080/api/": "", "http://localhost:8080/api/": "", "http://[::1]:8080/api/": "",
		"http://127.1.2.3/api/":              "",
		"http://slack.example/api/":          "without TLS",
		"http://10.0.0.1:8080/api/":          "without TLS",
		"http://0.0.0.0:8080/api/":           "without TLS",
		"http://127.0.0.1@evil.example/api/": "without TLS",
		"http://localhost.evil.example/api/": "without TLS",
		"https://slack.example":              "must end in /api/",
		"ftp://127.0.0.1/api/":               "must be an address such as https://",
		"127.0.0.1:8080/api/":                "must be an address such as https://",
		"http:///api/":                       "must be an address such as https://",
	} {
		if err := CheckURL(address); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", address, err, want)
		}
	}
}

// A redirect would carry the token, and what a click says, to whoever it names.
func TestNoTokenFollowsARedirectElsewhere(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL+r.URL.Path, status)
		}))
		c := New("xoxb-one", "xapp-two", api.URL+"/api/")
		_, err := c.AuthTestContext(t.Context())
		if err == nil || !strings.Contains(err.Error(), "redirects to "+thief.URL) || strings.Contains(err.Error(), "xoxb") {
			t.Errorf("%d: %v", status, err)
		}
		if o, _ := OutcomeOf(err); o != NotSent {
			t.Errorf("%d: the outcome is %v", status, o)
		}
		if _, err := c.SocketURL(t.Context()); err == nil {
			t.Errorf("%d: a socket's address came", status)
		}
		api.Close()
	}
	if n := stolen.Load(); n > 0 {
		t.Errorf("%d calls went elsewhere", n)
	}
}

// Within the host a redirect is followed, for a while.
func TestRedirectsWithinTheHostAreFollowed(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/old/api/auth.test":
			http.Redirect(w, r, "/api/auth.test", http.StatusTemporaryRedirect)
		case "/round/api/auth.test":
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		default:
			fmt.Fprintf(w, `{"ok":true,"user":%q}`, r.FormValue("token"))
		}
	}))
	defer api.Close()
	who, err := New("xoxb-one", "xapp-two", api.URL+"/old/api/").AuthTestContext(t.Context())
	if err != nil || who.User != "xoxb-one" {
		t.Errorf("%+v, %v", who, err)
	}
	if _, err := New("xoxb-one", "xapp-two", api.URL+"/round/api/").AuthTestContext(t.Context()); err == nil {
		t.Error("it went round and round")
	}
}

// What comes down a socket are clicks: an address without TLS is none.
func TestASocketIsAsPrivateAsTheAPI(t *testing.T) {
	t.Parallel()
	give := func(address *string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"ok":true,"url":%q}`, *address) })
	}
	var address string
	plain, secure := httptest.NewServer(give(&address)), httptest.NewTLSServer(give(&address))
	defer plain.Close()
	defer secure.Close()
	host := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	for _, c := range []struct {
		api     *httptest.Server
		address string
		ok      bool
	}{
		{secure, "wss://wss-primary.slack.example/link?ticket=secret", true},
		{secure, "ws://wss-primary.slack.example/link?ticket=secret", false},
		{secure, "ws://" + host(secure) + "/link?ticket=secret", false},
		{secure, "http://" + host(secure) + "/link?ticket=secret", false},
		{secure, "/link?ticket=secret", false},
		{secure, "://link?ticket=secret", false},
		{plain, "ws://" + host(plain) + "/socket?ticket=secret", true},
		{plain, "ws://evil.example/socket?ticket=secret", false},
		{plain, "wss://wss-primary.slack.example/socket?ticket=secret", true},
	} {
		address = c.address
		client := New("xoxb-one", "xapp-two", c.api.URL+"/api/")
		client.HTTP.Transport = c.api.Client().Transport
		got, err := client.SocketURL(t.Context())
		if (err == nil) != c.ok || c.ok && got != c.address || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s gives %s: %q, %v", c.api.URL, c.address, got, err)
		}
	}
}

func TestAnEndlessAnswerIsBounded(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write([]byte(`{"ok":true,"user":"`))
		for chunk := []byte(strings.Repeat("x", 1<<16)); err == nil; {
			var n int
			n, err = w.Write(chunk)
			sent.Add(int64(n))
		}
	}))
	defer api.Close()
	// By the client that slack-go calls with: with the race detector, to decode that much takes longer than a call may.
	resp, err := New("xoxb-one", "xapp-two", api.URL+"/api/").HTTP.Get(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil || n > answerMax || !strings.Contains(err.Error(), "more than 16 MiB") {
		t.Errorf("after %d bytes the error is %v", n, err)
	}
	if n := sent.Load(); n > answerMax+16<<20 { // with what is on its way
		t.Errorf("it took %d MiB", n>>20)
	}
}
