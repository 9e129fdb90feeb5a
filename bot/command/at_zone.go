package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// pick finds the instant at which clocks in the zone show that. Where they are
// set forward there is none, where they are set back there are two.
func pick(wall time.Time, zone *time.Location, named string, now time.Time) (time.Time, error) {
	var found []time.Time
	for _, around := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(around).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if t.Format(time.DateTime) == wall.Format(time.DateTime) && !slices.ContainsFunc(found, t.Equal) {
			found = append(found, t)
		}
	}
	shows := wall.Format("15:04 on Mon 2 Jan 2006")
	if len(found) == 0 {
		return time.Time{}, deployer.Refuse("Say for example: "+wall.Add(time.Hour).Format("2006-01-02 15:04"),
			"There is no %s in %s: clocks are set forward then.", shows, zone)
	}
	if named != "" && named != "utc" {
		var err error
		if found, err = inSeason(found, zone, strings.ToUpper(named), now, shows); err != nil {
			return time.Time{}, err
		}
	}
	if len(found) > 1 {
		return time.Time{}, deployer.Refuse(fmt.Sprintf("Say which: %s %s or %[1]s %[3]s.", wall.Format("2006-01-02 15:04"), mrkdwn.Abbreviation(found[0]), mrkdwn.Abbreviation(found[1])),
			"There are two %s in %s: clocks are set back then.", shows, zone)
	}
	return found[0], nil
}

// inSeason keeps the instants at which the zone is called by that name: EST in
// winter, EDT in summer, ET always.
func inSeason(found []time.Time, zone *time.Location, name string, now time.Time, shows string) ([]time.Time, error) {
	var known []string
	for quarter := range 4 {
		a := mrkdwn.Abbreviation(now.AddDate(0, 3*quarter, 0).In(zone))
		for _, n := range []string{a, generic(a)} {
			if n != "" && !slices.Contains(known, n) {
				known = append(known, n)
			}
		}
	}
	if !slices.Contains(known, name) {
		slices.Sort(known)
		return nil, deployer.Refuse("Here it can be "+mrkdwn.Join(append(known, "UTC"), "or", 8)+".", "It is not clear which zone %s is.", name)
	}
	if generic(mrkdwn.Abbreviation(found[0])) == name {
		return found, nil
	}
	kept := slices.DeleteFunc(slices.Clone(found), func(t time.Time) bool { return mrkdwn.Abbreviation(t) != name })
	if len(kept) == 0 {
		return nil, deployer.Refuse("Leave the zone out.", "At %s it is %s there, not %s.", shows, mrkdwn.Abbreviation(found[0]), name)
	}
	return kept, nil
}

// generic is what a zone of three letters is called in summer and winter: ET
// for EST and EDT.
func generic(abbreviation string) string {
	if len(abbreviation) == 3 && (abbreviation[1] == 'S' || abbreviation[1] == 'D') && abbreviation[2] == 'T' {
		return abbreviation[:1] + "T"
	}
	return ""
}
