// Package record is the form in which deployments are stored: JSON with names
// of its own, so that the words of the domain can change while what was
// written years ago stays readable.
//
// Every record carries the version of its form. An older one is brought up to
// date while it is read; one that is newer than this program, holds an event
// of an unknown kind, or a field that nobody knows, is refused, because to
// drop it in silence would be to change history.
//
// Nothing of an event is lost, with one exception that JSON makes: bytes that
// are no UTF-8 become U+FFFD. An empty list or map is not the same as none,
// and stays apart from it, since the hash of a Subject tells them apart.
//
// What is large, and may be the same for many (procedures, logs), is kept
// aside under its hash, and put back when a record is read.
package record

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is the SHA-256 of what is kept aside, in hex, which is its name.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
