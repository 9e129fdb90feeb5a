package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// runs is a step that starts a child for each service, or for one.
func runs(procedure string, services ...string) deployer.Step {
	s := deployer.Step{ID: "child", Title: "Child", Uses: deployer.KindRun, With: deployer.Values{"procedure": {Text: procedure}}}
	if len(services) == 1 {
		s.With["inputs"] = deployer.Value{List: []string{"service=" + services[0]}}
		return s
	}
	s.Each = services
	return s
}

// launched are the procedures that children can follow.
func launched(_ context.Context, in deployer.Intent) (deployer.Start, error) {
	s := deployer.Start{Site: in.Site, Channels: map[string]string{"deploys": "C1"}, Procedure: procedure()}
	service := in.Item
	if inputs := in.With["inputs"].List; len(inputs) > 0 {
		_, service, _ = strings.Cut(inputs[0], "=")
	}
	service, tag, _ := strings.Cut(service+":v2", ":")
	s.Releases = []deployer.Release{{Service: service, Tag: strings.TrimSuffix(tag, ":v2")}}
	switch in.With["procedure"].Text {
	case "deployment":
	case "parent":
		s.Procedure.Steps, s.Procedure.Rollback = []deployer.Step{runs("deployment", "db")}, nil
	default:
		return deployer.Start{}, deployer.Refuse("There is: deployment.", "There is no procedure %s.", in.With["procedure"].Text)
	}
	return s, nil
}

// A family is a fixture where deployments have children, and everybody does what
// they are asked of each.
type family struct{ *fixture }

func newFamily(t *testing.T, j *deployertest.Journal, c *cluster) *family {
	for i := range 10 {
		c.image[fmt.Sprint("s", i)] = "v1"
	}
	c.image["db"] = "v1"
	f, _ := newLogged(t, j, j, c, func(cfg *engine.Config) {
		cfg.Launch = launched
		cfg.CardURL = func(_ context.Context, d deployer.Deployment) string { return "https://chat.example/" + d.ID }
	})
	return &family{f}
}

// parent starts a deployment of web with these steps.
func (f *family) parent(steps ...deployer.Step) string {
	f.t.Helper()
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Procedure.Steps, cmd.Procedure.Rollback = steps, nil
	o.Command = cmd
	d, err := f.engine.Do(f.t.Context(), o)
	if err != nil {
		f.t.Fatal(err)
	}
	return d.ID
}

// reach lets everybody do what they are asked until a deployment is so.
func (f *family) reach(id string, so func(deployer.Deployment) bool) deployer.Deployment {
	f.t.Helper()
	for range 3600 {
		messages, err := f.journal.Messages(f.t.Context(), "", 100)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, m := range messages {
			if !m.Receipt {
				if err := f.journal.Discard(f.t.Context(), m); err != nil {
					f.t.Fatal(err)
				}
				continue
			}
			f.try(deployer.Order{Deployment: m.Deployment, Command: deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1"}, OutboxKey: m.Key}})
		}
		for _, d := range f.journal.All() {
			if d.ID == id && so(d) {
				return d
			}
			if !d.Status.Ended() {
				f.answer(d)
			}
		}
		time.Sleep(time.Second)
	}
	d, _ := f.journal.Load(f.t.Context(), id)
	f.t.Fatalf("it does not come to that: %s %+v", d.Status, d.Current())
	return d
}

func ended(d deployer.Deployment) bool    { return d.Status.Ended() }
func deciding(d deployer.Deployment) bool { return d.Status == deployer.Deciding }

func acted(d deployer.Deployment) bool {
	e := d.Effect("child")
	return e != nil && e.Stage == deployer.Acted
}

func (f *family) say(id, nonce string, a deployer.Answer) {
	f.t.Helper()
	if _, err := f.engine.Do(f.t.Context(), deployer.Order{Deployment: id, By: ana, Nonce: nonce, Command: a}); err != nil {
		f.t.Errorf("%+v: %v", a, err)
	}
}

// bear runs a test with a family.
func bear(t *testing.T, test func(f *family, c *cluster)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		f := newFamily(t, deployertest.NewJournal(), c)
		test(f, c)
		f.close()
		if n := f.engine.Awaited(); n != 0 {
			t.Errorf("%d are still awaited", n)
		}
	})
}

