package view

import (
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
)

// there is a time of day where the retailer is, such as 17:04 EST; "" where
// that is not configured.
func (r Renderer) there(retailer string, t time.Time) string {
	zone := r.Retailers[retailer].Zone
	if zone == nil || zone == time.UTC {
		return ""
	}
	t = t.In(zone)
	short := t.Format("15:04 MST")
	if strings.ContainsAny(short[len("15:04 "):], "+-0123456789") { // nobody knows that zone by letters
		return t.Format("15:04 ") + city(zone)
	}
	return short
}

// at is a time of day as the reader's clock shows it, and the retailer's.
func (r Renderer) at(retailer string, t time.Time) string {
	if there := r.there(retailer, t); there != "" {
		return mrkdwn.Clock(t) + " (" + there + ")"
	}
	return mrkdwn.Clock(t)
}

// Zone is the time zone of a retailer's people: UTC where none is configured.
func (r Renderer) Zone(retailer string) *time.Location {
	if z := r.Retailers[retailer].Zone; z != nil {
		return z
	}
	return time.UTC
}

// moment is a day and a time as the reader's clock shows it, and the retailer's.
func (r Renderer) moment(retailer string, t time.Time) string {
	if there := r.there(retailer, t); there != "" {
		return mrkdwn.Date(t) + " (" + there + ")"
	}
	return mrkdwn.Date(t)
}

// city is what a zone is called after: Sao Paulo for America/Sao_Paulo.
func city(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}
