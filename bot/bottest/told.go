package bottest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func Last[T any](s []T, n int) []T { return s[max(0, len(s)-n):] }

var Number = regexp.MustCompile(`/\d+`)

var Took = regexp.MustCompile(`Took [^.]*\.`)

// SignOf is what a message is recognized by, without the numbers that depend
// on which of two independent events was first.
func SignOf(m emulator.Message) string {
	if m.Metadata == nil {
		return "(no metadata) " + m.Text
	}
	p := m.Metadata.EventPayload
	text, _, _ := strings.Cut(Took.ReplaceAllString(m.Text, "Took."), " (planned")
	return fmt.Sprintf("%v %v %s: %s", p["deployment"], p["message"], Number.ReplaceAllString(fmt.Sprint(p["key"]), ""), text)
}
