package deployertest

import (
	"reflect"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func testLocks(t *testing.T, s Store) {
	ctx, now := t.Context(), time.Now()
	seen, err := s.Locks(ctx, "tangerine", "prod")
	if err != nil || seen.Rev != 0 || len(seen.All) != 0 {
		t.Fatalf("%+v, %v", seen, err)
	}
	locked, err := seen.Set(deployer.Lock{Service: "web", By: bob, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}, deployer.Person{Roles: []string{"sre"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	announcement := seen.Announcement(deployer.NoteLocked, locked.All[0], bob, "CDEPLOYS")
	wantErr(t, s.SetLocks(ctx, locked, announcement), nil)
	wantErr(t, s.SetLocks(ctx, locked, announcement), deployer.ErrConflict)
	got, err := s.Locks(ctx, "tangerine", "prod")
	if err != nil || got.Rev == 0 || got.Of("web", now) == nil || got.Of("api", now) != nil || len(got.Changes) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if all, err := s.AllLocks(ctx); err != nil || len(all) != 1 || all[0].Rev != got.Rev {
		t.Errorf("%+v, %v", all, err)
	}
	messages, err := s.Messages(ctx, "", 10)
	if err != nil || len(messages) != 1 || messages[0].Deployment != "" || !reflect.DeepEqual(messages[0].Message, announcement) {
		t.Errorf("%+v, %v", messages, err)
	}
	c := (&script{T: t, s: s, now: now}).decide(startOf("o", "web"))
	c.Locks = &seen
	wantErr(t, s.Append(ctx, c), deployer.ErrConflict)
	if live, err := s.Live(ctx); err != nil || len(live) != 0 {
		t.Errorf("live are %v, %v", live, err)
	}
	c.Locks = &got
	wantErr(t, s.Append(ctx, c), nil)
}

// testLocksLater: what locks there are is a condition of any commit that names
// them, not only of the first one.
func testLocksLater(t *testing.T, s Store) {
	ctx, now := t.Context(), time.Now()
	x := begin(t, s, "web")
	x.resolve()
	x.confirm()
	x.announce()
	seen, err := s.Locks(ctx, "tangerine", "prod")
	if err != nil {
		t.Fatal(err)
	}
	locked, err := seen.Set(deployer.Lock{Service: "web", By: bob, Reason: "incident", At: now, Until: now.Add(time.Hour)}, deployer.Person{Roles: []string{"sre"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.SetLocks(ctx, locked, deployer.Message{}), nil)
	c := x.decide(deployer.Order{Command: deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: x.d.Targets[0].Before}}})
	before := stored(t, s)
	c.Locks = &seen
	wantErr(t, s.Append(ctx, c), deployer.ErrConflict)
	if stored(t, s) != before {
		t.Error("something was stored")
	}
	got, err := s.Locks(ctx, "tangerine", "prod")
	if err != nil {
		t.Fatal(err)
	}
	c.Locks = &got
	wantErr(t, s.Append(ctx, c), nil)
}
