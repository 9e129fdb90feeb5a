package engine_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A watchedVerify can tell whether what it has proven is still so.
type watchedVerify struct {
	verify
	mu      sync.Mutex
	looks   int // of Recheck
	broken  error
	note    string
	changed chan struct{} // closed when there is something to tell a watch
}

func (v *watchedVerify) Recheck(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome) (deployer.Outcome, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.looks++
	if v.broken != nil {
		return deployer.Outcome{}, v.broken
	}
	return v.Follow(ctx, in, ref, nil)
}

func (v *watchedVerify) Watch(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome, show func(deployer.Progress)) (deployer.Outcome, error) {
	show(deployer.Progress{Note: v.note})
	select {
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	case <-v.changed:
		return v.Follow(ctx, in, ref, nil)
	}
}

// puts somebody's hand on what runs.
func (c *cluster) puts(service, image string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.image[service] = image
}

// confirmedLast is the procedure with a person who looks after the proof.
func confirmedLast(wants ...string) deployer.Order {
	o := start(wants...)
	s := o.Command.(deployer.Start)
	s.Procedure.Kinds = []deployer.Kind{{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}}
	s.Procedure.Steps = append(s.Procedure.Steps, deployer.Step{ID: "look", Uses: "confirm", Needs: []string{"pods"}})
	o.Command = s
	return o
}

// A watchFixture has come to the question after the proof.
type watchFixture struct {
	*fixture
	v        *watchedVerify
	verifies deployer.Runner // nil: v
	id       string
}

func awaitLook(t *testing.T, note string) *watchFixture {
	j, c := deployertest.NewJournal(), newCluster()
	f := &watchFixture{v: &watchedVerify{verify: verify{c}, changed: make(chan struct{}), note: note}}
	f.fixture = &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
	f.again()
	f.comesTo(confirmedLast("web:v2"), "look")
	return f
}

// comesTo begins a deployment, and returns when a step of it has begun.
func (f *watchFixture) comesTo(o deployer.Order, step string) {
	d, err := f.engine.Do(f.t.Context(), o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.id = d.ID
	for f.load().Step(step).Status != deployer.Active {
		f.deliver(f.id)
		f.answer(*f.load())
		time.Sleep(time.Second)
		synctest.Wait()
	}
}

// breaks has the system answer with an error from now on; nil: it answers.
func (v *watchedVerify) breaks(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.broken = err
}

// again begins another process.
func (f *watchFixture) again() {
	runners := f.cluster.runners()
	runners["kubernetes.verify"] = f.v
	if f.verifies != nil {
		runners["kubernetes.verify"] = f.verifies
	}
	f.engine = engine.New(engine.Config{Journal: f.journal, Resolver: f.cluster, Runners: runners, People: people{}, Patience: time.Minute})
	f.run(f.t)
}

func (f *watchFixture) load() *deployer.Deployment {
	d, err := f.journal.Load(f.t.Context(), f.id)
	if err != nil {
		f.t.Fatal(err)
	}
	return &d
}

func (f *watchFixture) done() {
	f.try(deployer.Order{Deployment: f.id, By: ana, Nonce: "done", Command: deployer.Answer{Step: "look", Attempt: 1, Choice: deployer.ChoiceDone}})
}

// The version was put back by hand while a confirmation waited, and then "complete"
// was said.
func TestAProofIsLookedAtOnceMoreBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]deployer.Status{"v2": deployer.Complete, "v1": deployer.Deciding} {
		synctest.Test(t, func(t *testing.T) {
			f := awaitLook(t, "")
			defer f.close()
			f.cluster.puts("web", image)
			f.done()
			synctest.Wait()
			if d := f.load(); d.Status != want || f.v.looks != 1 {
				t.Errorf("web runs %s, and it is %s after %d looks: %s", image, d.Status, f.v.looks, d.Why)
			}
		})
	}
}

// The same where the process dies right after the answer, or before it.
func TestAProofIsLookedAtOnceMoreAfterACrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := awaitLook(t, "")
		f.v.breaks(errors.New("no answer"))
		f.done()
		synctest.Wait()
		f.close()
		if d := f.load(); d.Status != deployer.Running || d.Step("look").Status != deployer.Done {
			t.Fatalf("it is %s", d.Status)
		}
		f.v.breaks(nil)
		f.cluster.puts("web", "v1")
		f.again()
		defer f.close()
		time.Sleep(time.Second)
		if d := f.load(); d.Status != deployer.Deciding {
			t.Errorf("it is %s", d.Status)
		}
	})
}

