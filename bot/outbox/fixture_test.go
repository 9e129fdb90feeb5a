package outbox

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// fast is a pace for tests.
var fast = Pace{
	Timeout: 5 * time.Second, Settle: 20 * time.Millisecond, Post: time.Millisecond, Card: 4 * time.Millisecond,
	Edit: time.Millisecond, Retry: 2 * time.Millisecond, Slow: 20 * time.Millisecond, Grace: time.Nanosecond,
}

// A fixture is a local Slack, an engine with its mailbox, and processes with an
// outbox between them.
type fixture struct {
	*bottest.Fixture
	slack *emulator.Server
	net   *bottest.Wire
}

// newFixture makes a fixture on a wire. What waits for something belongs into a
// bubble, where that costs no time, and none runs out on a busy machine.
func newFixture(t testing.TB, change ...func(*emulator.Config)) *fixture {
	t.Helper()
	cfg := bottest.SmallWorkspace()
	for _, f := range change {
		f(&cfg)
	}
	s, w := bottest.SlackOnWire(t, cfg)
	return &fixture{Fixture: bottest.NewFixture(t), slack: s, net: w}
}

// client calls the local Slack until the test ends.
func (f *fixture) client() *slack.Client { return bottest.ClientOfWire(f.T, f.net) }

// A process is an outbox with all that it can reach. It can die in the middle
// of any call.
type process struct {
	*deployertest.Process
	*Outbox
	t      testing.TB
	wire   *http.Transport
	wires  sync.WaitGroup
	cancel context.CancelFunc
	ended  chan error
}

// open starts a process. It dies with its deadly call, or when it is stopped.
func (f *fixture) open(p Pace, deadly int, after bool) *process {
	ctx, cancel := context.WithCancel(context.Background())
	r := &process{
		Process: deployertest.NewProcess(f.Engine, cancel), t: f.T, wire: f.net.Transport(), cancel: cancel, ended: make(chan error, 1),
	}
	r.DieAt(deadly, after)
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("OUTBOX_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	r.Outbox = New(bottest.ClientOn(bottest.RoundTrip(r.roundTrip)), r, r, r, view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}, log, p)
	go func() { r.ended <- r.Run(ctx) }()
	return r
}

// roundTrip sends a request, which takes effect even if nobody waits for the
// answer any more.
func (r *process) roundTrip(req *http.Request) (*http.Response, error) {
	type answer struct {
		resp *http.Response
		err  error
	}
	answers := make(chan answer, 1)
	r.wires.Go(func() {
		var a answer
		a.err = r.Call(func() (err error) {
			a.resp, err = r.wire.RoundTrip(req.WithContext(context.WithoutCancel(req.Context())))
			return err
		})
		if a.err != nil && a.resp != nil {
			_ = a.resp.Body.Close()
			a.resp = nil
		}
		answers <- a
	})
	select {
	case a := <-answers:
		return a.resp, a.err
	case <-req.Context().Done():
		r.wires.Go(func() {
			if a := <-answers; a.resp != nil {
				_ = a.resp.Body.Close()
			}
		})
		return nil, req.Context().Err()
	}
}

// stop ends the process and waits until nothing of it is left.
func (r *process) stop() {
	r.cancel()
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
	r.wires.Wait() // what it sent has taken effect: that is what settling means
	r.wire.CloseIdleConnections()
}

// settle waits until no letter is left.
func (f *fixture) settle() {
	f.T.Helper()
	f.until("the mailbox is empty", func() bool { return len(f.Waiting()) == 0 })
}

func (f *fixture) until(what string, done func() bool) {
	f.T.Helper()
	for end := time.Now().Add(time.Hour); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			f.T.Fatalf("waited too long until %s; left: %v; last calls: %v", what, f.Waiting(), bottest.Last(f.slack.Calls(), 12))
		}
	}
}

// told lists what stands in the channels: one entry for each message with its
// thread. Their order depends on which of two independent messages was faster;
// that within a thread does not.
func (f *fixture) told(channels ...string) []string {
	var out []string
	for _, channel := range channels {
		for _, m := range f.slack.Messages(channel) {
			if m.ThreadTS != "" && m.ThreadTS != m.TS {
				continue
			}
			entry := channel + " " + bottest.LabelOf(m)
			for _, r := range f.slack.Thread(channel, m.TS) {
				if r.TS != m.TS {
					entry += "\n  " + bottest.LabelOf(r)
				}
			}
			out = append(out, entry)
		}
	}
	slices.Sort(out)
	return out
}

// card is what the card says, or "".
func (f *fixture) card(id string) string {
	d, err := f.Load(context.Background(), id)
	if err != nil {
		f.T.Fatal(err)
	}
	for _, m := range f.slack.Messages(bottest.DeploysID) {
		if m.TS == d.Card.TS {
			return m.Text
		}
	}
	return ""
}

// A story is one deployment from start to end, told order by order.
type story struct {
	*fixture
	id string
}

func (s *story) load() deployer.Deployment {
	d, err := s.Load(context.Background(), s.id)
	if err != nil {
		s.T.Fatal(err)
	}
	return d
}

func (s *story) active(step string) {
	s.T.Helper()
	s.until(step+" is active", func() bool {
		d := s.load()
		return d.Step(step).Status == deployer.Active
	})
}

func (s *story) effect(step string) []func() {
	key := step + "/" + bottest.Web
	return []func(){
		func() {
			s.active(step)
			d := s.load()
			s.Order(s.id, deployer.Person{}, deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(bottest.Web).Before}})
		},
		func() { s.Order(s.id, deployer.Person{}, deployer.Act{Key: key, Ref: "r"}) },
		func() {
			s.Order(s.id, deployer.Person{}, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.OK}})
		},
	}
}

// begin is the start of a story without a wait in it.
func (s *story) begin() {
	start := bottest.StartOf(bottest.Web)
	p := &start.Procedure
	p.Steps = slices.DeleteFunc(p.Steps, func(s deployer.Step) bool { return s.ID == "soak" })
	p.Steps[len(p.Steps)-1].Needs = []string{"pods"}
	s.id = s.Order("", bottest.Ana, start).ID
}

// posted has the story begun and its card posted.
func (s *story) posted() {
	s.T.Helper()
	s.begin()
	s.resolve()
	s.until("the card is delivered", func() bool { return s.load().Card.TS != "" })
	s.settle()
}

func (s *story) resolve() {
	s.Order(s.id, deployer.Person{}, deployer.Resolve{Targets: bottest.TargetsOf(bottest.Web)})
}

func (s *story) approve() {
	d := s.load()
	s.Order(s.id, bottest.Bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: d.Subject().Hash()})
}

// lines are what happens, one after the other.
func (s *story) lines() []func() {
	out := []func(){
		s.begin,
		s.resolve,
		func() { s.Order(s.id, bottest.Ana, deployer.Confirm{Step: "control", Attempt: 1}) },
		s.approve,
	}
	out = append(out, s.effect("rollout")...)
	out = append(out, s.effect("pods")...)
	return append(out, func() {
		s.until("it is complete", func() bool { return s.load().Status == deployer.Complete })
		s.settle()
	})
}

func (s *story) tell() {
	for _, line := range s.lines() {
		line()
	}
}
