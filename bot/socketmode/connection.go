package socketmode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

const (
	// steadyFor is how long a connection has to last to be taken for a good one.
	steadyFor = time.Minute
	// disabledFor is the least time between two tries of a connection that Slack
	// does not want. A person has to change something first: one who has just done
	// so waits no longer than twice that.
	disabledFor = 30 * time.Second
)

// A Connection keeps one Socket Mode connection open. When Slack wants to refresh
// it, the next one is opened before the old one goes.
type Connection struct {
	API     *slackapi.Client
	Receive func(Envelope) // must return at once
	Outages *Outages
	Peers   *Peers // who else is connected; nil: nobody asks
	Log     *slog.Logger

	mu      sync.Mutex
	sockets []*Socket // that are open, the newest last
	serving sync.WaitGroup
}

// Run keeps the connection up until ctx ends, which is no error, or until Slack
// refuses for good.
func (c *Connection) Run(ctx context.Context, delay time.Duration) error {
	defer c.serving.Wait()
	for tries := 0; slackapi.Sleep(ctx, delay); {
		socket, err := c.open(ctx)
		if err == nil {
			c.serve(ctx, socket)
			stop := c.lookAgain(socket)
			<-socket.leaving
			stop()
			c.Outages.left()
			if time.Since(socket.opened) > steadyFor {
				tries = 0
			}
			err = &disconnected{socket.why()}
		}
		if ctx.Err() != nil {
			break
		}
		if refusal := slackapi.FinalError(err, slackapi.AppToken); refusal != nil {
			return refusal
		}
		delay = Pause(err, tries)
		tries++
		if d, ok := errors.AsType[*disconnected](err); !ok || d.reason != renewed {
			c.complain(err, delay)
		}
	}
	return nil
}

// open asks Slack for an address and connects to it.
func (c *Connection) open(ctx context.Context) (*Socket, error) {
	address, err := c.API.SocketURL(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask Slack for a socket: %w", err)
	}
	c.Peers.opening()
	s, err := dial(ctx, c.API.HTTP, address)
	if err != nil {
		c.Peers.ended()
	}
	return s, err
}

// serve takes envelopes off the socket until it is gone, however long after
// Slack wanted it to go: what came on it is acknowledged on it.
func (c *Connection) serve(ctx context.Context, s *Socket) {
	c.mu.Lock()
	c.sockets = append(c.sockets, s)
	c.mu.Unlock()
	c.Outages.opened()
	c.Log.Info("socket is open")
	ctx, cancel := context.WithCancel(ctx)
	c.serving.Go(func() {
		err := s.serve(ctx, c.Receive)
		c.Peers.ended()
		c.mu.Lock()
		c.sockets = slices.DeleteFunc(c.sockets, func(x *Socket) bool { return x == s })
		c.mu.Unlock()
		c.Log.Info("socket has ended", "reason", s.why(), "err", err)
		cancel()
	})
	c.serving.Go(func() {
		defer cancel()
		select {
		case <-s.leaving:
			slackapi.Sleep(ctx, lingerFor)
		case <-ctx.Done():
		}
	})
}

// Sockets returns those that are open, the best to write on first.
func (c *Connection) Sockets() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	newestFirst := slices.Clone(c.sockets)
	slices.Reverse(newestFirst)
	return newestFirst
}

// Pause is how long to wait before the next try. The first one comes at once,
// unless Slack asked for something else.
func Pause(err error, tries int) time.Duration {
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return limit.RetryAfter
	}
	if d, ok := errors.AsType[*disconnected](err); ok {
		switch d.reason {
		case "link_disabled", "too_many_websockets":
			return disabledFor + rand.N(disabledFor)
		}
	}
	if tries == 0 {
		return 0
	}
	wait := min(250*time.Millisecond<<min(tries, 10), time.Minute)
	return wait/2 + rand.N(wait/2)
}

// complain says in the log what is wrong, and what a person can do about it.
func (c *Connection) complain(err error, delay time.Duration) {
	hint := "the next try comes by itself"
	level := slog.LevelWarn
	if d, ok := errors.AsType[*disconnected](err); ok {
		switch d.reason {
		case "link_disabled":
			hint, level = "Socket Mode is switched off: switch it on in the app's settings at api.slack.com", slog.LevelError
		case "too_many_websockets":
			hint, level = "ten sockets of this app are open: does another program use its app-level token?", slog.LevelError
		default:
			level = slog.LevelInfo
		}
	}
	c.Log.Log(context.Background(), level, "socket is down", "err", err, "hint", hint, "again in", delay.Round(time.Millisecond))
}
