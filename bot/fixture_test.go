package bot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

const deploys = "tangerine-deploys"

// A fixture is a bot against a local Slack, over real sockets or, in a bubble, over
// a wire in memory.
type fixture struct {
	*emulator.Server
	t      *testing.T
	bot    *Bot
	engine *fakeEngine
	log    *logtest.Book
	done   chan error // what Run returned
	stop   context.CancelFunc
	build  func(*fakeEngine)   // makes the bot on an engine
	tokens *[2]deployer.Secret // that it is made with
	hangUp []func()

	ahead atomic.Int64 // how far the clock of its people is ahead
}

// now is the time for the bot's people.
func (r *fixture) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

// A setup is what a test may change before the bot starts.
type setup struct {
	slack   emulator.Config
	bot     Config
	tokens  [2]deployer.Secret // of the bot, and of the app
	systems fakeSystems
	ports   func(*Ports)        // changes them; nil: nothing does
	inside  bool                // a bubble of synctest
	ownPace bool                // the bot waits as long as it does in earnest
	people  map[string][]string // the accounts of one human, by one of them
}

// unhurried is Slack with all the time that a busy machine needs. How fast the
// bot is, tests in a bubble say.
var unhurried = emulator.Timing{Ack: 2 * time.Minute, Trigger: 2 * time.Minute}

// inBubble runs a test with a fixture where time passes only while everybody waits,
// however busy the machine is, and at Slack's own pace.
func inBubble(t *testing.T, do func(t *testing.T, r *fixture), change ...func(*setup)) {
	t.Helper()
	inside := func(s *setup) { s.inside, s.slack.Timing = true, emulator.Timing{} }
	synctest.Test(t, func(t *testing.T) { do(t, newFixture(t, slices.Concat([]func(*setup){inside}, change)...)) })
}

func workspace() emulator.Config {
	return emulator.Config{
		App: emulator.App{Name: "stationmaster"},
		Users: []emulator.User{
			{Name: "ana", DisplayName: "Ana"}, {Name: "bob", Email: "bob@example.com"}, {Name: "rosa"}, {Name: "eve"}, {Name: "tam"},
		},
		UserGroups: []emulator.UserGroup{{Handle: "tech-leads", Members: []string{"rosa"}}},
		Channels: []emulator.Channel{
			{Name: deploys}, {Name: "announcements-change-control"}, {Name: "random", WithoutBot: true},
			{Name: "lemon-deploys", WithoutBot: true}, {Name: "plum-deploys"},
			{Name: "secret", Private: true, WithoutBot: true}, {Name: "quiet-deploys", Private: true},
		},
		Commands: []emulator.Command{{Name: "/deploy"}},
	}
}

func settings() Config {
	retailer := view.Retailer{
		TAM: "tam", Channels: map[string]string{"change": "#announcements-change-control"},
		Environments: map[string]view.Environment{"prod": {Default: true}, "staging": {}},
	}
	return Config{
		Command: "/deploy", Channels: regexp.MustCompile(`^(?P<retailer>[a-z0-9-]+)-deploys$`),
		Roles:     map[string]directory.Role{"tech-lead": {Users: []string{"bob"}, Groups: []string{"tech-leads"}}},
		Retailers: map[string]view.Retailer{"tangerine": retailer, "lemon": retailer, "quiet": retailer},
		Services: map[string]view.Service{
			"web": {Procedure: "deployment"}, "api": {Procedure: "deployment"}, "decanting-service": {Procedure: "deployment"},
		},
		Procedures: map[string]deployer.Procedure{"deployment": standard()},
	}
}

