package kv

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of every backend, each that of the strictest one.
const (
	OpsMax        = 64      // keys in a Get; entries in each list of a Batch
	BatchBytesMax = 1 << 20 // keys and values of a Batch, in bytes
	KeyMax        = 512     // a key, in bytes
	ScanMax       = 1000    // entries in a Scan
)

// LogPrefix begins the keys that are put in rising order and hardly ever change,
// as those of a log do. A backend may lay them out for that; they are keys like
// all others.
const LogPrefix = "log/"

// Check returns an error that is ErrTooBig or ErrInvalid if a batch exceeds
// the limits or breaks the rules. Every backend calls it before anything else.
func Check(b Batch) error {
	if len(b.If) > OpsMax || len(b.Put) > OpsMax || len(b.Delete) > OpsMax {
		return fmt.Errorf("check batch: %w: %d conditions, %d puts, %d deletes, the limit is %d each",
			ErrTooBig, len(b.If), len(b.Put), len(b.Delete), OpsMax)
	}
	if n := Size(b); n > BatchBytesMax {
		return fmt.Errorf("check batch: %w: %d bytes, the limit is %d", ErrTooBig, n, BatchBytesMax)
	}
	if err := checkKeys(b); err != nil {
		return fmt.Errorf("check batch: %w", err)
	}
	if b.Next != nil {
		if err := checkNext(*b.Next); err != nil {
			return fmt.Errorf("check batch: %w", err)
		}
	}
	return nil
}

func checkNext(next Next) error {
	if next.Put == nil || next.Bytes < 0 {
		return fmt.Errorf("%w: what comes next of key %q puts nothing, or %d bytes", ErrInvalid, next.Key, next.Bytes)
	}
	return checkKey(next.Key)
}

// Complete returns all that a batch puts, once its turn has come: at is what the
// key of its Next holds then. What Next adds has to keep the limits and rules,
// too; else the batch is refused. Every backend calls it, after Check.
func Complete(b Batch, at Entry) ([]Entry, error) {
	more, err := b.Next.Put(at)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, e := range more {
		size += len(e.Key) + len(e.Value)
	}
	if size > b.Next.Bytes {
		return nil, fmt.Errorf("check batch: %w: what comes next of key %q puts %d bytes, and was to put %d at most", ErrInvalid, at.Key, size, b.Next.Bytes)
	}
	all := Batch{Put: slices.Concat(b.Put, more), Delete: b.Delete}
	if err := Check(all); err != nil {
		return nil, err
	}
	return all.Put, nil
}

// Size is the number of bytes of a batch that count towards BatchBytesMax: all its
// keys and values, and what may come next.
func Size(b Batch) int {
	n := 0
	for _, m := range b.If {
		n += len(m.Key)
	}
	for _, e := range b.Put {
		n += len(e.Key) + len(e.Value)
	}
	for _, key := range b.Delete {
		n += len(key)
	}
	if b.Next != nil {
		n += b.Next.Bytes
	}
	return n
}

// checkKeys looks for keys that aren't well formed or stand more than once.
// With at most 64 keys a list, comparing each with the ones before it is
// cheaper than a map.
func checkKeys(b Batch) error {
	for i, m := range b.If {
		if err := checkKey(m.Key); err != nil {
			return err
		}
		if m.Rev < 0 {
			return fmt.Errorf("%w: condition on key %q has revision %d", ErrInvalid, m.Key, m.Rev)
		}
		for _, earlier := range b.If[:i] {
			if earlier.Key == m.Key {
				return fmt.Errorf("%w: two conditions on key %q", ErrInvalid, m.Key)
			}
		}
	}
	for i, e := range b.Put {
		if err := checkChange(e.Key, b.Put[:i], nil); err != nil {
			return err
		}
	}
	for i, key := range b.Delete {
		if err := checkChange(key, b.Put, b.Delete[:i]); err != nil {
			return err
		}
	}
	return nil
}

func checkChange(key string, puts []Entry, deletes []string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	for _, e := range puts {
		if e.Key == key {
			return fmt.Errorf("%w: key %q is changed twice", ErrInvalid, key)
		}
	}
	for _, other := range deletes {
		if other == key {
			return fmt.Errorf("%w: key %q is changed twice", ErrInvalid, key)
		}
	}
	return nil
}

// CheckGet is Check for the arguments of a Get.
func CheckGet(keys []string) error {
	if len(keys) > OpsMax {
		return fmt.Errorf("check get: %w: %d keys, the limit is %d", ErrTooBig, len(keys), OpsMax)
	}
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return fmt.Errorf("check get: %w", err)
		}
	}
	return nil
}

// CheckScan is Check for the arguments of a Scan.
func CheckScan(prefix, after string, limit int) error {
	if limit < 1 {
		return fmt.Errorf("check scan: %w: limit %d", ErrInvalid, limit)
	}
	if limit > ScanMax {
		return fmt.Errorf("check scan: %w: limit %d, the most is %d", ErrTooBig, limit, ScanMax)
	}
	for _, part := range []string{prefix, after} {
		if err := checkPart(part); err != nil {
			return fmt.Errorf("check scan: %w", err)
		}
	}
	return nil
}

// CheckWatch is Check for the prefix of a Watch.
func CheckWatch(prefix string) error {
	if err := checkPart(prefix); err != nil {
		return fmt.Errorf("check watch: %w", err)
	}
	return nil
}

// checkKey refuses what isn't a key: it has 1 to MaxKey bytes, none of them
// NUL, which is left free for marking the end of a range.
func checkKey(key string) error {
	if key == "" {
		return fmt.Errorf("%w: empty key", ErrInvalid)
	}
	return checkPart(key)
}

// checkPart refuses what can't be the beginning of a key.
func checkPart(part string) error {
	if len(part) > KeyMax {
		return fmt.Errorf("%w: key of %d bytes, the limit is %d", ErrTooBig, len(part), KeyMax)
	}
	if strings.IndexByte(part, 0) >= 0 {
		return fmt.Errorf("%w: key %q contains a NUL", ErrInvalid, part)
	}
	return nil
}
