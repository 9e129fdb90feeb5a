package emulator_test

import (
	"context"
	"io"
	"log"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

func TestMain(m *testing.M) {
	slowtest.Parallel(16) // what runs at once waits for time-outs
	goleak.VerifyTestMain(withBrowser{m})
}

// withBrowser runs the tests and ends the browser that they shared, before anybody looks for leaks.
type withBrowser struct{ *testing.M }

func (m withBrowser) Run() int {
	code := m.M.Run()
	if err := closeBrowser(); err != nil {
		log.Printf("close the browser: %v", err)
		return max(code, 1)
	}
	return code
}

// config is a workspace with three people, one command and a few channels. Where Slack has three seconds for an answer it
// has a minute: tests of the time-outs shorten that, all others may run on a busy machine.
func config() emulator.Config {
	return emulator.Config{
		App:   emulator.App{Name: "Stationmaster"},
		Users: []emulator.User{{Name: "alice", Email: "alice@example.com"}, {Name: "bob", TZ: "Europe/Berlin"}, {Name: "carol"}},
		UserGroups: []emulator.UserGroup{
			{Handle: "tech-leads", Members: []string{"bob"}}},
		Channels: []emulator.Channel{{Name: "tangerine-deploys"}, {Name: "general", WithoutBot: true},
			{Name: "secret", Private: true, WithoutBot: true}, {Name: "old", Archived: true}},
		Commands: []emulator.Command{{Name: "/deploy", Description: "Deploy a service", UsageHint: "SERVICE TAG"}},
		Timing:   emulator.Timing{Refresh: 200 * time.Millisecond, Ack: time.Minute, Trigger: time.Minute},
	}
}

const deploys = "tangerine-deploys"

// fixture is an emulator that listens, and slack-go pointed at it.
type fixture struct {
	*emulator.Server
	t   *testing.T
	url string
	api *slack.Client
}

func start(t *testing.T, change ...func(*emulator.Config)) *fixture {
	t.Helper()
	cfg := config()
	for _, f := range change {
		f(&cfg)
	}
	s := emulator.New(cfg)
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.Close()
		h.Close()
	})
	api := slack.New("xoxb-local", slack.OptionAppLevelToken("xapp-local"), slack.OptionAPIURL(h.URL+"/api/"),
		slack.OptionHTTPClient(h.Client()))
	return &fixture{Server: s, t: t, url: h.URL, api: api}
}

func (w *fixture) ctx() context.Context {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	w.t.Cleanup(stop)
	return ctx
}

func (w *fixture) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// impatient shortens the time for an answer for tests that let it pass.
func impatient(c *emulator.Config) { c.Timing.Ack = 300 * time.Millisecond }

// app connects one socket of slack-go and hands every envelope to handle until the test ends.
func (w *fixture) app(handle func(*socketmode.Client, socketmode.Event)) {
	w.t.Helper()
	before := len(w.Sockets())
	ctx, stop := context.WithCancel(context.Background())
	c := socketmode.New(w.api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	done := make(chan struct{}, 2)
	go func() {
		_ = c.RunContext(ctx) // ends with the context's error
		done <- struct{}{}
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		for {
			select {
			case e := <-c.Events:
				if e.Request != nil && e.Type != socketmode.EventTypeHello {
					handle(c, e)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	w.t.Cleanup(func() {
		stop()
		w.CutSockets()
		<-done
		<-done
	})
	w.must(w.WaitSockets(w.ctx(), before+1))
}

func ack(c *socketmode.Client, e socketmode.Event, payload ...any) {
	_ = c.Ack(*e.Request, payload...) // a lost acknowledgement shows as a time-out
}
