package deployer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

var midnight = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

func lockOf(service string, by deployer.Actor, hours int) deployer.Lock {
	return deployer.Lock{Service: service, By: by, Reason: "stocktaking", At: midnight, Until: midnight.Add(time.Duration(hours) * time.Hour)}
}

func TestALockKeepsOthersOutUntilItEnds(t *testing.T) {
	t.Parallel()
	ana, bob := deployer.Actor{ID: "U1", Name: "Ana"}, deployer.Actor{ID: "U2", Name: "Bob"}
	locks := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}}
	set := func(l deployer.Lock) {
		t.Helper()
		var err error
		if locks, err = locks.Set(l, deployer.Person{Roles: []string{"sre"}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err error, part string) {
		t.Helper()
		if r, ok := errors.AsType[*deployer.Refusal](err); !ok || !strings.Contains(r.Error(), part) {
			t.Errorf("%v, want a refusal with %q", err, part)
		}
	}
	set(lockOf("web", ana, 2))
	set(lockOf("", bob, 4))
	if l := locks.Of("web", midnight); l == nil || l.By != ana {
		t.Errorf("web is locked by %+v", l)
	}
	if l := locks.Of("api", midnight); l == nil || l.By != bob {
		t.Errorf("api is locked by %+v", l)
	}
	if l := locks.Of("web", midnight.Add(3*time.Hour)); l == nil || l.By != bob {
		t.Errorf("after Ana's lock web is locked by %+v", l)
	}
	if l := locks.Of("web", midnight.Add(5*time.Hour)); l != nil {
		t.Errorf("after all of them web is locked by %+v", l)
	}
	_, err := locks.Set(lockOf("web", bob, 2), deployer.Person{Roles: []string{"sre"}}, nil)
	refused(err, "web is locked in tangerine prod by Ana until 1 Dec 02:00 UTC: stocktaking. Wait, ask, or take it away: unlock web --env prod")
	set(lockOf("web", ana, 6)) // prolonged
	_, _, err = locks.Lift("web", bob, deployer.Person{}, nil, midnight)
	refused(err, "Ana holds this lock. You hold no role that may.")
	locks, lifted, err := locks.Lift("web", bob, deployer.Person{Roles: []string{"tech-lead"}}, nil, midnight)
	if err != nil || len(locks.All) != 1 || lifted.By != ana {
		t.Errorf("%+v, %+v, %v", locks, lifted, err)
	}
	_, _, err = locks.Lift("web", ana, deployer.Person{}, nil, midnight)
	refused(err, "web is not locked")
	_, err = locks.Set(deployer.Lock{By: ana, At: midnight, Until: midnight.Add(time.Hour)}, deployer.Person{Roles: []string{"sre"}}, nil)
	refused(err, "needs a reason")
	_, err = locks.Set(lockOf("web", ana, 2), deployer.Person{}, nil)
	refused(err, "You can't lock web. You hold no role that may.")
	if past := locks.Changes; len(past) < 2 || !past[len(past)-1].Lifted || past[len(past)-1].By != bob || past[len(past)-1].Lock.By != ana {
		t.Errorf("the past is %+v", past)
	}
	_, err = locks.Set(lockOf("web", ana, 24*31), deployer.Person{Roles: []string{"sre"}}, nil)
	refused(err, "up to 30 days")
}

// Whatever is locked and lifted in which order: no lock is in force after its
// time, nobody's lock is replaced by somebody else's, and a service has one.
func TestNobodysLockIsReplacedOrOutlivesItsTime(t *testing.T) {
	t.Parallel()
	people := []deployer.Actor{{ID: "U1", Name: "Ana"}, {ID: "U2", Name: "Bob"}}
	rapid.Check(t, func(t *rapid.T) {
		locks, now := deployer.Locks{}, midnight
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "minutes")) * time.Minute)
			service := rapid.SampledFrom([]string{"", "web", "api"}).Draw(t, "service")
			by := rapid.SampledFrom(people).Draw(t, "by")
			before := locks
			if rapid.Bool().Draw(t, "set") {
				l := lockOf(service, by, 1)
				l.At, l.Until = now, now.Add(time.Hour)
				locks, _ = locks.Set(l, deployer.Person{Roles: []string{"sre"}}, nil) // refused or not
			} else {
				locks, _, _ = locks.Lift(service, by, deployer.Person{}, nil, now)
			}
			seen := map[string]bool{}
			for _, l := range locks.InForce(now) {
				if seen[l.Service] {
					t.Fatalf("two locks of %q: %+v", l.Service, locks)
				}
				seen[l.Service] = true
			}
			for _, old := range before.InForce(now) {
				if kept := locks.Of(old.Service, now); old.By != by && (kept == nil || kept.By != old.By) {
					t.Fatalf("%s took %+v away", by.Name, old)
				}
			}
		}
	})
}

// A deployment's lock stands beside one that its requester holds, needs no role,
// and keeps the requester's other deployments away; who lifts it lifts both.
func TestDeploymentHoldsALockOfItsOwn(t *testing.T) {
	t.Parallel()
	lock := deployer.Lock{Service: "web", By: ana, Reason: "mine", At: midnight, Until: midnight.Add(time.Hour)}
	l, err := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}}.Set(lock, deployer.Person{Roles: []string{"tech-lead"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if refused := l.Forbids("web", ana, midnight); refused != nil {
		t.Errorf("the holder is refused: %v", refused)
	}
	lock.Reason, lock.Deployment = "a migration", "tangerine-1"
	if l, err = l.Set(lock, deployer.Person{}, nil); err != nil || len(l.All) != 2 {
		t.Fatalf("%+v, %v", l, err)
	}
	if refused := l.Forbids("web", ana, midnight); refused == nil {
		t.Error("another deployment of the requester's is not refused")
	}
	own := func(id string) bool { return id == "tangerine-1" }
	if refused := l.Besides(own).Forbids("web", ana, midnight); refused != nil {
		t.Errorf("the deployment itself is refused: %v", refused)
	}
	if ended := l.Ended(own, midnight); len(ended.All) != 1 || ended.All[0].Reason != "mine" || len(ended.Changes) != 3 {
		t.Errorf("after its end: %+v", ended)
	}
	if after, _, err := l.Lift("web", bob, deployer.Person{Roles: []string{"tech-lead"}}, nil, midnight); err != nil || len(after.All) != 0 {
		t.Errorf("lifted: %+v, %v", after, err)
	}
}
