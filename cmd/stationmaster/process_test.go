package main_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// A process is one life of the binary.
type process struct {
	cmd   *exec.Cmd
	out   *logtest.Book
	ended chan struct{} // closed when it has ended, for whatever reason
}

// start starts the binary. It is killed with the test, if it still runs then.
func start(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	p, err := spawn(binary(t), env, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

func spawn(path string, env []string, args ...string) (*process, error) {
	return spawnIn(nil, env, path, args...)
}

// spawnIn starts a program in a surrounding of its own; nil is ours.
func spawnIn(surrounding *syscall.SysProcAttr, env []string, path string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), out: &logtest.Book{}, ended: make(chan struct{})}
	p.cmd.SysProcAttr = surrounding
	p.cmd.Env = append(clean(os.Environ()), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended stands in ProcessState
		close(p.ended)
	}()
	return p, nil
}

// clean drops what would reach a Slack or a cluster of whoever runs the tests.
func clean(env []string) []string {
	var out []string
	for _, e := range env {
		if !strings.HasPrefix(e, "SLACK_") && !strings.HasPrefix(e, "KUBE") {
			out = append(out, e)
		}
	}
	return out
}

// kill pulls the plug and returns when the process is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.ended
}

func (p *process) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("send %v: %v", s, err)
	}
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// exit waits for the end and returns the exit code; -1 is a signal. A busy machine is no failure: within is far more
// than what is promised, unless something else would end the process later.
func (p *process) exit(t testing.TB, within time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		p.kill()
		t.Fatalf("the process did not end within %s:\n%s", within, p.out.Tail(40))
	}
	return p.cmd.ProcessState.ExitCode()
}
