package record

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
)

// A Sum is a SHA-256. The zero value stands for none.
type Sum [sha256.Size]byte

// SumOf is that of what is stored.
func SumOf(b []byte) Sum { return sha256.Sum256(b) }

// String is the sum in base64 for URLs, 43 letters.
func (s Sum) String() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

// ParseSum is the opposite of String.
func ParseSum(text string) (Sum, error) {
	var s Sum
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(s) {
		return Sum{}, errors.New("it is no SHA-256 in base64")
	}
	copy(s[:], b)
	return s, nil
}

// Origin is the value of a store's chain before its first record: no two stores
// have a chain in common.
func Origin(store string) Sum { return SumOf([]byte("stationmaster " + store)) }

// Then is the value of the chain after the record with number n, from that
// before it.
func (s Sum) Then(n int64, digest Sum) Sum {
	var b [len(s) + 8 + len(digest)]byte
	copy(b[:], s[:])
	binary.BigEndian.PutUint64(b[len(s):], uint64(n))
	copy(b[len(s)+8:], digest[:])
	return SumOf(b[:])
}

// ThenLocks is the same of a record about locks, whose number has the highest bit set:
// none passes for one of a deployment that was archived.
func (s Sum) ThenLocks(n int64, digest Sum) Sum { return s.Then(n|math.MinInt64, digest) }

// ThenArchive is the same of a record about an archive, whose number has the two highest
// bits set.
func (s Sum) ThenArchive(n int64, digest Sum) Sum { return s.ThenLocks(n|1<<62, digest) }

// textOfHex is the form of version 2 of a hash that version 1 wrote in hex. What
// is none stays, and fits nothing.
func textOfHex(hash string) string {
	var s Sum
	if len(hash) != hex.EncodedLen(len(s)) {
		return hash
	}
	if _, err := hex.Decode(s[:], []byte(hash)); err != nil {
		return hash
	}
	return s.String()
}
