package outbox

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// However long calls are on their way, Slack never sees more than fifty in a
// minute, and with enough to do it sees nearly as many.
func TestSlackNeverSeesMoreThanFiftyCallsInAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const minutes = 30
		g := newMinuteLimiter(Pace{}.WithDefaults(), 1200*time.Millisecond, 10, 50)
		var arrived []time.Time
		for end := time.Now().Add(minutes * time.Minute); time.Now().Before(end); {
			if !g.Pass(t.Context()) {
				t.Fatal("the test has ended")
			}
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			arrived = append(arrived, time.Now())
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			g.done()
		}
		for i := 50; i < len(arrived); i++ {
			if d := arrived[i].Sub(arrived[i-50]); d < time.Minute {
				t.Fatalf("51 calls arrived within %s", d)
			}
		}
		if n := len(arrived); n < 50*minutes*95/100 {
			t.Errorf("%d calls in %d minutes", n, minutes)
		}
	})
}
