package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/drill"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

var (
	ana = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob = deployer.Actor{ID: "UBOB", Name: "Bob"}
)

// leads is who holds the role that decides.
type leads struct{}

func (leads) Who(_ context.Context, id string) (deployer.Person, error) {
	if id == bob.ID {
		return deployer.Person{Roles: []string{"tech-lead"}}, nil
	}
	return deployer.Person{}, nil
}

// Resolve finds that all runs already, and that nothing is known to have run well before.
func (leads) Resolve(_ context.Context, d deployer.Deployment) ([]deployer.Target, error) {
	var out []deployer.Target
	for _, r := range d.Releases {
		s := deployer.State{Version: r.Tag, Image: r.Service + ":" + r.Tag}
		out = append(out, deployer.Target{Service: r.Service, Runner: "kubernetes", Before: s, After: s, Live: true, Pauses: true, Good: deployer.Good{How: deployer.EvidenceNone}})
	}
	return out, nil
}

// untouchable is a system that nobody may look at or touch.
type untouchable struct{ t *testing.T }

func (u untouchable) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	u.t.Errorf("the system of %s was looked at", in.Step)
	return deployer.Observation{}, errors.New("looked at")
}

func (u untouchable) Act(_ context.Context, in deployer.Intent) (string, error) {
	u.t.Errorf("the system of %s was touched", in.Step)
	return "", errors.New("touched")
}

func (u untouchable) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{}, errors.New("followed")
}

// never is a language in which nothing is so.
type never struct{}

func (never) Compute(string, deployer.ParamType, deployer.Moment) (deployer.Value, error) {
	return deployer.Value{}, nil
}

func (never) With(at deployer.Moment) (deployer.Values, error) {
	with := at.Deployment.Step(at.Step).With
	if at.Step == "check" {
		with = deployer.Values{"that": {Text: "1 == 2"}}
	}
	return with, nil
}

func (never) Words(string, deployer.Moment) (map[string]string, error) { return nil, nil }

// kinds have all the ways in which a repeat is made harmless, and outputs of all types.
func kinds() []deployer.Kind {
	var out []deployer.Kind
	for _, r := range []deployer.Repeat{deployer.RepeatReads, deployer.RepeatConditional, deployer.RepeatDeduplicated, deployer.RepeatFindable, deployer.RepeatAtMostOnce} {
		out = append(out, deployer.Kind{
			Name: "system." + string(r), Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: r, Mutates: r != deployer.RepeatReads, Fails: []string{"broken", "lost"},
			Params: []deployer.Param{{Name: "outputs", Type: deployer.TypeOutputs}},
			Outputs: []deployer.Param{
				{Name: "text", Type: deployer.TypeText}, {Name: "state", Type: deployer.TypeText, Options: []string{"open", "closed"}}, {Name: "number", Type: deployer.TypeNumber},
				{Name: "flag", Type: deployer.TypeFlag}, {Name: "at", Type: deployer.TypeTime}, {Name: "list", Type: deployer.TypeList},
			},
		})
	}
	return out
}

