package bot

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// bubble runs a bot against a local Slack where time passes by itself.
func bubble(t *testing.T, do func(t *testing.T, s *emulator.Server, b *Bot)) {
	synctest.Test(t, func(t *testing.T) {
		slackd := emulator.New(workspace())
		w, end := bottest.ServeOn(slackd.Handler())
		cfg := settings()
		cfg.Log = slog.New(slog.DiscardHandler)
		book := newFakeEngine()
		client := slackapi.New(localTokens[0], localTokens[1], bottest.WireURL+"/api/")
		client.HTTP.Transport = w.Transport()
		b := botOn(client, cfg, book, &fakeSystems{}, tuning{})
		book.People = b.people
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				t.Errorf("Run ended with %v", err)
			}
			client.HTTP.CloseIdleConnections()
			slackd.Close()
			end()
		}()
		time.Sleep(time.Minute) // both sockets are open
		do(t, slackd, b)
	})
}
