package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// With fresh tokens, those that everybody knows are taken of programs on this machine alone.
func TestKnownTokensAreForProgramsOnThisMachine(t *testing.T) {
	t.Parallel()
	cfg := emulator.Config{App: emulator.App{Name: "App"}}
	cfg.App.FreshTokens()
	if a := cfg.App; a.BotToken == "xoxb-local" || !strings.HasPrefix(a.AppToken, "xapp-") {
		t.Errorf("the tokens are %s and %s", a.BotToken, a.AppToken)
	}
	s := emulator.New(cfg)
	t.Cleanup(s.Close)
	for what, c := range map[string]struct {
		token, from, header string
		want                string
	}{
		"a program here":            {"xoxb-local", "127.0.0.1:50000", "", `"ok":true`},
		"a program here, by IPv6":   {"xoxb-local", "[::1]:50000", "", `"ok":true`},
		"a program elsewhere":       {"xoxb-local", "192.0.2.7:50000", "", "invalid_auth"},
		"a page":                    {"xoxb-local", "127.0.0.1:50000", "Origin", "invalid_auth"},
		"an image on a page":        {"xoxb-local", "127.0.0.1:50000", "Sec-Fetch-Dest", "invalid_auth"},
		"an image on an older one":  {"xoxb-local", "127.0.0.1:50000", "Referer", "invalid_auth"},
		"a program of Node.js":      {"xoxb-local", "127.0.0.1:50000", "Sec-Fetch-Mode", `"ok":true`},
		"the fresh one, elsewhere":  {cfg.App.BotToken, "192.0.2.7:50000", "", `"ok":true`},
		"a fresh one of another":    {"xoxb-ABCDEFGH", "127.0.0.1:50000", "", "invalid_auth"},
		"the app's where the bot's": {"xapp-local", "127.0.0.1:50000", "", `"ok":true`}, // auth.test takes any
	} {
		r := httptest.NewRequest(http.MethodPost, "/api/auth.test", nil)
		r.RemoteAddr = c.from
		r.Header.Set("Authorization", "Bearer "+c.token)
		if c.header != "" {
			r.Header.Set(c.header, "something")
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %s, want %s", what, w.Body, c.want)
		}
	}
}

// An upload is for whoever asked for it: the number of a file, which can be guessed, is not enough.
func TestBytesOfAnUploadNeedItsTicket(t *testing.T) {
	w := start(t)
	var made struct {
		ID  string `json:"file_id"`
		URL string `json:"upload_url"`
	}
	w.into(&made, "files.getUploadURLExternal", "filename", "c.txt", "length", "1")
	for address, want := range map[string]int{w.url + "/upload/" + made.ID: 404, w.url + "/upload/" + made.ID + ".guess": 404, made.URL: 200} {
		resp, err := http.Post(address, "application/octet-stream", strings.NewReader("x"))
		w.must(err)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", address, resp.Status, want)
		}
	}
}
