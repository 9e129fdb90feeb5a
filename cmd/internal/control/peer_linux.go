package control

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// peer is the user of the system who has connected, as the kernel says.
func peer(c *net.UnixConn) (uid uint32, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("ask who has connected: %w", err)
	}
	var cred *syscall.Ucred
	asked := raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err := errors.Join(asked, err); err != nil {
		return 0, fmt.Errorf("ask who has connected: %w", err)
	}
	return cred.Uid, nil
}
