package outbox

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// Ten channels have a backlog of cards and threads when forty announcements fall
// due in three seconds, many in some channels and few in others: each is posted
// within two seconds of its turn. That is when it was written down or, where
// another one comes before it in its channel, a second after that one's.
//
// Before, they shared twenty posts with all the rest and went in any order.
func TestNoAnnouncementIsTwoSecondsLate(t *testing.T) {
	slowtest.Only(t, "a backlog at Slack's pace")
	t.Parallel()
	var worst time.Duration
	for seed := range uint64(slowtest.Runs(1, 10)) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			f := newFixture(t, tenShops)
			f.slack.SetLimits(emulator.Limits{On: true, Strict: true})
			p := f.open(Pace{})
			defer p.stop()
			id := f.backlog(60)
			time.Sleep(time.Duration(2000+rng.IntN(10_000)) * time.Millisecond)
			turns := map[string]time.Time{} // by key
			last := map[string]time.Time{}  // by channel
			for i := range 40 {
				channel := shop(rng.IntN(10))
				turn := latest(time.Now(), last[channel].Add(time.Second))
				turns[f.announce(id, i, channel)], last[channel] = turn, turn
				time.Sleep(time.Duration(rng.IntN(150)) * time.Millisecond)
			}
			if len(f.Waiting()) < 100 {
				t.Fatalf("only %d messages wait", len(f.Waiting()))
			}
			f.awaitEmpty()
			posted := 0
			for i := range 10 {
				for _, m := range f.postsSince(time.Time{}, shop(i)) {
					turn, ok := turns[m.key]
					if !ok {
						continue
					}
					posted++
					if worst = max(worst, m.at.Sub(turn)); m.at.Sub(turn) > 2*time.Second {
						t.Errorf("seed %d: %s was posted %s after its turn", seed, m.key, m.at.Sub(turn))
					}
				}
			}
			if posted != len(turns) {
				t.Errorf("seed %d: %d of %d announcements are posted", seed, posted, len(turns))
			}
			f.expectNothingRefused()
		})
	}
	t.Logf("at worst %s after its turn", worst)
}

// backlog begins deployments in ten shops, whose cards and threads take Slack a
// while, and returns one of them.
func (f *fixture) backlog(n int) (id string) {
	for i := range n {
		start := bottest.StartOf(bottest.Web)
		start.Channels = map[string]string{"deploys": shop(i), "change": shop(i)}
		id = f.Order("", bottest.Ana, start).ID
		f.Order(id, deployer.Actor{}, deployer.Resolve{Targets: bottest.TargetsOf(bottest.Web)})
		f.Order(id, bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked})
	}
	return id
}
