package app_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// The records are verified every night unless the config says otherwise, and what it
// says wrongly is said with its line.
func TestAuditSectionOfTheConfig(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                              time.Date(2026, 3, 11, 3, 0, 0, 0, time.UTC),
		"audit: {verify: '30 4 * * 0'}": time.Date(2026, 3, 15, 4, 30, 0, 0, time.UTC),
		"audit: {verify: 'CRON_TZ=Europe/Vienna 0 3 * * *'}": time.Date(2026, 3, 11, 2, 0, 0, 0, time.UTC),
	} {
		cfg, err := app.Parse("sm.yaml", []byte(contract+text))
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Audit.Verify.Next(noon); !got.Equal(want) || cfg.Audit.Key != nil {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if cfg, err := app.Parse("sm.yaml", []byte(contract+"audit: {verify: never}")); err != nil || cfg.Audit.Verify != nil {
		t.Errorf("never: %+v, %v", cfg.Audit, err)
	}
	for text, want := range map[string]string{
		"audit: {verify: nightly}":        `"nightly" are no times such as 0 3 * * *`,
		"audit: {verify: '@every 1h'}":    `"@every 1h" are no times`,
		"audit: {key: hunter2}":           "a secret is never written here",
		"audit: {key: '${FILE:/gone}'}":   "can not be read",
		"audit: {key: '${FILE:go.mod}'}":  "can not be read",
		"audit: {key: '${ENV:PATH}'}":     "this is no Ed25519 key in PEM; make one with: openssl genpkey",
		"audit: {keys: '${FILE:go.mod}'}": "key",
	} {
		_, err := app.Parse("sm.yaml", []byte(contract+text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "sm.yaml:") || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// A key that lies beside the database proves little, and that is said.
func TestAuditKeyBesideTheDatabaseIsWarnedOf(t *testing.T) {
	t.Parallel()
	key := newAuditKey(t)
	for store, warns := range map[string]bool{filepath.Join(filepath.Dir(key), "s.db"): true, filepath.Join(t.TempDir(), "s.db"): false} {
		text := strings.Replace(contract, "bolt://stationmaster.db", "bolt://"+store, 1) + "audit: {key: '${FILE:" + key + "}'}"
		cfg, err := app.Parse("sm.yaml", []byte(text))
		if err != nil || cfg.Audit.Key == nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(app.Warnings(cfg), "\n"), "audit.key lies in the folder of the database"); got != warns {
			t.Errorf("%s: warned %v", store, got)
		}
	}
}

// newAuditKey writes a key as openssl does, and says where.
func newAuditKey(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "audit.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
