package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A logbook is what was logged.
type logbook struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

// count is how many lines have these words.
func (l *logbook) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for line := range strings.Lines(l.lines.String()) {
		if strings.Contains(line, words) {
			n++
		}
	}
	return n
}

// newLogged is newFixture with a config that may be changed, and a log.
func newLogged(t *testing.T, j deployer.Journal, memory *deployertest.Journal, c *cluster, change func(*engine.Config)) (*fixture, *logbook) {
	log := &logbook{}
	cfg := engine.Config{Journal: j, Resolver: c, Runners: c.runners(), People: people{}, Log: slog.New(slog.NewTextHandler(log, nil))}
	if change != nil {
		change(&cfg)
	}
	f := &fixture{t: t, journal: memory, cluster: c, ran: make(chan error, 1), engine: engine.New(cfg)}
	f.run(t)
	return f, log
}

// A panicky runner panics in one of its calls for one service.
type panicky struct {
	deployer.Runner
	call, service string
}

func (p panicky) panics(call string, in deployer.Intent) {
	if call == p.call && in.Service == p.service {
		panic("index out of range")
	}
}

func (p panicky) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	p.panics("look", in)
	return p.Runner.Look(ctx, in)
}

func (p panicky) Act(ctx context.Context, in deployer.Intent) (string, error) {
	p.panics("act", in)
	return p.Runner.Act(ctx, in)
}

func (p panicky) Follow(ctx context.Context, in deployer.Intent, ref string, show func(deployer.Progress)) (deployer.Outcome, error) {
	p.panics("follow", in)
	return p.Runner.Follow(ctx, in, ref, show)
}

// A runner that panics ends neither the process nor another deployment: nobody
// knows what it has done, so a person decides, who reads no stack.
func TestPanicOfARunnerInterruptsItsEffect(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"look", "act", "follow"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, c := deployertest.NewJournal(), newCluster()
				f, log := newLogged(t, j, j, c, func(cfg *engine.Config) {
					cfg.Runners["kubernetes.rollout"] = panicky{cfg.Runners["kubernetes.rollout"], call, "web"}
				})
				defer f.close()
				bad, good := f.begin("web:v2").ID, f.begin("api:v2").ID
				d := f.until(bad, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
				if e := d.Effect("rollout/web"); e.Outcome.Result != deployer.Interrupted || !strings.Contains(e.Outcome.Why, "bug") || strings.Contains(e.Outcome.Why, "index") {
					t.Errorf("it is %+v", e.Outcome)
				}
				if log.count("index out of range") != 1 || log.count("panicky") == 0 {
					t.Errorf("the log lacks the panic, or its stack: %s", log.lines.String())
				}
				set := []string{"api=v2"}
				if call == "follow" {
					set = append(set, "web=v2")
				}
				want(t, f.play(good), deployer.Complete, c, set...)
				f.try(deployer.Order{Deployment: bad, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
				if d := f.play(bad); d.Status != deployer.Stopped {
					t.Errorf("it can't be stopped: %s", d.Status)
				}
			})
		})
	}
}

type panickyResolver struct{}

func (panickyResolver) Resolve(context.Context, deployer.Deployment) ([]deployer.Target, error) {
	panic("nil map")
}

func TestPanicOfTheResolverRefusesTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), func(cfg *engine.Config) { cfg.Resolver = panickyResolver{} })
		defer f.close()
		d := f.play(f.begin("web:v2").ID)
		if d.Status != deployer.Refused || strings.Contains(d.Why, "nil map") || log.count("nil map") != 1 {
			t.Errorf("it ends as %s: %s; the log: %s", d.Status, d.Why, log.lines.String())
		}
	})
}

type panickyPeople struct{ calm bool }

func (p *panickyPeople) Who(context.Context, string) (deployer.Person, error) {
	if p.calm {
		return deployer.Person{}, nil
	}
	panic("nil map")
}

func TestPanicOfPeopleRefusesTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shaky := &panickyPeople{calm: true}
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), func(cfg *engine.Config) { cfg.People = shaky })
		defer f.close()
		id := f.begin("web:v2").ID
		shaky.calm = false
		_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: id, By: ana, Nonce: "n", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		if _, ok := errors.AsType[*deployer.Refusal](err); !ok || log.count("nil map") != 1 {
			t.Errorf("Ana is told %v; the log: %s", err, log.lines.String())
		}
		if err := f.engine.Unlock(t.Context(), "tangerine", "prod", "", bob, deploys); err == nil {
			t.Error("a lock that is none was taken away")
		}
	})
}

// A bug that is met while a deployment is carried on stops that one alone.
func TestPanicInALoopIsQuarantined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f, log := newLogged(t, j, j, c, nil)
		defer f.close()
		j.OnCommit(func(_ int, commit deployer.Commit) (bool, error) {
			if _, ok := commit.Events[0].(deployer.EffectIntended); ok && commit.After.ID == "tangerine-1" {
				panic("assignment to entry in nil map")
			}
			return true, nil
		})
		bad, good := f.begin("web:v2").ID, f.begin("api:v2").ID
		f.until(bad, func(deployer.Deployment) bool { return f.engine.Quarantined()[bad] != "" })
		want(t, f.play(good), deployer.Complete, c, "api=v2")
		time.Sleep(time.Hour)
		if n := log.count("put in quarantine"); n != 1 || len(f.engine.Quarantined()) != 1 {
			t.Errorf("%d lines about %v", n, f.engine.Quarantined())
		}
		_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: bad, By: ana, Nonce: "n", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		if r, ok := errors.AsType[*deployer.Refusal](err); !ok || strings.Contains(r.Error(), "nil map") {
			t.Errorf("Ana is told %v", err)
		}
		if len(j.Places()) != 1 {
			t.Errorf("held are %v", j.Places())
		}
	})
}

// A bug that an order meets is not the deployment's.
func TestPanicInAnOrderFailsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		id := f.begin("web:v2").ID
		f.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Running })
		j.OnCommit(func(int, deployer.Commit) (bool, error) { panic("nil map") })
		stop := deployer.Order{Deployment: id, By: ana, Nonce: "n", Command: deployer.Answer{Choice: deployer.ChoiceStop}}
		if _, err := f.engine.Do(t.Context(), stop); err == nil || strings.Contains(err.Error(), "nil map") || log.count("nil map") != 1 {
			t.Errorf("Ana is told %v; the log: %s", err, log.lines.String())
		}
		j.OnCommit(nil)
		f.try(stop)
		if d := f.play(id); d.Status != deployer.Stopped {
			t.Errorf("it is %s", d.Status)
		}
	})
}
