package origin

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// guardAt is the guard of a listener at an address that nothing listens at.
func guardAt(address, told string) *Guard {
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		panic(err)
	}
	return New(fakeListener{at: at}, told)
}

type fakeListener struct {
	net.Listener
	at net.Addr
}

func (l fakeListener) Addr() net.Addr { return l.at }

// An asking is a request as somebody sends it.
type asking struct {
	method, path string
	host         string // "": its own
	from         string // "": this machine
	at           string // of the listening machine; "": 127.0.0.1:8080
	headers      string // "Name: value; Name: value"
}

// ask returns the status; 200 is the guarded handler's.
func (a asking) ask(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(a.method, a.path, nil)
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:50000"
	if a.host != "" {
		r.Host = a.host
	}
	if a.from != "" {
		r.RemoteAddr = a.from
	}
	if a.at != "" {
		at, err := net.ResolveTCPAddr("tcp", a.at)
		if err != nil {
			panic(err)
		}
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(at)))
	}
	for _, line := range strings.Split(a.headers, "; ") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var answers = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })

func TestWhoseRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	g := guardAt("127.0.0.1:8080", "127.0.0.1:8080")
	g.Token = "xoxb-fresh"
	page := "Cookie: " + g.cookie() + "=" + g.secret
	const lan = "192.0.2.7:50000"
	for what, c := range map[string]struct {
		asking
		want int
	}{
		"the page's own click":                   {asking{method: "POST", path: "/page/action", headers: page + "; Origin: http://127.0.0.1:8080; Sec-Fetch-Site: same-origin"}, 200},
		"the page's own stream":                  {asking{method: "GET", path: "/page/stream", headers: page + "; Origin: http://127.0.0.1:8080"}, 200},
		"a program clicks":                       {asking{method: "POST", path: "/page/action"}, 200},
		"a program of Node.js clicks":            {asking{method: "POST", path: "/page/action", headers: "Sec-Fetch-Mode: cors; Accept-Language: *"}, 200},
		"a program controls":                     {asking{method: "POST", path: "/control/act"}, 200},
		"a program by the name localhost":        {asking{method: "POST", path: "/control/act", host: "localhost:8080"}, 200},
		"a program by IPv6":                      {asking{method: "POST", path: "/control/act", host: "[::1]:8080", from: "[::1]:50000"}, 200},
		"a program that leaves the port out":     {asking{method: "GET", path: "/socket", host: "127.0.0.1"}, 200},
		"slack-go's socket":                      {asking{method: "GET", path: "/socket", headers: "Origin: https://api.slack.com"}, 200},
		"an app":                                 {asking{method: "POST", path: "/api/chat.postMessage"}, 200},
		"an app elsewhere":                       {asking{method: "POST", path: "/api/chat.postMessage", from: lan}, 200}, // its token is looked at by the API
		"a harness elsewhere with the token":     {asking{method: "POST", path: "/control/act", from: lan, headers: "Authorization: Bearer xoxb-fresh"}, 200},
		"a harness elsewhere without":            {asking{method: "POST", path: "/control/act", from: lan}, 403},
		"a harness elsewhere with a known one":   {asking{method: "POST", path: "/control/act", from: lan, headers: "Authorization: Bearer xoxb-local"}, 403},
		"a browser without the cookie":           {asking{method: "POST", path: "/page/action", headers: "Origin: http://127.0.0.1:8080; Sec-Fetch-Site: same-origin"}, 403},
		"a browser with a wrong one":             {asking{method: "POST", path: "/page/action", headers: "Cookie: " + g.cookie() + "=guess; Origin: http://127.0.0.1:8080"}, 403},
		"what is said, without the cookie":       {asking{method: "GET", path: "/page/state", headers: "Sec-Fetch-Site: same-origin; Sec-Fetch-Dest: empty"}, 403},
		"a page elsewhere clicks":                {asking{method: "POST", path: "/page/action", headers: "Origin: https://evil.example; Sec-Fetch-Site: cross-site"}, 403},
		"even with the cookie":                   {asking{method: "POST", path: "/page/action", headers: page + "; Origin: https://evil.example"}, 403},
		"a page of no origin":                    {asking{method: "POST", path: "/page/action", headers: page + "; Origin: null"}, 403},
		"a page of another port":                 {asking{method: "POST", path: "/page/action", headers: page + "; Origin: http://127.0.0.1:3000; Sec-Fetch-Site: same-site"}, 403},
		"it, without an origin":                  {asking{method: "GET", path: "/page/state", headers: page + "; Sec-Fetch-Site: same-site; Sec-Fetch-Dest: empty"}, 403},
		"a stream for a page elsewhere":          {asking{method: "GET", path: "/page/stream", headers: page + "; Origin: https://evil.example"}, 403},
		"a socket for a page elsewhere":          {asking{method: "GET", path: "/socket", headers: "Origin: https://evil.example"}, 403},
		"the API for a page elsewhere":           {asking{method: "POST", path: "/api/chat.postMessage", headers: "Origin: https://evil.example"}, 403},
		"the API for Slack's own page":           {asking{method: "POST", path: "/api/chat.postMessage", headers: "Origin: https://api.slack.com"}, 403},
		"an image on a page elsewhere":           {asking{method: "GET", path: "/api/chat.postMessage", headers: "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: no-cors; Sec-Fetch-Dest: image"}, 403},
		"a name that leads here clicks":          {asking{method: "POST", path: "/page/action", host: "evil.example:8080", headers: "Origin: http://evil.example:8080"}, 421},
		"a name that leads here reads":           {asking{method: "GET", path: "/", host: "evil.example:8080"}, 421},
		"a name that begins like ours":           {asking{method: "GET", path: "/", host: "127.0.0.1.evil.example:8080"}, 421},
		"a name that leads here and controls":    {asking{method: "POST", path: "/control/act", host: "evil.example:8080"}, 421},
		"a name that leads here uses the API":    {asking{method: "POST", path: "/api/chat.postMessage", host: "evil.example"}, 421},
		"no name":                                {asking{method: "POST", path: "/control/act", host: " "}, 421},
		"another port":                           {asking{method: "POST", path: "/control/act", host: "127.0.0.1:8081"}, 421},
		"a path that is cleaned":                 {asking{method: "POST", path: "/x/../page/action", headers: "Sec-Fetch-Site: same-origin"}, 403},
		"the page, opened":                       {asking{method: "GET", path: "/", headers: "Sec-Fetch-Site: none; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document"}, 200},
		"the page, by a link elsewhere":          {asking{method: "GET", path: "/", headers: "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document"}, 200},
		"the page in a frame elsewhere":          {asking{method: "GET", path: "/", headers: "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: iframe"}, 403},
		"a form elsewhere, sent":                 {asking{method: "POST", path: "/page/action", headers: "Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document"}, 403},
		"the page, opened elsewhere":             {asking{method: "GET", path: "/", from: lan, headers: "Sec-Fetch-Site: none; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document"}, 403},
		"the page, opened with a guessed secret": {asking{method: "GET", path: "/?key=guess", from: lan}, 403},
		"the page, opened with the secret":       {asking{method: "GET", path: "/?user=UBOB&key=" + g.secret, from: lan}, 303},
	} {
		if w := c.ask(g.Slack(answers)); w.Code != c.want {
			t.Errorf("%s: %d, want %d (%s)", what, w.Code, c.want, strings.TrimSpace(w.Body.String()))
		} else if w.Code >= 400 && strings.TrimSpace(w.Body.String()) == "" {
			t.Errorf("%s: refused without a word", what)
		}
	}
}