// start is a drill in which some steps fail.
func start(fail ...string) deployer.Start {
	p := deployer.Procedure{ID: "p", SHA: "sha", Title: "P", Kinds: kinds(), Failure: deployer.Failure{Decide: "tech-lead"}}
	var before []string
	add := func(s deployer.Step) {
		s.Title, s.Needs = s.ID, before
		p.Steps, before = append(p.Steps, s), []string{s.ID}
	}
	for _, k := range kinds() {
		add(deployer.Step{ID: strings.TrimPrefix(k.Name, "system."), Uses: k.Name, Estimate: time.Hour, With: deployer.Values{"outputs": {Texts: map[string]string{"found": "x"}}}})
	}
	add(deployer.Step{ID: "approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}})
	add(deployer.Step{ID: "rollout", Uses: deployer.KindRollout})
	add(deployer.Step{ID: "check", Uses: deployer.KindCheck, With: deployer.Values{"that": {Text: "1 == 2"}}})
	p.Rollback = []deployer.Step{{ID: "back", Title: "back", Uses: deployer.KindRollout}}
	return deployer.Start{
		Origin: "trigger", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"deploys": "C1"},
		Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Drill: deployer.Drill{On: true, Fail: fail},
	}
}

// A rehearsal is an engine on a journal, with systems that nobody may touch.
type rehearsal struct {
	t       *testing.T
	journal *deployertest.Journal
	engine  *engine.Engine
	stop    func()
}

func begin(t *testing.T, j *deployertest.Journal) *rehearsal {
	runners := map[string]deployer.Runner{deployer.DrillRunner: drill.Runner{Load: j.Load}, "kubernetes.rollout": untouchable{t}, "pause": untouchable{t}, "kubernetes.pause": untouchable{t}}
	for _, k := range kinds() {
		runners[k.Name] = untouchable{t}
	}
	r := &rehearsal{t: t, journal: j, engine: engine.New(engine.Config{
		Journal: j, Resolver: leads{}, People: leads{}, Runners: runners, Language: never{}, Hold: func() string { return "Slack is away." },
		Rules: func(deployer.Deployment, time.Time) []deployer.Verdict {
			return []deployer.Verdict{{Rule: "freeze", Is: deployer.WindowRefuse, Why: "It is frozen."}}
		},
	})}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- r.engine.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}
	synctest.Wait()
	return r
}

func (r *rehearsal) load(id string) deployer.Deployment {
	r.t.Helper()
	d, err := r.journal.Load(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// until waits until something is so of the deployment, and has it approved meanwhile.
func (r *rehearsal) until(id, what string, so func(deployer.Deployment) bool) deployer.Deployment {
	r.t.Helper()
	for range 300 {
		d := r.load(id)
		if so(d) {
			return d
		}
		if s := d.Step("approve"); s.Status == deployer.Active {
			r.gives(bob, d, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove})
		}
		time.Sleep(time.Second)
	}
	d := r.load(id)
	r.t.Fatalf("it is not so that %s: it is %s, at %+v", what, d.Status, d.Current())
	return d
}

func (r *rehearsal) gives(by deployer.Actor, d deployer.Deployment, a deployer.Answer) {
	r.t.Helper()
	if _, err := r.engine.Do(r.t.Context(), deployer.Order{Deployment: d.ID, By: by, Nonce: fmt.Sprint(a.Choice, a.Step, a.Attempt, d.Seq), Command: a}); err != nil {
		r.t.Fatal(err)
	}
}

// Whatever system a step has: in a drill it is not asked. What would hold a deployment holds
// none, what runs already is rehearsed all the same, and a process that dies in the middle
// costs nothing.
func TestDrillAsksNoSystemAndIsHeldByNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		lock := deployer.Lock{By: bob, Reason: "incident", At: time.Now(), Until: time.Now().Add(time.Hour), Origin: "x"}
		if err := j.SetLocks(t.Context(), deployer.Locks{Site: start().Site, All: []deployer.Lock{lock}}, deployer.Message{}); err != nil {
			t.Fatal(err)
		}
		r := begin(t, j)
		d, err := r.engine.Do(t.Context(), deployer.Order{By: ana, Nonce: "n", Command: start()})
		if err != nil {
			t.Fatal(err)
		}
		acted := func(step string) func(deployer.Deployment) bool {
			return func(d deployer.Deployment) bool {
				e := d.Effect(step)
				return e != nil && e.Stage == deployer.Acted
			}
		}
		r.until(d.ID, "a step is under way", acted("findable"))
		began := time.Now()
		r.stop()
		r = begin(t, j)
		d = r.until(d.ID, "it has ended", func(d deployer.Deployment) bool { return d.Status.Ended() })
		r.stop()
		if d.Status != deployer.Complete || time.Since(began) > time.Minute {
			t.Errorf("after %s it is %s: %s", time.Since(began), d.Status, d.Why)
		}
		out := d.Effect("reads").Outcome.Outputs
		if v := out["text"]; v.Text != "drill" || out["state"].Text != "open" || out["number"].Number != 0 || !out["flag"].Flag || out["at"].Time.IsZero() || out["found"].Text != "drill" {
			t.Errorf("it leaves %+v behind", out)
		}
		for _, s := range d.Steps {
			for _, e := range s.Effects {
				if e.Runner != deployer.DrillRunner || e.Outcome.Result != deployer.OK || len(e.Sent) > 0 {
					t.Errorf("%s was done by %s, and is %s", e.Key, e.Runner, e.Outcome.Result)
				}
			}
		}
		if readout.RanWell(d, "web") != nil {
			t.Error("it counts as having run well")
		}
	})
}

