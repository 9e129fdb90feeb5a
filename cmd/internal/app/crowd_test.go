package app

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// crowdProcedure asks a person, announces, rolls out, proves, and announces.
const crowdProcedure = `
id: crowd
title: Crowd
owner: nobody
phases:
  - id: go
    title: Go
    steps:
      - {id: approve, title: Tech lead approves, uses: approve, with: {role: tech-lead, count: 1}}
      - {id: starting, uses: announce, with: {message: starting, to: [deploys]}}
      - {id: rollout, title: Roll out, uses: rollout}
      - {id: pods, title: Pods run the new version, uses: kubernetes.verify, with: {for: 1s}}
      - {id: complete, uses: announce, with: {message: complete, to: [deploys]}}
messages: {starting: "*Starting:* {what}", complete: "*Complete:* {what}"}
`

// spoken is what each of them says in the end: its card and its announcements,
// and in the thread who is asked, who approved, two steps and the end.
var spoken = map[string]int{"card": 1, "starting": 1, "complete": 1, "ask": 1, "note": 4}

// TestCrowdIsRefusedNothingAndTellsEverythingOnce begins many deployments at once in ten channels, with people who
// approve what they see, while Slack limits calls as its documentation says, read
// strictly. Nothing is refused, lost or said twice, announcements keep their time,
// and every card ends with the last state.
//
//	STATIONMASTER_CROWD=100   so many
func TestCrowdIsRefusedNothingAndTellsEverythingOnce(t *testing.T) {
	n, channels := 10, 5
	if size, asked := slowtest.Size(t, "STATIONMASTER_CROWD"); asked {
		n, channels = size, 10
	} else {
		slowtest.Only(t, "a crowd takes as long as Slack's limits want: half a minute")
	}
	c := newCrowd(t, n, channels)
	c.start()
	c.slack.SetLimits(emulator.Limits{On: true, Strict: true}) // counts begin here
	begun := time.Now()
	var people, typing sync.WaitGroup
	backlog, floor := c.watch(), c.lateness()
	each(c.retailers, func(i int, retailer string) {
		people.Go(func() { c.approves(retailer) })
		for k := i; k < n; k += channels {
			typing.Go(func() { c.deploy(retailer, fmt.Sprint("web-", k), "2") })
		}
	})
	typing.Wait()
	await(t, "all have ended", func() bool { return len(c.live()) == 0 })
	ended := time.Now()
	await(t, "everything is said", func() bool {
		n, err := c.waiting(t.Context())
		return n == 0 && err == nil
	})
	quiet := time.Now()
	close(c.over)
	people.Wait()
	t.Logf("%d deployments in %d channels: over after %s, all said after %s",
		n, channels, ended.Sub(begun).Round(time.Second), quiet.Sub(begun).Round(time.Second))
	c.refusedNothing()
	c.saidEverythingOnce()
	c.inTime(<-floor)
	c.used(<-backlog)
}

// A crowd is an app with many services and a quick cluster, in a Slack with its
// limits on.
type crowd struct {
	*benchFixture
	retailers []string
	over      chan struct{} // closed when the people may go
}