// A cluster and a registry have no page, and nobody elsewhere has any business with them.
func TestProgramsAloneAreAnswered(t *testing.T) {
	t.Parallel()
	h := guardAt("127.0.0.1:8080", "").Programs(answers)
	for what, c := range map[string]struct {
		asking
		want int
	}{
		"a program":                   {asking{method: "PATCH", path: "/apis/apps/v1/namespaces/prod/deployments/web"}, 200},
		"a program elsewhere":         {asking{method: "GET", path: "/v2/", from: "192.0.2.7:50000"}, 403},
		"a page":                      {asking{method: "GET", path: "/v2/", headers: "Origin: http://127.0.0.1:8080"}, 403},
		"a page of its own host":      {asking{method: "GET", path: "/v2/", headers: "Sec-Fetch-Site: same-origin"}, 403},
		"an image":                    {asking{method: "GET", path: "/v2/", headers: "Sec-Fetch-Dest: image"}, 403},
		"a browser of before 2023":    {asking{method: "GET", path: "/v2/", headers: "Referer: https://evil.example/"}, 403},
		"a name that leads here":      {asking{method: "GET", path: "/v2/", host: "evil.example:8080"}, 421},
		"a name that leads here, too": {asking{method: "GET", path: "/v2/", host: "evil.example"}, 421},
	} {
		if w := c.ask(h); w.Code != c.want {
			t.Errorf("%s: %d, want %d", what, w.Code, c.want)
		}
	}
}

// The cookie is no other page's, no script's, and is not in an address that stays.
func TestThePageGetsItsCookieWhenItIsOpened(t *testing.T) {
	t.Parallel()
	g := guardAt("0.0.0.0:8080", "0.0.0.0:8080")
	if g.Page() != "http://127.0.0.1:8080/?key="+g.secret || g.URL() != "http://127.0.0.1:8080" || g.Loopback() {
		t.Errorf("the page is at %s", g.Page())
	}
	w := asking{method: "GET", path: "/?key=" + g.secret + "&user=UBOB", from: "192.0.2.7:50000", at: "192.0.2.1:8080", host: "192.0.2.1:8080"}.ask(g.Slack(answers))
	if w.Code != 303 || w.Header().Get("Location") != "/?user=UBOB" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Value != g.secret || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookies are %v", cookies)
	}
	if w.Header().Get("X-Frame-Options") != "DENY" {
		t.Error("a page elsewhere may frame it")
	}
	other := guardAt("127.0.0.1:8081", "")
	if other.secret == g.secret || other.cookie() == g.cookie() || other.Page() != "http://127.0.0.1:8081" {
		t.Error("two guards have one secret, or one cookie")
	}
}

func TestHostsAreWhatWasToldAndWhereAConnectionCame(t *testing.T) {
	t.Parallel()
	g := guardAt("0.0.0.0:8080", "demo.example:8080")
	for _, c := range []struct {
		host, at string
		want     bool
	}{
		{"demo.example:8080", "192.0.2.1:8080", true},
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"192.0.2.1:8080", "192.0.2.1:8080", true},
		{"[2001:db8::1]:8080", "[2001:db8::1]:8080", true},
		{"192.0.2.2:8080", "192.0.2.1:8080", false},
		{"evil.example:8080", "192.0.2.1:8080", false},
	} {
		w := asking{method: "GET", path: "/socket", host: c.host, at: c.at}.ask(g.Slack(answers))
		if (w.Code == 200) != c.want {
			t.Errorf("%s at %s: %d", c.host, c.at, w.Code)
		}
	}
}
