// Package kv is the port between stationmaster and whatever keeps its data: a
// small, ordered key-value store with conditional commits.
//
// It is as narrow as its strictest backend. What a backend could do beyond
// this is out of reach, so that one can take another's place; package kvtest
// holds every backend against the same suite.
//
// # What a caller may rely on
//
// Commits happen one after the other, each at a revision of its own. A batch
// happens whole or not at all. A call that begins after a commit was answered
// with nil sees that commit. No call shows what a power cut could still undo.
//
// A revision is never given twice, not even to a key that was deleted and
// created again, and not across a restart. So a [Match] that holds proves that
// nobody touched the key since it was read.
//
// # The three endings of a commit
//
// A commit answered with nil is durable. One answered with an error that is
// [ErrUnknown] may have happened or not, now or a moment from now: drop what
// was derived from it, read again, and only then act. After any other error
// nothing happened, and nothing will.
package kv

import "context"

// KV is an ordered key-value store. All methods may be called by any number of
// goroutines. A call whose context has already ended does nothing and returns
// an error that is the context's.
type KV interface {
	// Get reads up to [OpsMax] keys in one snapshot. The answer has one entry
	// for each key asked for, in that order; an absent key has Rev 0. The
	// caller owns the values.
	Get(ctx context.Context, keys ...string) ([]Entry, error)

	// Scan reads the entries whose keys begin with prefix and come after the
	// key after, in byte order, from one snapshot: at most limit of them, which
	// is between 1 and [ScanMax]. Fewer than limit means that there are no
	// more. An empty prefix is every key, an empty after is from the start.
	// To page, pass the last key as after; the pages are separate snapshots.
	Scan(ctx context.Context, prefix, after string, limit int) ([]Entry, error)

	// Commit makes a batch happen if each of its conditions holds, and returns
	// when it is durable. The error is ErrConflict if a condition doesn't hold;
	// ErrTooBig, ErrInvalid, ErrFull, ErrClosed, the context's, or another if
	// it was refused; in all these cases nothing happened. If the error is
	// ErrUnknown, it may have happened. An end of ctx after the batch was
	// handed over may be waited out, or make the outcome unknown.
	Commit(ctx context.Context, b Batch) error

	// Watch reports keys beginning with prefix that commits after this call put
	// or delete, in the order of the commits. It never slows a commit down: a
	// reader that falls behind is sent "" instead of the keys it missed, and
	// must scan again. The channel is closed when ctx ends or the store is
	// closed.
	Watch(ctx context.Context, prefix string) (<-chan string, error)

	// Close waits for the commit under way, ends watches, and
	// releases the store. Later calls fail with ErrClosed; a second Close does
	// nothing.
	Close() error
}

// Entry is one key with its value.
type Entry struct {
	Key   string
	Value []byte
	Rev   int64 // the commit that last put it; 0: absent. Ignored in a Put.
}

// Match is the condition that a key is unchanged since it was read at Rev. Rev
// 0 says that the key must be absent.
type Match struct {
	Key string
	Rev int64
}

// Batch is what one commit checks and changes: up to [OpsMax] each of If, Put
// and Delete, up to [BatchBytesMax] together. A key may stand once in If, and once
// in Put and Delete together; deleting an absent key is no error. A batch that
// changes nothing only checks its conditions. The backend doesn't keep the
// batch after the call.
type Batch struct {
	If     []Match
	Put    []Entry
	Delete []string
	Next   *Next // nil: nothing
}

// Next makes the last puts of a batch when its turn has come, from what one key
// holds then: a counter, or the end of a log, which every commit moves on. Were
// that a condition, one commit at a time would get through; so as many do as a
// write to the disk takes.
type Next struct {
	Key   string
	Bytes int // how much it puts at most, keys and values; counts towards BatchBytesMax

	// Put returns what is put besides, with Key among it or not. It may be
	// called more than once, by any goroutine, but never by two at a time; the
	// last call counts, and only where the commit is answered with nil. It must
	// be quick, and call nothing of the store. An error refuses the batch.
	Put func(Entry) ([]Entry, error)
}