// While it waits, what passes by itself is shown, and what does not is told.
func TestTheWaitingCardShowsWhatComesOfAProof(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := awaitLook(t, "1 of 3 pods is not ready")
		defer f.close()
		if p := f.engine.Progress(f.id)["pods/web"]; p.Note != f.v.note {
			t.Errorf("shown is %+v", p)
		}
		f.cluster.puts("web", "v1")
		close(f.v.changed)
		synctest.Wait()
		if d := f.load(); d.Status != deployer.Deciding || d.Why != "it runs v1" {
			t.Errorf("it is %s: %s", d.Status, d.Why)
		}
	})
}

// Where the system does not answer, a person is asked in the end.
func TestAProofThatCanNotBeToldAsksAPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := awaitLook(t, "")
		defer f.close()
		f.v.breaks(errors.New("no answer"))
		f.done()
		time.Sleep(30 * time.Second)
		if d := f.load(); d.Status != deployer.Running {
			t.Errorf("after 30 s it is %s", d.Status)
		}
		time.Sleep(2 * time.Minute)
		if d := f.load(); d.Status != deployer.Deciding || d.Step("pods").Status != deployer.StepInterrupted {
			t.Errorf("in the end it is %s: %s", d.Status, d.Why)
		}
	})
}

// A runner that can't watch is asked anew.
func TestAProofOfARunnerThatCanNotWatchIsMadeAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		d, err := f.engine.Do(t.Context(), confirmedLast("web:v2"))
		if err != nil {
			t.Fatal(err)
		}
		if d = f.play(d.ID); d.Status != deployer.Complete {
			t.Errorf("it is %s", d.Status)
		}
	})
}

// A slowVerify takes its time, also after it is over: the last look goes on.
type slowVerify struct{ *watchedVerify }

func (slowVerify) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	time.Sleep(5 * time.Second)
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (v slowVerify) Follow(ctx context.Context, in deployer.Intent, ref string, show func(deployer.Progress)) (deployer.Outcome, error) {
	time.Sleep(32 * time.Second)
	return v.watchedVerify.Follow(ctx, in, ref, show)
}

// What was shown of the proof went with the end of the effect that had proven it.
func TestTheEndOfAProofTakesNothingFromItsWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := &watchFixture{v: &watchedVerify{verify: verify{c}, changed: make(chan struct{}), note: "1 of 3 pods is not ready"}}
		f.fixture = &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		f.verifies = slowVerify{f.v}
		f.again()
		defer f.close()
		f.comesTo(confirmedLast("web:v2"), "look")
		time.Sleep(10 * time.Second)
		if p := f.engine.Progress(f.id)["pods/web"]; p.Note != f.v.note {
			t.Errorf("shown is %+v", p)
		}
	})
}

// A silentVerify looks from the beginning, and waits for as long as its system is gone.
type silentVerify struct {
	verify
	gone atomic.Bool
}

func (v *silentVerify) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	if v.gone.Load() {
		return deployer.Observation{}, errors.New("no answer")
	}
	return v.verify.Look(ctx, in)
}

func (v *silentVerify) Follow(ctx context.Context, in deployer.Intent, ref string, show func(deployer.Progress)) (deployer.Outcome, error) {
	if v.gone.Load() {
		<-ctx.Done()
		return deployer.Outcome{}, ctx.Err()
	}
	return v.verify.Follow(ctx, in, ref, show)
}

// Of a system that is gone a runner may say nothing for ever: a person is asked.
func TestAProofOfASystemThatIsSilentAsksAPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f, v := &watchFixture{}, &silentVerify{verify: verify{c}}
		f.fixture = &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		f.verifies = v
		f.again()
		defer f.close()
		f.comesTo(confirmedLast("web:v2"), "look")
		v.gone.Store(true)
		f.done()
		time.Sleep(10 * time.Minute)
		if d := f.load(); d.Status != deployer.Deciding || d.Step("pods").Status != deployer.StepInterrupted {
			t.Errorf("after 10 min it is %s: %s", d.Status, d.Why)
		}
	})
}
