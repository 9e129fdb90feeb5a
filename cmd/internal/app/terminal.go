package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/stationmaster/stationmaster/bot"
	"github.com/stationmaster/stationmaster/cmd/internal/control"
	"github.com/stationmaster/stationmaster/store"
)

// A Socket is where people at a terminal of the machine are answered.
type Socket struct {
	Path  string // "": nobody is
	Group string // whose members may use it besides the process's own user; "": nobody
	Named bool   // the config says where it is; else a process goes on without
}

// socket is where the socket is: beside the database, where nothing else is said and
// somebody has a login.
func socket(c *checker, cfg Config) Socket {
	at := c.file.Socket.Path
	s := Socket{Path: at.Value, Group: c.file.Socket.Group.Value, Named: at.Value != ""}
	if !s.Named && len(logins(cfg)) > 0 {
		if file, err := store.Path(cfg.Store); err == nil {
			s.Path = file + ".sock"
		}
	}
	if err := control.CheckPath(s.Path); err != nil && s.Named {
		c.wrong(at, "%v", err)
	}
	return s
}

// logins are the people who have one, by it.
func logins(cfg Config) map[string]string {
	out := map[string]string{}
	for id, p := range cfg.People {
		if p.Login != "" {
			out[p.Login] = id
		}
	}
	return out
}

// SocketOf is the path where a process with that config answers.
func SocketOf(cfg Config) (string, error) {
	if cfg.Socket.Path == "" {
		return "", errors.New("the config gives nobody a login, so no process answers: people: {YOUR-SLACK-ID: {login: ana}}")
	}
	return cfg.Socket.Path, nil
}

// openSocket opens the socket, if there is one. What the config does not name is not
// worth an end.
func (a *App) openSocket() (err error) {
	s := a.cfg.Socket
	if s.Path == "" {
		return nil
	}
	if a.socket, err = control.Listen(s.Path, s.Group); err != nil && !s.Named {
		a.opts.Log.Warn("nobody can act at a terminal when Slack is away; say under socket where its socket may be", "err", err)
		a.socket, err = nil, nil
	}
	return err
}

// answerTerminals answers people at a terminal until ctx ends.
func (a *App) answerTerminals(ctx context.Context) error {
	terminal := bot.Terminal{Bot: a.bot}
	s := &control.Server{
		Logins: logins(a.cfg), People: terminal, Sight: terminal, Deployments: a.store, Role: a.people.Role, Away: a.bot.Away, Log: a.opts.Log,
	}
	return s.Serve(ctx, a.socket)
}

// hold is why nothing new may change what runs: Slack is away, so that nobody would
// see it, and only who has a login could do something about it.
func (a *App) hold() string {
	since := a.bot.Away()
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf("Slack has been out of reach since %s UTC, and nothing new begins without it.", since.UTC().Format("2 Jan 15:04"))
}
