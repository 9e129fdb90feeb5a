package store

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/deployer"
)

// BenchmarkAppend compares commits a second with those of bare bbolt, which
// writes as many keys and bytes without a condition, a hash or JSON, with the
// same durability and number of writers. The peer is the faster of bbolt's
// Update and Batch. They take turns in slices of a run, so that a slow moment
// of the disk meets all of them.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 16, 100} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			entrants := []entrant{
				{"ours", ours(b, writers)},
				{"update", bare(b, (*bbolt.DB).Update)},
				{"batch", bare(b, (*bbolt.DB).Batch)},
			}
			took := make([]time.Duration, len(entrants))
			per, turns := 5+200/writers, 0
			for b.Loop() {
				for i := range entrants {
					k := (turns + i) % len(entrants)
					took[k] += race(b, entrants[k].commit, writers, turns*per, per)
				}
				turns++
			}
			rate := func(i int) float64 { return float64(turns*per*writers) / took[i].Seconds() }
			for i, e := range entrants {
				b.ReportMetric(rate(i), e.name+"/s")
			}
			b.ReportMetric(rate(0)/max(rate(1), rate(2)), "ratio")
			b.ReportMetric(0, "ns/op") // not shown: it would be of a turn of all
		})
	}
}

// An entrant commits the n-th of a writer.
type entrant struct {
	name   string
	commit func(writer, n int) error
}

func race(b *testing.B, commit func(writer, n int) error, writers, first, per int) time.Duration {
	var wg sync.WaitGroup
	begun := time.Now()
	for w := range writers {
		wg.Go(func() {
			for n := range per {
				if err := commit(w, first+n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begun)
}

// ours appends to a deployment for each writer: an event and the card.
func ours(b *testing.B, writers int) func(w, n int) error {
	s := openNew(b)
	courses := make([]*fixture, writers)
	for w := range writers {
		courses[w] = begin(b, s, start(origin(w), fmt.Sprint("svc", w)))
		courses[w].resolve()
	}
	return func(w, _ int) error {
		courses[w].hear()
		return nil
	}
}

// bare puts what such a commit puts: head, event and card.
func bare(b *testing.B, method func(*bbolt.DB, func(*bbolt.Tx) error) error) func(w, n int) error {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{NoStatistics: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("data"))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	head, event, card := bytes.Repeat([]byte("h"), 330), bytes.Repeat([]byte("e"), 250), bytes.Repeat([]byte("c"), 160)
	return func(w, n int) error {
		return method(db, func(tx *bbolt.Tx) error {
			data, id := tx.Bucket([]byte("data")), fmt.Sprint("tangerine-", w)
			if err := data.Put([]byte(headKey(id)), head); err != nil {
				return err
			}
			if err := data.Put([]byte(fmt.Sprintf("%s/e/%08d", headKey(id), n)), event); err != nil {
				return err
			}
			return data.Put([]byte("out/C1/"+id+"/card"), card)
		})
	}
}

// BenchmarkList lists 20 of few deployments and of many. The ratio should be
// about one.
func BenchmarkList(b *testing.B) {
	few, many := openNew(b), openNew(b)
	fill(b, few, 100)
	fill(b, many, 10_000)
	for _, q := range []struct {
		name string
		deployer.Query
	}{
		{"all", deployer.Query{Limit: 20}},
		{"environment", deployer.Query{Site: deployer.Site{Name: "plum", Environment: "prod"}, Limit: 20}},
		{"retailer", deployer.Query{Site: deployer.Site{Name: "plum-2"}, Limit: 20}},
		{"service", deployer.Query{Service: "web", Limit: 20}},
	} {
		b.Run(q.name, func(b *testing.B) {
			var took [2]time.Duration
			n := 0
			for b.Loop() {
				for i, s := range []*Store{few, many} {
					begun := time.Now()
					if list, err := s.List(context.Background(), q.Query); err != nil || len(list) != 20 {
						b.Fatalf("%d are listed, %v", len(list), err)
					}
					took[i] += time.Since(begun)
				}
				n++
			}
			b.ReportMetric(float64(took[0].Microseconds())/float64(n), "µs/of-100")
			b.ReportMetric(float64(took[1].Microseconds())/float64(n), "µs/of-10000")
			b.ReportMetric(float64(took[1])/float64(took[0]), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLoad loads a deployment of 200 events that is remembered, and one
// that is not.
func BenchmarkLoad(b *testing.B) {
	s := openNew(b)
	c := begin(b, s, start("o", "web"))
	c.resolve()
	for c.d.Seq < 200 {
		c.hear()
	}
	for _, remembered := range []bool{true, false} {
		b.Run(fmt.Sprintf("remembered=%v", remembered), func(b *testing.B) {
			for b.Loop() {
				if !remembered {
					s.known = recall{}
				}
				if _, err := s.Load(context.Background(), c.d.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
