package app_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// No error path tells a secret: not to the person, not to the log, which is at
// its most talkative, and not to the database.
func TestErrorsTellNoSecret(t *testing.T) {
	slowtest.Only(t, "Slack away and back again")
	t.Parallel()
	tw := newAppFixture(t, plan{password: "stale-"})
	if said := tw.says("ana", "/deploy web v2"); said != "" {
		t.Errorf("it says %s", said)
	}
	tw.hears("ana", "Check its credentials under registries in the config.")
	tw.slack.Inject(emulator.Fault{Method: "*", Cut: true, Count: 5})
	tw.slack.CutSockets()
	tw.eventually("the sockets are back", func() bool { code, _ := tw.get("/readyz"); return code == 200 })
	tw.slack.Inject(emulator.Fault{Method: "*", Error: "internal_error", Count: 3})
	_ = tw.slack.Type(t.Context(), "ana", deploys, "/deploy api v2", "")
	tw.eventually("that was refused, too", func() bool { return strings.Count(tw.log.String(), "internal_error") > 0 })
	tw.stop()
	data, err := os.ReadFile(filepath.Join(tw.dir, "stationmaster.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{botToken, appToken, registrySaves} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the database holds %q", secret)
		}
	}
	info, err := os.Stat(filepath.Join(tw.dir, "stationmaster.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database is open to others: %v, %v", info.Mode(), err)
	}
}

// A config never shows what should not have been written into it, however it is
// written or printed.
func TestConfigShowsNoSecret(t *testing.T) {
	const saved = "hunter2-in-the-clear"
	t.Setenv("REGISTRY_PASSWORD", saved)
	with := func(registries string) []byte {
		return []byte(strings.Replace(contract, "registries: {}", registries, 1))
	}
	for name, registries := range map[string]string{
		"a literal":       "registries: {a.example: {username: u, password: " + saved + "}}",
		"a list":          "registries: {a.example: {username: u, password: [" + saved + "]}}",
		"a mapping":       "registries: {a.example: {username: u, password: {is: " + saved + "}}}",
		"a missing file":  "registries: {a.example: {username: u, password: '${FILE:/does/not/exist}'}}",
		"an empty file":   "registries: {a.example: {username: u, password: '${FILE:/dev/null}'}}",
		"a half template": "registries: {a.example: {username: u, password: '${ENV:REGISTRY_PASSWORD}" + saved + "'}}",
		"no user":         "registries: {a.example: {password: '${ENV:REGISTRY_PASSWORD}'}}",
		"a plain scalar":  "registries: {a.example: " + saved + "}",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := app.Parse("sm.yaml", with(registries))
			if err == nil || strings.Contains(err.Error(), saved) || !strings.Contains(err.Error(), "sm.yaml:") {
				t.Errorf("the error is %v", err)
			}
		})
	}
	cfg, err := app.Parse("sm.yaml", with("registries: {a.example: {username: u, password: '${ENV:REGISTRY_PASSWORD}'}}"))
	if err != nil {
		t.Fatal(err)
	}
	password, err := cfg.Registries["a.example"].Password()
	if string(password) != saved || err != nil {
		t.Errorf("the password is not the one that was set: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %#v", cfg, cfg, cfg, password, password); strings.Contains(text, saved) {
		t.Errorf("printed, it is %s", text)
	}
}
