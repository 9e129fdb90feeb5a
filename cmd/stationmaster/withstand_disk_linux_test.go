package main_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The disk is full: whoever clicks or types is told that nothing was written down, and when there is room again the
// same click works, once.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulated(t), nil)
	disk := filepath.Join(w.dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("config.yaml", strings.Replace(w.config(), "/stationmaster.db", "/disk/stationmaster.db", 1))
	// The small disk is mounted where only the process sees it; we see it through the process.
	path := binary(t)
	p, err := spawnIn(&syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}, w.env(), "sh", "-c",
		fmt.Sprintf("mount -t tmpfs -o size=1m none %q && exec %q run --config %q", disk, path, filepath.Join(w.dir, "config.yaml")))
	if errors.Is(err, syscall.EPERM) {
		skipOrFail(t, "may not mount a file system")
	}
	if err != nil {
		t.Fatal(err)
	}
	w.life = p
	w.connected()
	filler := fmt.Sprintf("/proc/%d/root%s/filler", p.cmd.Process.Pid, disk)

	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	fill(t, filler)
	w.press("bob", "Approve")
	w.told("bob", "nothing was changed")
	w.typed("eve", "/deploy web v6 --reason again")
	if n := w.cluster.revision(t, "web"); n != 1 {
		t.Errorf("revision %d, want 1", n)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.press("bob", "Approve")
	w.answer(upgrade, func(label string) bool { return label == "Done" })
	w.eventually("it is complete", func() bool { return strings.Contains(w.scene(), "*Complete.* Took") })
	if n := w.cluster.revision(t, "web"); n != 2 {
		t.Errorf("revision %d, want 2", n)
	}
	w.eventually("the thread says who approved", func() bool { return strings.Contains(w.scene(), "· approved by") })
	if n := strings.Count(w.scene(), "· approved by"); n != 1 {
		t.Errorf("%d lines say who approved, want one", n)
	}
}

// fill writes until there is no room for another byte.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 16; size > 0; {
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// skipOrFail leaves out a test for what this machine lacks; in CI nothing may lack.
func skipOrFail(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
