package strict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

var bare = regexp.MustCompile(`^[0-9]+$`)

// Span reads a duration as people write it, by [spelling.ParseSpan]: 30s, 15m, 1h30m,
// 2d, 1w; and as Go writes it, as in configs of before, such as 500ms or 1.5h. What is
// wrong with it, and what to write instead, are "" where nothing is. It is never negative.
func Span(text string) (span time.Duration, what, hint string) {
	switch span, err := spelling.ParseSpan(text); {
	case err == nil:
		return span, "", ""
	case text == "":
		return 0, "a time is missing here", "write one such as 15m or 2h"
	case text == "0":
		return 0, "", ""
	case bare.MatchString(text):
		return 0, text + " has no unit", fmt.Sprintf("write %[1]ss, %[1]sm or %[1]sh", text)
	default:
		if d, goErr := time.ParseDuration(text); goErr == nil && d >= 0 {
			return d, "", ""
		}
		what, hint, _ = strings.Cut(err.Error(), "; ")
		return 0, what, hint
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
