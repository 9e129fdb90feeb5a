package outbox

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// begin starts a deployment of one service for somebody, as far as its card.
func (f *fixture) begin(by deployer.Actor, n int) string {
	start := bottest.StartOf(bottest.Web)
	start.Origin = fmt.Sprint(by.ID, n)
	id := f.Order("", by, start).ID
	f.Order(id, deployer.Actor{}, deployer.Resolve{Targets: bottest.TargetsOf(bottest.Web)})
	return id
}

// Somebody has thirty deployments whose cards wait for Slack; the first one of
// somebody else comes next, at a post a second.
func TestPeopleTakeTurnsWithFirstCards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.slack.SetLimits(emulator.Limits{On: true, Strict: true})
		p := f.open(Pace{})
		defer p.stop()
		for i := range 30 {
			f.begin(bottest.Bob, i)
		}
		time.Sleep(10 * time.Second)
		began := time.Now()
		id := f.begin(bottest.Ana, 0)
		f.until("her card is there", func() bool {
			for _, m := range f.slack.Messages(bottest.DeploysID) {
				if strings.HasPrefix(bottest.LabelOf(m), id+" card ") {
					return true
				}
			}
			return false
		})
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it came after %v", took)
		}
		if n := len(f.Waiting()); n < 10 {
			t.Errorf("only %d messages wait", n)
		}
		f.awaitEmpty()
		f.expectNothingRefused()
	})
}

// What is stopped before its card was posted is told to nobody, and waits for
// nothing; a card that may have been posted is looked for, and shows how it ended.
func TestWhatWasStoppedUnseenIsToldToNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		for i := range 20 {
			id := f.begin(bottest.Bob, i)
			f.Order(id, bottest.Bob, deployer.Answer{Choice: deployer.ChoiceStop})
		}
		p := f.open(fast)
		f.awaitEmpty()
		if list := f.slack.Messages(bottest.DeploysID); len(list) > 0 {
			t.Errorf("%d were told", len(list))
		}
		f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Status: 500, Taken: true})
		id := f.begin(bottest.Ana, 0)
		f.until("its post is unclear", func() bool { return f.slack.CallCount("chat.postMessage") > 0 })
		f.Order(id, bottest.Ana, deployer.Answer{Choice: deployer.ChoiceStop})
		f.awaitEmpty()
		time.Sleep(time.Second)
		p.stop()
		var got []string
		for _, m := range f.slack.Messages(bottest.DeploysID) {
			got = append(got, bottest.LabelOf(m))
		}
		if len(got) != 3 || !strings.HasPrefix(got[0], id+" card ") || !strings.Contains(got[0], "Stopped by Ana") {
			t.Errorf("there are %q", got)
		}
	})
}

// Who is told of a stop, and who is not.
func TestAStopIsToldWhereTheStartWas(t *testing.T) {
	t.Parallel()
	card := deployer.Message{Kind: deployer.MessageCard, DedupKey: deployer.MessageCard, Channel: "C1"}
	note := deployer.Message{Kind: deployer.MessageNote, Channel: "C1", Thread: true}
	starting := deployer.Message{Kind: "starting", Channel: "C2", Receipt: true}
	stopped := deployer.Message{Kind: deployer.MessageStopped, Channel: "C2"}
	d := deployer.Deployment{ID: "tangerine-1", Status: deployer.Stopped, Channels: map[string]string{"deploys": "C1", "change": "C2"}}
	with := func(status deployer.Status, ts string, s deployer.StepState) deployer.Deployment {
		d := d
		d.Status, d.Card.TS, d.Steps = status, ts, []deployer.StepState{s}
		return d
	}
	post := func(channel string) deployer.StepState {
		return deployer.StepState{Posts: []deployer.Post{{DedupKey: "starting/x", Channel: channel}}}
	}
	for name, c := range map[string]struct {
		d    deployer.Deployment
		moot []bool // card, note, starting, stopped
	}{
		"seen by nobody":     {d, []bool{true, true, true, true}},
		"under way":          {with(deployer.Running, "", deployer.StepState{}), []bool{false, false, false, false}},
		"with a card":        {with(deployer.Stopped, "1.2", deployer.StepState{}), []bool{false, false, true, true}},
		"told somewhere":     {with(deployer.Stopped, "", post("C2")), []bool{false, false, true, false}},
		"something was done": {with(deployer.Stopped, "", deployer.StepState{Effects: []deployer.Effect{{Key: "rollout/web"}}}), []bool{false, false, false, false}},
		"something failed":   {with(deployer.Stopped, "", deployer.StepState{Failed: true}), []bool{false, false, false, false}},
	} {
		o := New(nil, Ports{}, view.Renderer{}, nil, Pace{})
		q := o.queue("C1")
		for i, m := range []deployer.Message{card, note, starting, stopped} {
			if got := moot(q, &item{}, deployer.OutboxMessage{Message: m}, c.d); got != c.moot[i] {
				t.Errorf("%s: that of %s is %v", name, m.Kind, got)
			}
			if moot(q, &item{maybeSentAt: time.Now()}, deployer.OutboxMessage{Message: m}, c.d) {
				t.Errorf("%s: %s may have been sent, and is dropped", name, m.Kind)
			}
		}
	}
}
