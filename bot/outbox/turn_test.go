package outbox

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// In a channel with much to say an announcement comes behind no card but its
// own. Before, the cards of all deployments that had something to announce went
// before all announcements.
func TestAnnouncementWaitsForItsOwnCardAlone(t *testing.T) {
	now := time.Now()
	q := newQueue(New(nil, nil, nil, nil, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{}), "C1")
	var letters []deployer.OutboxMessage
	letter := func(deployment, kind string, age int) {
		letters = append(letters, deployer.OutboxMessage{
			Message:    deployer.Message{Kind: kind, Channel: "C1", Receipt: true, Thread: kind == deployer.MessageNote},
			Deployment: deployment, Key: fmt.Sprint(deployment, kind), Rev: 1, At: now.Add(time.Duration(-age) * time.Second),
		})
	}
	letter("a", deployer.MessageCard, 50)
	letter("a", "starting", 10)
	letter("b", deployer.MessageCard, 40)
	letter("b", "starting", 20)
	letter("c", deployer.MessageCard, 60)
	letter("c", deployer.MessageNote, 59)
	letter("d", "complete", 15)
	q.set(letters, 1, false)
	var order []string
	for {
		j, at, ok := q.next(now)
		if !ok {
			break
		}
		if at.After(now) {
			t.Fatalf("%s has to wait", j.item.letter.Key)
		}
		order = append(order, j.item.letter.Key)
		j.item.done = 1
	}
	if got := strings.Join(order, " "); got != "bcard bstarting dcomplete acard astarting ccard cnote" {
		t.Errorf("they went: %s", got)
	}
}

// An announcement that comes behind nine first cards, their threads and new
// states of cards in the same channel goes next, and so do those after it.
func TestAnnouncementGoesNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.slack.SetLimits(emulator.Limits{On: true, Strict: true})
		p := f.open(Pace{}, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		var there []string
		for range 9 {
			s.posted()
			there = append(there, s.id)
		}
		for range 9 {
			s.begin()
			s.resolve()
		}
		for _, id := range there {
			f.Order(id, bottest.Ana, deployer.Confirm{Step: "control", Attempt: 1}) // a new state, a note, and somebody is asked
		}
		time.Sleep(2500 * time.Millisecond) // what Slack takes at once is over
		if n := len(f.Waiting()); n < 20 {
			t.Fatalf("only %d letters wait", n)
		}
		wrote := time.Now()
		for i, id := range there[:3] {
			f.announce(id, i, bottest.DeploysID)
		}
		f.settle()
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
		f.refusedNothing()
	})
}

// Ten channels have a backlog of cards and threads when forty announcements fall
// due in three seconds, many in some channels and few in others: each is posted
// within two seconds of its turn. That is when it was written down or, where
// another one comes before it in its channel, a second after that one's.
//
// Before, they shared twenty posts with all the rest and went in any order.
func TestAnnouncementsKeepTheirTurn(t *testing.T) {
	var worst time.Duration
	for seed := range uint64(slowtest.Runs(1, 10)) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			f := newFixture(t, tenShops)
			f.slack.SetLimits(emulator.Limits{On: true, Strict: true})
			p := f.open(Pace{}, 0, false)
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
				t.Fatalf("only %d letters wait", len(f.Waiting()))
			}
			f.settle()
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
			f.refusedNothing()
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
		f.Order(id, deployer.Person{}, deployer.Resolve{Targets: bottest.TargetsOf(bottest.Web)})
		f.Order(id, bottest.Ana, deployer.Confirm{Step: "control", Attempt: 1})
	}
	return id
}

// announce writes an announcement, and returns its key.
func (f *fixture) announce(id string, i int, channel string) string {
	key := fmt.Sprint("starting/", i)
	f.write(id, fmt.Sprintf("%08d", i), deployer.Message{Kind: "starting", DedupKey: key, Channel: channel, Words: "It is starting."})
	return key
}

// A sighting is a message of ours in a channel.
type sighting struct {
	kind, key string
	at        time.Time
}

// postsSince lists what was posted in a channel and its threads, in order.
func (f *fixture) postsSince(from time.Time, channel string) []sighting {
	var out []sighting
	for _, m := range f.slack.Messages(channel) {
		var seconds, micros int64
		if _, err := fmt.Sscanf(m.TS, "%d.%d", &seconds, &micros); err != nil {
			f.T.Fatal(err)
		}
		s := sighting{fmt.Sprint(m.Metadata.EventPayload["message"]), fmt.Sprint(m.Metadata.EventPayload["key"]), time.Unix(seconds, micros*1000)}
		if !s.at.Before(from) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b sighting) int { return a.at.Compare(b.at) })
	return out
}

// refusedNothing holds that Slack took every call.
func (f *fixture) refusedNothing() {
	f.T.Helper()
	for _, u := range f.slack.Usage() {
		if u.Refused > 0 {
			f.T.Errorf("Slack refused %d calls of %s %s", u.Refused, u.Method, u.Channel)
		}
	}
}

// Starting and complete do not wait behind a long thread; about one post a
// second goes into a channel.
func TestAnnouncementsComeBeforeTheThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &story{fixture: f}
		lines := s.lines()
		for _, line := range lines[:3] {
			line()
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
		p := f.open(slower, 0, false)
		defer p.stop()
		f.settle()
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
