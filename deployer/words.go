package deployer

import (
	"fmt"
	"strings"
	"time"
)

// Sentence ends a reason with a full stop, so that words can follow it.
func Sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// Count is a number with its noun: 1 pod, 2 pods.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Span is a duration without noughts at its end: 1h30m, 2h.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// SpanInWords is a duration in full words, to the minute.
func SpanInWords(d time.Duration) string {
	minutes := max(int(d.Round(time.Minute)/time.Minute), 1)
	switch hours := minutes / 60; {
	case hours == 0:
		return Count(minutes, "minute")
	case minutes%60 == 0:
		return Count(hours, "hour")
	default:
		return Count(hours, "hour") + " " + Count(minutes%60, "minute")
	}
}
