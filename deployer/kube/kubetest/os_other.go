//go:build !(darwin || freebsd || linux || netbsd || openbsd)

package kubetest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
)

func supported(t testing.TB) {
	t.Helper()
	t.Skip("the control plane for tests runs on Linux, macOS and the BSDs only")
}

func lock(context.Context, string) (func(), error) {
	return nil, errors.New("no lock of files on this system")
}

func ownGroup(*exec.Cmd) {}

func killGroup(process *os.Process) { _ = process.Kill() }
