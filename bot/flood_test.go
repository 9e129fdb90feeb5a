package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/flood"
	"github.com/stationmaster/stationmaster/deployer"
)

// Somebody types 120 starts and stops as fast as they can; then somebody else starts
// a deployment, at Slack's own limits. Its card came after 133 s, and change control
// was full of what nobody had approved.
func TestAFloodByOnePersonHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		time.Sleep(time.Minute)
		told := 0
		for i := range 120 {
			said := r.types("eve", "/deploy web v2 --at 23:59")
			if strings.Contains(said, "too much at once") {
				told++
				bottest.Contains(t, said, "Try again in ", " second")
				continue
			}
			r.types("eve", fmt.Sprintf("/deploy stop tangerine-%d", i+1))
		}
		if n := len(r.engine.all()); n < flood.Burst || n > flood.Burst+3 || told != 120-n {
			t.Errorf("%d deployments, and told %d times", n, told)
		}
		began := time.Now()
		if said := r.types("ana", "/deploy api v2"); said != "" {
			t.Errorf("it says %q", said)
		}
		_, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool {
			return m.Metadata != nil && m.Metadata.EventPayload["message"] == "card" && strings.Contains(string(m.Blocks), "Ana")
		})
		r.must(err)
		took := time.Since(began)
		t.Logf("her card came after %v", took)
		if took > 5*time.Second {
			t.Errorf("her card came after %v", took)
		}
		time.Sleep(time.Minute)
		if list := r.Messages("announcements-change-control"); len(list) > 0 {
			t.Errorf("change control was told %d times: %q", len(list), list[0].Text)
		}
		bottest.Contains(t, r.types("eve", "/deploy lock web --reason x"), "You hold no role") // which posts nothing, and counts for nothing
		time.Sleep(flood.Every)
		if said := r.types("eve", "/deploy web v3"); said != "" {
			t.Errorf("after a while it says %q", said)
		}
	}, func(s *setup) {
		s.ownPace, s.slack.RateLimits = true, true
		p := standard()
		p.Steps = append([]deployer.Step{{
			ID: "plan", Title: "The plan", Uses: deployer.KindAnnounce,
			With: deployer.Values{"message": {Text: "plan"}, "to": {List: []string{"deploys", "change"}}, "planned": {Flag: true}},
		}}, p.Steps...)
		p.Steps = append(p.Steps, deployer.Step{ID: "wait", Title: "The time", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}, Needs: []string{"approve"}})
		p.Messages["plan"] = "{what} is planned"
		s.bot.Procedures["deployment"] = p
	})
}

// Whoever tries again and again what fails at once has the channels told of a problem
// each time.
func TestAFloodOfRetriesIsBoundedLikeOneOfStarts(t *testing.T) {
	t.Parallel()
	r := atBrokenCheck(t)
	taken := 0
	for i := range flood.Burst + 10 {
		s := r.engine.all()[0].Step("pods")
		_, err := r.bot.order(r.ctx(), deployer.Order{
			Deployment: "tangerine-1", By: deployer.Actor{ID: "UBOB", Name: "bob"}, Nonce: fmt.Sprint("retry ", i),
			Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry},
		})
		if err != nil {
			bottest.Contains(t, err.Error(), "too much at once")
			continue
		}
		taken++
		r.fails("pods")
	}
	if taken < flood.Burst-1 || taken > flood.Burst+3 {
		t.Errorf("%d retries are taken in a row", taken)
	}
}
