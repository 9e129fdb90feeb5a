package record

import (
	"fmt"
)

// An Entry is what the log has under one number: a record, and what links it
// into the chain of all. Its stored form is
//
//	1 byte    16, and 1 where a summary follows, 2 where the record is packed,
//	          4 where records were removed, 8 where it is about locks,
//	          32 where it is about an archive
//	32 bytes  Link
//	32 bytes  Summary, where it changed
//	the rest  Record, packed or as it is; or 32 bytes for each that was removed
//
// `stationmaster store show ID` prints records unpacked.
type Entry struct {
	Link    Sum    // the chain's value before it
	Summary Sum    // the hash of the summary in its deployment's head from then on; zero: that of before
	Record  []byte // a commit's, as it was written
	Locks   bool   // or, instead, a LockRecord's
	Archive bool   // or an ArchiveRecord's
	Removed []Sum  // instead: the digests of the records that were here, from this number on
}

const (
	entryForm    = 1 << 4
	hasSummary   = 1 << 0
	isPacked     = 1 << 1
	isRemoved    = 1 << 2
	isOfLocks    = 1 << 3
	isOfArchive  = 1 << 5
	entryFormMax = entryForm | hasSummary | isPacked | isRemoved | isOfLocks | isOfArchive
)

// IsCommit reports whether the entry has the record of a deployment's commit.
func (e Entry) IsCommit() bool { return e.Removed == nil && !e.Locks && !e.Archive }

// Digest is what the chain goes over: the record and the summary.
func (e Entry) Digest() Sum {
	record := SumOf(e.Record)
	return SumOf(append(record[:], e.Summary[:]...))
}

// Digests are those of all records that are, or were, in the entry.
func (e Entry) Digests() []Sum {
	if e.Removed != nil {
		return e.Removed
	}
	return []Sum{e.Digest()}
}

// Encode returns the stored form.
func (e Entry) Encode() []byte {
	b := make([]byte, 1, 1+2*len(e.Link)+len(e.Record)+len(e.Removed)*len(e.Link))
	b[0] = entryForm
	b = append(b, e.Link[:]...)
	if e.Removed != nil {
		b[0] |= isRemoved
		for _, digest := range e.Removed {
			b = append(b, digest[:]...)
		}
		return b
	}
	if e.Locks {
		b[0] |= isOfLocks
	}
	if e.Archive {
		b[0] |= isOfArchive
	}
	if e.Summary != (Sum{}) {
		b[0] |= hasSummary
		b = append(b, e.Summary[:]...)
	}
	if packed := pack(e.Record); packed != nil {
		b[0] |= isPacked
		return append(b, packed...)
	}
	return append(b, e.Record...)
}

// Relink returns the stored form of an entry with another link.
func Relink(entry []byte, link Sum) []byte {
	b := append([]byte(nil), entry...)
	copy(b[1:], link[:])
	return b
}

// DecodeEntry is the opposite of Encode.
func DecodeEntry(b []byte) (Entry, error) {
	var e Entry
	if len(b) < 1+len(e.Link) || b[0]&entryForm == 0 && b[0] <= entryFormMax {
		return e, fmt.Errorf("decode entry: it is damaged")
	}
	if b[0] > entryFormMax {
		return e, fmt.Errorf("decode entry: %w: its form is %d, this program reads up to %d", ErrNewer, b[0], entryFormMax)
	}
	form, rest := b[0], b[1+len(e.Link):]
	copy(e.Link[:], b[1:])
	if form&isRemoved != 0 {
		return e, e.decodeRemoved(rest)
	}
	e.Locks, e.Archive = form&isOfLocks != 0, form&isOfArchive != 0
	if e.Locks && e.Archive {
		return Entry{}, fmt.Errorf("decode entry: it is damaged")
	}
	if form&hasSummary != 0 {
		if len(rest) < len(e.Summary) {
			return e, fmt.Errorf("decode entry: it is cut short")
		}
		rest = rest[copy(e.Summary[:], rest):]
	}
	if form&isPacked == 0 {
		e.Record = append([]byte(nil), rest...)
		return e, nil
	}
	record, err := unpack(rest)
	if err != nil {
		return e, fmt.Errorf("decode entry: %w", err)
	}
	e.Record = record
	return e, nil
}

func (e *Entry) decodeRemoved(b []byte) error {
	if len(b) == 0 || len(b)%len(e.Link) != 0 {
		return fmt.Errorf("decode entry: it is cut short")
	}
	for ; len(b) > 0; b = b[len(e.Link):] {
		e.Removed = append(e.Removed, Sum(b[:len(e.Link)]))
	}
	return nil
}
