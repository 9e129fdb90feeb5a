package spelling_test

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1w": 168 * time.Hour, "1w1d": 192 * time.Hour, "86400s": 24 * time.Hour, "0s": 0,
		"": -1, "15": -1, "m": -1, "1h2h": -1, "30m1h": -1, "1.5h": -1, "-1h": -1, "1 h": -1, "999999w": -1, "9999999s": -1, "1y": -1,
	} {
		if got, err := spelling.ParseSpan(text); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}
