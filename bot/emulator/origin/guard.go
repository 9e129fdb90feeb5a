package origin

import (
	"fmt"
	"net/http"
	"strings"
)

// keyParam is the parameter of an address that gives its browser the page's cookie.
const keyParam = "key"

// Programs lets programs on this machine ask, and no browser: for what has no page.
func (g *Guard) Programs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !g.ownHost(r):
			g.refuseHost(w, r)
		case !FromProgram(r):
			refuse(w, http.StatusForbidden, "It answers to programs on this machine alone, and to no browser.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// Slack lets its own page and programs on this machine act for people, and apps use the API: their requests bear a
// token, a ticket or an address that nobody can guess, which next looks at.
func (g *Guard) Slack(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Frame-Options", "DENY") // a frame's clicks are somebody else's
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "same-origin")
		switch {
		case !g.ownHost(r):
			g.refuseHost(w, r)
		case !ownPage(r) && !slackGo(r):
			refuse(w, http.StatusForbidden, "A page of another origin asks ("+quoted(r.Header.Get("Origin"))+"). Only its own page may: open "+g.URL()+".")
		case forApps(r), g.forPeople(r):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			g.load(w, r, next)
		default:
			refuseStranger(w)
		}
	})
}

// slackGo is the socket of slack-go, which claims to be a page of Slack's. Its ticket is what lets it in.
func slackGo(r *http.Request) bool {
	return r.URL.Path == "/socket" && r.Header.Get("Origin") == "https://api.slack.com" && r.Header.Get("Sec-Fetch-Site") == ""
}

// forApps reports whether a request is looked at by what it bears.
func forApps(r *http.Request) bool {
	if r.URL.Path == "/socket" {
		return true
	}
	return under(r, "/api/", "/response/", "/upload/")
}

// forPeople reports whether whoever asks may act for people.
func (g *Guard) forPeople(r *http.Request) bool {
	if FromProgram(r) {
		return true
	}
	if c, err := r.Cookie(g.cookie()); err == nil && same(c.Value, g.secret) {
		return true
	}
	token, bears := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return bears && same(token, g.Token)
}

// load gives the page to a browser that has no cookie yet, and the cookie with it.
func (g *Guard) load(w http.ResponseWriter, r *http.Request, next http.Handler) {
	key := r.URL.Query().Get(keyParam)
	switch {
	case under(r, "/page/", "/control/", "/files/"), key != "" && !same(key, g.secret), key == "" && !fromHere(r):
		refuseStranger(w)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie(), Value: g.secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	if key == "" {
		next.ServeHTTP(w, r)
		return
	}
	q := r.URL.Query()
	q.Del(keyParam) // it stays in no history, and in no address that is copied
	http.Redirect(w, r, "/?"+q.Encode(), http.StatusSeeOther)
}

// cookie is the name of the page's cookie. Browsers give cookies to all ports of a host, so it has the port.
func (g *Guard) cookie() string { return "local-slack-" + g.port }

func under(r *http.Request, folders ...string) bool {
	for _, folder := range folders {
		if strings.HasPrefix(r.URL.Path, folder) {
			return true
		}
	}
	return false
}

func (g *Guard) refuseHost(w http.ResponseWriter, r *http.Request) {
	refuse(w, http.StatusMisdirectedRequest, "It does not answer to the name "+quoted(r.Host)+". Use "+g.URL()+
		", or start it with --listen and the name and port that you use.")
}

func refuseStranger(w http.ResponseWriter) {
	refuse(w, http.StatusForbidden, "The page has to be opened first, at the address that was printed at the start. A program on this machine needs nothing; one elsewhere bears the bot token.")
}

func refuse(w http.ResponseWriter, status int, words string) { http.Error(w, words, status) }

// quoted is what somebody else has written, short and on one line.
func quoted(s string) string { return fmt.Sprintf("%.100q", s) }
