package outbox

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Where all channels are limited, announcements go before cards, whoever came first, and of two
// announcements the one goes first that came first, however often others try.
func TestAnnouncementsPassAllLimitsInTheOrderInWhichTheyCame(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := newFairLimiter(NewLimiter(Pace{}.WithDefaults(), time.Second, 40))
	for s.limiter.Take(now) {
	}
	came := []struct {
		channel string
		class   class
	}{{"card", firstCard}, {"note", threaded}, {"first", announced}, {"second", announced}, {"third", announced}}
	for i, c := range came {
		at := now.Add(time.Duration(i) * time.Millisecond)
		s.wait(c.channel, c.class, at)
		s.wait(c.channel, c.class, at.Add(time.Hour)) // it looks again, and keeps its turn
	}
	var order []string
	for step := range 100 {
		at := now.Add(time.Duration(step) * time.Second)
		for _, c := range slices.Backward(came) {
			if len(order) < 3 && s.take(c.channel, c.class, at) {
				order = append(order, c.channel)
			}
		}
	}
	if got := strings.Join(order, " "); got != "first second third" {
		t.Errorf("they went: %s", got)
	}
	if at := s.opensAt("card", firstCard, now.Add(time.Hour)); at.After(now.Add(time.Hour)) {
		t.Errorf("the card waits for those who have gone until %s", at)
	}
}
