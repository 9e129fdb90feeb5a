package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// Whatever goes wrong between a bot and Slack, and however often the bot dies,
// what stands in the channels in the end is what stands there when nothing goes
// wrong. Each sequence has its own seed, bot, Slack and people, in a bubble where
// waiting costs nothing.
//
//	STATIONMASTER_SEQUENCES=10000   so many
//	STATIONMASTER_SEED=77           this one alone
func TestSequencesOfFaults(t *testing.T) {
	t.Parallel()
	first, n := 1, slowtest.Runs(20, 200)
	if s := os.Getenv("STATIONMASTER_SEQUENCES"); s != "" {
		n = atoi(t, s)
	}
	if s := os.Getenv("STATIONMASTER_SEED"); s != "" {
		first, n = atoi(t, s), 1
	}
	var want map[string][]string
	synctest.Test(t, func(t *testing.T) { want = perform(t, nil) })
	if all := slices.Concat(slices.Collect(maps.Values(want))...); len(all) < 20 {
		t.Fatalf("the undisturbed run says little: %v", want)
	}
	begun := time.Now()
	var wg sync.WaitGroup
	seeds := make(chan int)
	for range 2 {
		wg.Go(func() {
			for seed := range seeds {
				t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						got := perform(t, rand.New(rand.NewPCG(uint64(seed), 3)))
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("STATIONMASTER_SEED=%d: -undisturbed +disturbed:\n%s", seed, diff)
						}
					})
				})
			}
		})
	}
	for seed := first; seed < first+n; seed++ {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
	t.Logf("%d sequences in %s", n, time.Since(begun).Round(time.Second))
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// acted is the services that a sequence deploys, one after the other.
var acted = []string{"web", "api"}

// perform has two deployments go from their commands to their ends, and returns
// what stands in each channel. rng decides what goes wrong; nil is nothing.
func perform(t *testing.T, rng *rand.Rand) map[string][]string {
	cfg := workspace()
	cfg.Users[0].DisplayName = "" // while Slack does not say it, people go by their handle
	s := emulator.New(cfg)
	s.SetLimits(emulator.Limits{On: true})
	w, hangUp := bottest.ServeOn(s.Handler())
	h := newSequenceFixture(t)
	ctx, stop := context.WithCancel(t.Context())
	p := &play{t: t, Server: s, fixture: h, wire: w, quiet: make(chan struct{})}
	p.revive(ctx)
	var crew sync.WaitGroup
	crew.Go(func() { h.work(ctx, p.dirty) })
	crew.Go(func() { p.supervise(ctx) })
	crew.Go(func() {
		defer close(p.quiet)
		if rng != nil {
			p.disturb(ctx, rng)
		}
	})
	for _, service := range acted {
		crew.Go(func() { p.act(ctx, service) })
		p.until("there is a deployment of "+service, func() bool { _, ok := h.started(service); return ok })
	}
	<-p.quiet
	p.until("all is said", func() bool { return h.ended(len(acted)) })
	time.Sleep(time.Minute) // whatever would come too much comes now
	stop()
	crew.Wait()
	for _, l := range p.lives {
		if err := l.end(); err != nil {
			t.Error(err)
		}
	}
	s.Close()
	hangUp()
	p.clicksCount()
	return p.told()
}

// A play is a sequence: people, a Slack, and a bot that lives several times.
type play struct {
	*emulator.Server
	t       *testing.T
	fixture *sequenceFixture
	wire    *bottest.Wire
	quiet   chan struct{} // closed when nothing goes wrong any more

	mu    sync.Mutex
	lives []*life
}

func (p *play) now() *life {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lives[len(p.lives)-1]
}

func (p *play) dirty(id string) { p.now().bot.Dirty(id) }

func (p *play) revive(ctx context.Context) {
	l := p.fixture.live(context.WithoutCancel(ctx), p.wire)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lives = append(p.lives, l)
}

// supervise starts the bot again when it has died or ended.
func (p *play) supervise(ctx context.Context) {
	for {
		l := p.now()
		select {
		case <-ctx.Done():
			return
		case <-l.Died():
		case <-l.over:
		}
		if !slackapi.Sleep(ctx, time.Second) {
			return
		}
		p.revive(ctx)
	}
}

func (p *play) until(what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(2 * time.Hour); !ok(); time.Sleep(time.Second) {
		if time.Now().After(end) {
			p.t.Fatalf("after two hours it is not so that %s; left: %v; last calls: %v", what, p.fixture.Waiting(), bottest.Last(p.Calls(), 12))
		}
	}
}

// act is people at a deployment: Ana types and confirms, Bob approves. Where
// Slack says that something failed, they look, and try again what is not done.
func (p *play) act(ctx context.Context, service string) {
	for {
		if _, ok := p.fixture.started(service); ok {
			break
		}
		_ = p.Type(ctx, "ana", deploys, "/deploy "+service+" v2", "") // whether it worked is seen
		if !slackapi.Sleep(ctx, 3*time.Second) {
			return
		}
	}
	for _, step := range []struct{ id, user, button string }{{"control", "ana", "Done"}, {"approve", "bob", "Approve"}} {
		for {
			d, _ := p.fixture.started(service)
			if d.Step(step.id).Status == deployer.Done {
				break
			}
			for _, m := range p.Messages(deploys) {
				if m.TS == d.Card.TS {
					_ = p.Act(ctx, emulator.Action{User: step.user, Channel: deploys, MessageTS: m.TS, Button: step.button})
				}
			}
			if !slackapi.Sleep(ctx, 2*time.Second) {
				return
			}
		}
	}
}

// clicksCount holds that every click counted once, however often it came.
func (p *play) clicksCount() {
	for _, d := range p.fixture.All() {
		count := map[string]int{}
		for _, e := range p.fixture.Events(d.ID) {
			switch e := e.(type) {
			case deployer.Confirmed:
				count["confirmed "+e.Step]++
			case deployer.Approved:
				count["approved "+e.Step]++
			case deployer.Delivered:
				count[e.Kind]++
			}
		}
		if diff := cmp.Diff(map[string]int{"confirmed control": 1, "approved approve": 1, "card": 1, "starting": 2, "complete": 2}, count); diff != "" {
			p.t.Errorf("%s: -want +got:\n%s", d.ID, diff)
		}
	}
}

var (
	duration = regexp.MustCompile(`\b(\d+ (s|sec|seconds?|min|minutes?|h|hours?)\b ?)+`)
	dates    = regexp.MustCompile(`<!date\^\d+\^[^>]*>`)
	clocks   = regexp.MustCompile(`\b\d\d:\d\d\b`)
	slackIDs = regexp.MustCompile(`block_id:[A-Z0-9]{5}\b`) // of blocks that have none of their own
)

// told is what stands in the channels, message by message and thread by thread,
// without the times. What different deployments say is independent.
func (p *play) told() map[string][]string {
	out := map[string][]string{}
	for _, channel := range []string{deploys, "announcements-change-control"} {
		messages := p.Messages(channel)
		slices.SortFunc(messages, func(a, b emulator.Message) int { return strings.Compare(a.TS, b.TS) })
		parents := map[string]string{}
		for _, m := range messages {
			if m.Metadata == nil || m.Metadata.EventType != outbox.EventType {
				p.t.Errorf("a message without our metadata: %q", m.Text)
				continue
			}
			sign := m.Metadata.EventPayload
			what := fmt.Sprintf("%v %s", sign["message"], bottest.Number.ReplaceAllString(fmt.Sprint(sign["key"]), ""))
			parents[m.TS] = what
			key := fmt.Sprint(channel, " ", sign["deployment"])
			if m.ThreadTS != "" && m.ThreadTS != m.TS {
				key += ", thread of " + parents[m.ThreadTS]
			}
			var blocks any
			if len(m.Blocks) > 0 && json.Unmarshal(m.Blocks, &blocks) != nil {
				p.t.Errorf("blocks are no JSON: %s", m.Blocks)
			}
			text := fmt.Sprintf("%s: %s %v", what, m.Text, blocks)
			for _, times := range []*regexp.Regexp{bottest.Took, duration, dates, clocks, slackIDs} {
				text = times.ReplaceAllString(text, "…")
			}
			out[key] = append(out[key], text)
		}
	}
	return out
}