func newCrowd(t *testing.T, n, channels int) *crowd {
	cluster := clustersim.New(clustersim.Config{Name: "prod-1", Speed: 20})
	t.Cleanup(cluster.Close)
	server := httptest.NewServer(cluster.Handler())
	t.Cleanup(server.Close)
	for _, name := range names("web", n) {
		if err := cluster.AddDeployment("prod", name, "app", repository+"/"+name+":1", 1); err != nil {
			t.Fatal(err)
		}
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, cluster.Kubeconfig(server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	s := scene{
		kubeconfig: kubeconfig, namespace: "prod", image: repository, retailers: names("shop", channels),
		services: map[string]string{}, procedures: map[string]string{"crowd.yaml": crowdProcedure},
	}
	for _, name := range names("web", n) {
		s.services[name] = "crowd"
	}
	return &crowd{benchFixture: newBenchFixture(t, s, nil), retailers: s.retailers, over: make(chan struct{})}
}

// approves has Bob look at a channel now and then, and approve what he has read.
func (c *crowd) approves(retailer string) {
	pressed := map[string]bool{}
	for {
		select {
		case <-c.over:
			return
		case <-time.After(time.Duration(500+rand.IntN(1000)) * time.Millisecond):
		}
		for _, m := range c.slack.Messages(channelOf(retailer)) {
			if !strings.Contains(string(m.Blocks), `"Approve"`) || pressed[m.TS] {
				continue
			}
			err := c.slack.Act(c.b.Context(), emulator.Action{User: "bob", Channel: channelOf(retailer), MessageTS: m.TS, Button: "Approve"})
			if err != nil {
				c.b.Errorf("bob approves: %v", err)
			}
			pressed[m.TS] = true
		}
	}
}

// A span is a time in which something waited all the time.
type span struct{ from, to time.Time }

// watch finds the longest time in which posts waited, and that in which cards
// did.
func (c *crowd) watch() <-chan [2]span {
	out := make(chan [2]span, 1)
	go func() {
		var best, now [2]span
		for {
			select {
			case <-c.over:
				out <- best
				return
			case <-time.After(50 * time.Millisecond):
			}
			messages, err := c.store.Messages(c.b.Context(), "", 100_000)
			if err != nil {
				return
			}
			var waits [2]int
			for _, l := range messages {
				waits[b2i(l.Kind == deployer.MessageCard && !l.Receipt)]++
			}
			for i, n := range waits {
				switch {
				case n < 15: // fewer may be under way
					now[i] = span{}
				case now[i].from.IsZero():
					now[i] = span{time.Now(), time.Now()}
				default:
					if now[i].to = time.Now(); now[i].to.Sub(now[i].from) > best[i].to.Sub(best[i].from) {
						best[i] = now[i]
					}
				}
			}
		}
	}()
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// refusedNothing holds that Slack took every call.
func (c *crowd) refusedNothing() {
	permitted := map[string]int{}
	for _, u := range c.slack.Usage() {
		permitted[u.Method] += u.Permitted
		if u.Refused > 0 {
			c.b.Errorf("Slack refused %d calls of %s %s, and let %d through", u.Refused, u.Method, u.Channel, u.Permitted)
		}
	}
	for _, call := range c.slack.Calls() {
		if call.Error != "" {
			c.b.Errorf("%s: %s", call.Method, call.Error)
		}
	}
	c.b.Logf("calls that Slack took: %v", permitted)
}

// everything calls do for every message of ours.
func (c *crowd) everything(do func(m emulator.Message, retailer, deployment, kind string)) {
	for _, retailer := range c.retailers {
		for _, m := range c.slack.Messages(channelOf(retailer)) {
			if m.Metadata == nil {
				c.b.Errorf("a message without metadata: %s", m.Text)
				continue
			}
			deployment, _ := m.Metadata.EventPayload["deployment"].(string)
			kind, _ := m.Metadata.EventPayload["message"].(string)
			do(m, retailer, deployment, kind)
		}
	}
}

func (c *crowd) saidEverythingOnce() {
	said := map[string]map[string]int{}
	c.everything(func(m emulator.Message, _, deployment, kind string) {
		if said[deployment] == nil {
			said[deployment] = map[string]int{}
		}
		said[deployment][kind]++
		if kind == "card" && !strings.Contains(m.Text, "Complete") {
			c.b.Errorf("the card of %s ends with %q", deployment, m.Text)
		}
	})
	if len(said) != len(c.cfg.Services) {
		c.b.Errorf("%d deployments said something", len(said))
	}
	for id, kinds := range said {
		if !maps.Equal(kinds, spoken) {
			c.b.Errorf("%s said %v, want %v", id, kinds, spoken)
		}
	}
}

// An announcement is one message that others wait for.
type announcement struct {
	channel, kind     string
	committed, posted time.Time
}

// lateness finds how late the machine answers at worst, whoever asks: from when a timer
// is due to the answer of a server on this machine that does nothing. A machine with
// other work on its hands is no slowness of the bot's.
func (c *crowd) lateness() <-chan time.Duration {
	server := httptest.NewServer(http.NotFoundHandler())
	out := make(chan time.Duration, 1)
	go func() {
		defer server.Close()
		var worst time.Duration
		for {
			due := time.Now().Add(20 * time.Millisecond)
			select {
			case <-c.over:
				out <- worst
				return
			case <-time.After(time.Until(due)):
			}
			resp, err := server.Client().Head(server.URL)
			if err != nil {
				c.b.Error(err)
				continue
			}
			_ = resp.Body.Close()
			worst = max(worst, time.Since(due))
		}
	}()
	return out
}

// inTime holds every announcement to two seconds from its turn, besides what the
// machine takes for nothing. Its turn is when it was decided, or, where another one
// comes before it in its channel, a second after that one's turn: as fast as Slack
// takes them there if it is told nothing else.
func (c *crowd) inTime(floor time.Duration) {
	var all []announcement
	c.everything(func(m emulator.Message, where, deployment, kind string) {
		if kind == "starting" || kind == "complete" {
			d := c.load(deployment)
			all = append(all, announcement{where, kind, d.Step(kind).Began, timeOf(m.TS)})
		}
	})
	slices.SortFunc(all, func(a, b announcement) int { return a.committed.Compare(b.committed) })
	turns := map[string]time.Time{}
	took, late := map[string][]time.Duration{}, map[string][]time.Duration{}
	for _, a := range all {
		turn := turns[a.channel].Add(time.Second)
		if turn.Before(a.committed) {
			turn = a.committed
		}
		turns[a.channel] = turn
		took[a.kind] = append(took[a.kind], a.posted.Sub(a.committed))
		late[a.kind] = append(late[a.kind], max(a.posted.Sub(turn), 0))
	}
	c.b.Logf("the machine answers within %s", rounded(floor))
	for _, kind := range slices.Sorted(maps.Keys(took)) {
		c.b.Logf("%s, from its commit to its channel: %s; from its turn: %s", kind, spread(took[kind]), spread(late[kind]))
		if worst := slices.Max(late[kind]); worst > 2*time.Second+floor {
			c.b.Errorf("%s was posted %s after its turn, on a machine that answers within %s", kind, worst, floor)
		}
	}
}

func spread(all []time.Duration) string {
	return fmt.Sprintf("p50 %s, p99 %s, longest %s", rounded(quantile(all, 0.5)), rounded(quantile(all, 0.99)), rounded(slices.Max(all)))
}

func rounded(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

// timeOf reads a timestamp of Slack's.
func timeOf(ts string) time.Time {
	var seconds, micros int64
	if _, err := fmt.Sscanf(ts, "%d.%d", &seconds, &micros); err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, micros*1000)
}

// used compares what was sent while there was a backlog, in whole minutes, with
// what is permitted: 300 posts a minute in all channels together, and 50 edits.
//
// Posts are counted in the last minutes, when what a rest has saved up is spent.
// Edits are counted from the first on. What a rest has saved up of them goes at
// once, and again a minute later, and so on: a minute that began right behind
// could end right before, and miss both.
func (c *crowd) used(backlog [2]span) {
	for i, m := range []struct {
		method    string
		perMinute float64
		again     bool
	}{{"chat.postMessage", 300, false}, {"chat.update", 50, true}} {
		from, to := backlog[i].from, backlog[i].to
		var at []time.Time
		for _, call := range c.slack.Calls() {
			if call.Method == m.method && call.At.After(from.Add(-15*time.Second)) { // before it was seen as a backlog
				at = append(at, call.At)
			}
		}
		if m.again && len(at) > 0 {
			from = at[0]
		}
		minutes := to.Sub(from).Truncate(time.Minute)
		if minutes <= 0 {
			c.b.Logf("%s: no minute with a backlog", m.method)
			continue
		}
		if !m.again {
			from = to.Add(-minutes)
		}
		first, _ := slices.BinarySearchFunc(at, from, time.Time.Compare)
		end, _ := slices.BinarySearchFunc(at, from.Add(minutes), time.Time.Compare)
		ratio := float64(end-first) / (m.perMinute * minutes.Minutes())
		c.b.Logf("%s: %d in %s with a backlog, %.0f a minute permitted: %.1f%%", m.method, end-first, minutes, m.perMinute, 100*ratio)
		if ratio < 0.95 {
			c.b.Errorf("%s: only %.1f%% of what is permitted is used", m.method, 100*ratio)
		}
	}
}
