package control

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// A fixture is a server on a socket, with the deployment of a scenario.
type fixture struct {
	*bottest.Scenario
	t       *testing.T
	server  *Server
	client  Client
	private bool      // nobody but its requester sees the deployment
	knownAt time.Time // Slack said then who people are, and can't be asked
	away    time.Time
	orders  []deployer.Order
}

// newFixture serves a scenario to somebody: the user who runs the tests.
func newFixture(t *testing.T, s *bottest.Scenario, person string) *fixture {
	t.Helper()
	f := &fixture{Scenario: s, t: t, client: Client{Path: filepath.Join(t.TempDir(), "s")}}
	f.server = &Server{
		Logins: map[string]string{strconv.Itoa(syscall.Getuid()): person}, People: f, Sight: f, Deployments: f, Role: holders,
		Away: func() time.Time { return f.away }, Log: slog.New(slog.DiscardHandler),
	}
	l, err := Listen(f.client.Path, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	return f
}

// holders are the people of the scenarios.
func holders(role string) []deployer.Actor {
	if role == "tech-lead" {
		return []deployer.Actor{bottest.Ana, bottest.Bob, bottest.Rosa}
	}
	return nil
}

func (f *fixture) Recognize(ctx context.Context, id string) (context.Context, deployer.Actor, time.Time, error) {
	for _, p := range holders("tech-lead") {
		if p.ID == id {
			return ctx, p, f.knownAt, nil
		}
	}
	return ctx, deployer.Actor{}, f.knownAt, deployer.Refuse("", "Slack knows nobody called %s.", id)
}

func (f *fixture) Lists(id string, d deployer.Deployment) bool {
	return !f.private || d.Requester.ID == id
}

func (f *fixture) Sees(_ context.Context, id string, d deployer.Deployment) error {
	if !f.Lists(id, d) {
		return deployer.Refuse("", "Its channel is private, and you are not in it.")
	}
	return nil
}

func (f *fixture) Order(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	f.orders = append(f.orders, o)
	f.Time = f.Time.Add(time.Minute)
	return f.Do(ctx, o)
}

func (f *fixture) show() Detail {
	f.t.Helper()
	d, err := f.client.Show(f.t.Context(), f.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

// refused is the no to an answer.
func (f *fixture) refused(a Answer) *Refused {
	f.t.Helper()
	_, err := f.client.Answer(f.t.Context(), f.ID, a)
	no, ok := errors.AsType[*Refused](err)
	if !ok {
		f.t.Fatalf("%+v is not refused: %v", a, err)
	}
	return no
}
