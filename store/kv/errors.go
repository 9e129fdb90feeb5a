package kv

import "errors"

// The errors that callers tell apart, with errors.Is. Backends wrap them and
// say what was tried on what.
var (
	// ErrConflict says that a condition of a batch doesn't hold. Nothing
	// happened.
	ErrConflict = errors.New("conflict")

	// ErrTooBig says that a call exceeds a limit of this package. Nothing
	// happened, and trying again is no use.
	ErrTooBig = errors.New("too big")

	// ErrInvalid says that a call breaks a rule of this package: a bug of the
	// caller. Nothing happened.
	ErrInvalid = errors.New("invalid")

	// ErrFull says that there is no space for the commit. Nothing happened, and
	// the store goes on: it serves reads, and commits once there is space.
	ErrFull = errors.New("no space left")

	// ErrUnknown says that a commit may have happened or not.
	ErrUnknown = errors.New("outcome unknown")

	// ErrClosed says that the store was closed before the call could begin.
	// Nothing happened.
	ErrClosed = errors.New("store is closed")

	// ErrLocked says that another process has the store open.
	ErrLocked = errors.New("held by another process")

	// ErrForeign says that what was to be opened is no store of this kind, is
	// damaged, or was written by a newer version. It is left as it was.
	ErrForeign = errors.New("not a usable store")
)