// How a child ends is what its step comes to, with its id and its end as
// outputs, in words that name it.
func TestChildsEndIsWhatItsStepComesTo(t *testing.T) {
	for name, tc := range map[string]struct {
		step   deployer.Step
		during func(f *family, c *cluster)
		result deployer.Result
		why    string
		end    deployer.Status // of the child; "": there is none
	}{
		"complete": {runs("deployment", "api"), nil, deployer.OK, "", deployer.Complete},
		"stopped": {runs("deployment", "api"), func(f *family, _ *cluster) {
			f.say("tangerine-2", "stop", deployer.Answer{Choice: deployer.ChoiceStop, Comment: "not today"})
		}, deployer.Failed, "tangerine-2 was stopped by Ana: not today.", deployer.Stopped},
		"rolled back": {runs("deployment", "api"), func(f *family, c *cluster) {
			c.outcome, f.decide = crashes, deployer.Answer{Choice: deployer.ChoiceRollBack}
		}, deployer.Failed, "tangerine-2 was rolled back.", deployer.RolledBack},
		"refused":            {runs("deployment", "api:banana"), nil, deployer.Failed, "tangerine-2 was refused: There is no tag banana. Try v2.", deployer.Refused},
		"unknown":            {runs("quick", "api"), nil, deployer.Absent, "There is no procedure quick. There is: deployment.", ""},
		"its parent's place": {runs("deployment", "web"), nil, deployer.Absent, "web in tangerine prod is held by tangerine-1.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bear(t, func(f *family, c *cluster) {
				id := f.parent(tc.step)
				if tc.during != nil {
					f.reach(id, acted)
					tc.during(f, c)
				}
				d := f.reach(id, func(d deployer.Deployment) bool { return ended(d) || deciding(d) })
				e := d.Effect("child")
				if e.Outcome.Result != tc.result || !strings.HasPrefix(e.Outcome.Why, tc.why) || (d.Status == deployer.Complete) != (tc.result == deployer.OK) {
					t.Errorf("%s: %+v", d.Status, e.Outcome)
				}
				named := map[deployer.Status]string{"": "refused", deployer.Complete: ""}
				want, ok := named[tc.end]
				if !ok {
					want = string(tc.end)
				}
				if got := d.Step("child").Fault; got != want || e.Outcome.Kind != want {
					t.Errorf("the failure is %q, of the effect %q, not %q", got, e.Outcome.Kind, want)
				}
				if tc.end == "" {
					if n := len(f.journal.All()); n != 1 {
						t.Errorf("there are %d deployments", n)
					}
					return
				}
				child, err := f.journal.Load(t.Context(), "tangerine-2")
				if err != nil || child.Status != tc.end || child.Requester != ana || child.Origin != "run/tangerine-1/child/1" {
					t.Errorf("the child is %s, of %s, by %s, %v", child.Status, child.Origin, child.Requester.Name, err)
				}
				if out := e.Outcome.Outputs; out["id"].Text != child.ID || out["outcome"].Text != string(tc.end) || out["url"].Text != "https://chat.example/"+child.ID {
					t.Errorf("the outputs are %+v", out)
				}
			})
		})
	}
}

// A step may have many children at once, and a child may have some of its own.
func TestChildrenAreManyAndDeep(t *testing.T) {
	t.Run("many", func(t *testing.T) {
		bear(t, func(f *family, c *cluster) {
			var services []string
			for i := range 10 {
				services = append(services, fmt.Sprint("s", i))
			}
			d := f.reach(f.parent(runs("deployment", services...)), ended)
			if d.Status != deployer.Complete || len(c.set) != 10 || len(f.journal.All()) != 11 || len(f.journal.Places()) != 0 {
				t.Errorf("%s: %v, held are %v", d.Status, c.set, f.journal.Places())
			}
		})
	})
	t.Run("deep", func(t *testing.T) {
		bear(t, func(f *family, c *cluster) {
			want(t, f.reach(f.parent(runs("parent", "api")), ended), deployer.Complete, c, "db=v2")
			if n := len(f.journal.All()); n != 3 {
				t.Errorf("there are %d deployments", n)
			}
		})
	})
}

// Whatever commit of parent or child is the last one of a process, the next one
// finds the child that was started.
func TestChildIsStartedOnceWheneverTheProcessDies(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 8; n++ {
		t.Run(fmt.Sprint("after commit ", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, c := deployertest.NewJournal(), newCluster()
				f := newFamily(t, j, c)
				j.OnCommit(func(commit int, _ deployer.Commit) (bool, error) {
					if commit > n {
						return false, deployertest.ErrDead
					}
					return true, nil
				})
				id := f.parent(runs("deployment", "api"))
				time.Sleep(time.Second)
				f.close()
				j.OnCommit(nil)
				f = newFamily(t, j, c)
				defer f.close()
				want(t, f.reach(id, ended), deployer.Complete, c, "api=v2")
				if all := j.All(); len(all) != 2 {
					t.Errorf("there are %d deployments", len(all))
				}
			})
		})
	}
}

