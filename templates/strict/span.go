package strict

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

var (
	spanPart = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d|w)`)
	bare     = regexp.MustCompile(`^[0-9]+$`)
	units    = map[string]time.Duration{
		"ns": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
		"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}
)

// Span reads a duration as people write it: 30s, 15m, 1h30m, 2d, 1w. What is wrong
// with it, and what to write instead, are "" where nothing is. It is never negative.
func Span(text string) (span time.Duration, what, hint string) {
	if text == "0" {
		return 0, "", ""
	}
	if bare.MatchString(text) {
		return 0, text + " has no unit", fmt.Sprintf("write %[1]ss, %[1]sm or %[1]sh", text)
	}
	rest := text
	for rest != "" {
		m := spanPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, fmt.Sprintf("%q is not a time such as 15m or 2h", text), ""
		}
		n, _ := strconv.ParseFloat(m[1], 64)
		part := n * float64(units[m[2]])
		if float64(span)+part > float64(math.MaxInt64)/2 {
			return 0, text + " is too long a time", ""
		}
		span += time.Duration(part)
		rest = rest[len(m[0]):]
	}
	if text == "" {
		return 0, "a time is missing here", "write one such as 15m or 2h"
	}
	return span, "", ""
}

func itoa(n int) string { return strconv.Itoa(n) }
