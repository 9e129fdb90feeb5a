package launch

import (
	"testing"
	"time"
)

func TestAShortLeadTimeIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ahead, lead time.Duration
		risk, want  string
	}{
		{0, 0, "high", ""},
		{2 * time.Hour, 0, "high", ""},
		{24 * time.Hour, 24 * time.Hour, "high", ""},
		{0, 24 * time.Hour, "high", "This was not announced ahead; for high risk it should be 24 hours before."},
		{-time.Hour, 24 * time.Hour, "high", "This was not announced ahead; for high risk it should be 24 hours before."},
		{59 * time.Second, time.Hour, "", "This was not announced ahead; it should be 1 hour before."},
		{90 * time.Minute, 24 * time.Hour, "high", "This was announced 1 hour 30 minutes ahead; for high risk it should be 24 hours."},
	} {
		if got := lateWarning(c.ahead, c.lead, c.risk); got != c.want {
			t.Errorf("%s ahead of %s: %q, want %q", c.ahead, c.lead, got, c.want)
		}
	}
}

// A plan is in whole seconds. What is asked for a day ahead is a day ahead, in
// whatever part of a second that was.
func TestADayAheadIsADayAhead(t *testing.T) {
	t.Parallel()
	r := asks("web", "v2")
	r.Inputs = map[string]string{"risk": "high"}
	r.Planned = at(noon.Add(24 * time.Hour).Truncate(time.Second))
	got, err := launcher().Start(t.Context(), r)
	if err != nil || got.Warnings != nil {
		t.Errorf("it warns %q, %v", got.Warnings, err)
	}
	r.Planned = nil
	if got, err = launcher().Start(t.Context(), r); err != nil || len(got.Warnings) != 1 {
		t.Errorf("at once, it warns %q, %v", got.Warnings, err)
	}
}
