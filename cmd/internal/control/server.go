package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Server answers people at a terminal. Its fields must not be changed once Serve
// was called.
type Server struct {
	Logins      map[string]string // a login of the system, or its number: the id of a person in Slack
	People      People
	Sight       Sight
	Deployments Deployments
	Role        func(role string) []deployer.Actor // who holds a role, as far as is known
	Away        func() time.Time                   // since when Slack is out of reach; zero: it is there
	Log         *slog.Logger
}

// People are who gives orders. Its methods are safe for concurrent use.
type People interface {
	// Recognize says who somebody is, with a context in which their orders are given:
	// where Slack can't be asked, by what it said at a time.
	Recognize(ctx context.Context, id string) (in context.Context, who deployer.Actor, knownAt time.Time, err error)
	// Order carries out an order by the same rules as a click.
	Order(ctx context.Context, o deployer.Order) (deployer.Deployment, error)
}

// Sight is who may see what, of those who were recognized. Its methods are safe for
// concurrent use.
type Sight interface {
	// Lists reports whether a deployment is shown to somebody who has not asked for it.
	Lists(id string, d deployer.Deployment) bool
	// Sees refuses somebody who may not see a deployment.
	Sees(ctx context.Context, id string, d deployer.Deployment) error
}

// Deployments are what was written down.
type Deployments interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// Live returns the ids of those that have not ended.
	Live(ctx context.Context) ([]string, error)
}

// Serve answers on a socket of Listen until ctx ends, which is no error, and closes
// it. What was begun is answered.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.handler(), ConnContext: withConn, ReadTimeout: readWithin, WriteTimeout: answerWithin + readWithin, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	server.SetKeepAlivesEnabled(false)
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("answer at terminals: %w", err)
	}
	<-done
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/deployments", s.asked(s.list))
	mux.HandleFunc("GET /v1/deployments/{id}", s.asked(s.show))
	mux.HandleFunc("POST /v1/deployments/{id}/answers", s.asked(s.answer))
	return mux
}

// A request is what one person asks for.
type request struct {
	*http.Request
	who  deployer.Actor
	here Here
}

// asked finds out who asks, and writes what they are answered.
func (s *Server) asked(do func(context.Context, request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, requestMax)
		in := request{Request: r}
		ctx, code, err := s.recognize(ctx, &in)
		if err != nil {
			s.refuse(w, code, err)
			return
		}
		reply, err := do(ctx, in)
		if err != nil {
			s.refuse(w, http.StatusUnprocessableEntity, err)
			return
		}
		write(w, http.StatusOK, reply)
	}
}

// overflow is the user that the kernel names where one has no number here.
const overflow = 65534

// recognize finds out who has connected. The code is for one who is refused.
func (s *Server) recognize(ctx context.Context, in *request) (context.Context, int, error) {
	c, ok := in.Context().Value(connKey{}).(*conn)
	if !ok || c.unknown != nil || c.uid == overflow {
		return ctx, http.StatusForbidden, deployer.Refuse("", "The system does not say who you are.")
	}
	number := strconv.FormatUint(uint64(c.uid), 10)
	in.here.Login = number
	id := s.Logins[number]
	if u, err := user.LookupId(number); err == nil {
		in.here.Login = u.Username
		if by := s.Logins[u.Username]; by != "" {
			id = by
		}
	}
	if id == "" {
		s.Log.Warn("somebody at a terminal is not known", "login", in.here.Login, "uid", number)
		return ctx, http.StatusForbidden, deployer.Refuse("Ask whoever configures stationmaster to say who that is in Slack: people: {YOUR-SLACK-ID: {login: "+in.here.Login+"}}.",
			"Nobody is known who has the login %s here.", in.here.Login)
	}
	ctx, who, knownAt, err := s.People.Recognize(ctx, id)
	if err != nil {
		return ctx, http.StatusUnprocessableEntity, err
	}
	in.who, in.here.ID, in.here.Person, in.here.KnownAt, in.here.SlackAway = who, id, who.Name, knownAt, s.Away()
	return ctx, 0, nil
}

// list is what is under way, as far as whoever asks may see it.
func (s *Server) list(ctx context.Context, in request) (any, error) {
	ids, err := s.Deployments.Live(ctx)
	if err != nil {
		return nil, err
	}
	out := Listing{Deployments: []Summary{}, Here: in.here}
	for _, id := range ids {
		d, err := s.Deployments.Load(ctx, id)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, deployer.ErrNotFound), err == nil && !deployer.Lives(d):
		case err != nil:
			s.Log.Error("a deployment can't be read", "deployment", id, "err", err)
			out.Unreadable = append(out.Unreadable, id)
		case s.Sight.Lists(in.who.ID, d):
			out.Deployments = append(out.Deployments, summarize(d, s.Role))
		}
	}
	oldestFirst(out.Deployments)
	return out, nil
}

// show is all of one deployment.
func (s *Server) show(ctx context.Context, in request) (any, error) {
	d, err := s.load(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.detail(d, in), nil
}

func (s *Server) detail(d deployer.Deployment, in request) Detail {
	out := describe(d, s.Role)
	out.Here = in.here
	return out
}

// load is the deployment that is named, if whoever asks may see it.
func (s *Server) load(ctx context.Context, in request) (deployer.Deployment, error) {
	id := strings.ToLower(in.PathValue("id"))
	d, err := s.Deployments.Load(ctx, id)
	if errors.Is(err, deployer.ErrNotFound) {
		return d, deployer.Refuse("", "There is no deployment %q.", clip(id)).Hint("See what is under way", deployer.VerbStatus)
	}
	if err != nil {
		return d, err
	}
	return d, s.Sight.Sees(ctx, in.who.ID, d)
}

// refuse says no. What is not for whoever asks is logged.
func (s *Server) refuse(w http.ResponseWriter, code int, err error) {
	if r, ok := errors.AsType[*deployer.Refusal](err); ok {
		write(w, code, refusedOf(r))
		return
	}
	s.Log.Error("somebody at a terminal could not be answered", "err", err)
	no := Refused{Why: "That did not work, and nothing was changed: the log of stationmaster says why.", Instead: []string{"Try again in a minute."}}
	if errors.Is(err, deployer.ErrUnknown) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		no = Refused{Why: "It is not known whether that was written down.", Instead: []string{"Look before you try again: stationmaster status"}}
	}
	write(w, http.StatusInternalServerError, no)
}

func write(w http.ResponseWriter, code int, reply any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(reply) // whoever has gone needs none
}
