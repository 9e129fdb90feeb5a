package main_test

import (
	"cmp"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// kills is how often the plug is pulled at random, all in all. CI says more with STATIONMASTER_KILLS.
func kills(t testing.TB) (n int, thorough bool) {
	if n, asked := slowtest.Size(t, "STATIONMASTER_KILLS"); asked {
		return n, true
	}
	return 4, false
}

// The plug is pulled at every moment that matters and at random ones, with Slack and the network failing on top of
// it, and the world then looks as if nothing had happened: one revision more on the workload, one card, one
// "starting" and one "complete" in each channel, every click counted once. Guards shipit 528 (created twice), samson
// 1660 (cancelled at boot), pipecd 5717 (a rollback forgotten), spinnaker 6597 and st2 4028 (a judgment stuck after it was
// answered), bolt-js 2188 (delivered three times), spinnaker/echo 1506 (asked twice).
func TestKillsLeaveTheWorldAsIfUndisturbed(t *testing.T) {
	t.Parallel()
	killed(t, simulated)
}

// The same on the real control plane.
func TestKillsOnRealControlPlaneLeaveTheWorldAsIfUndisturbed(t *testing.T) {
	t.Parallel()
	real(t) // skips, or fails, before anything is begun
	killed(t, real)
}

func killed(t *testing.T, newCluster func(testing.TB) *cluster) {
	n, thorough := kills(t)
	if !thorough {
		slowtest.Only(t, "many processes are killed")
	}
	dice := rand.New(rand.NewPCG(slowtest.Seed(t), 0))
	scenarios := []scenario{upgrade, rollback}
	if thorough {
		scenarios = append(scenarios, retried, stopped)
	}
	var all sync.WaitGroup
	for _, s := range scenarios {
		r := rehearsal{s: s, newCluster: newCluster, want: make(chan []string, 1), thorough: thorough}
		r.reference = sync.OnceValue(func() []string { return <-r.want })
		run := func(name string, f func(*testing.T)) { all.Go(func() { t.Run(s.name+" "+name, f) }) }
		run("undisturbed", r.undisturbed)
		for mode, name := range map[when]string{before: "before", after: "after", late: "late"} {
			run("killed "+name, func(t *testing.T) { r.around(t, mode) })
		}
		one := rand.New(rand.NewPCG(dice.Uint64(), 0))
		run("killed at random", func(t *testing.T) { r.random(t, one, n/len(scenarios)) })
	}
	all.Wait()
}

// A rehearsal is one scenario, played in many fixtures that must look the same in the end.
type rehearsal struct {
	s          scenario
	newCluster func(testing.TB) *cluster
	thorough   bool
	want       chan []string
	reference  func() []string // nil if the undisturbed run has failed
}

// slots bound how many fixtures there are at once.
var slots = make(chan struct{}, 24)

// play brings one fixture to its end and returns its record.
func (r *rehearsal) play(t *testing.T, how func(*binaryFixture)) (*binaryFixture, []string) {
	t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	w := newBinaryFixture(t, r.newCluster(t), hasty)
	how(w)
	return w, w.record(r.s.services...)
}

// hasty is a Slack that waits half as long as the real one for an acknowledgement, so that less time goes by with those
// that are lost. People press again what failed.
func hasty(c *emulator.Config) {
	c.Timing.Ack = 1500 * time.Millisecond
	if withRace {
		c.Timing.Ack *= 2
	}
}

func (r *rehearsal) undisturbed(t *testing.T) {
	defer close(r.want)
	w, record := r.play(t, func(w *binaryFixture) {
		w.begin()
		w.play(r.s)
	})
	if r.s.name == upgrade.name || r.s.name == rollback.name {
		w.sound(record, r.s)
	}
	t.Logf("undisturbed:\n%s", strings.Join(record, "\n"))
	r.want <- record
}

// around pulls the plug at moments.
func (r *rehearsal) around(t *testing.T, mode when) {
	w, record := r.play(t, func(w *binaryFixture) {
		w.tap.setPlan(once(mode, r.thorough))
		w.begin()
		w.play(r.s)
	})
	w.same(record, r.reference())
}

// random pulls the plug so often, in as many fixtures as it takes.
func (r *rehearsal) random(t *testing.T, dice *rand.Rand, kills int) {
	for kills > 0 {
		w, record := r.play(t, func(w *binaryFixture) {
			kills -= w.disturbed(dice, kills, func() { w.play(r.s) })
		})
		w.same(record, r.reference())
	}
}

// life is how long the next process may live. After twenty that got nowhere, as on a machine on which one takes seconds
// to start, it is twice as long, and so on.
func life(dice *rand.Rand, pulled int) time.Duration {
	return 50*time.Millisecond + time.Duration(dice.Int64N(int64(2500*time.Millisecond)))*time.Duration(1+pulled/20)
}

// once pulls the plug around the first request of every name: all of them, or those that change something.
func once(mode when, thorough bool) func(string) when {
	done := map[string]bool{}
	return func(moment string) when {
		changes := strings.HasPrefix(moment, "chat.") || strings.HasPrefix(moment, "PATCH")
		if done[moment] || !thorough && !changes && !strings.HasPrefix(moment, "ack") || mode == late && !changes {
			return never
		}
		done[moment] = true
		return mode
	}
}

// disturbed plays while the plug is pulled at random, at most so many times, and everything else fails now and
// then. It returns how often.
func (w *binaryFixture) disturbed(dice *rand.Rand, most int, play func()) int {
	w.begin()
	stop, stopped := make(chan struct{}), make(chan struct{})
	pulled := 0
	go func() {
		defer close(stopped)
		for pulled < most {
			w.disturb(dice)
			select {
			case <-stop:
				return
			case <-time.After(life(dice, pulled)):
				w.plug()
				pulled++
			}
		}
	}()
	halt := sync.OnceFunc(func() { close(stop); <-stopped })
	defer halt()
	play()
	halt()
	return cmp.Or(pulled, 1) // a run without a kill counts too, or it would never end
}
