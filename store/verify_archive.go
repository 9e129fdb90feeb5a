package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// archived is what the log says was taken out of it, and what is.
type archived struct {
	removed []int64          // of which the digest alone is left
	named   []naming         // by the records of archives
	highest map[string]int64 // number of a deployment that they name, by prefix
}

// A naming is one record that the record of an archive names.
type naming struct {
	n  int64
	by *taken
}

// A taken is a deployment that an archive took out, and the record's key.
type taken struct{ id, key string }

func (x naming) compare(n int64) int { return cmp.Compare(x.n, n) }

// noteArchive keeps what an entry, with a number, says or shows of archives.
func (a *auditor) noteArchive(key string, n int64, e record.Entry) error {
	for i := range e.Removed {
		a.gone.removed = append(a.gone.removed, n+int64(i))
	}
	if !e.Archive || len(e.Record) == 0 {
		return nil
	}
	r, err := record.DecodeArchiveRecord(e.Record)
	var numbers []int64
	if err == nil {
		numbers, err = r.Records.All()
	}
	var prefix string
	var of int64
	if err == nil {
		prefix, of, err = number(r.ID)
	}
	if err == nil && (len(numbers) == 0 || numbers[len(numbers)-1] >= n) {
		err = errors.New("it names no record, or none that came before it")
	}
	if err != nil {
		return fmt.Errorf("read %s in %s: %w", key, a.name, err)
	}
	by := &taken{r.ID, key}
	for _, n := range numbers {
		a.gone.named = append(a.gone.named, naming{n, by})
	}
	if a.gone.highest == nil {
		a.gone.highest = map[string]int64{}
	}
	a.gone.highest[prefix] = max(a.gone.highest[prefix], of)
	return nil
}

// verifyArchives looks that of each record that was taken out exactly one record of an
// archive says so, that what these say is gone, and that no number of theirs is given
// again. What is taken out while the log is read is named further on in it.
func (a *auditor) verifyArchives(ctx context.Context) error {
	slices.Sort(a.gone.removed)
	slices.SortStableFunc(a.gone.named, func(x, y naming) int { return x.compare(y.n) })
	for i, x := range a.gone.named {
		if i > 0 && a.gone.named[i-1].n == x.n {
			a.find(fmt.Errorf("%s in %s was archived twice, say %s and %s", logKey(x.n), a.name, a.gone.named[i-1].by.key, x.by.key))
		}
		if _, found := slices.BinarySearch(a.gone.removed, x.n); found {
			continue
		}
		if err := a.verifyTaken(ctx, x); err != nil {
			return err
		}
	}
	a.verifyUnnamed()
	return a.verifyHighest(ctx)
}

// verifyTaken looks at a record that an archive took out, and that was there: it is
// being taken out.
func (a *auditor) verifyTaken(ctx context.Context, x naming) error {
	got, err := a.kv.Get(ctx, goneKey(x.by.id), logKey(x.n))
	if err == nil && got[0].Rev == 0 && !takenOut(got[1]) {
		a.find(fmt.Errorf("%s in %s says that %s was archived, and its %s is still there", x.by.key, a.name, x.by.id, got[1].Key))
	}
	return err
}

// takenOut reports whether a record of the log that was there when it was read has been
// taken out since, and perhaps joined with those before it.
func takenOut(now kv.Entry) bool {
	e, err := record.DecodeEntry(now.Value)
	return now.Rev == 0 || err == nil && e.Removed != nil
}

// verifyUnnamed finds what was taken out and is named by no archive, a run of
// records at once.
func (a *auditor) verifyUnnamed() {
	var first, last int64
	say := func() {
		if first > 0 {
			a.find(fmt.Errorf("%s to %s in %s were taken out, and no archive has a record of it: they were erased, or archived before archives had records", logKey(first), logKey(last), a.name))
		}
		first = 0
	}
	for _, n := range a.gone.removed {
		_, named := slices.BinarySearchFunc(a.gone.named, n, naming.compare)
		if named || n != last+1 {
			say()
		}
		if !named && first == 0 {
			first = n
		}
		last = n
	}
	say()
}

// verifyHighest looks that the highest numbers that were archived are remembered.
func (a *auditor) verifyHighest(ctx context.Context) error {
	for _, prefix := range slices.Sorted(maps.Keys(a.gone.highest)) {
		got, err := a.kv.Get(ctx, archivedNumberKey(prefix))
		if err != nil {
			return err
		}
		if n, _ := strconv.ParseInt(string(got[0].Value), 10, 64); n < a.gone.highest[prefix] {
			a.find(fmt.Errorf("%s in %s is %q, and should be %d: that number could be given again", got[0].Key, a.name, got[0].Value, a.gone.highest[prefix]))
		}
	}
	return nil
}

// An Archiving is what one Archive took out, as its records in the log say.
type Archiving struct {
	At          time.Time
	SHA256      string // of its file, in hex
	Deployments int
	Records     int // of them
}

// Archives lists what was archived, in the order of the log. Whoever can write the file
// can add to it: each should be known, and have its file. What can't be read is left to
// VerifyAll.
func Archives(ctx context.Context, s *Store) ([]Archiving, error) {
	var all []Archiving
	err := (&auditor{Store: s}).eachEntry(ctx, "", func(e kv.Entry) error {
		entry, err := record.DecodeEntry(e.Value)
		if err != nil || !entry.Archive {
			return ctx.Err()
		}
		r, err := record.DecodeArchiveRecord(entry.Record)
		if err != nil {
			return ctx.Err()
		}
		numbers, _ := r.Records.All()
		file := hex.EncodeToString(r.File[:])
		if last := len(all) - 1; last < 0 || all[last].SHA256 != file || !all[last].At.Equal(r.At) {
			all = append(all, Archiving{At: r.At, SHA256: file})
		}
		all[len(all)-1].Deployments++
		all[len(all)-1].Records += len(numbers)
		return nil
	}, func(kv.Entry) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("list what was archived: %w", err)
	}
	return all, nil
}
