package record

import (
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
)

// A start that was stored with a lead time and a technical account manager reads
// as one of today, and is written as one.
func TestStartWithALeadTimeIsRead(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/v1/event-created.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := DecodeCommit(b, asideOf(goldenProcedure(t)))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Events[0].(deployer.Created).Start
	if want := []string{"This was announced 3 minutes ahead; it should be 3 minutes."}; !reflect.DeepEqual(s.Warnings, want) {
		t.Errorf("it warns %q, want %q", s.Warnings, want)
	}
	if diff := cmp.Diff(map[string]string{"tam": "TAM 8"}, s.Terms); diff != "" {
		t.Error(diff)
	}
	wantSame(t, c)
}

func TestAShortLeadTimeReadsAsItDid(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	high := map[string]string{"risk": "high"}
	for _, c := range []struct {
		ahead, lead time.Duration
		inputs      map[string]string
		want        []string
	}{
		{0, 0, high, nil},
		{2 * time.Hour, 0, high, nil},
		{24 * time.Hour, 24 * time.Hour, high, nil},
		{0, 24 * time.Hour, high, []string{"This was not announced ahead; for high risk it should be 24 hours before."}},
		{0, time.Hour, nil, []string{"This was not announced ahead; it should be 1 hour before."}},
		{90 * time.Minute, 24 * time.Hour, high, []string{"This was announced 1 hour 30 minutes ahead; for high risk it should be 24 hours."}},
	} {
		r := created{At: at, Start: start{Lead: c.lead, Inputs: c.inputs}}
		if c.ahead > 0 {
			r.Start.Planned = at.Add(c.ahead)
		}
		if got := r.modernize().Start.Warnings; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s ahead of %s: %q, want %q", c.ahead, c.lead, got, c.want)
		}
	}
}
