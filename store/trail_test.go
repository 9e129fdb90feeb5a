package store

import (
	"errors"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// The trail has every event that made the deployment what it is, in commits
// that name each other.
func TestTrailHasEveryEventInCommitsThatNameEachOther(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.finish()
	records, err := s.Trail(t.Context(), c.d.ID)
	if err != nil || len(records) < 5 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	var d deployer.Deployment
	before := ""
	for i, r := range records {
		if r.Seq != d.Seq+1 || r.Prev != before || r.Hash == "" || r.At.IsZero() {
			t.Errorf("record %d is %+v after event %d and %q", i, r, d.Seq, before)
		}
		d, before = deployer.Fold(d, r.Events...), r.Hash
	}
	if want, err := s.Load(t.Context(), c.d.ID); err != nil || want.Seq != d.Seq || want.Status != d.Status {
		t.Errorf("it leads to event %d, %s; the deployment is at %d, %s, %v", d.Seq, d.Status, want.Seq, want.Status, err)
	}
	if _, err := s.Trail(t.Context(), "tangerine-999"); !errors.Is(err, deployer.ErrNotFound) {
		t.Errorf("of an unknown one: %v", err)
	}
}
