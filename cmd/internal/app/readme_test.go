package app_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/trial"
)

// The config and the procedure that README shows are taken as they stand, and the
// procedure runs to its end with the words that are there.
func TestReadmeIsTrue(t *testing.T) {
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(begin string) string {
		for _, b := range strings.Split(string(data), "```yaml\n")[1:] {
			if text, _, _ := strings.Cut(b, "```"); strings.HasPrefix(text, begin) {
				return text
			}
		}
		t.Fatalf("README has no YAML that begins with %q", begin)
		return ""
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("procedures", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("procedures/quick.yaml", []byte(block("id: quick")), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("REGISTRY_PASSWORD", "secret")
	t.Setenv("STATUS_TOKEN", "secret")
	cfg, err := app.Parse("README.md", []byte(block("# yaml-language-server:")))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Procedures["quick"].Steps) < 2 || len(cfg.Doubts) > 1 || cfg.Services["web"].Image == "" { // that nothing proves it, it is told
		t.Errorf("%+v", cfg)
	}
	results, err := trial.Run(trial.Setting{Procedures: cfg.Procedures, Language: language.Runtime{}}, "quick.test.yaml",
		[]byte("procedure: quick\nstart: {services: {web: v2}}\ntests: [{name: It runs as it is, expect: {end: complete}}]"))
	if err != nil || len(results) != 1 || len(results[0].Wrong) > 0 {
		t.Error(results, err)
	}
}