// standard is a short procedure with every kind of step that people see.
func standard() deployer.Procedure {
	return deployer.Procedure{
		ID: "deployment", Title: "Standard deployment", SHA: "1f2e",
		Inputs: []deployer.Input{{ID: "risk", Label: "Risk", Options: []string{"low", "high"}, Default: "low"}},
		Steps: []deployer.Step{
			{ID: "ready", Title: "Change control is followed", Uses: deployer.KindConfirm},
			{ID: "approve", Title: "Tech lead approves", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}, Needs: []string{"ready"}},
			{ID: "starting", Title: "Announce", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys", "change"}}}, Needs: []string{"approve"}},
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"starting"}},
		},
		Messages: map[string]string{"starting": "{what} is starting"},
	}
}

// newFixture starts everything and waits for both sockets.
func newFixture(t *testing.T, change ...func(*setup)) *fixture {
	t.Helper()
	r := newColdFixture(t, change...)
	r.begin()
	return r
}

// begin has the bot run, and waits until it is ready. Its hooks are set before that.
func (r *fixture) begin() {
	r.t.Helper()
	r.start()
	r.must(r.WaitSockets(r.ctx(), 2))
	r.eventually("the bot is ready", func() bool { return r.bot.Ready() == nil })
}

// newColdFixture has a bot that does not run yet.
func newColdFixture(t *testing.T, change ...func(*setup)) *fixture {
	t.Helper()
	noLeak := labelGoroutines(t)
	s := setup{slack: workspace(), bot: settings(), tokens: localTokens}
	s.slack.Sent, s.slack.Timing = capture, unhurried
	for _, f := range change {
		f(&s)
	}
	r := &fixture{Server: emulator.New(s.slack), t: t, log: &logtest.Book{}, done: make(chan error, 1)}
	url, transport, hangUp := r.serve(s.inside)
	s.bot.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pace := tuning{
		stagger: 10 * time.Millisecond, rest: 10 * time.Millisecond, again: 50 * time.Millisecond,
		pace: outbox.Pace{Post: time.Millisecond, Card: time.Millisecond, Edit: time.Millisecond},
	}
	if s.ownPace {
		pace = tuning{}
	} else if ack := s.slack.Timing.Ack; ack > 0 {
		pace.answerWithin, pace.nameWithin = ack*5/6, ack*5/6
	}
	r.build = func(engine *fakeEngine) {
		client := slackapi.New(s.tokens[0], s.tokens[1], url+"/api/")
		client.HTTP.Transport = transport
		r.hangUp = append(r.hangUp, client.HTTP.CloseIdleConnections)
		r.tokens = &s.tokens
		people := directory.New(directory.Config{API: client.Client, Roles: s.bot.AllRoles(), People: s.people, Log: s.bot.Log, Now: r.now})
		r.engine = engine
		ports := portsOf(r.engine, &s.systems)
		if s.ports != nil {
			s.ports(&ports)
		}
		r.bot = newBot(s.bot, client, people, ports, pace)
		r.engine.People, r.engine.Members = r.bot.people, func(role string) []deployer.Actor { return directory.Members(people, role) }
	}
	r.build(newFakeEngine())
	t.Cleanup(func() {
		if r.stop != nil {
			r.stop()
			if err := r.ended(); err != nil {
				t.Errorf("Run ended with %v", err)
			}
		}
		for _, end := range r.hangUp {
			end()
		}
		r.Close()
		hangUp()
		noLeak()
		for _, secret := range []string{string(s.tokens[0]), string(s.tokens[1]), "ticket="} {
			if strings.Contains(r.log.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, r.log)
			}
		}
		if t.Failed() {
			t.Log(r.log)
		}
	})
	return r
}

// localTokens are those of the local Slack.
var localTokens = [2]deployer.Secret{"xoxb-local", "xapp-local"}

// botOn makes a bot on a client, with people of its own, and with one in the
// place of engine, records and mailbox.
func botOn(c *slackapi.Client, cfg Config, all allPorts, systems Systems, t tuning) *Bot {
	people := directory.New(directory.Config{API: c.Client, Roles: cfg.AllRoles(), Log: cfg.Log})
	return newBot(cfg, c, people, portsOf(all, systems), t)
}

