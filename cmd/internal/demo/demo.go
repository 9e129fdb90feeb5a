// Package demo runs stationmaster on this machine with nothing else: a local
// Slack with a page in the browser, a simulated cluster and a registry in
// memory. Everything between them goes over real sockets, and each of them lets
// in only whom it was made for: see package origin.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// Options are what a demo can be told.
type Options struct {
	Listen  string // host:port of the local Slack and its page
	Version string
	Log     *slog.Logger
	Started func(url string) // called once, when a command typed into the page is answered

	speed float64           // of the simulated cluster; 0 is that of a real one
	adapt func(*app.Config) // changes the config before it is run; nil: it stays
}

// Run plays until ctx ends, which is no error.
func Run(ctx context.Context, o Options) error {
	dir, err := os.MkdirTemp("", "stationmaster-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := &stage{dir: dir, speed: o.speed}
	defer s.close()
	if err := s.build(o.Listen); err != nil {
		return err
	}
	cfg, err := app.Parse("demo.yaml", s.config())
	if err != nil {
		return fmt.Errorf("the demo's own config: %w", err)
	}
	if o.adapt != nil {
		o.adapt(&cfg)
	}
	a, err := app.New(ctx, cfg, app.Options{
		BotToken: s.botToken, AppToken: s.appToken, SlackURL: s.guard.URL() + "/api/", Version: o.Version, Log: o.Log,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s.work.Go(func() {
		if s.slack.WaitSockets(ctx, 1) != nil || s.waitPods(ctx) != nil {
			return
		}
		s.started.Store(true)
		if o.Started != nil {
			o.Started(s.guard.Page())
		}
	})
	err = a.Run(ctx)
	cancel()
	return errors.Join(err, a.Close())
}
