package command

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// The clocks of New York are set back on 1 November 2026 and forward on 14
// March 2027.
func TestTimesThatPeopleTypeAreUnderstood(t *testing.T) {
	t.Parallel()
	const newYork = "America/New_York"
	autumn := time.Date(2026, 10, 30, 14, 30, 0, 0, time.UTC) // Friday, 10:30 EDT
	spring := time.Date(2027, 3, 12, 15, 30, 0, 0, time.UTC)  // Friday, 10:30 EST
	for _, c := range []struct {
		zone string
		now  time.Time
		text string
		want string // in UTC, or the beginning of the refusal
	}{
		{"UTC", autumn, "22:00", "2026-10-30 22:00"},
		{newYork, autumn, "22:00", "2026-10-31 02:00"},
		{newYork, autumn, "10pm", "2026-10-31 02:00"},
		{newYork, autumn, "10:45PM", "2026-10-31 02:45"},
		{newYork, autumn, "12pm", "2026-10-30 16:00"},
		{newYork, autumn, "tomorrow 12am", "2026-10-31 04:00"},
		{newYork, autumn, "today 10:31", "2026-10-30 14:31"},
		{newYork, autumn, "2026-12-01 22:00", "2026-12-02 03:00"},
		{newYork, autumn, "2026-12-01 22:00 UTC", "2026-12-01 22:00"},
		{newYork, autumn, "2026-12-01 22:00 utc", "2026-12-01 22:00"},
		{newYork, autumn, "fri 22:00", "2026-10-31 02:00"},
		{newYork, autumn, "Saturday 9:05", "2026-10-31 13:05"},
		{newYork, autumn, "mon 22:00 ET", "2026-11-03 03:00"},
		{newYork, autumn, "mon 22:00 EST", "2026-11-03 03:00"},
		{newYork, autumn, "in 2h", "2026-10-30 16:30"},
		{newYork, autumn, "in 1h30m", "2026-10-30 16:00"},
		{newYork, autumn, "in 90m", "2026-10-30 16:00"},
		// Twice, and never.
		{newYork, autumn, "2026-11-01 01:30", "There are two 01:30 on Sun 1 Nov 2026 in America/New_York: clocks are set back then.\nSay which: 2026-11-01 01:30 EDT or 2026-11-01 01:30 EST."},
		{newYork, autumn, "2026-11-01 01:30 ET", "There are two"},
		{newYork, autumn, "2026-11-01 01:30 EDT", "2026-11-01 05:30"},
		{newYork, autumn, "2026-11-01 01:30 EST", "2026-11-01 06:30"},
		{newYork, spring, "sun 02:30", "There is no 02:30 on Sun 14 Mar 2027 in America/New_York: clocks are set forward then.\nSay for example: 2027-03-14 03:30"},
		{newYork, spring, "sun 03:00", "2027-03-14 07:00"},
		// Zones.
		{newYork, autumn, "mon 22:00 EDT", "At 22:00 on Mon 2 Nov 2026 it is EST there, not EDT."},
		{newYork, autumn, "22:00 PST", "It is not clear which zone PST is.\nHere it can be EDT, EST, ET or UTC."},
		{"Asia/Kolkata", autumn, "22:00 IST", "2026-10-30 16:30"},
		{"America/Sao_Paulo", autumn, "22:00", "2026-10-31 01:00"},
		// Past, and too far.
		{newYork, autumn, "10:30", "That is past: Fri 30 Oct 2026, 10:30 EDT.\nSay for example: tomorrow 10:30"},
		{newYork, autumn, "fri 9am", "That is past"},
		{newYork, autumn, "in 0m", "That is past"},
		{newYork, autumn, "2027-10-01 22:00", "That is more than 60 days ahead: Fri 1 Oct 2027, 22:00 EDT."},
		// No times.
		{newYork, autumn, "banana", `"banana" is not a time.`},
		{newYork, autumn, "22", `"22" is not a time: write 22:00, or 22am or 22pm.`},
		{newYork, autumn, "25:00", `"25:00" is not a time: there is no 25:00.`},
		{newYork, autumn, "13pm", `"13pm" is not a time`},
		{newYork, autumn, "22:60", `"22:60" is not a time`},
		{newYork, autumn, "2026-02-30 22:00", `"2026-02-30 22:00" is not a time: there is no day 2026-02-30.`},
		{newYork, autumn, "2026-12-01", `"2026-12-01" is not a time.`},
		{newYork, autumn, "in banana", `"in banana" is not a time.`},
		{newYork, autumn, "22:00 23:00", `"22:00 23:00" is not a time.`},
		{newYork, autumn, "", `"" is not a time.`},
	} {
		got, err := ParseAt(c.text, c.now, zoneNamed(t, c.zone))
		said := got.UTC().Format("2006-01-02 15:04")
		if err != nil {
			said = err.Error()
		}
		if refused := c.want[0] < '0' || c.want[0] > '9'; said != c.want && (!refused || !strings.HasPrefix(strings.ReplaceAll(said, "\n", " "), strings.ReplaceAll(c.want, "\n", " "))) {
			t.Errorf("%q in %s: %s, want %s", c.text, c.zone, said, c.want)
		}
	}
}

