package bot

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// crowd has so many deployments of ana's in flight that wait to be approved, of
// which nothing is left to say. They have ids from tangerine-1001 on.
func crowd(t testing.TB, j *deployertest.Journal, channel string, n int) {
	t.Helper()
	for i := range n {
		var d deployer.Deployment
		do := func(o deployer.Order) {
			events, err := deployer.Decide(d, o, deployer.Facts{Now: time.Now(), ID: fmt.Sprint("tangerine-", 1001+i)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := deployer.Pack(d, o, events, nil)
			if err := j.Append(context.Background(), c); err != nil {
				t.Fatal(err)
			}
			d = c.After
		}
		do(deployer.Order{By: deployer.Actor{ID: "UANA", Name: "Ana"}, Nonce: fmt.Sprint("start ", i), Command: deployer.Start{
			Origin: fmt.Sprint("start ", i), Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{deployer.ChannelDeploys: channel},
			Inputs: map[string]string{}, Procedure: standard(), Releases: []deployer.Release{{Service: fmt.Sprint("svc-", i), Tag: "v2"}},
		}})
		do(deployer.Order{Command: deployer.Resolve{Targets: deployertest.TargetsByTag(d)}})
		do(deployer.Order{By: deployer.Actor{ID: "UANA"}, Nonce: "ready", Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}})
	}
}

// crowded is a bot that starts with so many in flight.
func crowded(t *testing.T, n int, change ...func(*setup)) *fixture {
	t.Helper()
	r := newColdFixture(t, change...)
	crowd(t, r.engine.Journal, r.ChannelID(deploys), n)
	r.start()
	r.must(r.WaitSockets(r.ctx(), 2))
	r.eventually("the bot is ready", func() bool { return r.bot.Ready() == nil })
	return r
}

// A start, a command, a click, a status and what they change on the home tabs load
// what they are about, however many are in flight.
func TestAClickLoadsWhatItIsAbout(t *testing.T) {
	t.Parallel()
	live := slowtest.Runs(500, 2000)
	r := crowded(t, live, subscribed, func(s *setup) { s.bot.Settle = 50 * time.Millisecond })
	atMost := func(what string, most int) {
		t.Helper()
		if n := r.engine.loaded(); n > most {
			t.Errorf("%s: %d deployments were loaded, want at most %d", what, n, most)
		}
	}
	atMost("the start", 0)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done")
	r.eventually("it waits for approval", func() bool { return len(r.engine.Waiting()) == 0 })
	atMost("a command and a click", 40) // what is sent is loaded when it is drawn
	said := r.types("bob", "/deploy status")
	bottest.Contains(t, said, fmt.Sprint(live+1, " are under way"), fmt.Sprint("and ", live+1-linesMax, " more"))
	atMost("the status", linesMax+5)
	bottest.Contains(t, r.types("bob", "/deploy status tangerine-7000"), "There is no deployment")
	atMost("a status of none", 5)
	r.types("bob", "/deploy status tangerine-1007")
	atMost("the status of one", 5)

	r.OpenHome("bob")
	r.home("bob", fmt.Sprint("Waiting for you · ", live+1))
	r.home("bob", fmt.Sprint("and ", live+1-11, " more"))
	atMost("the first tab", live+100) // all are read, once
	r.OpenHome("ana")
	r.home("ana", "You started")
	r.home("ana", fmt.Sprint("and ", live+1-12, " more"))
	r.clicks("bob", "Approve")
	r.home("bob", fmt.Sprint("Waiting for you · ", live))
	r.eventually("nothing is left to say", func() bool { return len(r.engine.Waiting()) == 0 })
	atMost("a click, and two tabs", 300)
}

// One that can't be read is named where it would stand, and nothing else suffers.
func TestWhatCantBeReadIsNamedAndBreaksNoList(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t, subscribed)
	crowd(t, r.engine.Journal, r.ChannelID(deploys), 3)
	r.engine.torn = "tangerine-1002"
	var aside atomic.Bool
	r.bot.Quarantined = func() map[string]string {
		if !aside.Load() {
			return nil
		}
		return map[string]string{"tangerine-1002": "its record ends early"}
	}
	r.begin()
	const torn = "can’t be read by this program; its places stay held"
	r.OpenHome("bob")
	r.home("bob", "tangerine-1002")
	id := r.home("bob", torn)
	r.home("bob", "Waiting for you · 2")
	bottest.Contains(t, r.types("ana", "/deploy status"), "3 are under way", "tangerine-1001", "*tangerine-1002* "+torn, "tangerine-1003")
	bottest.Contains(t, r.types("ana", "/deploy status --env prod"), "tangerine-1001", "*tangerine-1002* "+torn)
	bottest.Contains(t, r.types("ana", "/deploy status tangerine-1002"), "tangerine-1002 "+torn)
	aside.Store(true)
	bottest.Contains(t, r.types("ana", "/deploy status tangerine-1002"), "tangerine-1002 "+torn+".\nIts record ends early.")
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", ViewID: id, Button: "Approve"}))
	r.home("bob", "Waiting for you · 1")
	r.types("ana", "/deploy web v2")
	r.card("Done")
	if !strings.Contains(r.log.String(), "tangerine-1002") {
		t.Error("the log does not say why")
	}
}
