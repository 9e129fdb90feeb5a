package deployertest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func testBox(t *testing.T, s Store) {
	x, y := begin(t, s, "web"), begin(t, s, "api")
	x.resolve()
	y.resolve()
	x.confirm()
	for _, one := range []*script{x, y} {
		got, err := s.MessagesIn(t.Context(), deployer.Box{Channel: "C1", Deployment: one.d.ID})
		if want := one.messages(); err != nil || !slices.Equal(keysOf(got), keysOf(want)) {
			t.Errorf("its box has %v, %v; want %v", keysOf(got), err, keysOf(want))
		}
	}
	for _, none := range []deployer.Box{{Channel: "C2", Deployment: x.d.ID}, {Channel: "C1", Deployment: "tangerine-99"}, {Channel: "C1"}} {
		if got, err := s.MessagesIn(t.Context(), none); err != nil || len(got) > 0 {
			t.Errorf("%+v has %v, %v", none, keysOf(got), err)
		}
	}
}

func keysOf(messages []deployer.OutboxMessage) []string {
	var keys []string
	for _, m := range messages {
		keys = append(keys, m.Key)
	}
	return keys
}

func testArrivals(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arrivals, err := s.Arrivals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	x := begin(t, s, "web")
	box := deployer.Box{Channel: "C1", Deployment: x.d.ID}
	for _, arrive := range []func(){x.resolve, x.confirm} {
		arrive()
		awaitTold(t, arrivals, box)
	}
	cancel()
	awaitClosed(t, arrivals)
}

func testChanges(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes, err := s.Changes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	x, y := begin(t, s, "web"), begin(t, s, "api")
	awaitTold(t, changes, y.d.ID)
	for _, change := range []func(){x.resolve, x.confirm} {
		change()
		awaitTold(t, changes, x.d.ID)
	}
	cancel()
	awaitClosed(t, changes)
}

// awaitTold waits until a channel tells of something.
func awaitTold[T comparable](t *testing.T, told <-chan T, want T) {
	t.Helper()
	for end := time.After(time.Minute); ; {
		select {
		case got := <-told:
			if got == want {
				return
			}
		case <-end:
			t.Fatalf("%v was not told", want)
		}
	}
}

func awaitClosed[T any](t *testing.T, told <-chan T) {
	t.Helper()
	for end := time.After(time.Minute); ; {
		select {
		case _, ok := <-told:
			if !ok {
				return
			}
		case <-end:
			t.Fatal("the channel is not closed")
		}
	}
}
