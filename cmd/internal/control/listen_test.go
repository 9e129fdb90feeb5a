package control

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The file that a dead process has left is replaced; that of a live one is not, nor
// what is no socket.
func TestSocketOfADeadProcessIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	live, err := Listen(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path, ""); err == nil || !strings.Contains(err.Error(), "another process answers at "+path) {
		t.Errorf("a second one: %v", err)
	}
	if c, err := net.Dial("unix", path); err != nil {
		t.Errorf("the first one is gone: %v", err)
	} else {
		_ = c.Close()
	}
	if err := live.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("its file is left")
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path, ""); err == nil || !strings.Contains(err.Error(), "is there and is none") {
		t.Errorf("over a file: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "mine" {
		t.Errorf("the file: %q, %v", b, err)
	}
}

// The process's own user may connect and, with a group, its members.
func TestSocketIsForWhomTheConfigSays(t *testing.T) {
	t.Parallel()
	for group, mode := range map[string]fs.FileMode{"": 0o600, strconv.Itoa(os.Getgid()): 0o660} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := Listen(path, group)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("with the group %q: %v, %v", group, info.Mode(), err)
		}
		_ = l.Close()
	}
	path := filepath.Join(t.TempDir(), "s")
	if _, err := Listen(path, "no such group"); err == nil || !strings.Contains(err.Error(), "no such group") {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("a socket that could not be given away is left")
	}
	if _, err := Listen("/"+strings.Repeat("x", 200), ""); err == nil || !strings.Contains(err.Error(), "at most 103 bytes") {
		t.Error(err)
	}
}