// A step that is to fail does, as its kind fails first, until a person has it tried again;
// the way back is rehearsed as well, although nothing is known to go back to.
func TestStepFailsInADrillUntilItIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"reads", "at-most-once", "rollout", "check"} {
		synctest.Test(t, func(t *testing.T) {
			r := begin(t, deployertest.NewJournal())
			defer r.stop()
			s := start(step)
			s.Procedure.Steps[0].Retries = deployer.Retries{Times: 2, Every: time.Second}
			d, err := r.engine.Do(t.Context(), deployer.Order{By: ana, Nonce: "n", Command: s})
			if err != nil {
				t.Fatal(err)
			}
			failed := func(d deployer.Deployment) bool { return d.Status == deployer.Deciding }
			d = r.until(d.ID, "it has failed", failed)
			is := d.Step(step)
			if is.Status != deployer.StepFailed || !strings.Contains(is.Why, deployer.DrillFails) {
				t.Fatalf("%s is %s: %s", step, is.Status, is.Why)
			}
			if want := map[string]string{"reads": "broken", "rollout": "crash-loop"}[step]; want != "" && is.Fault != want {
				t.Errorf("%s failed as %q", step, is.Fault)
			}
			r.gives(bob, d, deployer.Answer{Step: step, Attempt: is.Attempt, Choice: deployer.ChoiceRetry})
			r.until(d.ID, "it is complete", func(d deployer.Deployment) bool { return d.Status == deployer.Complete })
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := begin(t, deployertest.NewJournal())
		defer r.stop()
		d, err := r.engine.Do(t.Context(), deployer.Order{By: ana, Nonce: "n", Command: start("rollout", "back")})
		if err != nil {
			t.Fatal(err)
		}
		d = r.until(d.ID, "it has failed", func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
		r.gives(bob, d, deployer.Answer{Choice: deployer.ChoiceRollBack, Comment: "it is ill"})
		d = r.until(d.ID, "the way back has failed", func(d deployer.Deployment) bool {
			return d.Status == deployer.Deciding && d.Part == deployer.PartRollback
		})
		r.gives(bob, d, deployer.Answer{Step: "back", Attempt: d.Step("back").Attempt, Choice: deployer.ChoiceRetry})
		d = r.until(d.ID, "it is rolled back", func(d deployer.Deployment) bool { return d.Status == deployer.RolledBack })
		if !slices.Equal(d.RollbackServices, []string{"web"}) {
			t.Errorf("rolled back are %v", d.RollbackServices)
		}
	})
}

// Only one drill of a service is under way at a site, and a deployment begins beside it.
func TestDrillHoldsAPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := begin(t, deployertest.NewJournal())
		defer r.stop()
		give := func(origin string, on bool) error {
			s := start()
			s.Origin, s.Drill.On = origin, on
			_, err := r.engine.Do(t.Context(), deployer.Order{By: ana, Nonce: origin, Command: s})
			return err
		}
		if err := give("a drill", true); err != nil {
			t.Fatal(err)
		}
		if r, ok := errors.AsType[*deployer.Refusal](give("another", true)); !ok || r.Taken == nil || r.Taken.Service != "web" {
			t.Errorf("another drill is answered with %v", r)
		}
		if err := give("a deployment", false); err != nil {
			t.Errorf("a deployment beside it is answered with %v", err)
		}
		if r, ok := errors.AsType[*deployer.Refusal](give("another deployment", false)); !ok || r.Taken == nil {
			t.Errorf("another deployment is answered with %v", r)
		}
	})
}
