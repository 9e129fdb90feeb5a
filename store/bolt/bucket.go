package bolt

import (
	"cmp"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// logFill is how full a page of the log is left when the next one begins. Keys
// come at its end alone, so that nothing is put into a page again; bbolt's half
// a page, for keys that come anywhere, would make the file twice as long.
const logFill = 0.97

// buckets are where the entries of a transaction lie: those of the log in one of
// their own, which is nil in a file that has had none.
type buckets struct{ data, log *bbolt.Bucket }

func bucketsOf(tx *bbolt.Tx) buckets {
	b := buckets{data: tx.Bucket(bucketData), log: tx.Bucket(bucketLog)}
	if b.log != nil {
		b.log.FillPercent = logFill
	}
	return b
}

// get returns what is stored of a key: a part of the mapped file.
func (b buckets) get(key string) []byte {
	if !strings.HasPrefix(key, kv.LogPrefix) {
		return b.data.Get([]byte(key))
	}
	if b.log == nil {
		return nil
	}
	return b.log.Get([]byte(key))
}

// writable is the bucket of a key.
func (b *buckets) writable(tx *bbolt.Tx, key string) (*bbolt.Bucket, error) {
	if !strings.HasPrefix(key, kv.LogPrefix) {
		return b.data, nil
	}
	if b.log == nil {
		made, err := tx.CreateBucketIfNotExists(bucketLog)
		if err != nil {
			return nil, err
		}
		made.FillPercent = logFill
		b.log = made
	}
	return b.log, nil
}

// scan copies up to limit entries with the prefix that come after a key.
func (b buckets) scan(prefix, after string, limit int) []kv.Entry {
	inLog := strings.HasPrefix(prefix, kv.LogPrefix)
	around := len(prefix) <= len(kv.LogPrefix) && kv.LogPrefix[:len(prefix)] == prefix
	var entries []kv.Entry
	if !inLog {
		entries = scan(b.data.Cursor(), prefix, after, limit)
	}
	if b.log != nil && (inLog || around) {
		entries = append(entries, scan(b.log.Cursor(), prefix, after, limit)...)
	}
	if !inLog && around {
		slices.SortFunc(entries, func(a, b kv.Entry) int { return cmp.Compare(a.Key, b.Key) })
		entries = entries[:min(len(entries), limit)]
	}
	return entries
}
