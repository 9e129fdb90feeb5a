package app_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// The config and the procedure that README shows are taken as they stand.
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
	cfg, err := app.Parse("README.md", []byte(block("# yaml-language-server:")))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Procedures["quick"].Steps) < 5 || cfg.Services["web"].Image == "" {
		t.Errorf("%+v", cfg)
	}
}
