package rules

import (
	"slices"
	"time"
)

// aheadDays is how far ahead it is looked for a time that is fine, or is not any more,
// and as far again behind each freeze.
const aheadDays = 60

const (
	soonDays = 4
	dayLong  = 24 * time.Hour
)

// next is the first time after another at which something is so. It is looked for where
// it may begin to be so: where a window or a freeze begins or ends, at midnight, and where
// a clock is set.
func (a *asked) next(after time.Time, is func(time.Time) bool) time.Time {
	for _, ahead := range []int{soonDays, aheadDays} { // mostly it is soon
		for _, t := range a.bounds(after, ahead) {
			if t.After(after) && is(t) && (ahead == aheadDays || t.Sub(after) < (soonDays-1)*dayLong) {
				return t
			}
		}
	}
	return time.Time{}
}

// bounds are those times, in order, in so many days.
func (a *asked) bounds(after time.Time, ahead int) []time.Time {
	from := []time.Time{after}
	for _, f := range a.freezes {
		for _, wall := range []time.Time{f.From, f.To} {
			from = append(from, moments(wall, a.Zone)...)
		}
	}
	var out []time.Time
	for _, first := range from {
		if first.Before(after) {
			continue
		}
		out = append(out, first)
		out = append(out, clockSet(a.Zone, first)...)
		for _, w := range a.windows {
			out = append(out, clockSet(w.zone, first)...)
			for _, minute := range []int{0, w.from, w.to} {
				for n := range ahead {
					wall := date(first.In(w.zone)).AddDate(0, 0, n).Add(time.Duration(minute) * time.Minute)
					out = append(out, moments(wall, w.zone)...)
				}
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// moments are when a clock in a zone shows what is written in UTC: once, where it is set
// back twice, where it is set forward never, and then when it is set.
func moments(wall time.Time, zone *time.Location) []time.Time {
	var out []time.Time
	for _, about := range []time.Duration{-dayAndMore, dayAndMore} {
		_, offset := wall.Add(about).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if shows(t, wall) && !slices.ContainsFunc(out, t.Equal) {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		_, offset := wall.Add(-dayAndMore).In(zone).Zone()
		at, _ := wall.Add(-time.Duration(offset) * time.Second).In(zone).ZoneBounds()
		out = append(out, at)
	}
	return out
}

// dayAndMore is farther from any time of a day than any clock's distance from UTC.
const dayAndMore = 26 * time.Hour

// shows reports whether a time reads as another one in UTC does.
func shows(t, wall time.Time) bool {
	return t.Format(time.DateTime) == wall.Format(time.DateTime)
}

// clockSet is when a clock is set, in the days that are looked at.
func clockSet(zone *time.Location, first time.Time) []time.Time {
	var out []time.Time
	for t := first; ; {
		_, end := t.In(zone).ZoneBounds()
		if end.IsZero() || end.Sub(first) > aheadDays*dayLong {
			return out
		}
		out = append(out, end)
		t = end
	}
}
