package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/deployer"
)

// Tokens of two apps: the log says it, readiness, and the check.
func TestTokensOfTwoAppsAreSaid(t *testing.T) {
	t.Parallel()
	const says = "the app-level token (SLACK_APP_TOKEN) is of the app A1LOCAL, and the bot token (SLACK_BOT_TOKEN) of the app A0LOCAL"
	r := newColdFixture(t, func(s *setup) {
		s.slack.Others = []emulator.App{{Name: "other"}}
		s.tokens = [2]deployer.Secret{localTokens[0], localTokens[1] + "-1"}
	})
	bottest.Contains(t, errors.Join(r.bot.Check(r.ctx())...).Error(), says)
	r.start()
	r.must(r.WaitSockets(r.ctx(), 2))
	r.eventually("it says that it is not ready", func() bool { err := r.bot.Ready(); return err != nil && strings.Contains(err.Error(), says) })
	if n := strings.Count(r.log.String(), says); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
}

// Two processes on the same tokens, each with its own database.
func TestTwoProcessesOnOneAppAreSaid(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		if err := errors.Join(r.bot.Check(r.ctx())...); err != nil && strings.Contains(err.Error(), "sockets") {
			t.Errorf("beside one process, the check says %v", err)
		}
		client := slackapi.New(localTokens[0], localTokens[1], bottest.WireURL+"/api/")
		client.HTTP.Transport = r.bot.client.HTTP.Transport
		other := botOn(client, r.bot.cfg, newFakeEngine(), &fakeSystems{}, tuning{stagger: time.Second})
		ended := make(chan error, 1)
		ctx, stop := context.WithCancel(t.Context())
		go func() { ended <- other.Run(ctx) }()
		defer func() { stop(); <-ended }()
		time.Sleep(5 * time.Minute)
		if err := other.Ready(); err == nil || !strings.Contains(err.Error(), "another process uses its app-level token (SLACK_APP_TOKEN)") {
			t.Errorf("the second is ready: %v", err)
		}
		bottest.Contains(t, errors.Join(r.bot.Check(r.ctx())...).Error(), "another process uses its app-level token (SLACK_APP_TOKEN)")
		if n := len(r.Sockets()); n < 2*socketmode.PerProcess {
			t.Errorf("%d sockets are open", n)
		}
	})
}

// A token of a whole organization is said to be one, once, with the argument that Slack
// wants; "Slack can't be reached" went on for ever.
func TestOrgWideTokenIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t, func(s *setup) { s.slack.App.OrgWide = true })
	says := []string{"SLACK_BOT_TOKEN", "of a whole organization", "the argument team_id", "install the app in one workspace"}
	bottest.Contains(t, errors.Join(r.bot.Check(r.ctx())...).Error(), says...)
	r.start()
	err := r.ended()
	if err == nil {
		t.Fatal("it goes on")
	}
	bottest.Contains(t, err.Error(), says...)
	if strings.Contains(r.log.String(), "can't be reached") {
		t.Errorf("the log says %s", r.log)
	}
}
