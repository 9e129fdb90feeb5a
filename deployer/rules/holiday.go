package rules

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// countries are the public holidays of whole countries, by ISO 3166.
var countries = map[string][]*cal.Holiday{
	"ar": ar.Holidays, "at": at.Holidays, "au": common(au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD, au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA), "be": be.Holidays, "bg": bg.Holidays, "br": br.Holidays,
	"ca": ca.Holidays, "ch": ch.Holidays, "cz": cz.Holidays, "de": de.Holidays, "dk": dk.Holidays, "es": es.Holidays,
	"fr": fr.Holidays, "gb": gb.Holidays, "gr": gr.Holidays, "hr": hr.Holidays, "ie": ie.Holidays, "it": it.Holidays,
	"jp": jp.Holidays, "lt": lt.Holidays, "lv": lv.Holidays, "mw": mw.Holidays, "nc": nc.Holidays, "nl": nl.Holidays,
	"no": no.Holidays, "nz": nz.Holidays, "pl": pl.Holidays, "ro": ro.Holidays, "ru": ru.Holidays, "se": se.Holidays,
	"si": si.Holidays, "sk": sk.Holidays, "ua": ua.Holidays, "us": us.Holidays, "za": za.Holidays,
}

// common are the holidays that all parts of a country have.
func common(first []*cal.Holiday, others ...[]*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(first), func(h *cal.Holiday) bool {
		return slices.ContainsFunc(others, func(of []*cal.Holiday) bool { return !slices.Contains(of, h) })
	})
}

// Countries are those whose holidays are known, by their two letters of ISO 3166.
func Countries() []string { return slices.Sorted(maps.Keys(countries)) }

// onDay reports whether a day is one of those that a word of a window means.
func (a *asked) onDay(word string, day time.Time) bool {
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	switch word {
	case "weekday":
		return !weekend
	case "weekend":
		return weekend
	case "holiday":
		return a.holiday(day)
	case "before-holiday":
		return a.holiday(day.AddDate(0, 0, 1))
	}
	return strings.HasPrefix(strings.ToLower(day.Weekday().String()), strings.ToLower(word))
}

// holiday reports whether a day is one: by the config, or of one of the countries, also
// where it is made up for on a day before or after.
func (a *asked) holiday(day time.Time) bool {
	name := day.Format(time.DateOnly)
	is, known := a.days[name]
	if known {
		return is
	}
	if _, is = a.Holidays[name]; !is {
		is = slices.ContainsFunc(a.Countries, func(country string) bool {
			of := cal.Calendar{Holidays: countries[country]}
			actual, observed, _ := of.IsHoliday(day)
			return actual || observed
		})
	}
	a.days[name] = is
	return is
}
