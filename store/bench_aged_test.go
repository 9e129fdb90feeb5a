package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// agedEnv is how many deployments the aged store of BenchmarkAged has; 10,000
// without.
const agedEnv = "STATIONMASTER_AGED"

// age1000 is how many the other one has.
const age1000 = 1000

// BenchmarkAged compares what takes a store that has many deployments behind it
// with one that has 1,000: 20 live ones each, all others ended. The ratios should
// be about one, and at 100,000 no more than 1.5.
func BenchmarkAged(b *testing.B) {
	n := 10_000
	if set := os.Getenv(agedEnv); set != "" {
		var err error
		if n, err = strconv.Atoi(set); err != nil {
			b.Fatal(err)
		}
	}
	paths := []string{agedStore(b, age1000), agedStore(b, n)}
	ctx := context.Background()
	for _, what := range []struct {
		name string
		do   func(s *Store) error
	}{
		{"start", nil},
		{"list", func(s *Store) error { return full(s.List(ctx, deployer.Query{Limit: 20})) }},
		{"history", func(s *Store) error { return full(s.List(ctx, deployer.Query{Service: "svc7", Limit: 20})) }},
		{"retailer", func(s *Store) error {
			return full(s.List(ctx, deployer.Query{Site: deployer.Site{Name: "retailer3"}, Limit: 20}))
		}},
		{"allocate", func(s *Store) error { _, err := s.Allocate(ctx, "retailer3"); return err }},
	} {
		b.Run(what.name, func(b *testing.B) {
			var took [2]time.Duration
			turns := 0
			for b.Loop() {
				for i, path := range paths {
					took[i] += once(b, path, what.do)
				}
				turns++
			}
			for i, of := range []int{age1000, n} {
				b.ReportMetric(float64(took[i].Microseconds())/float64(turns), fmt.Sprintf("µs/of-%d", of))
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// once opens a store that nobody remembers anything of, and takes the time of one
// thing; without one, of what a start of the engine does.
func once(b *testing.B, path string, do func(*Store) error) time.Duration {
	begun := time.Now()
	s, err := Open(context.Background(), "bolt://"+path)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if do == nil {
		live, err := s.Live(context.Background())
		if err != nil || len(live) != 20 {
			b.Fatalf("%d are live, %v", len(live), err)
		}
		if _, err := s.Wakeups(context.Background()); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
	const times = 20
	begun = time.Now()
	for range times {
		s.numbers = map[string]*counter{}
		if err := do(s); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begun) / times
}

func full(list []deployer.Summary, err error) error {
	if err == nil && len(list) != 20 {
		err = fmt.Errorf("%d are listed", len(list))
	}
	return err
}

// agedStore makes a store with so many deployments, of 40 retailers and 20
// services.
func agedStore(b *testing.B, n int) string {
	path := filepath.Join(b.TempDir(), "s.db")
	s := openFile(b, path)
	var all sync.WaitGroup
	work := make(chan int)
	for range 256 {
		all.Go(func() {
			for i := range work {
				o := start(origin(i), fmt.Sprint("svc", i%20))
				o.Site.Name = fmt.Sprint("retailer", i%40)
				c := &fixture{TB: b, s: s, now: dawn.Add(time.Duration(i) * time.Minute)}
				commit := c.decide(deployer.Order{By: ana, Nonce: "n", Command: o})
				commit.Claim, commit.Messages = nil, nil
				if err := s.Append(context.Background(), commit); err != nil {
					b.Error(err)
				}
				if c.d = commit.After; i < n-20 {
					commit = c.decide(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
					commit.Release, commit.Messages = nil, nil
					if err := s.Append(context.Background(), commit); err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	all.Wait()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d deployments of two commits: %d MB", n, info.Size()>>20)
	return path
}
