package emulator

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
)

//go:embed web
var web embed.FS

// Server is one workspace. Make it with New, mount its Handler, and Close it at the end.
type Server struct {
	cfg   Config
	ws    *workspace
	hub   *hub
	gate  *gateway
	views *views
	urls  *responseURLs
	trig  *triggers
	files *files
	fault *faults
	limit *limiter
	calls *callLog
	auth  *tokens

	ctx  context.Context
	stop context.CancelFunc
	work *crew // goroutines that outlive the call that began them

	mux *http.ServeMux
}

// New makes a workspace as cfg describes it. It listens nowhere: serve its Handler.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	h := &hub{}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, hub: h, ctx: ctx, stop: stop,
		ws:    newWorkspace(cfg, h),
		views: newViews(),
		urls:  &responseURLs{byID: map[string]*responseURL{}},
		trig:  &triggers{life: cfg.Timing.Trigger, byID: map[string]*trigger{}},
		files: &files{byID: map[string]*upload{}},
		fault: &faults{},
		limit: newLimiter(cfg.RateLimits),
		calls: &callLog{},
		auth:  &tokens{},
		work:  &crew{},
		mux:   http.NewServeMux(),
	}
	s.gate = newGateway(ctx, cfg, s.fault, s.work)
	s.routes()
	return s
}

func (s *Server) routes() {
	s.mux.HandleFunc("/api/{method}", s.serveAPI)
	s.mux.HandleFunc("GET /socket", s.gate.serve)
	s.mux.HandleFunc("POST /response/{id}", s.serveResponse)
	s.mux.HandleFunc("POST /upload/{id}", s.serveUpload)
	s.mux.HandleFunc("GET /files/{id}/{name}", s.serveFile)
	s.pageRoutes()
	s.controlRoutes()
	static, err := fs.Sub(web, "web")
	if err != nil {
		panic("emulator: embedded page: " + err.Error())
	}
	s.mux.Handle("/", http.FileServerFS(static))
}

// Handler serves everything that the package comment lists. It must be mounted at the root of its host.
func (s *Server) Handler() http.Handler { return s.mux }

// Close cuts every socket and stream and waits for the server's goroutines. Calls after it fail.
func (s *Server) Close() {
	s.stop()
	s.gate.close()
	s.work.stop()
}
