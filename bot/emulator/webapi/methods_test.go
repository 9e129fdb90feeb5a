package webapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Every method refuses who has no token, who has another token than it wants, and who lacks its scopes, and says which.
func TestEveryMethodWantsItsScope(t *testing.T) {
	api := New(workspace.New(workspace.Config{App: workspace.App{Scopes: []string{"none"}}}), &fault.Queue{}, func(string, string) string { return "" })
	mux := http.NewServeMux()
	api.Routes(mux)
	ask := func(name, token string) (a struct{ Error, Needed, Provided string }) {
		r := httptest.NewRequest(http.MethodPost, "/api/"+name, nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if err := json.NewDecoder(w.Body).Decode(&a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return a
	}
	for name, m := range methods {
		if a := ask(name, ""); name != "api.test" && a.Error != "not_authed" {
			t.Errorf("%s without a token: %+v", name, a)
		}
		a := ask(name, "xoxb-local")
		api.Revoke("bot", "") // auth.revoke did what it is for
		switch {
		case m.token != "" && a.Error != "not_allowed_token_type":
			t.Errorf("%s with the bot's token: %+v", name, a)
		case m.token == "" && len(m.scopes) > 0 && (a.Error != "missing_scope" || a.Needed != strings.Join(m.scopes, ",") || a.Provided != "none"):
			t.Errorf("%s without a scope: %+v", name, a)
		case (m.token == userToken || m.token == "" && len(m.scopes) > 0) && ask(name, "xapp-local").Error != "not_allowed_token_type":
			t.Errorf("%s takes the app's token", name)
		}
	}
}
