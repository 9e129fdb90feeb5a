package command

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// aheadMax is how far ahead a start can be planned: what is further away is
// rather a typing mistake.
const aheadMax = 60 * 24 * time.Hour

const atExamples = "Write it like 22:00, 10pm, tomorrow 22:00, fri 22:00, 2026-12-01 22:00 or in 2h; UTC may stand behind it."

const momentExamples = "Write it like 21:40, yesterday 21:40, 40m ago, now, 2026-12-01 22:00; UTC may stand behind it."

var (
	atClock = regexp.MustCompile(`^(\d{1,2})(?::(\d{2}))?(am|pm)?$`)
	atDate  = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)
	atSpan  = regexp.MustCompile(`^(?:(\d{1,4})h)?(?:(\d{1,5})m)?$`)
	atZone  = regexp.MustCompile(`^[a-z]{2,5}$`)
)

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// ParseAt reads when a deployment starts, in a zone unless another one is
// named. It knows a few forms and guesses nothing: libraries that read any text
// took "banana" for now. What is past, does not exist or exists twice is
// refused, with what was understood.
func ParseAt(text string, now time.Time, zone *time.Location) (time.Time, error) {
	words := strings.Fields(strings.ToLower(text))
	if n := atWords(strings.Fields(strings.ToUpper(text))); n == 0 || n != len(words) {
		return time.Time{}, deployer.Refuse(atExamples, "%q is not a time.", mrkdwn.Clip(text, 60))
	}
	if words[0] == "in" {
		return soonEnough(now.Add(spanOf(words[1])).Truncate(time.Second), now, zone)
	}
	t, err := shownAt(text, words, now, zone)
	if err != nil {
		return time.Time{}, err
	}
	return soonEnough(t, now, zone)
}

// ParseMoment reads a moment that may be past, such as when an incident began: as
// ParseAt does, and besides now, 40m ago, yesterday 21:40. A clock alone is that of
// today.
func ParseMoment(text string, now time.Time, zone *time.Location) (time.Time, error) {
	words := strings.Fields(strings.ToLower(text))
	switch {
	case len(words) == 1 && words[0] == "now":
		return now.Truncate(time.Second), nil
	case len(words) == 2 && words[1] == "ago" && isSpan(words[0]):
		return now.Add(-spanOf(words[0])).Truncate(time.Second), nil
	case len(words) > 1 && words[0] == "yesterday":
		words[0] = now.In(zone).AddDate(0, 0, -1).Format(time.DateOnly)
		text = words[0] + " " + strings.Join(strings.Fields(text)[1:], " ")
	}
	if n := atWords(strings.Fields(strings.ToUpper(text))); n == 0 || n != len(words) {
		return time.Time{}, deployer.Refuse(momentExamples, "%q is not a time.", mrkdwn.Clip(text, 60))
	}
	if words[0] == "in" {
		return now.Add(spanOf(words[1])).Truncate(time.Second), nil
	}
	return shownAt(text, words, now, zone)
}

// shownAt is when clocks in the zone show what the words say.
func shownAt(text string, words []string, now time.Time, zone *time.Location) (time.Time, error) {
	named := ""
	if last := words[len(words)-1]; atZone.MatchString(last) {
		named, words = last, words[:len(words)-1]
	}
	if named == "utc" {
		zone = time.UTC
	}
	wall, err := wallOf(words, now.In(zone))
	if err != nil {
		return time.Time{}, deployer.Refuse(atExamples, "%q is not a time: %v.", mrkdwn.Clip(text, 60), err)
	}
	return pick(wall, zone, named, now)
}

// atWords is how many of the words at the beginning have the shape of a time.
// So --at takes more than one word without quotes. A zone is in capitals, unless
// it is UTC.
func atWords(words []string) int {
	is := func(i int, ok func(string) bool) bool { return i < len(words) && ok(strings.ToLower(words[i])) }
	n := 0
	switch {
	case is(0, func(w string) bool { return w == "in" }) && is(1, isSpan):
		return 2
	case is(0, isDay):
		n++
	}
	if !is(n, atClock.MatchString) {
		return 0
	}
	n++
	if is(n, func(w string) bool {
		return atZone.MatchString(w) && (w == "utc" || words[n] == strings.ToUpper(words[n]))
	}) {
		n++
	}
	return n
}

func isSpan(w string) bool { return w != "" && atSpan.MatchString(w) }

func isDay(w string) bool {
	return w == "today" || w == "tomorrow" || atDate.MatchString(w) || weekday(w) >= 0
}

// weekday is the number of a day's name, or of its first three letters; -1 for
// another word.
func weekday(w string) int {
	return slices.IndexFunc(weekdays, func(d string) bool { return w == d || w == d[:3] })
}

func spanOf(w string) time.Duration {
	m := atSpan.FindStringSubmatch(w)
	hours, _ := strconv.Atoi(m[1]) // digits, or nothing
	minutes, _ := strconv.Atoi(m[2])
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
}

// wallOf is what a clock on the wall will show, written down as if in UTC.
func wallOf(words []string, now time.Time) (time.Time, error) {
	y, mon, d := now.Date()
	day := time.Date(y, mon, d, 0, 0, 0, 0, time.UTC)
	clock := words[len(words)-1]
	if len(words) == 2 {
		switch w := words[0]; {
		case w == "today":
		case w == "tomorrow":
			day = day.AddDate(0, 0, 1)
		case weekday(w) >= 0:
			day = day.AddDate(0, 0, (weekday(w)-int(day.Weekday())+7)%7)
		default:
			var err error
			if day, err = time.Parse(time.DateOnly, w); err != nil {
				return day, fmt.Errorf("there is no day %s", w)
			}
		}
	}
	m := atClock.FindStringSubmatch(clock)
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi("0" + m[2])
	switch {
	case m[2] == "" && m[3] == "":
		return day, fmt.Errorf("write %s:00, or %sam or %spm", m[1], m[1], m[1])
	case m[3] != "" && (hour < 1 || hour > 12), hour > 23, minute > 59:
		return day, fmt.Errorf("there is no %s", clock)
	case m[3] == "am":
		hour %= 12
	case m[3] == "pm":
		hour = hour%12 + 12
	}
	return day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute), nil
}

// soonEnough refuses what is past, and what is too far away to be meant.
func soonEnough(t, now time.Time, zone *time.Location) (time.Time, error) {
	t = t.In(zone)
	understood := t.Format("Mon 2 Jan 2006, 15:04 ") + mrkdwn.Abbreviation(t)
	switch {
	case !t.After(now):
		return time.Time{}, deployer.Refuse("Say for example: tomorrow "+t.Format("15:04")+" – or leave the time out to begin now.", "That is past: %s.", understood)
	case t.Sub(now) > aheadMax:
		return time.Time{}, deployer.Refuse("", "That is more than %d days ahead: %s.", int(aheadMax/(24*time.Hour)), understood)
	}
	return t, nil
}
