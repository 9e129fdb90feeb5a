package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A lock that is set between the look and the commit of a new deployment
// makes the commit fail. Guards branch-deploy 505: a freeze set between check
// and lock.
func TestLockBetweenLookAndCommitRefusesTheStart(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	seen, err := s.Locks(t.Context(), "tangerine", "prod")
	if err != nil || seen.Rev != 0 || len(seen.All) != 0 {
		t.Fatalf("%+v, %v", seen, err)
	}
	now := time.Now()
	locked, err := seen.Set(deployer.Lock{Service: "web", By: ana, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}, deployer.Person{Roles: []string{"sre"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	announcement := seen.Announcement(deployer.NoteLocked, locked.All[0], ana, "CDEPLOYS")
	if err := s.SetLocks(t.Context(), locked, announcement); err != nil {
		t.Fatal(err)
	}
	if err := s.SetLocks(t.Context(), locked, announcement); !errors.Is(err, deployer.ErrConflict) {
		t.Errorf("what was read before is taken for what is: %v", err)
	}
	for _, s := range []*Store{s, second(t, s)} {
		got, err := s.Locks(t.Context(), "tangerine", "prod")
		if err != nil || got.Of("web", now) == nil || got.Of("web", now).Reason != "stocktaking" || got.Of("api", now) != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if all, err := s.AllLocks(t.Context()); err != nil || len(all) != 1 || all[0].Rev != got.Rev {
			t.Errorf("%+v, %v", all, err)
		}
	}

	// What the channel is told was committed with it, and only once.
	waiting, err := s.Messages(t.Context(), "", 10)
	if err != nil || len(waiting) != 1 || waiting[0].Deployment != "" || !reflect.DeepEqual(waiting[0].Message, announcement) {
		t.Errorf("%+v, %v", waiting, err)
	}

	o := deployer.Order{By: ana, Nonce: "o", Command: start("o", "web")}
	events, messages, err := telling.Decide(deployer.Deployment{}, o, deployer.Facts{Now: now, ID: "tangerine-1", Locks: seen})
	if err != nil {
		t.Fatal(err)
	}
	c := deployer.Pack(deployer.Deployment{}, o, events, messages)
	c.Locks = &seen
	if err := s.Append(t.Context(), c); !errors.Is(err, deployer.ErrConflict) {
		t.Errorf("a deployment began although its service was locked meanwhile: %v", err)
	}
	if live, err := s.Live(t.Context()); err != nil || len(live) != 0 {
		t.Errorf("live are %v, %v", live, err)
	}
}
