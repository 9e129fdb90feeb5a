package webapi

import (
	"net/http"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/bot/emulator/origin"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// tokens remembers what has become of the app's tokens.
type tokens struct {
	mu       sync.Mutex
	bot, app string // an error word, or "" while the token is good
}

// Revoke makes every call with the bot token ("bot") or the app-level token ("app") fail with word
// (token_revoked, account_inactive, invalid_auth, token_expired). An empty word makes the token good again.
func (s *API) Revoke(token, word string) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	if token == "app" {
		s.auth.app = word
	} else {
		s.auth.bot = word
	}
}

// authorize checks the token and its scopes, as a field or in the header.
func (s *API) authorize(h http.Header, r *http.Request, m method, a Args) *Failure {
	token := a.Str("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	token = s.meant(r, token)
	s.auth.mu.Lock()
	bot, app := s.auth.bot, s.auth.app
	s.auth.mu.Unlock()
	var scopes []string
	switch token {
	case "":
		if r.PathValue("method") == "api.test" {
			return nil
		}
		return refuse("not_authed")
	case s.cfg.App.BotToken:
		if bot != "" {
			return refuse(bot)
		}
		if m.token != "" {
			return refuse("not_allowed_token_type")
		}
		scopes = s.cfg.App.Scopes
	case s.cfg.App.AppToken:
		if app != "" {
			return refuse(app)
		}
		if m.token == userToken || m.token == "" && len(m.scopes) > 0 {
			return refuse("not_allowed_token_type")
		}
		scopes = []string{"connections:write", "authorizations:read"}
	default:
		return refuse("invalid_auth")
	}
	h.Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	h.Set("X-Accepted-OAuth-Scopes", strings.Join(m.scopes, ","))
	return scoped(m.scopes, scopes)
}

// meant is the token itself, or the one that a program on this machine means by one that everybody knows.
func (s *API) meant(r *http.Request, token string) string {
	app := s.cfg.App
	switch {
	case token == "" || !origin.FromProgram(r):
	case token == app.LocalTokens[0]:
		return app.BotToken
	case token == app.LocalTokens[1]:
		return app.AppToken
	}
	return token
}

// scoped refuses when none of the needed scopes was granted.
func scoped(needed, granted []string) *Failure {
	if workspace.AnyScope(needed, granted) {
		return nil
	}
	return &Failure{"missing_scope", obj{"needed": strings.Join(needed, ","), "provided": strings.Join(granted, ",")}}
}

// revokeToken is auth.revoke: the token is of no more use, unless this is only a test.
func revokeToken(c *call) (obj, *Failure) {
	if c.bool("test") {
		return obj{"revoked": false}, nil
	}
	c.Revoke("bot", "token_revoked")
	return obj{"revoked": true}, nil
}

func apiTest(c *call) (obj, *Failure) {
	if e := c.Str("error"); e != "" {
		return nil, refuse(e)
	}
	return obj{"args": c.Args}, nil
}

// openConnection is apps.connections.open.
func openConnection(c *call) (obj, *Failure) {
	c.ws.ResponseURLs.SetBase(c.base)
	return obj{"url": c.ticket(c.base)}, nil
}

func authTest(c *call) (obj, *Failure) {
	t, a := c.cfg.Team, c.cfg.App
	o := obj{"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID, "user": a.BotName,
		"user_id": a.BotUserID, "bot_id": a.BotID, "is_enterprise_install": false}
	if t.Enterprise != "" {
		o["enterprise_id"] = t.Enterprise
	}
	return o, nil
}

// listAuthorizations is apps.event.authorizations.list.
func listAuthorizations(c *call) (obj, *Failure) {
	if !strings.HasPrefix(c.Str("event_context"), "4-") {
		return nil, refuse("invalid_event_context")
	}
	return page(c, "authorizations", c.ws.Events.Authorizations(), 100)
}
