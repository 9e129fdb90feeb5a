package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// builds is the kind of a system where what was sent shows only after a while,
// and mails that of one where it never shows.
var (
	builds = deployer.Kind{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Mutates: true, Gate: "proceed"}
	mails  = deployer.Kind{Name: "mail.send", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatAtMostOnce}
)

// A queue takes what is sent to it, and shows it after a while. Its proxy is
// down at first, and the answer to what gets through is lost.
type queue struct {
	mu     sync.Mutex
	shown  []string
	acts   int
	down   int           // so many are not taken
	takes  time.Duration // how long a call takes
	panics bool          // when it has sent it
	shows  time.Duration // after how long what was taken shows; 0: never
	follow func(context.Context) (deployer.Outcome, error)
}

func (q *queue) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.shown) > 0 && q.shows > 0 {
		return deployer.Observation{Kind: deployer.ObservedPresent, Ref: q.shown[0]}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (q *queue) Act(_ context.Context, in deployer.Intent) (string, error) {
	time.Sleep(q.takes)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.acts++
	if q.acts <= q.down {
		return "", errors.New("dial tcp: connection refused")
	}
	time.AfterFunc(q.shows, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.shown = append(q.shown, in.Mark)
	})
	if q.panics {
		panic("index out of range")
	}
	return "", errors.New("read tcp: connection reset by peer")
}

func (q *queue) Follow(ctx context.Context, _ deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	if q.follow != nil {
		return q.follow(ctx)
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}

func (q *queue) count() (acts, taken int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.acts, len(q.shown)
}

// queued starts a deployment of web with one step of a kind.
func queued(t *testing.T, j *deployertest.Journal, q *queue, kind deployer.Kind, change func(*engine.Config)) (*fixture, string) {
	t.Helper()
	f, _ := newLogged(t, j, j, newCluster(), func(cfg *engine.Config) {
		cfg.Runners[kind.Name] = q
		if change != nil {
			change(cfg)
		}
	})
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Procedure.Kinds = []deployer.Kind{kind}
	cmd.Procedure.Steps = []deployer.Step{{ID: "act", Title: "Act", Uses: kind.Name, With: deployer.Values{"proceed": {Text: "tech-lead"}}}}
	cmd.Procedure.Rollback = nil
	o.Command = cmd
	d, err := f.engine.Do(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return f, d.ID
}

// tries counts the events that say that an effect is about to be tried.
func tries(t *testing.T, j *deployertest.Journal, id string) int {
	t.Helper()
	records, err := j.Trail(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range records {
		for _, e := range r.Events {
			if _, ok := e.(deployer.EffectTried); ok {
				n++
			}
		}
	}
	return n
}

// A proxy was down for half a minute, and one answer was lost: one intent made
// four builds. What can be found is looked for when it has had the time to show,
// and every try is in the record.
func TestFindableIsNotDoneTwiceAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, q := deployertest.NewJournal(), &queue{down: 7, shows: 20 * time.Second}
		f, id := queued(t, j, q, builds, nil)
		defer f.close()
		d := f.play(id)
		time.Sleep(time.Minute)
		if acts, taken := q.count(); d.Status != deployer.Complete || taken != 1 || acts != 8 || tries(t, j, id) != 8 {
			t.Errorf("%s after %d builds, %d calls and %d tries in the record", d.Status, taken, acts, tries(t, j, id))
		}
	})
}

// The time that it has to show counts from the end of the call, which is later
// than the try in the record.
func TestFindableIsNotDoneTwiceAfterASlowCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, q := deployertest.NewJournal(), &queue{takes: 25 * time.Second, shows: 20 * time.Second}
		f, id := queued(t, j, q, builds, nil)
		defer f.close()
		d := f.play(id)
		time.Sleep(time.Minute)
		if acts, taken := q.count(); d.Status != deployer.Complete || taken != 1 || acts != 1 {
			t.Errorf("%s after %d builds and %d calls", d.Status, taken, acts)
		}
	})
}

// Nor by a person who has it retried before it could show.
func TestFindableIsNotDoneTwiceByAnEarlyRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, q := deployertest.NewJournal(), &queue{panics: true, shows: 20 * time.Second}
		f, id := queued(t, j, q, builds, nil)
		defer f.close()
		f.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
		f.decide = deployer.Answer{Choice: deployer.ChoiceRetry}
		d := f.play(id)
		time.Sleep(time.Minute)
		if acts, taken := q.count(); d.Status != deployer.Complete || taken != 1 || acts != 1 {
			t.Errorf("%s after %d builds and %d calls", d.Status, taken, acts)
		}
	})
}

// Nor by a process that has just started: the time since the last try is that
// in the record.
func TestFindableIsNotDoneTwiceByTheNextProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, q := deployertest.NewJournal(), &queue{shows: 20 * time.Second}
		f, id := queued(t, j, q, builds, nil)
		for range 5 {
			time.Sleep(3 * time.Second)
			f.close()
			f, _ = newLogged(t, j, j, newCluster(), func(cfg *engine.Config) { cfg.Runners[builds.Name] = q })
		}
		defer f.close()
		d := f.play(id)
		if acts, taken := q.count(); d.Status != deployer.Complete || taken != 1 || acts != 1 {
			t.Errorf("%s after %d builds and %d calls", d.Status, taken, acts)
		}
	})
}

