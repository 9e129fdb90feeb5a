package webapi

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/bot/emulator/origin"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// perTeam are the methods that an org-wide token calls for one workspace: "required if org token is used".
var perTeam = []string{"users.list", "conversations.list", "users.conversations", "usergroups.list", "usergroups.users.list"}

// tokens remembers what has become of the tokens of the first app.
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

// authorize checks the token and its scopes, as a field or in the header, and finds out which app calls.
func (c *call) authorize(h http.Header, r *http.Request, m method) *Failure {
	token := c.Str("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	token = c.meant(r, token)
	if token == "" {
		if c.method == "api.test" {
			return nil
		}
		return refuse("not_authed")
	}
	apps := c.ws.Config.Apps()
	i := slices.IndexFunc(apps, func(a workspace.App) bool { return token == a.BotToken || token == a.AppToken })
	if i < 0 {
		return refuse("invalid_auth")
	}
	c.cfg.App = apps[i]
	ofApp := token == c.cfg.App.AppToken
	if word := c.revoked(ofApp); word != "" && i == 0 {
		return refuse(word)
	}
	scopes := c.cfg.App.Scopes
	switch {
	case ofApp && (m.token == userToken || m.token == "" && len(m.scopes) > 0), !ofApp && m.token != "":
		return refuse("not_allowed_token_type")
	case ofApp:
		scopes = []string{"connections:write", "authorizations:read"}
	}
	h.Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	h.Set("X-Accepted-OAuth-Scopes", strings.Join(m.scopes, ","))
	return scoped(m.scopes, scopes)
}

// revoked is the word that a token of the first app is refused with; "" while it is good.
func (s *API) revoked(app bool) string {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	if app {
		return s.auth.app
	}
	return s.auth.bot
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
	return obj{"url": c.ticket(c.base, c.cfg.App.ID)}, nil
}

func authTest(c *call) (obj, *Failure) {
	t, a := c.cfg.Team, c.cfg.App
	o := obj{"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID, "user": a.BotName,
		"user_id": a.BotUserID, "bot_id": a.BotID, "is_enterprise_install": a.OrgWide}
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
