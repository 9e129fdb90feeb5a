package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Whoever comes upon a lock is refused, with who holds it, why, and until when;
// its holder is not. It ends by itself. Guards slashdeploy 19 (the holder
// locked out) and samson 690 (locks that expire).
func TestLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		s := newStage(t, j, newCluster())
		defer s.close()
		now := time.Now()
		lock := deployer.Lock{Service: "web", By: bob, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}
		if err := s.engine.Lock(t.Context(), "tangerine", "prod", lock); err != nil {
			t.Fatal(err)
		}
		_, err := s.engine.Do(t.Context(), start("web"))
		r, ok := errors.AsType[*deployer.Refusal](err)
		if !ok || r.Locked == nil || r.Locked.By != bob || !strings.Contains(r.Why, "stocktaking") {
			t.Fatalf("Ana is told %v", err)
		}
		mine := start("web")
		mine.By = bob
		d, err := s.engine.Do(t.Context(), mine)
		if err != nil {
			t.Fatalf("the holder is locked out: %v", err)
		}
		s.try(deployer.Order{Deployment: d.ID, By: bob, Nonce: "stop", Command: deployer.Stop{}})
		s.play(d.ID)
		time.Sleep(2 * time.Hour)
		again := start("web")
		cmd := again.Command.(deployer.Start)
		cmd.Origin = "later"
		again.Command = cmd
		if _, err := s.engine.Do(t.Context(), again); err != nil {
			t.Errorf("a lock holds after its time: %v", err)
		}
	})
}

// However the commit of a lock ends, it is there once; and a second person's
// is refused. Guards branch-deploy 505.
func TestLockAfterAnUnknownCommit(t *testing.T) {
	for _, lands := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			j := newJournal()
			s := newStage(t, j, newCluster())
			defer s.close()
			j.ending = func(n int) (bool, error) {
				if n == 1 {
					return lands, deployer.ErrUnknown
				}
				return true, nil
			}
			now := time.Now()
			lock := deployer.Lock{By: ana, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}
			if err := s.engine.Lock(t.Context(), "tangerine", "prod", lock); err != nil {
				t.Fatal(err)
			}
			if len(j.locks.All) != 1 || j.locks.Rev != 1 {
				t.Errorf("%+v", j.locks)
			}
			lock.By = bob
			var r *deployer.Refusal
			if err := s.engine.Lock(t.Context(), "tangerine", "prod", lock); !errors.As(err, &r) {
				t.Errorf("two people hold one lock: %v", err)
			}
			if err := s.engine.Unlock(t.Context(), "tangerine", "prod", "", ana); err != nil || len(j.locks.All) != 0 {
				t.Errorf("%+v, %v", j.locks, err)
			}
		})
	}
}
