package locking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/locking"
)

var (
	ana = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob = deployer.Actor{ID: "UBOB", Name: "Bob"}
)

func intent(everything bool) deployer.Intent {
	return deployer.Intent{
		Deployment: "tangerine-1", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Step: "lock", Mark: "tangerine-1@store", Services: []string{"web", "api"}, By: ana,
		With: deployer.Values{"for": {Duration: time.Hour}, "reason": {Text: "a migration"}, "everything": {Flag: everything}},
	}
}

func locks(t *testing.T, j deployer.LockJournal) deployer.Locks {
	t.Helper()
	l, err := j.Locks(t.Context(), "tangerine", "prod")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// It is set for every service of the deployment, or for all, against everybody
// else, the requester's other deployments included, and found again.
func TestLockKeepsOthersAway(t *testing.T) {
	t.Parallel()
	for _, everything := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			j := deployertest.NewJournal()
			r, in := locking.New(j).Runners()["lock"], intent(everything)
			if o, err := r.Look(t.Context(), in); err != nil || o.Kind != deployer.ObservedAbsent {
				t.Fatalf("before: %+v, %v", o, err)
			}
			ref, err := r.Act(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if o, err := r.Look(t.Context(), in); err != nil || o.Kind != deployer.ObservedPresent || o.Ref != ref {
				t.Errorf("after: %+v, %v", o, err)
			}
			if out, err := r.Follow(t.Context(), in, ref, nil); err != nil || out.Result != deployer.OK || out.Why == "" {
				t.Errorf("it ended as %+v, %v", out, err)
			}
			all := locks(t, j)
			for service, locked := range map[string]bool{"web": true, "api": true, "db": everything} {
				for _, by := range []deployer.Actor{ana, bob} {
					if refused := all.Forbids(service, by, time.Now()); (refused != nil) != locked {
						t.Errorf("everything: %v: %s is refused %s: %v", everything, by.Name, service, refused)
					}
				}
			}
			if refused := all.Besides(func(id string) bool { return id == "tangerine-1" }).Forbids("web", ana, time.Now()); refused != nil {
				t.Errorf("the deployment itself is kept out: %v", refused)
			}
			time.Sleep(time.Hour)
			if o, err := r.Look(t.Context(), in); err != nil || o.Kind != deployer.ObservedAbsent {
				t.Errorf("after its time: %+v, %v", o, err)
			}
		})
	}
}

// Somebody else's lock is not replaced, nor is one of another deployment: the
// step fails in words. One's own stays beside it.
func TestLockIsRefusedWhereOneStands(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct {
		lock deployer.Lock
		why  string
	}{
		"somebody else's":         {deployer.Lock{Service: "api", By: bob, Reason: "stocktaking"}, "Bob"},
		"somebody's, of all":      {deployer.Lock{By: bob, Reason: "stocktaking"}, "Bob"},
		"of another deployment":   {deployer.Lock{Service: "api", By: ana, Reason: "a fix", Deployment: "tangerine-7"}, "tangerine-7"},
		"the requester's own":     {deployer.Lock{Service: "api", By: ana, Reason: "mine"}, ""},
		"of another service, his": {deployer.Lock{Service: "db", By: bob, Reason: "stocktaking"}, ""},
	} {
		j := deployertest.NewJournal()
		test.lock.At, test.lock.Until = now, now.Add(3*time.Hour)
		before, err := locks(t, j).Set(test.lock, deployer.Person{Roles: []string{"tech-lead"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.SetLocks(t.Context(), before, deployer.Message{}); err != nil {
			t.Fatal(err)
		}
		_, err = locking.New(j).Act(t.Context(), intent(false))
		if r, refused := errors.AsType[*deployer.Refusal](err); refused != (test.why != "") || refused && !strings.Contains(r.Why, test.why) {
			t.Errorf("%s: %v", name, err)
		}
		want := 1 // nothing was locked by halves
		if test.why == "" {
			want = 3
		}
		if got := locks(t, j).All; len(got) != want || got[0] != before.All[0] {
			t.Errorf("%s: there are %+v", name, got)
		}
	}
}

// raced is a journal in which somebody else is first, some times.
type raced struct {
	deployer.LockJournal
	times int
}

func (r *raced) SetLocks(ctx context.Context, l deployer.Locks, m deployer.Message) error {
	if r.times--; r.times >= 0 {
		return deployer.ErrConflict
	}
	return r.LockJournal.SetLocks(ctx, l, m)
}

// Where somebody else was first it is set on what they left, and where that does
// not end nobody is told that it was.
func TestLockIsSetAgainWhereSomebodyElseWasFirst(t *testing.T) {
	t.Parallel()
	j := deployertest.NewJournal()
	if _, err := locking.New(&raced{j, 3}).Act(t.Context(), intent(false)); err != nil || len(locks(t, j).All) != 2 {
		t.Errorf("%v, %+v", err, locks(t, j))
	}
	j = deployertest.NewJournal()
	if _, err := locking.New(&raced{j, 1000}).Act(t.Context(), intent(false)); err == nil || len(locks(t, j).All) != 0 {
		t.Errorf("%v, %+v", err, locks(t, j))
	}
}