// To retry a step whose child has failed is to start another one.
func TestRetryStartsAnotherChild(t *testing.T) {
	bear(t, func(f *family, c *cluster) {
		id := f.parent(runs("deployment", "api"))
		f.reach(id, acted)
		f.say("tangerine-2", "stop", deployer.Answer{Choice: deployer.ChoiceStop})
		f.reach(id, deciding)
		f.decide = deployer.Answer{Choice: deployer.ChoiceRetry}
		d := f.reach(id, ended)
		want(f.t, d, deployer.Complete, c, "api=v2")
		if out := d.Effect("child").Outcome.Outputs; out["id"].Text != "tangerine-3" {
			f.t.Errorf("the outputs are %+v", out)
		}
	})
}

// Stopping a parent does not wait for its child, nor stop it: that goes on by
// itself, and the record says so.
func TestStopOfAParentLeavesItsChildAlone(t *testing.T) {
	bear(t, func(f *family, c *cluster) {
		id := f.parent(runs("deployment", "api"))
		f.reach(id, acted)
		f.say(id, "stop", deployer.Answer{Choice: deployer.ChoiceStop})
		asked := time.Now()
		d := f.reach(id, ended)
		if e := d.Effect("child"); d.Status != deployer.Stopped || !strings.Contains(e.Outcome.Why, "tangerine-2 goes on by itself.") || time.Since(asked) > 10*time.Second {
			f.t.Errorf("after %s it is %s: %+v", time.Since(asked), d.Status, e.Outcome)
		}
		want(f.t, f.reach("tangerine-2", ended), deployer.Complete, c, "api=v2")
	})
}

// A child in quarantine interrupts its parent's step. With a program that can
// carry it on, to check again finds the same child.
func TestChildInQuarantineInterruptsItsParent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := newFamily(t, j, c)
		j.OnCommit(func(_ int, commit deployer.Commit) (bool, error) {
			for _, e := range commit.Events {
				if _, ok := e.(deployer.EffectIntended); ok && commit.After.ID == "tangerine-2" {
					panic("index out of range")
				}
			}
			return true, nil
		})
		id := f.parent(runs("deployment", "api"))
		d := f.reach(id, deciding)
		if b := d.Broken(); b.Status != deployer.StepInterrupted || !strings.Contains(b.Why, "tangerine-2 can't be carried on") {
			t.Errorf("the step is %s: %s", b.Status, b.Why)
		}
		f.close()
		j.OnCommit(nil)
		f = newFamily(t, j, c)
		defer f.close()
		b := d.Broken()
		f.say(id, "check", deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceCheck})
		want(t, f.reach(id, ended), deployer.Complete, c, "api=v2")
		if n := len(j.All()); n != 2 {
			t.Errorf("there are %d deployments", n)
		}
	})
}

// So does one that can't be read any more while it waits for somebody, when that
// comes to light by an order.
func TestSleepingChildInQuarantineInterruptsItsParent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := &cut{Journal: deployertest.NewJournal()}
		logged, _ := newLogged(t, j, j.Journal, newCluster(), func(cfg *engine.Config) { cfg.Launch = launched })
		f := &family{logged}
		defer f.close()
		id, child := f.parent(runs("deployment", "api")), "tangerine-2"
		time.Sleep(time.Second)
		j.lost.Store(&child)
		stop := deployer.Order{Deployment: child, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}}
		if _, err := f.engine.Do(t.Context(), stop); err == nil {
			t.Error("it is read")
		}
		d := f.reach(id, deciding)
		if b := d.Broken(); b.Status != deployer.StepInterrupted || !strings.Contains(b.Why, "tangerine-2 can't be read") {
			t.Errorf("the step is %s: %s", b.Status, b.Why)
		}
	})
}

// Without a launcher nobody starts anything, which a person decides about.
func TestEngineWithoutLaunchStartsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		f := &family{newFixture(t, deployertest.NewJournal(), c)}
		defer f.close()
		d := f.reach(f.parent(runs("deployment", "api")), deciding)
		if b := d.Broken(); b.Status != deployer.StepInterrupted || !strings.Contains(b.Why, "has no run") {
			t.Errorf("the step is %s: %s", b.Status, b.Why)
		}
	})
}
