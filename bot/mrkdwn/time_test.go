package mrkdwn

import (
	"fmt"
	"testing"
	"time"
)

func ExampleSpan() {
	for _, d := range []time.Duration{0, 40 * time.Second, time.Minute, 99 * time.Minute, 112 * time.Minute, 2 * time.Hour} {
		fmt.Print(Span(d), "; ")
	}
	// Output: 0 s; 40 s; 1 min; 99 min; 1 h 52 min; 2 h;
}

func ExampleDate() {
	at := time.Date(2026, 2, 5, 22, 0, 0, 0, time.UTC)
	fmt.Println(Date(at))
	fmt.Println(Clock(at))
	fmt.Println(Ago("Asked", at))
	// Output:
	// <!date^1770328800^{date_short_pretty} {time}|5 Feb 22:00 UTC>
	// <!date^1770328800^{time}|22:00 UTC>
	// <!date^1770328800^Asked {ago}|Asked at 22:00 UTC>
}

func TestZonesAreCalledByLettersOrByTheirDistance(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 5, 22, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "UTC", "America/New_York": "EST", "America/Sao_Paulo": "UTC-03", "Asia/Kathmandu": "UTC+0545"} {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := Abbreviation(at.In(z)); got != want {
			t.Errorf("%s is called %q, want %q", zone, got, want)
		}
	}
}
