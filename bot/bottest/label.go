package bottest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func Last[T any](s []T, n int) []T { return s[max(0, len(s)-n):] }

var DigitsOfKey = regexp.MustCompile(`/\d+`)

var Took = regexp.MustCompile(`Took [^.]*\.`)

// LabelOf is what a message is recognized by, without the numbers that depend
// on which of two independent events was first.
func LabelOf(m emulator.Message) string {
	if m.Metadata == nil {
		return "(no metadata) " + m.Text
	}
	p := m.Metadata.EventPayload
	text, _, _ := strings.Cut(Took.ReplaceAllString(m.Text, "Took."), " (planned")
	return fmt.Sprintf("%v %v %s: %s", p["deployment"], p["message"], DigitsOfKey.ReplaceAllString(fmt.Sprint(p["key"]), ""), text)
}
