// Package logtest keeps what a program under test prints or logs, to look into.
package logtest

import (
	"bytes"
	"strings"
	"sync"
)

// A Book keeps everything that is written to it. The zero value is empty. Safe for concurrent use.
type Book struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write never fails.
func (b *Book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String is all of it.
func (b *Book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Tail is the last lines.
func (b *Book) Tail(lines int) string {
	all := strings.Split(strings.TrimSpace(b.String()), "\n")
	return strings.Join(all[max(len(all)-lines, 0):], "\n")
}
