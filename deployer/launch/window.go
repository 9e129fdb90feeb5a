package launch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// aheadMax is how far ahead a time is looked for that is fine.
const aheadMax = 21 * 24 * time.Hour

// windows asks the windows of a procedure about the moment at which it starts: a
// warning, or a refusal that says when it would be fine. Whoever holds the role that
// may override it goes on with a reason, which stands there as a warning.
func (f *filler) windows(r Request, start deployer.Start, p Place, l Launcher) (warning string, err error) {
	at := start.Planned
	if at.IsZero() {
		at = r.Asked
	}
	w := f.windowAt(start, p, at)
	switch {
	case w == nil || w.Is == deployer.WindowFine:
		return "", nil
	case w.Is == deployer.WindowWarn:
		return f.why(*w), nil
	case w.Override != "" && !deployer.Blank(r.Reason) && l.holds(w.Override, r.By):
		return fmt.Sprintf("%s It starts all the same, by the role %s: %s", f.why(*w), w.Override, deployer.Sentence(r.Reason)), nil
	}
	no := deployer.Refuse("", "%s", f.why(*w))
	if next := f.nextFine(start, p, at); !next.IsZero() {
		no.Instead = append(no.Instead, deployer.Hint{Say: "The next time that is fine is " + next.In(p.Zone).Format("Mon 2 Jan 2006, 15:04 MST") + "."})
	}
	if w.Override != "" {
		no.Instead = append(no.Instead, deployer.Hint{Say: "Somebody of " + w.Override + " may start it now, with a reason", Flag: deployer.Flag{Name: "reason", Value: `"why"`}})
	}
	return "", FieldError{Field: FieldPlanned, Err: no}
}

// why is why a time is as a window says. Where that can't be filled it is said as it is
// written.
func (f *filler) why(w deployer.Window) string {
	f.asked.Deployment = &f.draft
	filled, err := deployer.Filled(f.language, w.Why, f.asked)
	if err != nil {
		filled = w.Why
	}
	return deployer.Sentence(filled)
}

// holds reports whether somebody is known to hold a role.
func (l Launcher) holds(role, by string) bool {
	if l.ports.Holders == nil || by == "" {
		return false
	}
	return slices.ContainsFunc(l.ports.Holders(role).People, func(accounts []string) bool { return slices.Contains(accounts, by) })
}

// windowAt is the first window that fits a moment, or nil. One whose condition can't be
// told does not fit.
func (f *filler) windowAt(start deployer.Start, p Place, at time.Time) *deployer.Window {
	for i, w := range start.Procedure.Windows {
		zone := p.Zone
		if w.Zone != "" {
			if z, err := time.LoadLocation(w.Zone); err == nil {
				zone = z
			}
		}
		local := at.In(zone)
		switch {
		case len(w.Environments) > 0 && !slices.Contains(w.Environments, start.Site.Environment):
		case !within(w, local, p.Holidays), !f.applies(w.When):
		default:
			return &start.Procedure.Windows[i]
		}
	}
	return nil
}

// applies reports whether the condition of a window holds.
func (f *filler) applies(when string) bool {
	if when == "" {
		return true
	}
	if f.language == nil {
		return false
	}
	f.asked.Deployment = &f.draft
	is, err := f.language.Compute(when, deployer.TypeCond, f.asked)
	return err == nil && is.Flag
}

// within reports whether a moment is on the days and in the hours of a window. Hours
// that end before they begin go over midnight, and belong to the day on which they
// begin.
func within(w deployer.Window, local time.Time, holidays map[string]string) bool {
	now, day := local.Format("15:04"), local
	from, to := w.From, w.To
	if to == "" {
		to = "24:00"
	}
	if from <= to && (now < from || now >= to) {
		return false
	}
	if from > to {
		switch {
		case now < to:
			day = local.AddDate(0, 0, -1)
		case now < from:
			return false
		}
	}
	return len(w.Days) == 0 || slices.ContainsFunc(w.Days, func(d string) bool { return onDay(d, day, holidays) })
}

// onDay reports whether a day is one of those that a word of a window means.
func onDay(word string, day time.Time, holidays map[string]string) bool {
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	switch word {
	case "weekday":
		return !weekend
	case "weekend":
		return weekend
	case "holiday":
		_, is := holidays[day.Format(time.DateOnly)]
		return is
	case "before-holiday":
		_, is := holidays[day.AddDate(0, 0, 1).Format(time.DateOnly)]
		return is
	}
	return strings.HasPrefix(strings.ToLower(day.Weekday().String()), strings.ToLower(word))
}

// nextFine is the next moment that no window refuses; zero: there is none soon. Windows
// begin and end at minutes, so that those of their hours are enough, and midnight.
func (f *filler) nextFine(start deployer.Start, p Place, after time.Time) time.Time {
	var next time.Time
	for _, w := range append(slices.Clone(start.Procedure.Windows), deployer.Window{}) {
		zone := p.Zone
		if z, err := time.LoadLocation(w.Zone); err == nil && w.Zone != "" {
			zone = z
		}
		for _, clock := range []string{w.From, w.To, "00:00"} {
			at, err := time.Parse("15:04", clock)
			if err != nil {
				continue
			}
			y, m, d := after.In(zone).Date()
			for t := range days(time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, zone)) {
				if !t.After(after) || !next.IsZero() && !t.Before(next) {
					continue
				}
				if found := f.windowAt(start, p, t); found == nil || found.Is != deployer.WindowRefuse {
					next = t
					break
				}
			}
		}
	}
	return next
}

// days are that moment and the same time of the days behind it.
func days(first time.Time) func(yield func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		for n := range int(aheadMax / (24 * time.Hour)) {
			if !yield(first.AddDate(0, 0, n)) {
				return
			}
		}
	}
}
