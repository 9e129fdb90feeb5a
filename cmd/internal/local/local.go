// Package local runs the local Slack alone, for any app: the one of whoever has a Slack app of their own to try.
package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/emulator/origin"
)

// Options say what the workspace is like. The zero value is one with a few people and channels, in which the app may
// do everything.
type Options struct {
	Listen   string   // host:port; "" is a free port of this machine
	Manifest string   // the file with the app's manifest, in YAML or JSON; "" is an app with every scope, event and command
	People   []string // handles, each perhaps followed by =Name; none are ana, bob, rosa
	Groups   []string // user groups, each as handle=handle,handle
	Channels []string // names; none are general and random
	Limits   bool     // Slack's rate limits
	Started  func(Address)
}

// An Address is how an app reaches the workspace.
type Address struct {
	Page, API          string // the page in the browser; what a client on this machine takes for https://slack.com/api/
	BotToken, AppToken string
	Fresh              bool // the tokens are new at each start, since not only this machine reaches the workspace
}

// Run serves the workspace until ctx ends, which is no error.
func Run(ctx context.Context, o Options) error {
	cfg, err := workspace(o)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", cmp.Or(o.Listen, "127.0.0.1:0"))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the address %s is taken; choose one with --listen, such as --listen 127.0.0.1:8081", o.Listen)
	}
	if err != nil {
		return fmt.Errorf("listen for the local Slack: %w", err)
	}
	slack, guard := emulator.New(cfg), origin.New(l, o.Listen)
	guard.Token = cfg.App.BotToken
	server := &http.Server{Handler: guard.Slack(slack.Handler()), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		slack.Close()
		_ = server.Close() // whoever still waits for an answer gets none
	})
	defer stop()
	if o.Started != nil {
		o.Started(addressOf(guard, cfg.App))
	}
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		slack.Close()
		return fmt.Errorf("serve the local Slack: %w", err)
	}
	return nil
}

// addressOf has the tokens that are the same at each start where nobody but this machine can use them.
func addressOf(guard *origin.Guard, app emulator.App) Address {
	a := Address{Page: guard.Page(), API: guard.URL() + "/api/", BotToken: app.BotToken, AppToken: app.AppToken, Fresh: !guard.Loopback()}
	if !a.Fresh {
		a.BotToken, a.AppToken = app.LocalTokens[0], app.LocalTokens[1]
	}
	return a
}

// workspace turns the options into one.
func workspace(o Options) (emulator.Config, error) {
	c := emulator.Config{
		App:        emulator.App{Name: "App", Events: emulator.EveryEvent(), AnyCommand: o.Manifest == ""},
		RateLimits: o.Limits,
	}
	c.App.FreshTokens()
	if o.Manifest != "" {
		text, err := os.ReadFile(o.Manifest)
		if err == nil {
			err = c.Install(text)
		}
		if err != nil {
			return c, fmt.Errorf("%s: %w", o.Manifest, err)
		}
	}
	for _, p := range or(o.People, "ana=Ana", "bob=Bob", "rosa=Rosa") {
		handle, name, _ := strings.Cut(p, "=")
		c.Users = append(c.Users, emulator.User{
			Name: handle, DisplayName: name, RealName: cmp.Or(name, handle), Email: handle + "@example.com", TZ: "UTC",
		})
	}
	for _, g := range o.Groups {
		handle, members, ok := strings.Cut(g, "=")
		if !ok {
			return c, fmt.Errorf("the group %q has no members; write it as %s=ana,bob", g, handle)
		}
		group := emulator.UserGroup{Handle: handle, Members: strings.Split(members, ",")}
		for _, m := range group.Members {
			if !known(c.Users, m) {
				return c, fmt.Errorf("the group %s has the member %q, who is nobody of --person", handle, m)
			}
		}
		c.UserGroups = append(c.UserGroups, group)
	}
	for _, name := range or(o.Channels, "general", "random") {
		c.Channels = append(c.Channels, emulator.Channel{Name: strings.TrimPrefix(name, "#")})
	}
	return c, nil
}

func or(given []string, otherwise ...string) []string {
	if len(given) > 0 {
		return given
	}
	return otherwise
}

func known(users []emulator.User, handle string) bool {
	for _, u := range users {
		if u.Name == handle {
			return true
		}
	}
	return false
}
