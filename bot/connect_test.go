package bot

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A socket that is cut while an acknowledgement is on its way: Slack sends the
// envelope again, and nothing happens twice.
func TestCutOnAcknowledgementRepeatsNothing(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.InjectSocket(emulator.SocketFault{Kind: emulator.CutOnAck, Copies: 1, NewID: true})
	if said := r.types("ana", "/deploy web v2"); said != "" {
		t.Errorf("ana was told %q", said)
	}
	r.card("Done")
	r.InjectSocket(emulator.SocketFault{Kind: emulator.CutOnAck, Type: "interactive", Copies: 1})
	r.clicks("ana", "Done")
	r.card("Approve")
	r.must(r.WaitSockets(r.ctx(), 2))
	if n := len(r.engine.all()); n != 1 {
		t.Errorf("%d deployments", n)
	}
}

// Slack refreshes a socket while an order is being committed: what came on the
// old one is acknowledged, and no event is lost after it (python-slack-sdk 1701).
func TestRefreshDuringAnOrderLosesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.engine.setSlow(300 * time.Millisecond)
		for i, reason := range []string{"warning", "refresh_requested"} {
			r.eventually("nothing is under way", func() bool { return r.pending() == 0 })
			done := make(chan error, 1)
			go func() { done <- r.Type(r.ctx(), "ana", deploys, []string{"/deploy web v2", "/deploy api v2"}[i], "") }()
			r.eventually("the order is being committed", func() bool { return r.pending() > 0 })
			r.Disconnect(reason)
			if err := <-done; err != nil {
				t.Errorf("%s: %v", reason, err)
			}
		}
		r.engine.setSlow(0)
		r.must(r.WaitSockets(r.ctx(), 2))
		r.must(r.Type(r.ctx(), "ana", deploys, "/deploy decanting-service v2", ""))
		if n := len(r.engine.all()); n != 3 {
			t.Errorf("%d deployments", n)
		}
	}, func(s *setup) { s.slack.Timing.Refresh = time.Second })
}

func TestSocketsThatAreCutComeBack(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	for range 3 {
		r.CutSockets()
		r.must(r.WaitSockets(r.ctx(), 2))
	}
	r.types("ana", "/deploy web v2")
	if n := len(r.engine.all()); n != 1 {
		t.Errorf("%d deployments", n)
	}
}

// slack-go reconnected 51 times in 3 s when Socket Mode was switched off.
func TestSocketModeSwitchedOffIsNotStormed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		before := r.CallCount("apps.connections.open")
		r.DisableSocketMode(true)
		time.Sleep(3 * time.Second)
		if n := r.CallCount("apps.connections.open") - before; n > 2*2 {
			t.Errorf("%d connections in three seconds", n)
		}
		bottest.Contains(t, r.log.String(), "Socket Mode is switched off")
		if err := r.bot.Ready(); err == nil {
			t.Error("it says that it is ready")
		}
	})
}

func TestRunEndsWhereOnlyTheInstallationCanBeMended(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(*fixture)
		change func(*setup)
		want   []string
	}{
		"bot token revoked":  {before: func(r *fixture) { r.Revoke("bot", "token_revoked") }, want: []string{"SLACK_BOT_TOKEN", "revoked"}},
		"app token revoked":  {before: func(r *fixture) { r.Revoke("app", "token_revoked") }, want: []string{"SLACK_APP_TOKEN", "revoked"}},
		"app token expired":  {before: func(r *fixture) { r.Revoke("app", "token_expired") }, want: []string{"SLACK_APP_TOKEN", "expired"}},
		"wrong bot token":    {change: func(s *setup) { s.tokens = [2]deployer.Secret{"xoxb-wrong", "xapp-local"} }, want: []string{"SLACK_BOT_TOKEN"}},
		"tokens swapped":     {change: func(s *setup) { s.tokens = [2]deployer.Secret{"xoxb-local", "xoxb-local"} }, want: []string{"SLACK_APP_TOKEN", "wrong type"}},
		"a scope is missing": {change: func(s *setup) { s.slack.App.Scopes = []string{"commands", "chat:write"} }, want: []string{"SLACK_BOT_TOKEN", "usergroups:read", "install the app again"}},
		"app without the scope": {before: func(r *fixture) {
			r.Inject(emulator.Fault{Method: "apps.connections.open", Error: "missing_scope", Count: 9})
		}, want: []string{"SLACK_APP_TOKEN", "connections:write"}},
		"no Slack at that place": {before: func(r *fixture) { r.Inject(emulator.Fault{Method: "apps.connections.open", Status: 404, Count: 9}) }, want: []string{"SLACK_API_URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newColdFixture(t, func(s *setup) {
				if c.change != nil {
					c.change(s)
				}
			})
			if c.before != nil {
				c.before(r)
			}
			r.start()
			err := r.ended()
			if err == nil {
				t.Fatal("it goes on")
			}
			bottest.Contains(t, err.Error(), c.want...)
			if strings.Contains(err.Error(), "xoxb-") || strings.Contains(err.Error(), "xapp-") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %q", err)
			}
		})
	}
}

