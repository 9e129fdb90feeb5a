// Package logtest keeps what a program under test prints or logs, to look into.
package logtest

import (
	"bytes"
	"log/slog"
	"os"
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

// Variable has what the bots of tests log shown, by any value.
const Variable = "STATIONMASTER_LOG"

// Logger is for a bot under test whose log no test reads: it writes to stderr where Variable is set, else nothing.
func Logger() *slog.Logger {
	if os.Getenv(Variable) == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}
