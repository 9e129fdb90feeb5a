//go:build unix && !solaris && !illumos && !aix

package bolt

import (
	"os"
	"syscall"
)

// unlock gives up the lock on a file whose map bbolt has left behind. The map
// keeps the lock, so closing the file isn't enough.
func unlock(f *os.File) {
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) // else it goes with the process
}
