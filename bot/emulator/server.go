package emulator

import (
	"embed"
	"net/http"
)

//go:embed web
var web embed.FS

// Server is one workspace. Make it with New, mount its Handler, and Close it at the end.
type Server struct {
	*People
	*Reader
	*Client
	ws    *workspace
	gate  *gateway
	api   *API
	fault *faults
	mux   *http.ServeMux
}

// New makes a workspace as cfg describes it. It listens nowhere: serve its Handler.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	if cfg.App.Scopes == nil {
		cfg.App.Scopes = everyScope()
	}
	ws := newWorkspace(cfg)
	f := &faults{}
	gate := newGateway(cfg, f, ws.work)
	ws.events.send = gate.SendEvent
	api := newAPI(ws, f, gate.ticket)
	people, reader := &People{ws: ws}, &Reader{ws: ws}
	client := &Client{cfg: cfg, ws: ws, api: api, people: people, gate: gate}
	s := &Server{People: people, Reader: reader, Client: client, ws: ws, gate: gate, api: api, fault: f, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /socket", s.gate.serve)
	api.routes(s.mux)
	page := &Page{cfg: cfg, ws: ws, people: people, reader: reader, client: client}
	page.routes(s.mux)
	s.controlRoutes()
	return s
}

// Handler serves everything that the package comment lists. It must be mounted at the root of its host.
func (s *Server) Handler() http.Handler { return s.mux }

// Close cuts every socket and stream and waits for the server's goroutines. Calls after it fail.
func (s *Server) Close() {
	s.ws.work.cancel()
	s.gate.close()
	s.ws.work.wait()
}
