package outbox

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// While the threads of many channels say as much as Slack takes, an
// announcement in another channel goes out at once. Measured before: 0.35 s
// later, with one rollout a second.
func TestThreadsLeaveRoomForAnnouncements(t *testing.T) {
	t.Parallel()
	o := New(nil, Ports{}, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	q, now := newQueue(o, "C1"), time.Now()
	note := job{class: threaded, item: &item{message: deployer.OutboxMessage{Message: deployer.Message{Thread: true}}}}
	said := 0
	ready := func(j job) time.Time { at, _ := q.readyAt(j, now); return at }
	for !ready(note).After(now) {
		if !q.posts.limiter.Take(now) {
			t.Fatal("it is ready, and may not be posted")
		}
		said++
	}
	if said == 0 {
		t.Error("a quiet Slack takes no note")
	}
	for _, c := range []class{announced, firstCard} {
		if at := ready(job{class: c, item: &item{}}); at.After(now) {
			t.Errorf("behind %d notes, class %d waits %s", said, c, at.Sub(now))
		}
	}
	if wait := ready(note).Sub(now); wait > time.Second {
		t.Errorf("the next note waits %s", wait)
	}
}

// In a channel with much to say an announcement comes behind no card but its
// own. Before, the cards of all deployments that had something to announce went
// before all announcements.
func TestAnnouncementWaitsForItsOwnCardAlone(t *testing.T) {
	t.Parallel()
	now := time.Now()
	q := newQueue(New(nil, Ports{}, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{}), "C1")
	var messages []deployer.OutboxMessage
	message := func(deployment, kind string, age int) {
		messages = append(messages, deployer.OutboxMessage{
			Message:    deployer.Message{Kind: kind, DedupKey: kind, Channel: "C1", Receipt: true, Thread: kind == deployer.MessageNote},
			Deployment: deployment, Key: fmt.Sprint(deployment, kind), Rev: 1, At: now.Add(time.Duration(-age) * time.Second),
		})
	}
	message("a", deployer.MessageCard, 50)
	message("a", "starting", 10)
	message("b", deployer.MessageCard, 40)
	message("b", "starting", 20)
	message("c", deployer.MessageCard, 60)
	message("c", deployer.MessageNote, 59)
	message("d", "complete", 15)
	q.set(messages, 1, false)
	var order []string
	for {
		j, ok := q.next(now)
		if !ok {
			break
		}
		if j.readyAt.After(now) {
			t.Fatalf("%s has to wait", j.item.message.Key)
		}
		order = append(order, j.item.message.Key)
		j.item.doneInRead = 1
		q.release(j.item)
	}
	if got := strings.Join(order, " "); got != "bcard bstarting dcomplete acard astarting ccard cnote" {
		t.Errorf("they went: %s", got)
	}
}

// An announcement that comes behind nine first cards, their threads and new
// states of cards in the same channel goes next, and so do those after it.
func TestAnnouncementOvertakesCardsAndThreads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.slack.SetLimits(emulator.Limits{On: true, Strict: true})
		p := f.open(Pace{})
		defer p.stop()
		s := &scenario{fixture: f}
		var there []string
		for range 9 {
			s.startPosted()
			there = append(there, s.id)
		}
		for range 9 {
			s.start()
			s.resolve()
		}
		for _, id := range there {
			f.Order(id, bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked}) // a new state, a note, and somebody is asked
		}
		time.Sleep(2500 * time.Millisecond) // what Slack takes at once is over
		if n := len(f.Waiting()); n < 20 {
			t.Fatalf("only %d messages wait", n)
		}
		wrote := time.Now()
		for i, id := range there[:3] {
			f.announce(id, i, bottest.DeploysID)
		}
		f.awaitEmpty()
		var kinds []string
		for i, m := range f.postsSince(wrote, bottest.DeploysID)[:4] {
			kinds = append(kinds, m.kind)
			if late := m.at.Sub(wrote.Add(time.Duration(i) * time.Second)); i < 3 && late > 50*time.Millisecond {
				t.Errorf("announcement %d came %s after its turn", i, late)
			}
		}
		if got := strings.Join(kinds, " "); got != "starting starting starting card" {
			t.Errorf("after the announcement was written came: %s", got)
		}
		f.expectNothingRefused()
	})
}

// announce writes an announcement, and returns its key.
func (f *fixture) announce(id string, i int, channel string) string {
	key := fmt.Sprint("starting/", i)
	f.write(id, fmt.Sprintf("%08d", i), deployer.Message{Kind: "starting", DedupKey: key, Channel: channel, Words: "It is starting."})
	return key
}

// Starting and complete do not wait behind a long thread; about one post a
// second goes into a channel.
func TestAnnouncementsComeBeforeTheThread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &scenario{fixture: f}
		steps := s.steps()
		for _, step := range steps[:3] {
			step()
		}
		for i := range 15 {
			f.Put(deployer.OutboxMessage{
				Message: deployer.Message{Kind: deployer.MessageNote, DedupKey: fmt.Sprint("more/", i), Channel: bottest.DeploysID, Thread: true,
					Note: deployer.Note{Kind: "step-done", Step: fmt.Sprint("number ", i)}},
				Deployment: s.id, At: time.Now().Add(-time.Second),
			})
		}
		s.approve()
		slower := fast
		slower.Post = 20 * time.Millisecond
		p := f.open(slower)
		defer p.stop()
		f.awaitEmpty()
		var order []string
		var at []time.Time
		for _, c := range f.slack.Calls() {
			if c.Method == "chat.postMessage" && c.Channel == bottest.DeploysID {
				at = append(at, c.At)
			}
		}
		messages := f.slack.Messages(bottest.DeploysID)
		slices.SortFunc(messages, func(a, b emulator.Message) int { return strings.Compare(a.TS, b.TS) })
		for _, m := range messages {
			order = append(order, bottest.LabelOf(m))
		}
		if len(order) < 2 || !strings.Contains(order[0], " card ") || !strings.Contains(order[1], " starting ") {
			t.Errorf("first in the channel: %v", order[:min(len(order), 3)])
		}
		if n := len(at); n < 18 || at[n-1].Sub(at[0]) < time.Duration(n-4)*slower.Post {
			t.Errorf("%d posts in %v", n, at[len(at)-1].Sub(at[0]))
		}
	})
}