// What is taken is what was written: a date and a time in a zone come back from
// the instant.
func TestATimeIsWhatItSays(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC}
	for _, name := range []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"} {
		zones = append(zones, zoneNamed(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		now := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "now"), 0)
		meant := now.Add(time.Duration(rapid.IntRange(-100, 100_000).Draw(t, "minutes")) * time.Minute)
		layout := rapid.SampledFrom([]string{"2006-01-02 15:04", "2006-01-02 3:04pm"}).Draw(t, "layout")
		text := meant.In(zone).Format(layout)
		got, err := ParseAt(text, now, zone)
		if err != nil {
			refusal, ok := errors.AsType[*deployer.Refusal](err)
			twice := ok && strings.HasPrefix(refusal.Why, "There are two")
			if !twice && meant.Truncate(time.Minute).After(now) && meant.Sub(now) < aheadMax {
				t.Fatalf("%q at %s: %v", text, now, err)
			}
			return
		}
		if got.Format(layout) != text || !got.After(now) {
			t.Fatalf("%q at %s in %s: %s", text, now, zone, got)
		}
	})
}

func FuzzParseAt(f *testing.F) {
	now := time.Date(2026, 10, 30, 14, 30, 0, 0, time.UTC)
	for _, s := range []string{"banana", "22:00", "10pm ET", "in 99999m", "fri 1:30 edt", "2026-11-01 01:30", "tomorrow 2:30 UTC", "in h"} {
		f.Add(s)
	}
	zone := zoneNamed(f, "America/New_York")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseAt(text, now, zone)
		if _, ok := errors.AsType[*deployer.Refusal](err); err != nil && !ok {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil && (!got.After(now) || got.Sub(now) > aheadMax) {
			t.Fatalf("%q is %s", text, got)
		}
	})
}

// What has begun already, such as an incident, is as good a moment as what is to come.
func TestMomentsMayBePast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 5, 22, 10, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"now": "2026-03-05T22:10:00Z", "40m ago": "2026-03-05T21:30:00Z", "1h30m ago": "2026-03-05T20:40:00Z", "21:40": "2026-03-05T21:40:00Z",
		"Yesterday 9pm": "2026-03-04T21:00:00Z", "2026-03-01 08:00 utc": "2026-03-01T08:00:00Z", "tomorrow 08:00": "2026-03-06T08:00:00Z", "in 2h": "2026-03-06T00:10:00Z",
		"banana": "", "ago": "", "yesterday": "", "25:00": "", "yesterday banana": "",
	} {
		got, err := ParseMoment(text, now, time.UTC)
		if want == "" && err == nil || want != "" && (err != nil || got.Format(time.RFC3339) != want) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}
