package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
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
	first, n := 1, slowtest.Runs(12, 200)
	if many, asked := slowtest.Size(t, "STATIONMASTER_SEQUENCES"); asked {
		n = many
	}
	if seed, asked := slowtest.Size(t, slowtest.SeedVariable); asked {
		first, n = seed, 1
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

// acted is the services that a sequence deploys, one after the other.
var acted = []string{"web", "api"}

// perform has two deployments go from their commands to their ends, and returns
// what stands in each channel. rng decides what goes wrong; nil is nothing.
func perform(t *testing.T, rng *rand.Rand) map[string][]string {
	cfg := workspace()
	cfg.Users[0].DisplayName = "" // while Slack does not say it, people go by their handle
	slackd := emulator.New(cfg)
	slackd.SetLimits(emulator.Limits{On: true})
	w, hangUp := bottest.ServeOn(slackd.Handler())
	engine := newSequenceEngine(t)
	ctx, stop := context.WithCancel(t.Context())
	s := &sequence{t: t, Server: slackd, engine: engine, wire: w, quiet: make(chan struct{})}
	s.restart(ctx)
	var workers sync.WaitGroup
	workers.Go(func() { engine.work(ctx, s.dirty) })
	workers.Go(func() { s.supervise(ctx) })
	workers.Go(func() {
		defer close(s.quiet)
		if rng != nil {
			s.disturb(ctx, rng)
		}
	})
	for _, service := range acted {
		workers.Go(func() { s.act(ctx, service) })
		s.until("there is a deployment of "+service, func() bool { _, ok := engine.started(service); return ok })
	}
	<-s.quiet
	s.until("all is said", func() bool { return engine.ended(len(acted)) })
	time.Sleep(time.Minute) // whatever would come too much comes now
	stop()
	workers.Wait()
	for _, p := range s.processes {
		if err := p.end(); err != nil {
			t.Error(err)
		}
	}
	slackd.Close()
	hangUp()
	s.clicksCount()
	return s.told()
}

// A sequence is people, a Slack, and a bot in several processes, one after the other.
type sequence struct {
	*emulator.Server
	t      *testing.T
	engine *sequenceEngine
	wire   *bottest.Wire
	quiet  chan struct{} // closed when nothing goes wrong any more

	mu        sync.Mutex
	processes []*process
}

func (s *sequence) current() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.processes[len(s.processes)-1]
}

func (s *sequence) dirty(id string) { s.current().bot.Dirty(id) }

func (s *sequence) restart(ctx context.Context) {
	p := s.engine.startProcess(context.WithoutCancel(ctx), s.wire)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.processes = append(s.processes, p)
}

// supervise starts the bot again when it has died or ended.
func (s *sequence) supervise(ctx context.Context) {
	for {
		p := s.current()
		select {
		case <-ctx.Done():
			return
		case <-p.Died():
		case <-p.over:
		}
		if !slackapi.Sleep(ctx, time.Second) {
			return
		}
		s.restart(ctx)
	}
}

func (s *sequence) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Hour); !ok(); time.Sleep(time.Second) {
		if time.Now().After(end) {
			s.t.Fatalf("after two hours it is not so that %s; left: %v; last calls: %v", what, s.engine.Waiting(), bottest.Last(s.Calls(), 12))
		}
	}
}

// act is people at a deployment: Ana types and confirms, Bob approves. Where
// Slack says that something failed, they look, and try again what is not done.
func (s *sequence) act(ctx context.Context, service string) {
	for {
		if _, ok := s.engine.started(service); ok {
			break
		}
		_ = s.Type(ctx, "ana", deploys, "/deploy "+service+" v2", "") // whether it worked is seen
		if !slackapi.Sleep(ctx, 3*time.Second) {
			return
		}
	}
	for _, step := range []struct{ id, user, button string }{{"control", "ana", "Done"}, {"approve", "bob", "Approve"}} {
		for {
			d, _ := s.engine.started(service)
			if d.Step(step.id).Status == deployer.Done {
				break
			}
			for _, m := range s.Messages(deploys) {
				if m.TS == d.Card.TS {
					_ = s.Act(ctx, emulator.Action{User: step.user, Channel: deploys, MessageTS: m.TS, Button: step.button})
					_ = s.Tick(ctx, step.user)
				}
			}
			if !slackapi.Sleep(ctx, 2*time.Second) {
				return
			}
		}
	}
}

// clicksCount holds that every click counted once, however often it came.
func (s *sequence) clicksCount() {
	for _, d := range s.engine.All() {
		count := map[string]int{}
		for _, e := range s.engine.Events(d.ID) {
			switch e := e.(type) {
			case deployer.Answered:
				count[string(e.Choice)+" "+e.Step]++
			case deployer.Delivered:
				count[e.Kind]++
			}
		}
		if diff := cmp.Diff(map[string]int{"Done control": 1, "Approve approve": 1, "card": 1, "starting": 2, "complete": 2}, count); diff != "" {
			s.t.Errorf("%s: -want +got:\n%s", d.ID, diff)
		}
	}
}

var (
	duration = regexp.MustCompile(`\b(\d+ (s|sec|seconds?|min|minutes?|h|hours?)\b ?)+`)
	dates    = regexp.MustCompile(`<!date\^\d+\^[^>]*>`)
	clocks   = regexp.MustCompile(`\b\d\d:\d\d\b`)
	cardLink = regexp.MustCompile(` map\[(block_id:\S+ )?elements:\[map\[text:<[^>]*/archives/[^>]*> type:mrkdwn verbatim:true\]\] type:context\]`) // which Slack may not have told
	slackIDs = regexp.MustCompile(`block_id:[A-Z0-9]{5}\b`)                                                                                         // of blocks that have none of their own
)

// told is what stands in the channels, message by message and thread by thread,
// without the times. What different deployments say is independent.
func (s *sequence) told() map[string][]string {
	out := map[string][]string{}
	for _, channel := range []string{deploys, "announcements-change-control"} {
		messages := s.Messages(channel)
		slices.SortFunc(messages, func(a, b emulator.Message) int { return strings.Compare(a.TS, b.TS) })
		parents := map[string]string{}
		for _, m := range messages {
			if m.Metadata == nil || m.Metadata.EventType != outbox.EventType {
				s.t.Errorf("a message without our metadata: %q", m.Text)
				continue
			}
			sign := m.Metadata.EventPayload
			what := fmt.Sprintf("%v %s", sign["message"], bottest.DigitsOfKey.ReplaceAllString(fmt.Sprint(sign["key"]), ""))
			parents[m.TS] = what
			key := fmt.Sprint(channel, " ", sign["deployment"])
			if m.ThreadTS != "" && m.ThreadTS != m.TS {
				key += ", thread of " + parents[m.ThreadTS]
			}
			var blocks any
			if len(m.Blocks) > 0 && json.Unmarshal(m.Blocks, &blocks) != nil {
				s.t.Errorf("blocks are no JSON: %s", m.Blocks)
			}
			text := fmt.Sprintf("%s: %s %v", what, m.Text, blocks)
			text = cardLink.ReplaceAllString(text, "")
			for _, times := range []*regexp.Regexp{bottest.Took, duration, dates, clocks, slackIDs} {
				text = times.ReplaceAllString(text, "…")
			}
			out[key] = append(out[key], text)
		}
	}
	return out
}
