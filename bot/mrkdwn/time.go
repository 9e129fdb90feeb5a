package mrkdwn

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Abbreviation is what the time's zone is called then, such as EST or UTC-03.
func Abbreviation(t time.Time) string {
	name, _ := t.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}

// Date is a day and time, in the zone of whoever reads it.
func Date(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s UTC>", t.Unix(), t.UTC().Format("2 Jan 15:04"))
}

// Clock is a time of day, shown in the zone of whoever reads it.
func Clock(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{time}|%s UTC>", t.Unix(), t.UTC().Format("15:04"))
}

// Ago says how long ago something happened; the reader's client keeps it
// current, so that its passing needs no edit.
func Ago(happened string, t time.Time) string {
	return fmt.Sprintf("<!date^%d^%s {ago}|%s at %s UTC>", t.Unix(), happened, happened, t.UTC().Format("15:04"))
}

// Span is a duration as people say it.
func Span(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case d < time.Minute:
		return strconv.Itoa(max(int(d.Round(time.Second)/time.Second), 0)) + " s"
	case minutes < 100:
		return strconv.Itoa(minutes) + " min"
	case minutes%60 == 0:
		return strconv.Itoa(minutes/60) + " h"
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}
