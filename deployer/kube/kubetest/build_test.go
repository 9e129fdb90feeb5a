package kubetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSourcesAreFoundAndHashed(t *testing.T) {
	t.Parallel()
	source, err := sourceDir()
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		data, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, got := hash(t, source), hash(t, copied)
	if got != want {
		t.Errorf("a copy of the sources hashes to %s, the sources to %s", got, want)
	}
	if err := os.WriteFile(filepath.Join(copied, "go.sum"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if hash(t, copied) == want {
		t.Error("other sources have the same hash")
	}
}

func hash(t *testing.T, source string) string {
	t.Helper()
	sum, err := hashSources(source)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// The version that the server tells its clients must be the one that is built.
func TestLinkFlagsSayTheVersionOfGoMod(t *testing.T) {
	t.Parallel()
	source, err := sourceDir()
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, version, found := strings.Cut(string(mod), "k8s.io/kubernetes ")
	version, _, _ = strings.Cut(version, "\n")
	if !found || !strings.Contains(linkFlags, "gitVersion="+version+" ") {
		t.Errorf("go.mod has version %q, the link flags are %q", version, linkFlags)
	}
}

func TestLockIsHeldByOne(t *testing.T) {
	t.Parallel()
	supported(t)
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a second lock: %v, want to wait in vain", err)
	}
	unlock()
	again, err := lock(t.Context(), path)
	if err != nil {
		t.Fatalf("lock after unlock: %v", err)
	}
	again()
}

func TestPruneKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	long := time.Now().Add(-2 * unusedFor)
	for _, name := range []string{"current", "recent", "old"} {
		path := filepath.Join(cache, name, "controlplane")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if name != "recent" {
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	prune(cache, "current")
	left, err := filepath.Glob(filepath.Join(cache, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 || filepath.Base(left[0]) != "current" || filepath.Base(left[1]) != "recent" {
		t.Errorf("left are %v, want current and recent", left)
	}
}

func TestBuildHappensOnceAndWholly(t *testing.T) {
	t.Parallel()
	supported(t)
	source, path := t.TempDir(), filepath.Join(t.TempDir(), "sum", "controlplane")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module controlplane\n\ngo 1.26\n")

	write("main.go", "package main\n\nfunc main() { nowhere() }\n")
	if err := build(t.Context(), source, path); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Fatalf("build of what does not compile: %v, want the compiler's words", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("a failed build left a binary")
	}

	write("main.go", "package main\n\nfunc main() {}\n")
	if err := build(t.Context(), source, path); err != nil {
		t.Fatal(err)
	}
	first, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := build(t.Context(), source, path); err != nil {
		t.Fatal(err)
	}
	if second, err := os.Stat(path); err != nil || !os.SameFile(first, second) {
		t.Errorf("the second build made another file: %v", err)
	}
}
