package main_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// The disk is full: whoever clicks or types is told that nothing was written down, and when there is room again the
// same click works, once.
func TestFullDiskIsToldAndTheClickWorksLater(t *testing.T) {
	slowtest.Only(t, "a deployment on a disk that is full")
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
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
		slowtest.Missing(t, "may not mount a file system")
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
	w.signal(t, syscall.SIGSTOP)
	w.eventually("every thread stands still", func() bool { return standsStill(p.cmd.Process.Pid) }) // whatever it was about to write, it writes to the full disk
	giveBack(t, fmt.Sprintf("/proc/%d/root%s/stationmaster.db", p.cmd.Process.Pid, disk))
	fill(t, filler)
	w.signal(t, syscall.SIGCONT)
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

// signal sends one to the process that runs.
func (w *binaryFixture) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := w.life.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// standsStill reports whether all threads of a process are stopped.
func standsStill(pid int) bool {
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(stat), ") T ") {
			return false
		}
	}
	return err == nil && len(stats) > 0
}

// giveBack takes from a store, of which nobody writes, the blocks of its free
// pages: a commit that went there alone would need no room on the disk.
func giveBack(t *testing.T, path string) {
	t.Helper()
	const keepSize, punchHole = 1, 2 // as linux/falloc.h has them
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	asleep := filepath.Join(t.TempDir(), "copy.db") // the store itself is locked
	if err := os.WriteFile(asleep, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(asleep, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(db.Info().PageSize)
	err = db.View(func(tx *bbolt.Tx) error {
		for id := range int(tx.Size() / size) {
			page, err := tx.Page(id)
			if err != nil {
				return err
			}
			if page == nil || page.Type == "free" {
				if err := syscall.Fallocate(int(f.Fd()), keepSize|punchHole, int64(id)*size, size); err != nil {
					return fmt.Errorf("give back page %d: %w", id, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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
