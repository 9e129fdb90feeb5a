// Package rules says what the windows of a procedure and the freezes of the config make of
// a moment: fine, a warning, or a refusal with when it would be fine.
//
// It is pure: it looks at no clock and at no system. Days and times of day are those that
// a clock on the wall shows where the retailer is, or where a window says: when that is set
// back, a time of day comes twice and counts twice, and when it is set forward, a window
// that would end in what is left out ends with it.
package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Place is what is known of a site, as the configuration says now.
type Place struct {
	Zone      *time.Location    // nil: UTC
	Countries []string          // whose public holidays are holidays there: of Countries
	Holidays  map[string]string // besides, by day as YYYY-MM-DD: what it is
	Groups    []string          // that it is in
	Freezes   []Freeze          // all there are
}

// Ask is what the freezes and the windows say of a deployment at a time, the freezes first:
// nothing where it is fine. Of one that has begun to change what runs it is what its next
// change waits for, which no freeze holds. Of windows the first that fits counts. Which ones apply, and
// why a time is as they say, is told by the language; one whose condition can't be told, as
// where there is none, does not fit.
func (p Place) Ask(d deployer.Deployment, language deployer.Language, at time.Time) []deployer.Verdict {
	a := p.asked(d, language, at)
	if begun := deployer.FirstChange(d); !begun.IsZero() {
		return a.midway(begun, at)
	}
	var out []deployer.Verdict
	for _, f := range a.freezes {
		if a.holds(f, at) {
			out = append(out, deployer.Verdict{Rule: f.rule(), Is: deployer.WindowRefuse, Why: f.said(), Override: f.Override})
		}
	}
	if i := a.windowAt(at); i >= 0 {
		if w := a.windows[i]; w.Is != deployer.WindowFine {
			out = append(out, deployer.Verdict{Rule: w.rule, Is: w.Is, Why: a.why(w.Window), Override: w.Override})
		}
	}
	for i := range out {
		if out[i].Is == deployer.WindowRefuse {
			out[i].Next = a.next(at, func(t time.Time) bool { return !a.refuses(t) })
		}
	}
	return out
}

// midway is what the windows say of what began to change something in one of them, and has
// more to change: nothing as long as that one fits, or another one that is fine. Where it
// is over it says what comes then; where it does not, what refuses asks.
func (a *asked) midway(begun, at time.Time) []deployer.Verdict {
	first, now := a.windowAt(begun), a.windowAt(at)
	is := func(i int, what deployer.WindowIs) bool { return i >= 0 && a.windows[i].Is == what }
	refused := is(now, deployer.WindowRefuse)
	switch {
	case is(now, deployer.WindowFine), first == now && !refused, refused && a.d.Overrides(a.windows[now].rule):
		return nil
	}
	v := deployer.Verdict{Is: deployer.WindowRefuse, Why: "The window in which it began is over."}
	if first >= 0 && first != now {
		began := a.windows[first]
		v.Rule, v.Ends, v.Override = "end of "+began.rule, began.Ends, began.Override
	}
	if refused {
		v.Rule, v.Why, v.Override = a.windows[now].rule, a.why(a.windows[now].Window), cmp.Or(a.windows[now].Override, v.Override)
		v.Ends = cmp.Or(v.Ends, deployer.EndsAsk)
	}
	if v.Ends == "" || v.Ends == deployer.EndsFinish {
		return nil
	}
	v.Next = a.next(at, func(t time.Time) bool {
		i := a.windowAt(t)
		return is(i, deployer.WindowFine) || i == first && !is(i, deployer.WindowRefuse)
	})
	return []deployer.Verdict{v}
}

// Room is how long from a time on nothing refuses that a deployment begins; 0: nothing
// does for as long as it is looked ahead, or something does then.
func (p Place) Room(d deployer.Deployment, language deployer.Language, at time.Time) time.Duration {
	a := p.asked(d, language, at)
	if a.refuses(at) {
		return 0
	}
	if closes := a.next(at, a.refuses); !closes.IsZero() {
		return closes.Sub(at)
	}
	return 0
}

// An asked is one question: of all rules those that are about a deployment.
type asked struct {
	Place
	d        *deployer.Deployment
	language deployer.Language
	moment   deployer.Moment
	freezes  []Freeze
	windows  []window
	days     map[string]bool // which days are holidays, as far as it was worked out
}

// A window is one that applies.
type window struct {
	deployer.Window
	rule     string
	zone     *time.Location
	from, to int // minutes of the day
}

func (p Place) asked(d deployer.Deployment, language deployer.Language, at time.Time) *asked {
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	a := &asked{Place: p, d: &d, language: language, moment: deployer.Moment{Deployment: &d, Now: at}, days: map[string]bool{}}
	for _, f := range p.Freezes {
		if f.isAbout(d, p.Groups) {
			a.freezes = append(a.freezes, f)
		}
	}
	for i, w := range d.Procedure.Windows {
		if len(w.Environments) > 0 && !slices.Contains(w.Environments, d.Site.Environment) || !a.applies(w.When) {
			continue
		}
		zone := p.Zone
		if z, err := time.LoadLocation(w.Zone); err == nil && w.Zone != "" {
			zone = z
		}
		a.windows = append(a.windows, window{w, fmt.Sprintf("window %d", i+1), zone, minutes(w.From, 0), minutes(w.To, dayMinutes)})
	}
	return a
}

// applies reports whether the condition of a window holds.
func (a *asked) applies(when string) bool {
	switch {
	case when == "":
		return true
	case a.language == nil:
		return false
	}
	is, err := a.language.Compute(when, deployer.TypeCond, a.moment)
	return err == nil && is.Flag
}

// why is why a time is as a window says. Where that can't be filled it is said as it is
// written.
func (a *asked) why(w deployer.Window) string {
	filled, err := deployer.Filled(a.language, w.Why, a.moment)
	if err != nil {
		filled = w.Why
	}
	return deployer.Sentence(filled)
}

// refuses reports whether anything refuses at a time that nobody has overridden.
func (a *asked) refuses(at time.Time) bool {
	for _, f := range a.freezes {
		if !a.d.Overrides(f.rule()) && a.holds(f, at) {
			return true
		}
	}
	i := a.windowAt(at)
	return i >= 0 && a.windows[i].Is == deployer.WindowRefuse && !a.d.Overrides(a.windows[i].rule)
}

// windowAt is the first window that fits a time; -1: none does.
func (a *asked) windowAt(at time.Time) int {
	return slices.IndexFunc(a.windows, func(w window) bool { return a.fits(w, at) })
}

// fits reports whether a time is on the days and in the hours of a window. Hours that end
// before they begin go over midnight, and belong to the day on which they begin.
func (a *asked) fits(w window, at time.Time) bool {
	local := at.In(w.zone)
	now, day := local.Hour()*60+local.Minute(), date(local)
	switch {
	case w.from <= w.to:
		if now < w.from || now >= w.to {
			return false
		}
	case now < w.to:
		day = day.AddDate(0, 0, -1)
	case now < w.from:
		return false
	}
	return len(w.Days) == 0 || slices.ContainsFunc(w.Days, func(word string) bool { return a.onDay(word, day) })
}

const dayMinutes = 24 * 60

// minutes are how many of the day are over at a time of it, such as 18:00.
func minutes(clock string, otherwise int) int {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return otherwise
	}
	return t.Hour()*60 + t.Minute()
}

// date is the day of a time where it is, as a time in UTC that no clock is set on.
func date(local time.Time) time.Time {
	y, m, d := local.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
