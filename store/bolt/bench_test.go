package bolt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// record is about what one event of a deployment takes.
var record = make([]byte, 300)

// A committer makes commit n of a writer durable: a new record under a key of
// its own, and a summary that is overwritten.
type committer func(writer, n int) error

// BenchmarkCommit compares commits a second with those of bare bbolt, with the
// same options, durability and number of writers. The peer is the faster of
// bbolt's Update and Batch at that number. They take short turns in random
// order, so that a slow moment of the machine meets all of them.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 16, 100} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			contest(b, writers, 20*writers, []entrant{
				{"ours", ours(b)},
				{"update", bare(b, (*bbolt.DB).Update)},
				{"batch", bare(b, (*bbolt.DB).Batch)},
			})
		})
	}
}

// BenchmarkFreelist compares bbolt's ways of keeping its list of free pages: on
// a file with hardly any, and on one with 12,000 of them, as a clean-up of old
// deployments leaves.
func BenchmarkFreelist(b *testing.B) {
	for _, f := range []struct {
		name string
		fill func(*testing.B, *bbolt.DB)
	}{{"dense", fill}, {"sparse", fragment}} {
		for _, o := range []struct {
			name string
			bbolt.Options
		}{
			{"array", bbolt.Options{FreelistType: bbolt.FreelistArrayType}},
			{"map", bbolt.Options{FreelistType: bbolt.FreelistMapType}},
			{"array-unsynced", bbolt.Options{FreelistType: bbolt.FreelistArrayType, NoFreelistSync: true}},
			{"map-unsynced", bbolt.Options{FreelistType: bbolt.FreelistMapType, NoFreelistSync: true}},
		} {
			b.Run(f.name+"/"+o.name, func(b *testing.B) { benchFreelist(b, f.fill, &o.Options) })
		}
	}
}

func benchFreelist(b *testing.B, fill func(*testing.B, *bbolt.DB), o *bbolt.Options) {
	db := openBare(b, o)
	fill(b, db)
	commit := updates(db, (*bbolt.DB).Update)
	for n := 0; b.Loop(); n++ {
		if err := commit(0, n); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	path := db.Path()
	db.Close()
	start := time.Now()
	again, err := bbolt.Open(path, 0o600, o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "ms/reopen")
	again.Close()
}

type entrant struct {
	name   string
	commit committer
}

// contest lets the first entrant and its peers commit in turns and reports
// their rates, and the first one's as a share of its fastest peer's.
func contest(b *testing.B, writers, slice int, entrants []entrant) {
	took := make([]time.Duration, len(entrants))
	slices := 0
	for b.Loop() {
		for _, k := range rand.Perm(len(entrants)) { // whoever comes after an idle one is slower
			took[k] += race(b, entrants[k].commit, writers, slices*slice, slice)
		}
		slices++
	}
	rate := func(i int) float64 { return float64(slices*slice) / took[i].Seconds() }
	best := 0.0
	for i, e := range entrants {
		b.ReportMetric(rate(i), e.name+"/s")
		if i > 0 {
			best = max(best, rate(i))
		}
	}
	b.ReportMetric(rate(0)/best, "ratio")
	b.ReportMetric(0, "ns/op") // not shown: it would be of a slice of all
}

// race shares total commits among the writers and returns how long they took.
func race(b *testing.B, commit committer, writers, first, total int) time.Duration {
	var wg sync.WaitGroup
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			for n := w; n < total; n += writers {
				if err := commit(w, first+n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func ours(b *testing.B) committer {
	db, err := Open(filepath.Join(b.TempDir(), "ours.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return func(w, n int) error {
		return db.Commit(context.Background(), kv.Batch{
			If: []kv.Match{{Key: eventKey(w, n)}},
			Put: []kv.Entry{
				{Key: eventKey(w, n), Value: record},
				{Key: summaryKey(w), Value: record},
			},
		})
	}
}

func bare(b *testing.B, method func(*bbolt.DB, func(*bbolt.Tx) error) error) committer {
	var opened *os.File
	return updates(openBare(b, options(0, &opened)), method)
}

func updates(db *bbolt.DB, method func(*bbolt.DB, func(*bbolt.Tx) error) error) committer {
	return func(w, n int) error {
		return method(db, func(tx *bbolt.Tx) error {
			data := tx.Bucket(bucketData)
			if err := data.Put([]byte(eventKey(w, n)), record); err != nil {
				return err
			}
			return data.Put([]byte(summaryKey(w)), record)
		})
	}
}

func openBare(b *testing.B, o *bbolt.Options) *bbolt.DB {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(bucketData)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return db
}

// fill leaves 100 MB of records.
func fill(b *testing.B, db *bbolt.DB) {
	sweep(b, db, func(data *bbolt.Bucket, key string, n int) error {
		return data.Put([]byte(key), make([]byte, 1000))
	})
}

// fragment leaves 50 MB of records, and as much in free pages among them.
func fragment(b *testing.B, db *bbolt.DB) {
	fill(b, db)
	sweep(b, db, func(data *bbolt.Bucket, key string, n int) error {
		if n/10%2 == 0 {
			return nil
		}
		return data.Delete([]byte(key))
	})
}

func sweep(b *testing.B, db *bbolt.DB, fn func(data *bbolt.Bucket, key string, n int) error) {
	for w := range 200 {
		err := db.Update(func(tx *bbolt.Tx) error {
			for n := range 500 {
				if err := fn(tx.Bucket(bucketData), eventKey(w, n), n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func eventKey(w, n int) string { return fmt.Sprintf("d/%04d/e/%08d", w, n) }

func summaryKey(w int) string { return fmt.Sprintf("d/%04d", w) }
