package kubetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// process is one running part of the control plane.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    string        // path
	exited chan struct{} // closed when it has ended, for whatever reason
}

// start runs a part. lifeline is the reading end of a pipe whose writing end this test process holds, and
// nobody else: the part exits when it closes, so nothing survives a test that is killed.
func start(binary, dir, name string, lifeline *os.File, args ...string) (*process, error) {
	path := filepath.Join(dir, name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own

	cmd := exec.Command(binary, append([]string{name}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CONTROLPLANE_LIFELINE=3")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{lifeline}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, log: path, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// kill ends the process as kill -9 does, and returns when it has ended. It may be called again.
func (p *process) kill() {
	select {
	case <-p.exited:
		return // its number may be another's by now
	default:
	}
	killGroup(p.cmd.Process)
	<-p.exited
}

// running says whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// tail returns the last lines of the process's log, or why there are none.
func (p *process) tail(lines int) string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	all := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return string(bytes.Join(all, []byte("\n")))
}
