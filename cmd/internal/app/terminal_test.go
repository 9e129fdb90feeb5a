package app_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// The socket lies beside the database as soon as somebody has a login, or where the
// config says; without a login nobody is answered.
func TestSocketIsBesideTheDatabase(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]app.Socket{
		"":                               {},
		"people: {UANA: {login: ana}}\n": {Path: "stationmaster.db.sock"},
		"people: {UANA: {login: \"1000\"}}\nsocket: /run/sm.sock\n":                      {Path: "/run/sm.sock", Named: true},
		"people: {UANA: {login: ana}}\nsocket: {path: /run/sm.sock, group: deployers}\n": {Path: "/run/sm.sock", Group: "deployers", Named: true},
		"people: {UANA: {login: ana}}\nsocket: {group: deployers}\n":                     {Path: "stationmaster.db.sock", Group: "deployers"},
	} {
		cfg, err := app.Parse("sm.yaml", []byte(contract+more))
		if err != nil {
			t.Errorf("%s: %v", more, err)
			continue
		}
		if cfg.Socket != want {
			t.Errorf("%s: %+v, want %+v", more, cfg.Socket, want)
		}
		if path, err := app.SocketOf(cfg); path != want.Path || (err != nil) != (want.Path == "") {
			t.Errorf("%s: %q, %v", more, path, err)
		}
	}
	long := "socket: /" + strings.Repeat("x", 120) + "\n"
	if _, err := app.Parse("sm.yaml", []byte(contract+long)); err == nil || !strings.Contains(err.Error(), "at most 103 bytes") {
		t.Errorf("a path that no socket can have: %v", err)
	}
}

// One login is one person, and a person.
func TestLoginIsOnePersons(t *testing.T) {
	t.Parallel()
	for people, want := range map[string]string{
		"{UANA: {login: ana}, UBOB: {login: ana}}": "ana is the login of UANA already",
		"{UANA: {login: nobody}}":                  "the login nobody is no person",
		"{UANA: {login: \"65534\"}}":               "the login 65534 is no person",
		"{UANA: {login: \"ana and bob\"}}":         "not \"ana and bob\"",
		"{UANA: {login: \"\"}}":                    "a login is the name or the number",
		"{UANA: {}}":                               "has no other accounts and no login",
	} {
		if _, err := app.Parse("sm.yaml", []byte(contract+"people: "+people+"\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", people, err, want)
		}
	}
}
