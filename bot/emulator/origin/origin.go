// Package origin decides which requests a server on one's own machine answers. Such a server acts for whoever asks, so
// that it must not be asked by every page that somebody has open:
//
//   - by its own hosts alone: a page whose name was made to lead to this machine (DNS rebinding) asks by its own name;
//   - not by pages of other origins, the same host at another port among them: they say so in Origin or Sec-Fetch-Site;
//   - for people by its own page, which has a cookie that is made at each start, or by a program on this machine.
//
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site has what a browser says.
package origin

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// A Guard stands before one listener. Its zero value refuses everything: make it with New.
type Guard struct {
	// Token is what a program that is not on this machine bears to act for people; "" lets none.
	Token string

	listener net.Addr
	hosts    map[string]bool // as the header Host names them
	port     string
	secret   string // of the page's cookie, and of the address that gives it to other machines
}

// New makes the guard of what listens at l, which was told so as host:port.
func New(l net.Listener, told string) *Guard {
	g := &Guard{listener: l.Addr(), hosts: map[string]bool{}, secret: rand.Text()}
	_, g.port, _ = net.SplitHostPort(l.Addr().String())
	toldHost, _, _ := net.SplitHostPort(told)
	here, _, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "::1", toldHost, here} {
		if host == "" {
			continue
		}
		named := net.JoinHostPort(host, g.port)
		g.hosts[named] = true
		g.hosts[strings.TrimSuffix(named, ":"+g.port)] = true // Slack's client for Python leaves the port out
	}
	return g
}

// URL is where a program on this machine finds it.
func (g *Guard) URL() string {
	at, ok := g.listener.(*net.TCPAddr)
	if ok && at.IP.IsUnspecified() {
		return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port))
	}
	return "http://" + g.listener.String()
}

// Page is the address to open in a browser. Where other machines reach the listener it has the secret: without that,
// the page is shown to browsers on this machine alone.
func (g *Guard) Page() string {
	if g.Loopback() {
		return g.URL()
	}
	return g.URL() + "/?" + url.Values{keyParam: {g.secret}}.Encode()
}

// Loopback reports whether only this machine reaches the listener.
func (g *Guard) Loopback() bool {
	at, ok := g.listener.(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// FromProgram reports whether a request comes from a program on this machine: from a loopback address, and without what
// a browser says of the page that asks. Sec-Fetch-Mode is none of that: Node.js sends it too.
func FromProgram(r *http.Request) bool {
	for _, name := range []string{"Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Dest"} {
		if _, has := r.Header[name]; has {
			return false
		}
	}
	return fromHere(r)
}

// fromHere reports whether a request comes from this machine.
func fromHere(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// ownHost reports whether a request names one of the guard's hosts. The address at which its connection came in is one:
// a listener may have many, and nobody else can give a number a new meaning.
func (g *Guard) ownHost(r *http.Request) bool {
	if g.hosts[r.Host] {
		return true
	}
	at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && at.String() == r.Host
}

// ownPage reports whether no page of another origin asks. A link that somebody follows here is none: it shows the page,
// and tells nothing to where it was.
func ownPage(r *http.Request) bool {
	from, has := r.Header["Origin"]
	if has {
		if u, err := url.Parse(from[0]); err != nil || len(from) > 1 || u.Host != r.Host || u.Scheme != "http" && u.Scheme != "https" {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return !has && (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// same compares secrets.
func same(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
