package goldentest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A record is a test that notes how it fails.
type record struct {
	testing.TB
	said string
}

func (r *record) Helper()                      {}
func (r *record) Name() string                 { return "TestWords" }
func (r *record) Errorf(f string, args ...any) { r.said += fmt.Sprintf(f, args...) }

func TestWhatDiffersFromTheFileFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.txt")
	if err := os.WriteFile(path, []byte("as it was read\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &record{TB: t}
	Compare(r, path, []byte("as it was read\n"))
	if r.said != "" {
		t.Errorf("what is the same fails: %s", r.said)
	}
	Compare(r, path, []byte("as nobody has read it\n"))
	for _, part := range []string{path, "as it was read", "as nobody has read it", "go test -run TestWords -update"} {
		if !strings.Contains(r.said, part) {
			t.Errorf("it says %q, and nothing of %q", r.said, part)
		}
	}
}

func TestUpdateWritesTheFile(t *testing.T) {
	*update = true
	t.Cleanup(func() { *update = false })
	path := filepath.Join(t.TempDir(), "new", "words.txt")
	Compare(t, path, []byte("written\n"))
	if got, err := os.ReadFile(path); err != nil || string(got) != "written\n" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}
