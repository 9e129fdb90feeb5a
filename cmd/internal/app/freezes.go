package app

import (
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer/rules"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A dayChecker checks holidays and freezes.
type dayChecker struct{ *checker }

// usualCodes are what people write for countries that ISO 3166 calls otherwise.
var usualCodes = map[string]string{"uk": "gb", "en": "gb", "usa": "us"}

// countries are those whose holidays a retailer has.
func (c dayChecker) countries(written []strict.Text) []string {
	var out []string
	for _, t := range written {
		known := rules.Countries()
		switch code, usual := usualCodes[t.Value]; {
		case usual:
			c.wrong(t, "there is no country %q; did you mean %q?", t.Value, code)
		case !slices.Contains(known, t.Value):
			c.wrong(t, "%s", strict.Unknown("country whose holidays are known", t.Value, known))
		}
		out = append(out, t.Value)
	}
	return out
}

// holidaysOf are the days of a retailer that is in these groups: those of all, those of
// the list that are for it, and its own.
func (c dayChecker) holidaysOf(name string, r retailerFile, groups []string) map[string]string {
	out := map[string]string{}
	for day, t := range c.file.Holidays.Days {
		out[day] = t.Value
	}
	for _, h := range c.file.Holidays.List {
		if isFor(name, groups, h.Retailers, h.Groups) {
			out[h.Date.Value] = h.Why.Value
		}
	}
	for day, t := range r.Holidays {
		c.day(day, t)
		out[day] = t.Value
	}
	return out
}

// isFor reports whether something is for a retailer that is in these groups.
func isFor(retailer string, in []string, retailers, groups []strict.Text) bool {
	names := func(list []strict.Text, name string) bool {
		return slices.ContainsFunc(list, func(t strict.Text) bool { return t.Value == name })
	}
	return len(retailers)+len(groups) == 0 || names(retailers, retailer) || slices.ContainsFunc(in, func(g string) bool { return names(groups, g) })
}

// day refuses what is no day; at is where that is said.
func (c dayChecker) day(day string, at strict.Text) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		at.Value = ""
		c.wrong(at, "%q is no day such as 2026-12-25", day)
	}
}

// forWhom checks the names of retailers and groups for which something is.
func (c dayChecker) forWhom(cfg *Config, retailers, groups []strict.Text) {
	c.named("retailer", retailers, sorted(cfg.Retailers))
	known := sorted(cfg.Groups)
	for _, r := range cfg.Retailers {
		known = append(known, r.Groups...)
	}
	slices.Sort(known)
	c.named("group", groups, slices.Compact(known))
}

// named refuses names that there are not.
func (c dayChecker) named(what string, written []strict.Text, known []string) (names []string) {
	for _, t := range written {
		if !slices.Contains(known, t.Value) {
			c.wrong(t, "%s", strict.Unknown(what, t.Value, known))
		}
		names = append(names, t.Value)
	}
	return names
}

// freezes are the times in which nothing begins, and what is wrong with them and with the
// days of all retailers.
func (c dayChecker) freezes(cfg *Config) []rules.Freeze {
	for day, t := range c.file.Holidays.Days {
		c.day(day, t)
	}
	for _, h := range c.file.Holidays.List {
		if !h.Date.Written() {
			c.wrong(h.At.Text, "a holiday needs a date such as 2026-12-25")
			continue
		}
		c.day(h.Date.Value, h.Date)
		c.forWhom(cfg, h.Retailers, h.Groups)
	}
	var out []rules.Freeze
	for _, f := range c.file.Freezes {
		out = append(out, c.freeze(cfg, f))
	}
	return out
}

func (c dayChecker) freeze(cfg *Config, f freezeFile) rules.Freeze {
	environments := map[string]bool{}
	for _, r := range cfg.Retailers {
		for env := range r.Environments {
			environments[env] = true
		}
	}
	c.forWhom(cfg, f.Retailers, f.Groups)
	out := rules.Freeze{
		From: c.wall(f.At.Text, "from", f.From, false), To: c.wall(f.At.Text, "to", f.To, true), Why: f.Why.Value, Override: f.Override.Value,
		Environments: c.named("environment of a retailer", f.Environments, sorted(environments)),
		Services:     c.named("service", f.Services, sorted(c.file.Services)),
	}
	for _, t := range f.Retailers {
		out.Retailers = append(out.Retailers, t.Value)
	}
	for _, t := range f.Groups {
		out.Groups = append(out.Groups, t.Value)
	}
	if !f.Why.Written() {
		c.wrong(f.At.Text, "a freeze says why: whoever wants to deploy is told")
	}
	if f.Override.Written() {
		c.named("role", []strict.Text{f.Override}, sorted(cfg.Roles))
	}
	if !out.From.IsZero() && !out.To.IsZero() && !out.To.After(out.From) {
		c.wrong(f.To, "this freeze ends before it begins")
	}
	return out
}

// wall is a moment by the clock of whoever reads it, written in UTC. A day is its
// beginning or, of an end, the beginning of the next.
func (c dayChecker) wall(at strict.Text, key string, t strict.Text, end bool) time.Time {
	if !t.Written() {
		c.wrong(at, "a freeze needs %s: a day such as 2026-12-20, or a moment such as 2026-12-20 18:00", key)
		return time.Time{}
	}
	if day, err := time.Parse(time.DateOnly, t.Value); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day
	}
	moment, err := time.Parse("2006-01-02 15:04", t.Value)
	if err != nil {
		c.wrong(t, "%q is no day such as 2026-12-20 and no moment such as 2026-12-20 18:00", t.Value)
	}
	return moment
}

// over are the freezes that are, a line each.
func over(freezes []rules.Freeze, now time.Time) []string {
	var out []string
	for _, f := range freezes {
		if f.IsOver(now) {
			out = append(out, fmt.Sprintf("the freeze %q is over since %s; it can be taken out of the config", f.Why, f.To.Format("2 Jan 2006")))
		}
	}
	return out
}
