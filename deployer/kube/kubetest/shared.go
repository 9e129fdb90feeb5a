package kubetest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the one cluster of this test binary: Shared starts it, Main ends it.
var shared struct {
	mu      sync.Mutex
	main    bool // Main runs
	tried   bool
	cluster *Cluster
	dir     string
	err     error
}

// Main runs the tests of a package and ends the cluster that they share, if one of them asked for it. Its
// result is for os.Exit.
func Main(m *testing.M) int {
	shared.mu.Lock()
	shared.main = true
	shared.mu.Unlock()

	code := m.Run()

	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.cluster != nil {
		shared.cluster.close()
	}
	if err := os.RemoveAll(shared.dir); err != nil {
		fmt.Fprintln(os.Stderr, "kubetest: remove the shared cluster's folder:", err)
	}
	return code
}

// Shared returns the cluster that all tests of the package share; the first one starts it. The package's
// TestMain must call Main. It skips and fails as Start does.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	supported(t)
	path := binary(t)

	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.main {
		t.Fatal("a shared cluster needs somebody to end it: func TestMain(m *testing.M) { os.Exit(kubetest.Main(m)) }")
	}
	if !shared.tried {
		shared.tried = true
		if shared.dir, shared.err = os.MkdirTemp("", "kubetest-"); shared.err == nil {
			shared.cluster, shared.err = launch(path, shared.dir, nil)
		}
	}
	if shared.cluster != nil {
		t.Cleanup(func() { shared.cluster.report(t) })
	}
	if shared.err != nil {
		t.Fatalf("start the shared control plane: %v", shared.err)
	}
	return shared.cluster
}
