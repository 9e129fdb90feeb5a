package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// The tests wait for processes and for Slack's pace far more than they compute, so more of them run at once than
// there are cores.
func TestMain(m *testing.M) {
	slowtest.Parallel(32)
	if withRace { // which makes everything ten times slower
		slots = make(chan struct{}, 6)
		slowtest.Parallel(8)
	}
	code := kubetest.Main(m)
	if err := os.RemoveAll(workshop); err != nil {
		fmt.Fprintln(os.Stderr, "remove the built binary:", err)
	}
	os.Exit(code)
}

// workshop is the folder of the binary under test, once it is built.
var workshop string

// withRace is whether the tests run with the race detector; then the binary does too.
var withRace bool

// build builds the binary, once. A quick run takes its own, which begins as the other one does where this says so.
var build = sync.OnceValues(func() (string, error) {
	if !slowtest.Asked() {
		if err := os.Setenv("STATIONMASTER_TEST_ITSELF", "1"); err != nil {
			return "", err
		}
		return os.Executable()
	}
	dir, err := os.MkdirTemp("", "stationmaster-test-")
	if err != nil {
		return "", err
	}
	workshop = dir
	path := filepath.Join(dir, "stationmaster")
	args := []string{"build", "-o", path}
	if withRace {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

// binary is the path of the built binary.
func binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
