package store

import (
	"errors"
	"maps"
	"path/filepath"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// Which id a name stands for is kept through restarts and in backups, is changed
// only by who knows what it was, and is of no chain.
func TestPinsAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	want := map[string]string{"bob": "UBOB", "eve/á@example.com": "UEVE", "@leads": "SLEADS"}
	holds := func(when string, got map[string]string, err error) {
		t.Helper()
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: the pins are %v, %v", when, got, err)
		}
	}
	got, err := ReadPins(t.Context(), "bolt://"+path)
	if err != nil || len(got) != 0 {
		t.Errorf("before there is a store: %v, %v", got, err)
	}
	s := openFile(t, path)
	begin(t, s, start("o", "web"))
	for name, id := range want {
		if err := PinsOf(s).Pin(t.Context(), name, "", id); err != nil {
			t.Fatal(err)
		}
	}
	for _, was := range []string{"", "UOTHER"} {
		if err := PinsOf(s).Pin(t.Context(), "bob", was, "UEVE"); !errors.Is(err, deployer.ErrConflict) {
			t.Errorf("from %q it is pinned anew: %v", was, err)
		}
	}
	if err := PinsOf(s).Pin(t.Context(), "bob", "UBOB", "UEVE"); err != nil {
		t.Fatal(err)
	}
	want["bob"] = "UEVE"
	if err := s.VerifyAll(t.Context()); err != nil {
		t.Errorf("the chain is broken: %v", err)
	}
	got, err = ReadPins(t.Context(), "bolt://"+path)
	holds("while it is open", got, err)
	copied := filepath.Join(dir, "copy.db")
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for when, file := range map[string]string{"after a restart": path, "in a backup": copied} {
		got, err := PinsOf(openFile(t, file)).Pins(t.Context())
		holds(when, got, err)
	}
}
