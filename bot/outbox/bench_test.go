package outbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// BenchmarkBacklog measures how much of what Slack permits is used while much
// waits: posts in ten channels, where the workspace's three hundred a minute are
// the limit, and new states of cards, fifty a minute. Slack's limits are on, and
// read strictly. Clocks of both sides go ten times as fast; nothing may be
// refused.
func BenchmarkBacklog(b *testing.B) {
	const speed = 10
	quick := Pace{
		Post: time.Second / speed, Card: 1200 * time.Millisecond / speed, Edit: 1200 * time.Millisecond / speed,
		Settle: time.Second,
	}
	for _, c := range []struct {
		method    string
		perMinute float64
		fill      func(f *fixture, n int)
		n         int
	}{
		{"chat.postMessage", 300, (*fixture).postsIn10Channels, 900},
		{"chat.update", 50, (*fixture).cardsThatChanged, 150},
	} {
		b.Run(c.method, func(b *testing.B) {
			for b.Loop() {
				f := newFixture(b, tenShops)
				c.fill(f, c.n)
				f.slack.SetLimits(emulator.Limits{On: true, Strict: true, Speed: speed}) // counts begin here
				before := len(f.slack.Calls())
				p := f.open(quick)
				for len(f.Waiting()) > c.n/20 { // the last few wait for their own channel or card, no longer for the limit
					time.Sleep(10 * time.Millisecond)
				}
				p.stop()
				used, refused := usedOf(f.slack, before, c.method, time.Minute/speed)
				b.ReportMetric(c.perMinute, "permitted/min")
				b.ReportMetric(used, "used/min")
				b.ReportMetric(used/c.perMinute, "ratio")
				b.ReportMetric(float64(refused), "refused")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// tenShops are ten more channels.
func tenShops(cfg *emulator.Config) {
	for i := range 10 {
		cfg.Channels = append(cfg.Channels, emulator.Channel{ID: shop(i), Name: fmt.Sprint("shop-", i)})
	}
}

func shop(i int) string { return fmt.Sprint("CSHOP", i%10) }

// usedOf is how many calls were taken in a minute, in whole ones, and how many
// were refused in all. The last minutes count, when what a rest has saved up is
// spent; of edits the first ones do, since what was saved up of them comes again
// a minute later.
func usedOf(s *emulator.Server, before int, method string, minute time.Duration) (perMinute float64, refused int) {
	var at []time.Time
	for _, call := range s.Calls()[before:] {
		if call.Method == method && call.Error == "" {
			at = append(at, call.At)
		}
	}
	for _, u := range s.Usage() {
		refused += u.Refused
	}
	if len(at) == 0 {
		return 0, refused
	}
	from, to := at[0], at[len(at)-1]
	whole := max(to.Sub(from).Truncate(minute), minute)
	if method != "chat.update" {
		from = to.Add(-whole)
	}
	first, _ := slices.BinarySearchFunc(at, from, time.Time.Compare)
	end, _ := slices.BinarySearchFunc(at, from.Add(whole), time.Time.Compare)
	return float64(end-first) * float64(minute) / float64(whole), refused
}

// write puts a message into the mailbox.
func (f *fixture) write(id, key string, m deployer.Message) {
	f.Put(deployer.OutboxMessage{Message: m, Deployment: id, Key: fmt.Sprintf("out/%s/%s/%s", m.Channel, id, key)})
}

// postsIn10Channels writes announcements.
func (f *fixture) postsIn10Channels(n int) {
	id := f.Order("", bottest.Ana, bottest.StartOf(bottest.Web)).ID
	for i := range n {
		f.write(id, fmt.Sprintf("%08d", i), deployer.Message{
			Kind: "starting", DedupKey: fmt.Sprint("starting/", i), Channel: shop(i), Words: "It is starting.",
		})
	}
}

// cardsThatChanged has so many cards in the channel, all of which have a new
// state.
func (f *fixture) cardsThatChanged(n int) {
	api := f.client()
	for range n {
		id := f.Order("", bottest.Ana, bottest.StartOf(bottest.Web)).ID
		_, ts, err := api.PostMessageContext(f.T.Context(), bottest.DeploysID, slack.MsgOptionText("a card", false))
		if err != nil {
			f.T.Fatal(err)
		}
		f.Order(id, deployer.Actor{}, deployer.Deliver{Post: deployer.Post{DedupKey: "card", Channel: bottest.DeploysID, TS: ts}, Kind: deployer.MessageCard})
		f.Order(id, deployer.Actor{}, deployer.Resolve{Targets: bottest.TargetsOf(bottest.Web)})
	}
}
