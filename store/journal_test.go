package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// wantLoad: what is read, by who wrote it and by somebody who remembers
// nothing, is what was folded when it was written.
func wantLoad(t *testing.T, s *Store, want deployer.Deployment) {
	t.Helper()
	for _, s := range []*Store{s, second(t, s)} {
		got, err := s.Load(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("loaded\n%+v\nwant\n%+v", got, want)
		}
		if err := s.Verify(t.Context(), want.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournalGivesBackWhatWasAppended(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web", "api"))
	wantLoad(t, s, c.d)
	if id, err := s.Started(t.Context(), "o"); id != "tangerine-1" || err != nil {
		t.Fatalf("o has started %q, %v", id, err)
	}
	if id, err := s.Started(t.Context(), "another"); id != "" || err != nil {
		t.Fatalf("another has started %q, %v", id, err)
	}
	places := append(c.d.Places(), "tangerine/prod/free")
	holders, err := s.Holders(t.Context(), places)
	want := map[string]string{"tangerine/prod/web": "tangerine-1", "tangerine/prod/api": "tangerine-1"}
	if err != nil || !reflect.DeepEqual(holders, want) {
		t.Fatalf("holders are %v, %v", holders, err)
	}
	if live, err := s.Live(t.Context()); err != nil || !reflect.DeepEqual(live, []string{"tangerine-1"}) {
		t.Fatalf("live are %v, %v", live, err)
	}
	c.finish()
	wantLoad(t, s, c.d)
	if holders, err := s.Holders(t.Context(), places); err != nil || len(holders) > 0 {
		t.Fatalf("holders after the end are %v, %v", holders, err)
	}
	if live, err := s.Live(t.Context()); err != nil || len(live) > 0 {
		t.Fatalf("live after the end are %v, %v", live, err)
	}
	if _, err := s.Load(t.Context(), "tangerine-2"); !errors.Is(err, deployer.ErrNotFound) {
		t.Fatalf("loading an unknown id: %v", err)
	}
}

// A restart is a second instance on the same file, at any point.
func TestReopenedStoreGoesOnAtAnyPoint(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	c := begin(t, s, start("o", "web"))
	again := func() {
		t.Helper()
		if err := c.s.Close(); err != nil {
			t.Fatal(err)
		}
		c.s = openFile(t, path)
		wantLoad(t, c.s, c.d)
	}
	again()
	c.resolve()
	again()
	c.approve()
	again()
	c.announce()
	again()
	c.rollOut(deployer.Outcome{Result: deployer.Failed, Why: "crash", Detail: strings.Repeat("log line\n", 1000)})
	again()
	c.do(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
	again()
}
