package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// connectionsMax bounds how many are talked to at once; others wait their turn.
const connectionsMax = 16

// pathMax is how long the path of a Unix socket may be on every system, in bytes.
const pathMax = 103

// CheckPath refuses a path that no socket can have.
func CheckPath(path string) error {
	if len(path) > pathMax {
		return fmt.Errorf("the path of a Unix socket has at most %d bytes, and %s has %d: name a shorter one under socket", pathMax, path, len(path))
	}
	return nil
}

// Listen opens a socket for the process's own user or, with a group, for its members
// as well. The file that a dead process has left is replaced; another process that
// answers there keeps its own.
func Listen(path, group string) (net.Listener, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeStale(path); err != nil {
			return nil, err
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the socket: %w", err)
	}
	if err := open(path, group); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &listener{UnixListener: l.(*net.UnixListener), room: make(chan struct{}, connectionsMax)}, nil
}

// removeStale removes a socket that nobody answers on any more.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the socket that is there: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("open the socket: %s is there and is none; name another path under socket", path)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		_ = c.Close()
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("open the socket: another process answers at %s; name another path under socket", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the socket of a dead process: %w", err)
	}
	return nil
}

// open says who may connect.
func open(path, group string) error {
	mode := fs.FileMode(0o600)
	if group != "" {
		id, err := groupID(group)
		if err == nil {
			err = os.Chown(path, -1, id)
		}
		if err != nil {
			return fmt.Errorf("give the socket to the group %s: %w", group, err)
		}
		mode = 0o660
	}
	if err := os.Chmod(path, mode); err != nil {
		return fmt.Errorf("say who may use the socket: %w", err)
	}
	return nil
}

// groupID is the number of a group, which may be named by it.
func groupID(group string) (int, error) {
	if id, err := strconv.Atoi(group); err == nil {
		return id, nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

// A listener takes so many connections at once, and knows whose each is.
type listener struct {
	*net.UnixListener
	room chan struct{}
}

// Accept waits for the next connection, and for room.
func (l *listener) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	c, err := l.AcceptUnix()
	if err != nil {
		<-l.room
		return nil, err
	}
	uid, err := peer(c)
	return &conn{UnixConn: c, leave: sync.OnceFunc(func() { <-l.room }), uid: uid, unknown: err}, nil
}

// A conn is a connection of a user of the system.
type conn struct {
	*net.UnixConn
	leave   func() // makes room for another one, once
	uid     uint32
	unknown error // why that is not known
}

// Close ends it.
func (c *conn) Close() error {
	defer c.leave()
	return c.UnixConn.Close()
}

// connKey is the key of a request's conn in its context.
type connKey struct{}

// withConn has the requests of a connection know it.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}
