package emulator

import (
	"net/http"
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/page"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/webapi"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Server is one workspace. Make it with New, mount its Handler, and Close it at the end.
//
// Beside the methods below it has those of what it is made of: see [workspace.People] for what people do in the
// workspace, [workspace.Reader] for what there is to see, and [client.Client] for what people do with the app.
type Server struct {
	*people
	*reader
	*slackClient
	ws      *workspace.Workspace
	gateway *socket.Gateway
	api     *webapi.API
	fault   *fault.Queue
	mux     *http.ServeMux
}

type (
	people      = workspace.People
	reader      = workspace.Reader
	slackClient = client.Client
)

// New makes a workspace as cfg describes it. It listens nowhere: serve its Handler.
func New(cfg Config) *Server {
	cfg.Others = slices.Clone(cfg.Others)
	for _, scopes := range scopesOf(&cfg) {
		if *scopes == nil {
			*scopes = webapi.EveryScope()
		}
	}
	ws := workspace.New(cfg)
	f := &fault.Queue{}
	gate := socket.New(ws.Config, f, ws.Background)
	ws.Events.OnSend(gate.SendEvent)
	api := webapi.New(ws, f, gate.Ticket)
	p, r := workspace.NewPeople(ws), workspace.NewReader(ws)
	c := client.New(ws, p, api, gate)
	s := &Server{people: p, reader: r, slackClient: c, ws: ws, gateway: gate, api: api, fault: f, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /socket", gate.Serve)
	api.Routes(s.mux)
	page.New(ws, p, r, c).Routes(s.mux)
	s.controlRoutes()
	return s
}

// scopesOf are the scopes of every app.
func scopesOf(cfg *Config) []*[]string {
	out := []*[]string{&cfg.App.Scopes}
	for i := range cfg.Others {
		out = append(out, &cfg.Others[i].Scopes)
	}
	return out
}

// Handler serves everything that the package comment lists. It must be mounted at the root of its host.
func (s *Server) Handler() http.Handler { return s.mux }

// Close cuts every socket and stream and waits for the server's goroutines. Calls after it fail.
func (s *Server) Close() {
	s.ws.Background.Stop()
	s.gateway.Close()
	s.ws.Background.Wait()
}