// allPorts are engine, records and mailbox in one.
type allPorts interface {
	Orders
	Locker
	Deployments
	inflight.Records
	Locks
	Trails
	outbox.Mailbox
	outbox.Watcher
}

func portsOf(all allPorts, systems Systems) Ports {
	return Ports{Orders: all, Locker: all, Deployments: all, InFlight: all, Locks: all, Trails: all, Mailbox: all, Arrivals: all, Systems: systems, Pins: directory.Remember(nil)}
}

// serve puts the local Slack where its bot finds it.
func (r *fixture) serve(inside bool) (url string, t http.RoundTripper, hangUp func()) {
	if inside {
		w, end := bottest.ServeOn(r.Handler())
		return bottest.WireURL, w.Transport(), end
	}
	h := httptest.NewServer(r.Handler())
	return h.URL, nil, h.Close
}

// losesItsDatabase ends the bot, and starts another one without any records.
func (r *fixture) losesItsDatabase(store string) {
	r.t.Helper()
	engine := newFakeEngine()
	engine.Store = store
	r.restart(engine)
}

// restartsAs ends the bot, and starts one with other tokens on the same records.
func (r *fixture) restartsAs(bot, app deployer.Secret) {
	r.t.Helper()
	*r.tokens = [2]deployer.Secret{bot, app}
	r.restart(r.engine)
}

func (r *fixture) restart(engine *fakeEngine) {
	r.t.Helper()
	r.stop()
	r.must(r.ended())
	<-r.done
	r.build(engine)
	r.start()
	r.eventually("the bot is ready again", func() bool { return r.bot.Ready() == nil })
}

func (r *fixture) start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.done <- r.bot.Run(ctx) }()
}

// ended waits for the end of Run.
func (r *fixture) ended() error {
	select {
	case err := <-r.done:
		r.done <- nil
		return err
	case <-time.After(2 * time.Minute):
		return errors.New("Run does not end")
	}
}

func (r *fixture) ctx() context.Context {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	r.t.Cleanup(stop)
	return ctx
}

func (r *fixture) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *fixture) eventually(what string, ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	r.t.Fatalf("it never came that %s", what)
}

// types types a command and returns the answer that only the person sees.
func (r *fixture) types(user, text string) string {
	r.t.Helper()
	return r.typesIn(user, deploys, text)
}

func (r *fixture) typesIn(user, channel, text string) string {
	r.t.Helper()
	before := len(r.Ephemerals(user))
	r.must(r.Type(r.ctx(), user, channel, text, ""))
	var said []string
	for _, m := range r.Ephemerals(user)[before:] {
		said = append(said, m.Text)
	}
	return strings.Join(said, "\n---\n")
}

// hears waits until somebody is told something that only they see.
func (r *fixture) hears(user, part string) string {
	r.t.Helper()
	m, err := r.WaitEphemeral(r.ctx(), user, func(m emulator.Message) bool { return strings.Contains(m.Text, part) })
	if err != nil {
		r.t.Fatalf("%s was never told %q, but %v", user, part, r.Ephemerals(user))
	}
	return m.Text
}

// card waits for the card of the only deployment to have a button.
func (r *fixture) card(button string) emulator.Message {
	r.t.Helper()
	m, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool {
		return m.Metadata != nil && m.Metadata.EventPayload["message"] == "card" && strings.Contains(string(m.Blocks), `"`+button+`"`)
	})
	if err != nil {
		r.t.Fatalf("no card with a button %s: %v", button, r.Messages(deploys))
	}
	return m
}

// clicks presses a button of the card, as soon as it is there.
func (r *fixture) clicks(user, button string) {
	r.t.Helper()
	m := r.card(button)
	r.must(r.Act(r.ctx(), emulator.Action{User: user, Channel: deploys, MessageTS: m.TS, Button: button}))
}
