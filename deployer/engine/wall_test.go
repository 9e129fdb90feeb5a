package engine_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A wall clock can be set.
type wallClock struct{ offset atomic.Int64 }

func (c *wallClock) Now() time.Time           { return time.Now().Add(time.Duration(c.offset.Load())) }
func (c *wallClock) step(by time.Duration)    { c.offset.Add(int64(by)) }
func (c *wallClock) setup(cfg *engine.Config) { cfg.Now = c.Now }

// A timer is due by the clock on the wall: when that is set forward, as after a
// suspend, it fires within half a minute; when it is set back, it waits.
func TestTimerFollowsTheWallClock(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ step, fires time.Duration }{
		"not set":      {0, 48 * time.Hour},
		"set forward":  {47 * time.Hour, time.Hour},
		"past the end": {72 * time.Hour, time.Second},
		"set back":     {-time.Hour, 49 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, clock := sleepers(t, 1, soak(48*time.Hour)), &wallClock{}
				f, _ := newLogged(t, j, j, newCluster(), clock.setup)
				defer f.close()
				time.Sleep(time.Second)
				clock.step(tc.step)
				time.Sleep(tc.fires - 2*time.Second)
				if confirms(j) != 0 {
					t.Error("it fires too early")
				}
				time.Sleep(33 * time.Second)
				if confirms(j) != 1 {
					t.Error("it does not fire")
				}
			})
		})
	}
}

// The time-out of something under way follows the wall clock, too.
func TestTimeOutFollowsTheWallClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c, clock := deployertest.NewJournal(), newCluster(), &wallClock{}
		c.hang = true
		f, _ := newLogged(t, j, j, c, clock.setup)
		defer f.close()
		id := f.begin("web:v2").ID
		f.until(id, func(d deployer.Deployment) bool { return d.Effect("rollout/web") != nil })
		clock.step(time.Hour)
		time.Sleep(40 * time.Second)
		if d, _ := j.Load(t.Context(), id); !d.Step("rollout").Expired {
			t.Errorf("it is %s", d.Status)
		}
	})
}
