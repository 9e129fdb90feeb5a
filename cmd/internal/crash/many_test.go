package crash

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"github.com/stationmaster/stationmaster/store"
)

// What follows from one order may be more than the store takes at once, and goes
// on by itself: 62 sign-offs side by side stayed “looking up” for ever, in
// silence. So do a stop, and the failure of what waits beside them.
func TestManySideBySideGoOn(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(c *crowd){
		"to the end":   func(c *crowd) { c.answerAll(); c.until(deployer.Complete) },
		"to a stop":    func(c *crowd) { c.stop(); c.until(deployer.Stopped) },
		"to a failure": func(c *crowd) { c.answerAll(); c.until(deployer.Deciding); c.stop(); c.until(deployer.Stopped) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, err := store.Open(t.Context(), "bolt://"+filepath.Join(t.TempDir(), "db"))
				if err != nil {
					t.Fatal(err)
				}
				fails := name == "to a failure"
				c := &crowd{T: t, s: s, e: engine.New(engine.Config{Journal: s, Resolver: &fixture{}, People: &fixture{}, Runners: map[string]deployer.Runner{"kubernetes.verify": failing{fails}}})}
				ctx, stop := context.WithCancel(t.Context())
				ran := make(chan error, 1)
				go func() { ran <- c.e.Run(ctx) }()
				c.begin(80)
				play(c)
				stop()
				if err := errors.Join(<-ran, s.Close()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A crowd is a deployment with many steps side by side.
type crowd struct {
	*testing.T
	s  *store.Store
	e  *engine.Engine
	id string
}

// begin starts n sign-offs, one in seven of which is a check.
func (c *crowd) begin(n int) {
	c.Helper()
	o := start()
	cmd := o.Command.(deployer.Start)
	cmd.Releases, cmd.Procedure.Steps = cmd.Releases[:1], nil
	for i := range n {
		s := deployer.Step{ID: fmt.Sprint("sign", i), Title: "Sign", Uses: deployer.KindConfirm, With: deployer.Values{"role": {Text: "tech-lead"}}}
		if i%7 == 0 {
			s.Uses = "kubernetes.verify"
		}
		cmd.Procedure.Steps = append(cmd.Procedure.Steps, s)
	}
	o.Command = cmd
	d, err := c.e.Do(c.Context(), o)
	if err != nil {
		c.Fatal(err)
	}
	c.id = d.ID
	c.reach(func(d deployer.Deployment) bool { return len(d.Current()) >= n })
}

func (c *crowd) reach(so func(deployer.Deployment) bool) {
	c.Helper()
	for range 600 {
		d, err := c.s.Load(c.Context(), c.id)
		if err != nil {
			c.Fatal(err)
		}
		if so(d) {
			return
		}
		time.Sleep(time.Second)
	}
	d, _ := c.s.Load(c.Context(), c.id)
	c.Fatalf("it stays %s with %d steps under way: %s", d.Status, len(d.Current()), d.Why)
}

func (c *crowd) until(s deployer.Status) {
	c.Helper()
	c.reach(func(d deployer.Deployment) bool { return d.Status == s })
}

func (c *crowd) answerAll() {
	c.Helper()
	d, err := c.s.Load(c.Context(), c.id)
	if err == nil {
		err = answer(c.Context(), c.e, d)
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *crowd) stop() {
	c.Helper()
	if _, err := c.e.Do(c.Context(), deployer.Order{Deployment: c.id, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}}); err != nil {
		c.Fatal(err)
	}
}

// A failing check waits a minute, and fails.
type failing struct{ fails bool }

func (failing) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (failing) Act(context.Context, deployer.Intent) (string, error) { return "", nil }

func (f failing) Follow(ctx context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	select {
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	case <-time.After(time.Minute):
	}
	if f.fails {
		return deployer.Outcome{Result: deployer.Failed, Why: in.Service + " is ill"}, nil
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}