// What is to be done at most once is tried once, however that ends: then a
// person is asked. Only who retries it has it done again.
func TestAtMostOnceIsNeverTriedAgain(t *testing.T) {
	t.Parallel()
	for name, down := range map[string]int{"taken": 0, "not taken": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, q := deployertest.NewJournal(), &queue{down: down}
				f, id := queued(t, j, q, mails, nil)
				defer f.close()
				d := f.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
				time.Sleep(time.Hour)
				if acts, _ := q.count(); acts != 1 || d.Broken().Status != deployer.StepInterrupted || tries(t, j, id) != 1 {
					t.Errorf("%s after %d calls", d.Broken().Status, acts)
				}
				f.try(deployer.Order{Deployment: id, By: ana, Nonce: "retry", Command: deployer.Answer{Step: "act", Attempt: 1, Choice: deployer.ChoiceRetry}})
				f.until(id, func(d deployer.Deployment) bool {
					return d.Status == deployer.Deciding && d.Step("act").Attempt == 2
				})
				if acts, _ := q.count(); acts != 2 {
					t.Errorf("a person has it retried, and there were %d calls", acts)
				}
			})
		})
	}
}

// A process that dies between the try that it has written down and the answer
// leaves it to a person.
func TestAtMostOnceIsNotTriedByTheNextProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, q := deployertest.NewJournal(), &queue{}
		tried := false
		j.OnCommit(func(_ int, c deployer.Commit) (bool, error) {
			if tried {
				return false, deployertest.ErrDead
			}
			for _, e := range c.Events {
				_, is := e.(deployer.EffectTried)
				tried = tried || is
			}
			return true, nil
		})
		f, id := queued(t, j, q, mails, nil)
		time.Sleep(time.Second)
		f.close()
		j.OnCommit(nil)
		f, _ = newLogged(t, j, j, newCluster(), func(cfg *engine.Config) { cfg.Runners[mails.Name] = q })
		defer f.close()
		d := f.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
		if acts, _ := q.count(); acts != 1 || !strings.Contains(d.Why, "tried once") {
			t.Errorf("after %d calls: %s", acts, d.Why)
		}
	})
}

// A system that answers every look and takes nothing is waited for as long as
// one that does not answer; then a person is asked.
func TestSystemThatTakesNothingIsSaidToAPerson(t *testing.T) {
	t.Parallel()
	for _, repeat := range []deployer.Repeat{deployer.RepeatConditional, deployer.RepeatFindable} {
		t.Run(string(repeat), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kind := builds
				kind.Repeat = repeat
				f, id := queued(t, deployertest.NewJournal(), &queue{down: 1 << 20}, kind, func(cfg *engine.Config) { cfg.Patience = 5 * time.Minute })
				defer f.close()
				asked := time.Now()
				d := f.until(id, func(d deployer.Deployment) bool {
					return d.Status == deployer.Deciding || time.Since(asked) > 6*time.Minute
				})
				if d.Status != deployer.Deciding || d.Broken().Status != deployer.StepInterrupted || !strings.Contains(d.Why, "connection refused") {
					t.Errorf("after %s it is %s: %s", time.Since(asked), d.Status, d.Why)
				}
			})
		})
	}
}

// What a system asks half way is asked of a person, whose answer it is given,
// and what it leaves behind is in the record.
func TestGateOfASystemIsAnsweredByAPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gated{answered: make(chan struct{})}
		j := deployertest.NewJournal()
		f, id := queued(t, j, nil, builds, func(cfg *engine.Config) { cfg.Runners[builds.Name] = g })
		defer f.close()
		d := f.until(id, func(d deployer.Deployment) bool { _, _, open := d.Steps[0].GateOf(); return open })
		gate, item, _ := d.Steps[0].GateOf()
		proceed := deployer.Answer{Step: "act", Attempt: 1, Item: item, Choice: deployer.ChoiceProceed, Subject: gate.ID}
		if _, err := f.engine.Do(t.Context(), deployer.Order{Deployment: id, By: ana, Nonce: "ana", Command: proceed}); err == nil {
			t.Error("who holds no role answers it")
		}
		f.try(deployer.Order{Deployment: id, By: bob, Nonce: "bob", Command: proceed})
		d = f.play(id)
		if e := d.Effect("act"); d.Status != deployer.Complete || e.Outcome.Outputs["number"].Number != 7 || g.given != "proceed 1" {
			t.Errorf("%s: %+v; the system is told %q", d.Status, e.Outcome, g.given)
		}
	})
}

// A gated system asks whether to go on.
type gated struct {
	answered chan struct{}
	mu       sync.Mutex
	begun    bool
	given    string
}

func (g *gated) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if in.Verb == "" && g.begun || in.Verb != "" && g.given != "" {
		return deployer.Observation{Kind: deployer.ObservedPresent, Ref: "7"}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (g *gated) Act(_ context.Context, in deployer.Intent) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if in.Verb == "" {
		g.begun = true
		return "7", nil
	}
	g.given = in.Verb + " " + in.Gate
	close(g.answered)
	return "7", nil
}

func (g *gated) Follow(ctx context.Context, in deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	if in.Verb != "" {
		return deployer.Outcome{Result: deployer.OK}, nil
	}
	show(deployer.Progress{Gate: deployer.Gate{ID: "1", Asks: "Go on?"}})
	select {
	case <-g.answered:
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	}
	return deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{"number": {Number: 7}}}, nil
}
