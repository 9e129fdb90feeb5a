package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// besides is a folder with a config that is not where the tests run, and with files that it
// names by their paths from there.
func besides(t *testing.T, more string) (config string) {
	t.Helper()
	folder := t.TempDir()
	config = filepath.Join(folder, "sm.yaml")
	text := strings.NewReplacer("/path/kubeconfig", "kube/config", "registries: {}", "registries: {a.example: {username: u, password: '${FILE:secrets/password}'}}",
		"procedure: deployment", "procedure: looks").Replace(contract)
	for name, data := range map[string]string{
		"sm.yaml": text + "procedures: ./own\n" + more, "secrets/password": "of a file",
		"own/looks.yaml": `id: looks
title: Looks
services: one
unapproved: a test
vars: {url: "https://{service}.example"}
phases: [{id: go, steps: [{id: health, uses: probe.http, with: {url: "{vars.url}/health"}}]}]
`,
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// What a config names by a relative path is in its folder, wherever the program was started.
func TestPathsBeginInTheFolderOfTheConfig(t *testing.T) {
	t.Parallel()
	config := besides(t, "")
	cfg, err := app.Load(config)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(config)
	if is := cfg.Clusters["prod-1"].Kubeconfig; is != filepath.Join(folder, "kube", "config") {
		t.Errorf("the kubeconfig is %s", is)
	}
	if secret, err := cfg.Registries["a.example"].Password(); err != nil || string(secret) != "of a file" {
		t.Errorf("the password is %q, %v", string(secret), err)
	}
	if _, ok := cfg.Procedures["looks"]; !ok || !strings.Contains(strings.Join(cfg.Doubts, "\n"), filepath.Join(folder, "own", "looks.yaml")+":") {
		t.Errorf("its procedures are not there, or their doubts name no file: %q", cfg.Doubts)
	}
	if cfg.Store != "bolt://stationmaster.db" {
		t.Errorf("the store is %s", cfg.Store)
	}
	if err := os.RemoveAll(filepath.Join(folder, "own")); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Load(config); err == nil || !strings.Contains(err.Error(), "there is no folder "+filepath.Join(folder, "own")+";") {
		t.Errorf("%v", err)
	}
}

// What is wrong with a var of the config is said with its place by whatever reads the
// config: a text by refusing it, a name that no procedure has as a warning.
func TestVarsOfTheConfigAreLookedAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ more, mistake, doubt string }{
		{"vars: {url: \"https://{retailer}.example\"}\n", "", ""},
		{"vars: {ulr: https://x.example}\n", "", `22:8: there is no var in a procedure "ulr"; did you mean "url"?`},
		{"groups: {west: {vars: {url: \"https://{retialer}.example\"}}}\n", `22:38: there is no {retialer}; did you mean {retailer}?`, ""},
		{"vars: {url: \"https://{vars.host}.example\"}\n", `22:22: there is no var "host"`, ""},
	} {
		config := besides(t, c.more)
		procedure := filepath.Join(filepath.Dir(config), "own", "looks.yaml")
		cfg, err := app.Load(config)
		found, err2 := app.Validate(config, []string{procedure})
		if err2 != nil {
			t.Fatal(err2)
		}
		if c.mistake == "" {
			if err != nil || len(found.Mistakes) > 0 {
				t.Errorf("%s: %v, %v", c.more, err, found.Mistakes)
			}
		} else if want := config + ":" + c.mistake; err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasPrefix(found.Mistakes.Error(), want) {
			t.Errorf("%s: not %q: %v, %v", c.more, want, err, found.Mistakes)
		}
		if want := config + ":" + c.doubt; c.doubt != "" && (!slices.Contains(app.Warnings(cfg), want) || !strings.Contains(found.Doubts.Error(), want)) {
			t.Errorf("%s: not %q: %q, %v", c.more, want, app.Warnings(cfg), found.Doubts)
		} else if c.doubt == "" && strings.Contains(found.Doubts.Error(), config) {
			t.Errorf("%s: %v", c.more, found.Doubts)
		}
	}
}

// A var that only the procedure has which is validated is no typing mistake.
func TestVarsOfWhatIsValidatedCount(t *testing.T) {
	t.Parallel()
	config := besides(t, "vars: {of-another: x}\n")
	another := filepath.Join(t.TempDir(), "another.yaml")
	if err := os.WriteFile(another, []byte("id: another\ntitle: Another\nservices: none\nvars: {of-another: y}\nphases: [{id: go, steps: [{id: a, uses: confirm, how: \"{vars.of-another}\"}]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := app.Validate(config, []string{another}); err != nil || len(found.Mistakes)+len(found.Doubts) > 0 {
		t.Error(err, found)
	}
}

// A config among the procedures is one mistake, and not one for each of its keys.
func TestAConfigIsNoProcedure(t *testing.T) {
	t.Parallel()
	config := besides(t, "")
	found, err := app.Validate("", []string{config})
	want := config + ":1:1: this looks like the config, and not like a procedure; `stationmaster check --config " + config + "` looks at it"
	if err != nil || found.Mistakes.Error() != want {
		t.Errorf("%v, %v", err, found.Mistakes)
	}
}

// Several roles that approve, or decide, may lock, and none without a name.
func TestWhoeverApprovesWithOthersMayLock(t *testing.T) {
	t.Parallel()
	config := besides(t, "")
	procedure := filepath.Join(filepath.Dir(config), "own", "looks.yaml")
	text := `id: looks
title: Looks
services: one
phases: [{id: go, steps: [{id: approve, uses: approve, with: {roles: {tech-lead: 1, security: 1}}}, {id: rollout, uses: rollout}]}]
failure: {decide: [on-call, chief]}
`
	if err := os.WriteFile(procedure, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := app.Parse(config, []byte(strings.Replace(string(data), "roles:\n", "roles:\n  security: {users: [sam]}\n  chief: {users: [eve]}\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Join(app.Permissions(cfg), "\n"); !strings.Contains(rows, "everything is locked by chief or on-call or security or tam of tangerine or tech-lead") || strings.Contains(rows, " by  or") {
		t.Error(rows)
	}
}
