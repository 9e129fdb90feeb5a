package emulator

import (
	"net/http"
	"slices"
	"strings"
	"sync"
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
func (s *API) authorize(h http.Header, r *http.Request, m method, a args) *refusal {
	token := a.str("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
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

// scoped refuses when none of the needed scopes was granted.
func scoped(needed, granted []string) *refusal {
	if anyScope(needed, granted) {
		return nil
	}
	return &refusal{"missing_scope", obj{"needed": strings.Join(needed, ","), "provided": strings.Join(granted, ",")}}
}

// granted says whether the bot token has a scope.
func (a App) granted(scope string) bool { return slices.Contains(a.Scopes, scope) }

// anyScope says whether one of the needed scopes, if any are needed, was granted.
func anyScope(needed, granted []string) bool {
	return len(needed) == 0 || slices.ContainsFunc(needed, func(n string) bool { return slices.Contains(granted, n) })
}

// revokeToken is auth.revoke: the token is of no more use, unless this is only a test.
func revokeToken(c *call) (obj, *refusal) {
	if c.bool("test") {
		return obj{"revoked": false}, nil
	}
	c.Revoke("bot", "token_revoked")
	return obj{"revoked": true}, nil
}

func authTeams(c *call) (obj, *refusal) {
	return page(c, "teams", []obj{{"id": c.cfg.Team.ID, "name": c.cfg.Team.Name}}, 100)
}

func apiTest(c *call) (obj, *refusal) {
	if e := c.str("error"); e != "" {
		return nil, refuse(e)
	}
	return obj{"args": c.args}, nil
}

// openConnection is apps.connections.open.
func openConnection(c *call) (obj, *refusal) {
	c.ws.urls.setBase(c.base)
	return obj{"url": c.ticket(c.base)}, nil
}

func authTest(c *call) (obj, *refusal) {
	t, a := c.cfg.Team, c.cfg.App
	return obj{"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID, "user": a.BotName,
		"user_id": a.BotUserID, "bot_id": a.BotID, "is_enterprise_install": false}, nil
}
