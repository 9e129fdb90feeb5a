//go:build !unix || solaris || illumos || aix

package bolt

import "os"

// unlock does nothing here: the lock goes with the process.
func unlock(*os.File) {}
