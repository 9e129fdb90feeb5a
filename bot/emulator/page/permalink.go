package page

import (
	"net/http"
	"net/url"
	"strings"
)

// servePermalink leads an address that chat.getPermalink gave to the page, which
// opens the message as the first person. A link that is followed within the
// page opens it there, as whoever follows it.
func servePermalink(w http.ResponseWriter, r *http.Request) {
	micros, ok := strings.CutPrefix(r.PathValue("message"), "p")
	if !ok || len(micros) < 7 {
		http.NotFound(w, r)
		return
	}
	to := url.Values{"channel": {r.PathValue("channel")}, "message": {micros[:len(micros)-6] + "." + micros[len(micros)-6:]}}
	if thread := r.URL.Query().Get("thread_ts"); thread != "" {
		to.Set("thread", thread)
	}
	http.Redirect(w, r, "/?"+to.Encode(), http.StatusFound)
}
