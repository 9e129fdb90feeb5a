package crash

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/store"
)

// older is where stores lie that older programs have written; a README there says how.
const older = "../../../store/testdata"

var rosa = deployer.Actor{ID: "UROSA", Name: "Rosa"}

// A store that the program of commit 73eee63 has written is carried on: every deployment comes to its end, does
// nothing that was done, and says nothing that was said.
func TestOlderStoreIsCarriedOnToItsEnd(t *testing.T) {
	t.Parallel()
	for name, landed := range map[string]bool{"lost": false, "landed": true} { // what became of calls whose answer is not recorded
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 5, 0, 0, time.UTC))) // when its last deployment had come to where it stays
				c := openOlder(t, "schema1")
				for _, id := range c.live {
					c.built.add(c.load(id), landed)
				}
				c.playAll()
				c.checkActs()
				goldentest.Compare(t, filepath.Join("testdata", "older-"+name+".txt"), []byte(c.report()))
				if err := c.s.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A carrier carries a store on that somebody else has left.
type carrier struct {
	*testing.T
	s     *store.Store
	e     *engine.Engine
	built *site
	live  []string // those that had not ended

	mu     sync.Mutex
	posted map[string]bool
	told   map[string][]string // what the carrier has announced, by deployment
	again  map[string]bool     // steps that a person began again
}

func openOlder(t *testing.T, name string) *carrier {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join(older, name+".db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	path := filepath.Join(t.TempDir(), "s.db")
	if err := errors.Join(err, os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
	c := &carrier{T: t, built: newSite(), posted: map[string]bool{}, told: map[string][]string{}, again: map[string]bool{}}
	if c.s, err = store.Open(t.Context(), "bolt://"+path); err != nil {
		t.Fatal(err)
	}
	if c.live, err = c.s.Live(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(older, name+".posted.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Split(strings.TrimSpace(string(before)), "\n") {
		c.posted[key] = true
	}
	return c
}

// playAll lets everybody do what they are asked until everything has ended.
func (c *carrier) playAll() {
	c.e = engine.New(engine.Config{Journal: c.s, Resolver: c.built, Runners: c.built.runners(), People: colleagues{}, Language: deployertest.Language{}})
	ctx, stop := context.WithCancel(c.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.e.Run(ctx) }()
	idle := time.Second
	for end := time.Now().Add(72 * time.Hour); time.Now().Before(end) && !c.over(); {
		if c.post() || c.answerAll() {
			idle = time.Second
		}
		time.Sleep(idle)
		idle = min(2*idle, 10*time.Minute)
	}
	c.post()
	stop()
	if err := <-ran; err != nil {
		c.Errorf("Run: %v", err)
	}
	for _, id := range c.live {
		d := c.load(id)
		if !d.Status.Ended() {
			c.Errorf("%s does not end: %s (%s) at %+v", id, d.Status, d.Why, d.Current())
		}
		if err := c.s.Verify(c.Context(), id); err != nil {
			c.Error(err)
		}
		if held, err := c.s.Holders(c.Context(), d.Places()); err != nil || len(held) > 0 {
			c.Errorf("%s has ended and holds %v, %v", id, held, err)
		}
	}
}

func (c *carrier) load(id string) deployer.Deployment {
	c.Helper()
	d, err := c.s.Load(c.Context(), id)
	if err != nil {
		c.Fatal(err)
	}
	return d
}

func (c *carrier) over() bool {
	for _, id := range c.live {
		if !c.load(id).Status.Ended() {
			return false
		}
	}
	return true
}

// post takes what waits to be sent, each message once but for the card, which is one message that is changed.
// Deployments share what a commit costs.
func (c *carrier) post() (some bool) {
	c.Helper()
	waiting, err := c.s.Messages(c.Context(), "", 1000)
	if err != nil {
		c.Fatal(err)
	}
	of := map[string][]deployer.OutboxMessage{}
	for _, m := range waiting {
		of[m.Deployment] = append(of[m.Deployment], m)
	}
	var all sync.WaitGroup
	for _, messages := range of {
		all.Go(func() {
			for _, m := range messages {
				c.take(m)
			}
		})
	}
	all.Wait()
	return len(waiting) > 0
}

func (c *carrier) take(m deployer.OutboxMessage) {
	key, card := m.Deployment+" "+m.DedupKey, m.Kind == deployer.MessageCard || m.Kind == deployer.MessageDecide && !m.Receipt
	c.mu.Lock()
	if c.posted[key] && !card {
		c.Errorf("%s is posted again", key)
	}
	c.posted[key] = true
	if m.Receipt && !card {
		c.told[m.Deployment] = append(c.told[m.Deployment], m.DedupKey)
	}
	c.mu.Unlock()
	if !m.Receipt {
		if err := c.s.Discard(c.Context(), m); err != nil {
			c.Error(err)
		}
		return
	}
	post := deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: fmt.Sprint(time.Now().Unix(), ".1")}
	c.give(deployer.Order{Deployment: m.Deployment, Command: deployer.Deliver{Kind: m.Kind, Post: post, OutboxKey: m.Key}})
}

// answerAll answers what anybody is asked.
func (c *carrier) answerAll() bool {
	var some atomic.Bool
	var all sync.WaitGroup
	for _, id := range c.live {
		all.Go(func() {
			if c.answer(c.load(id)) {
				some.Store(true)
			}
		})
	}
	all.Wait()
	return some.Load()
}

// give gives an order; a refusal is fine, since the world moves meanwhile.
func (c *carrier) give(o deployer.Order) bool {
	var r *deployer.Refusal
	_, err := c.e.Do(c.Context(), o)
	if err != nil && !errors.As(err, &r) {
		c.Errorf("%#v: %v", o.Command, err)
	}
	return err == nil
}

// report is how everything ended, what was done to the world, and what was announced.
func (c *carrier) report() string {
	var b strings.Builder
	for _, id := range c.live {
		d := c.load(id)
		fmt.Fprintf(&b, "%s %s %q acted %v told %v\n", id, d.Status, d.Why, c.built.counted(id), slices.Sorted(slices.Values(c.told[id])))
	}
	return b.String()
}

// checkActs: what was done is done once more at the most, and only if somebody has tried its step again.
func (c *carrier) checkActs() {
	for key, n := range c.built.acts {
		id, effect, _ := strings.Cut(key, " ")
		step, _, _ := strings.Cut(effect, "/")
		if n > 1 || c.built.done[key] && !c.again[id+" "+step] {
			c.Errorf("%s was done %d times more; before: %v", key, n, c.built.done[key])
		}
	}
}

// colleagues are those who have roles.
type colleagues struct{}

func (colleagues) Who(_ context.Context, id string) (deployer.Person, error) {
	return deployer.Person{Roles: map[string][]string{bob.ID: {"tech-lead"}, rosa.ID: {"tech-lead", "sre"}}[id]}, nil
}

// counted are the acts for a deployment, by the keys of the effects.
func (s *site) counted(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, key := range slices.Sorted(maps.Keys(s.acts)) {
		if of, effect, _ := strings.Cut(key, " "); of == id {
			out = append(out, fmt.Sprint(effect, "×", s.acts[key]))
		}
	}
	return out
}
