package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One thing is not several.
func TestCheckCountsWhatWouldBeMissed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.WriteFile(file, []byte("id: list\ntitle: A list\nabout: A list\nservices: none\ndefaults: {remind: [1h], escalate: {page: 2h}}\nphases: [{id: go, steps: [{id: a, uses: confirm, expect: It is so}]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, nil, "procedure", "check", "--strict", file)
	if code := p.exit(t, patience); code != 1 || !strings.Contains(p.out.String(), "a reviewer would miss 1 thing\n") {
		t.Errorf("ended with %d and said %q", code, p.out.String())
	}
}
