package webapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/ratelimit"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// API is the Web API.
type API struct {
	cfg    workspace.Config
	ws     *workspace.Workspace
	ticket func(base, app string) (socketURL string) // for apps.connections.open
	fault  *fault.Queue
	Limit  *ratelimit.Limiter
	calls  callLog
	auth   tokens
}

// New makes the Web API of ws. ticket gives the address of a new socket, for a server that the app reaches at base.
func New(ws *workspace.Workspace, f *fault.Queue, ticket func(base, app string) string) *API {
	return &API{cfg: ws.Config, ws: ws, ticket: ticket, fault: f, Limit: ratelimit.New(ws.Config.RateLimits)}
}

// Routes serves the methods, response URLs and files.
func (s *API) Routes(mux *http.ServeMux) {
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("POST /response/{id}", s.serveResponse)
	mux.HandleFunc("POST /upload/{ticket}", s.serveUpload)
	mux.HandleFunc("GET /files/{id}/{name}", s.serveFile)
}

// call is one Web API request on its way through a method.
type call struct {
	*API
	Args
	cfg    workspace.Config // with the calling app as its App
	method string
	// warnings go into the answer.
	warnings []string
	// base is the address the caller used, as http://host:port.
	base string
}

// Failure is a method's answer with ok false.
type Failure struct {
	word  string
	extra obj
}

// warn adds a word to the answer's warnings.
func (c *call) warn(word string) { c.warnings = append(c.warnings, word) }

func refuse(word string) *Failure { return &Failure{word: word} }

func (s *API) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	w.Header().Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat))
	a, err := readArgs(r)
	workspace.ReportSent(s.cfg, name, a)
	done := s.calls.begin(name, a)
	f := s.fault.Take(name)
	if !before(s.ws.Background.Context(), f) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	var word string
	var body obj
	status := http.StatusOK
	switch {
	case refuses(f):
		if f.Taken && err == nil {
			s.answer(http.Header{}, r, name, a) // what it says is lost
		}
		word, status = faultWord(f), faultStatus(f)
		body = obj{"ok": false, "error": word}
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
	case err != nil:
		word = err.Error()
		body = obj{"ok": false, "error": word}
	default:
		var wait int
		body, word, wait = s.answer(w.Header(), r, name, a)
		if wait > 0 {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(wait))
		}
	}
	done(word)
	send(w, f, status, jsonvalue.Encode(body))
}

// answer runs one method. wait is what a rate limit asks for, in seconds.
func (s *API) answer(h http.Header, r *http.Request, name string, a Args) (body obj, word string, wait int) {
	c := &call{API: s, Args: a, cfg: s.cfg, method: name, base: jsonhttp.BaseURL(r), warnings: charsetWarnings(r)}
	no := func(ref *Failure) (obj, string, int) {
		body := obj{"ok": false, "error": ref.word}
		for k, v := range ref.extra {
			body[k] = v
		}
		return c.warned(body), ref.word, 0
	}
	m, ok := methods[name]
	if !ok {
		return no(&Failure{"unknown_method", obj{"req_method": name}})
	}
	if ref := c.authorize(h, r, m); ref != nil {
		return no(ref)
	}
	if ref := m.missingArguments(a); ref != nil {
		return no(ref)
	}
	if c.cfg.App.OrgWide && slices.Contains(perTeam, name) && a.Str("team_id") == "" {
		return no(&Failure{"missing_argument", obj{"response_metadata": obj{"messages": errorMessages([]string{"missing required field: team_id"})}}})
	}
	if wait := s.Limit.Take(m.tier, name, a.Str("channel")); wait > 0 {
		return obj{"ok": false, "error": "ratelimited"}, "ratelimited", wait
	}
	body, ref := m.run(c)
	if ref != nil {
		return no(ref)
	}
	if body == nil {
		body = obj{}
	}
	body["ok"] = true
	return c.warned(body), "", 0
}

// warned adds the warnings to an answer, where Slack puts them.
func (c *call) warned(body obj) obj {
	if len(c.warnings) == 0 {
		return body
	}
	meta := obj{"warnings": c.warnings}
	for k, v := range jsonvalue.AsObject(body["response_metadata"]) {
		meta[k] = v
	}
	body["warning"], body["response_metadata"] = strings.Join(c.warnings, ","), meta
	return body
}
