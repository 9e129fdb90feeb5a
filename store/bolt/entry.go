package bolt

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// A stored value is the revision, eight bytes big endian, and then the value
// of the entry.
const revLen = 8

func encode(rev int64, value []byte) []byte {
	stored := make([]byte, revLen+len(value))
	binary.BigEndian.PutUint64(stored, uint64(rev))
	copy(stored[revLen:], value)
	return stored
}

// decode copies: stored is a part of the mapped file. It is nil for an absent
// key.
func decode(key string, stored []byte) kv.Entry {
	if stored == nil {
		return kv.Entry{Key: key}
	}
	return kv.Entry{Key: key, Value: bytes.Clone(stored[revLen:]), Rev: revision(stored)}
}

// revision is that of a stored value, 0 if there is none.
func revision(stored []byte) int64 {
	if stored == nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(stored))
}

// scan copies up to limit entries with the prefix that come after a key.
func scan(c *bbolt.Cursor, prefix, after string, limit int) []kv.Entry {
	var entries []kv.Entry
	p := []byte(prefix)
	k, v := c.Seek([]byte(max(prefix, after)))
	if after != "" && string(k) == after {
		k, v = c.Next()
	}
	for ; k != nil && bytes.HasPrefix(k, p) && len(entries) < limit; k, v = c.Next() {
		entries = append(entries, decode(string(k), v))
	}
	return entries
}
