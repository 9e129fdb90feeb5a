package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// Whoever comes upon a lock is refused, with who holds it, why, and until when;
// its holder is not. It ends by itself. Guards slashdeploy 19 (the holder
// locked out) and samson 690 (locks that expire).
func TestLockRefusesAllButItsHolderUntilItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		defer f.close()
		now := time.Now()
		lock := deployer.Lock{Service: "web", By: bob, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}
		if err := f.engine.Lock(t.Context(), "tangerine", "prod", lock, deploys); err != nil {
			t.Fatal(err)
		}
		_, err := f.engine.Do(t.Context(), start("web"))
		r, ok := errors.AsType[*deployer.Refusal](err)
		if !ok || r.Locked == nil || r.Locked.By != bob || !strings.Contains(r.Why, "stocktaking") {
			t.Fatalf("Ana is told %v", err)
		}
		mine := start("web")
		mine.By = bob
		d, err := f.engine.Do(t.Context(), mine)
		if err != nil {
			t.Fatalf("the holder is locked out: %v", err)
		}
		f.try(deployer.Order{Deployment: d.ID, By: bob, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		f.play(d.ID)
		time.Sleep(2 * time.Hour)
		again := start("web")
		cmd := again.Command.(deployer.Start)
		cmd.Origin = "later"
		again.Command = cmd
		if _, err := f.engine.Do(t.Context(), again); err != nil {
			t.Errorf("a lock holds after its time: %v", err)
		}
	})
}

// However the commit of a lock ends, it is there once, and is told once; and a
// second person's is refused. Guards branch-deploy 505.
func TestLockAfterAnUnknownCommitIsThereOnce(t *testing.T) {
	t.Parallel()
	for _, lands := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			j := deployertest.NewJournal()
			f := newFixture(t, j, newCluster())
			defer f.close()
			first := true
			j.OnCommit(func(int, deployer.Commit) (bool, error) {
				if first {
					first = false
					return lands, deployer.ErrUnknown
				}
				return true, nil
			})
			now := time.Now()
			lock := deployer.Lock{By: bob, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}
			if err := f.engine.Lock(t.Context(), "tangerine", "prod", lock, deploys); err != nil {
				t.Fatal(err)
			}
			if l := locked(t, j); len(l.All) != 1 || l.Rev != 1 {
				t.Errorf("%+v", l)
			}
			lock.By = ana
			var r *deployer.Refusal
			if err := f.engine.Lock(t.Context(), "tangerine", "prod", lock, deploys); !errors.As(err, &r) {
				t.Errorf("two people hold one lock: %v", err)
			}
			first = true
			if err := f.engine.Unlock(t.Context(), "tangerine", "prod", "", bob, deploys); err != nil || len(locked(t, j).All) != 0 {
				t.Errorf("%+v, %v", locked(t, j), err)
			}
			told(t, j, deployer.NoteLocked, deployer.NoteUnlocked)
		})
	}
}

const deploys = "CDEPLOYS"

func locked(t *testing.T, j *deployertest.Journal) deployer.Locks {
	t.Helper()
	l, err := j.Locks(t.Context(), "tangerine", "prod")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// told expects these words to the channel, each with a mark of its own.
func told(t *testing.T, j *deployertest.Journal, want ...deployer.NoteKind) {
	t.Helper()
	var got []deployer.NoteKind
	marks := map[string]bool{}
	messages, err := j.Messages(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if m.Kind == deployer.MessageLock && m.Channel == deploys {
			got = append(got, m.Note.Kind)
			marks[m.DedupKey] = true
		}
	}
	if !slices.Equal(got, want) || len(marks) != len(want) {
		t.Errorf("the channel is told %v with the marks %v, want %v", got, marks, want)
	}
}

// A command that is delivered again, perhaps to the next process, locks nothing
// anew and tells nothing anew (bolt-js 2188); one that is typed again prolongs
// the lock.
func TestLockDeliveredAgainLocksNothingAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		defer f.close()
		set := func(origin string) {
			t.Helper()
			now := time.Now()
			lock := deployer.Lock{Service: "web", By: bob, Reason: "stocktaking", At: now, Until: now.Add(time.Hour), Origin: origin}
			if err := f.engine.Lock(t.Context(), "tangerine", "prod", lock, deploys); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		began := time.Now()
		set("first")
		set("first")
		told(t, j, deployer.NoteLocked)
		if until := locked(t, j).All[0].Until; !until.Equal(began.Add(time.Hour)) {
			t.Errorf("it holds until %v", until)
		}
		set("second")
		told(t, j, deployer.NoteLocked, deployer.NoteLocked)
	})
}