func TestRunEndsWhenATokenIsRevoked(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.Revoke("app", "token_revoked")
	r.CutSockets()
	err := r.ended()
	if auth, ok := errors.AsType[*slackapi.AuthError](err); !ok || auth.Code != "token_revoked" {
		t.Errorf("Run ended with %v", err)
	}
}

// Slack is down when the bot starts: it waits, and says so.
func TestRunWaitsForASlackThatIsDown(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t)
	r.Inject(emulator.Fault{Method: "auth.test", Status: 503, Count: 1000})
	r.start()
	r.eventually("it says so", func() bool { return strings.Contains(r.log.String(), "Slack can't be reached") })
	if err := r.bot.Ready(); err == nil {
		t.Error("it says that it is ready")
	}
	r.ClearFaults()
	r.Inject(emulator.Fault{Method: "users.list", Status: 429, RetryAfter: 1})
	r.must(r.WaitSockets(r.ctx(), 2))
}

func TestCheckFindsWhatSlackDoesNotKnow(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t, func(s *setup) {
		s.bot.Roles["sre"] = directory.Role{Users: []string{"nobody", "nobody@example.com", "UNOBODY"}, Groups: []string{"no-group"}}
		s.bot.Retailers["lemon"] = view.Retailer{Channels: map[string]string{"change": "nowhere"}}
	})
	found := errors.Join(r.bot.Check(r.ctx())...).Error()
	bottest.Contains(t, found, `roles.sre: "nobody"`, `"nobody@example.com"`, `"UNOBODY"`, `"no-group"`, `retailers.lemon.channels.change`, `"nowhere"`)
	if strings.Contains(found, "bob") || strings.Contains(found, "tangerine") {
		t.Errorf("it complains of what is fine: %s", found)
	}
	r.Revoke("bot", "invalid_auth")
	bottest.Contains(t, errors.Join(r.bot.Check(r.ctx())...).Error(), "SLACK_BOT_TOKEN")
}

// A scope that only some steps need keeps the bot from nothing else: the check names
// the steps.
func TestCheckNamesTheStepsThatLackAScope(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		uses  string
		found string
	}{
		"it is used":     {"channel", "the step room of the procedure deployment needs the scope channels:manage and channels:join, which the bot token (SLACK_BOT_TOKEN) lacks"},
		"it is not used": {deployer.KindConfirm, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newColdFixture(t, func(s *setup) {
				s.slack.App.Scopes = append(names(scopes, ""), "reactions:write")
				p := s.bot.Procedures["deployment"]
				p.Rollback = append(p.Rollback, deployer.Step{ID: "room", Uses: c.uses})
				s.bot.Procedures = map[string]deployer.Procedure{"deployment": p}
			})
			said := ""
			if err := errors.Join(r.bot.Check(r.ctx())...); err != nil {
				said = err.Error()
			}
			if strings.Contains(said, "room") != (c.found != "") || !strings.Contains(said, c.found) {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// Without the scope for the reactions on cards nothing else is missing: the check says so
// once, and the bot runs.
func TestCheckSaysOnceThatThereAreNoReactions(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t, func(s *setup) { s.slack.App.Scopes = names(scopes, "") })
	found := r.bot.Check(r.ctx())
	want := "the reactions on cards need the scope reactions:write, which the bot token (SLACK_BOT_TOKEN) lacks"
	if said := errors.Join(found...); said == nil || strings.Count(said.Error(), "reactions") != 2 || !strings.Contains(said.Error(), want) {
		t.Errorf("it says %v", said)
	}
}
