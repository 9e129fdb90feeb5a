package crash

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"github.com/stationmaster/stationmaster/deployer/locking"
	"github.com/stationmaster/stationmaster/store"
)

var (
	ana = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob = deployer.Actor{ID: "UBOB", Name: "Bob"}
	eva = deployer.Actor{ID: "UEVA", Name: "Eva"}
)

func step(id, uses string, with deployer.Values, needs ...string) deployer.Step {
	return deployer.Step{ID: id, Title: id, Uses: uses, With: with, Needs: needs}
}

func announce(id, needs string) deployer.Step {
	return step(id, deployer.KindAnnounce, deployer.Values{"message": {Text: id}, "to": {List: []string{"deploys", "change"}}}, needs)
}

// start is a deployment with an effect of every class of repeat.
func start() deployer.Order {
	lock := step("lock", "lock", deployer.Values{"for": {Duration: time.Hour}, "reason": {Text: "r"}}, "ready")
	rollout := step("rollout", deployer.KindRollout, nil, "starting")
	rollout.Timeout = time.Hour
	soak := step("soak", deployer.KindWait, deployer.Values{"for": {Duration: time.Millisecond}}, "smoke")
	soak.When = holds
	never := step("never", deployer.KindConfirm, nil, "rollout")
	never.When, never.Else = "something else", "It is not needed."
	mail := step("mail", mails.Name, nil, "pods")
	mail.Each = []string{"a@example", "b/c@example"}
	watch := step("watch", verifies.Name, nil) // twice, once the places are free
	watch.Every, watch.Lasts = 2*time.Millisecond, 4*time.Millisecond
	return deployer.Order{By: ana, Nonce: "trigger", Command: deployer.Start{
		Origin: "trigger", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"deploys": "C1", "change": "C2"},
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v2"}},
		Procedure: deployer.Procedure{
			ID: "p", SHA: "sha", Title: "P", Messages: map[string]string{"starting": "{what}", "complete": "{what}"}, Kinds: append(locking.Kinds(), verifies, builds, mails, flaky),
			Steps: []deployer.Step{
				step("ready", deployer.KindConfirm, nil), lock,
				step("approve", deployer.KindApprove, deployer.Values{"role": {Text: "tech-lead"}}, "lock"),
				announce("starting", "approve"), rollout, step("smoke", flaky.Name, nil, "rollout"), soak, never,
				step("pods", verifies.Name, nil, "soak", "never"),
				step("build", builds.Name, deployer.Values{"proceed": {Text: "tech-lead"}}, "pods"), mail,
				step("run", deployer.KindRun, deployer.Values{"procedure": {Text: "db"}}, "pods"),
				step("flaky", flaky.Name, nil, "run", "mail", "build"),
				step("look", deployer.KindConfirm, nil, "flaky"), // rests on the proof, which is looked at once more
				announce("complete", "look"),
			},
			After: []deployer.Step{watch},
		},
	}}
}

// next is a deployment that waits until the place of the first one is free.
func next() deployer.Order {
	return deployer.Order{By: ana, Nonce: "next", Command: deployer.Start{
		Origin: "next", Wait: true, Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"deploys": "C1"},
		Releases: []deployer.Release{{Service: "web", Tag: "v4"}},
		Procedure: deployer.Procedure{
			ID: "q", SHA: "sha", Title: "Q", Steps: []deployer.Step{step("ready", deployer.KindConfirm, nil), step("rollout", deployer.KindRollout, nil, "ready")},
		},
	}}
}

// rehearsal is a drill of a part of that: it leaves nothing in the world but its card and
// what it announces.
func rehearsal() deployer.Order {
	steps := []deployer.Step{
		step("ready", deployer.KindConfirm, nil), step("build", builds.Name, nil, "ready"), step("mail", mails.Name, nil, "build"),
		step("rollout", deployer.KindRollout, nil, "mail"), step("pods", verifies.Name, nil, "rollout"), announce("complete", "pods"),
	}
	steps[2].Each = []string{"a@example"}
	for i := range steps {
		steps[i].Estimate = time.Millisecond
	}
	o := start()
	s := o.Command.(deployer.Start)
	s.Origin, s.Drill.On, s.Procedure.Steps, s.Procedure.After = "drill", true, steps, nil
	o.Nonce, o.Command = "drill", s
	return o
}

// launch makes the start of the child.
func (f *fixture) launch(_ context.Context, in deployer.Intent) (deployer.Start, error) {
	return deployer.Start{
		Site: in.Site, Channels: map[string]string{"deploys": "C1"}, Releases: []deployer.Release{{Service: "db", Tag: "v2"}},
		Procedure: deployer.Procedure{
			ID: in.With["procedure"].Text, SHA: "sha", Title: "DB",
			Steps: []deployer.Step{step("ready", deployer.KindConfirm, nil), step("rollout", deployer.KindRollout, nil, "ready")},
		},
	}, nil
}

// A script is what people do, with the nonce that the same click would have.
type script struct {
	dir string
	s   *store.Store
	e   *engine.Engine
}

// play does what is asked of anybody now.
func (p *script) play(ctx context.Context) error {
	live, err := p.s.Live(ctx)
	if err != nil {
		return err
	}
	for _, id := range live {
		d, err := p.s.Load(ctx, id)
		if err == nil {
			err = errors.Join(p.lock(ctx, d), p.takeOver(ctx, d), answer(ctx, p.e, d), p.decide(ctx, d))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// incident is the command that locks everything.
const incident = "incident"

// lock locks everything before the approval, and lifts that when it has held
// what was to begin. Until then nothing was changed.
func (p *script) lock(ctx context.Context, d deployer.Deployment) error {
	a, r := d.Step("approve"), d.Step("rollout")
	switch {
	case a == nil:
	case a.Status == deployer.Active && !exists(p.dir+"/locked"):
		now := time.Now()
		l := deployer.Lock{By: bob, Reason: "incident", At: now, Until: now.Add(time.Hour), Origin: incident}
		if err := refused(p.e.Lock(ctx, d.Site.Name, d.Site.Environment, l, "C1")); err != nil {
			return err
		}
		return appendLine(p.dir, "locked", "before the approval")
	case r.Held.Why != "":
		changed := lines(p.dir, "cluster")
		locks, err := p.s.Locks(ctx, d.Site.Name, d.Site.Environment)
		if err != nil || !slices.ContainsFunc(locks.InForce(time.Now()), func(l deployer.Lock) bool { return l.Origin == incident }) {
			return err
		}
		if len(changed) > 0 {
			return fmt.Errorf("under a lock the cluster was changed: %v", changed)
		}
		return errors.Join(once(p.dir, "held", "until it was lifted"), refused(p.e.Unlock(ctx, d.Site.Name, d.Site.Environment, "", bob, "C1")))
	}
	return nil
}

// takeOver takes over before the approval, and hands back when all that comes then waits
// for it.
func (p *script) takeOver(ctx context.Context, d deployer.Deployment) error {
	approve, o := d.Step("approve"), deployer.Order{Deployment: d.ID, By: ana}
	switch {
	case approve == nil:
		return nil
	case approve.Status == deployer.Active && d.Taken.By.ID == "":
		o.Nonce, o.Command = "take over", deployer.Answer{Choice: deployer.ChoiceTakeOver}
	case !deployer.TakenOver(d) || !approve.Over():
		return nil
	default:
		if told := d.Step("starting"); told.Status != deployer.Pending || len(d.Step("rollout").Effects) > 0 {
			return fmt.Errorf("somebody has taken over, and it is told: %s", told.Status)
		}
		if err := once(p.dir, "taken", "until it was handed back"); err != nil {
			return err
		}
		o.Nonce, o.Command = "hand back", deployer.Answer{Choice: deployer.ChoiceHandBack}
	}
	_, err := p.e.Do(ctx, o)
	return refused(err)
}

// answer presses what is shown.
func answer(ctx context.Context, e *engine.Engine, d deployer.Deployment) error {
	for _, s := range d.Current() {
		o := deployer.Order{Deployment: d.ID, By: bob, Nonce: fmt.Sprint(s.ID, s.Attempt)}
		gate, item, gated := s.GateOf()
		switch {
		case s.Confirms() && s.Status == deployer.Active:
			o.Command = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceDone, Values: ticked(s)}
			if s.Role() == "" {
				o.By = ana
			}
		case s.Approves() && s.Status == deployer.Active:
			if s.Attempt > 1 { // who has approved a moment ago means the question of before
				o.By = eva
			}
			o.Command = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}
		case gated:
			o.Nonce += gate.ID
			o.Command = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Item: item, Choice: deployer.ChoiceProceed, Subject: gate.ID}
		default:
			continue
		}
		if _, err := e.Do(ctx, o); refused(err) != nil {
			return err
		}
	}
	return nil
}

// triesMax bounds how often somebody has mails sent again. A process that dies
// whenever it has written down that it is about to never sends them.
const triesMax = 3

// decide says what becomes of mails of which nobody knows whether they were
// sent: somebody looks, and has those sent that were not, or sends them by hand.
func (p *script) decide(ctx context.Context, d deployer.Deployment) error {
	b := d.Broken()
	if b == nil || !slices.Contains(d.Options(), deployer.ChoiceRetry) {
		return nil
	}
	if b.ID == "smoke" && b.Attempt == 1 { // another version takes over, and all is asked and done anew
		a := deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoicePatch, Values: map[string]string{"web": "v3"}, Comment: "it mends that"}
		_, err := p.e.Do(ctx, deployer.Order{Deployment: d.ID, By: ana, Nonce: fmt.Sprint("decide ", b.ID, b.Attempt), Command: a})
		return refused(err)
	}
	if b.Uses == flaky.Name {
		_, err := p.e.Do(ctx, deployer.Order{Deployment: d.ID, By: ana, Nonce: fmt.Sprint("decide ", b.ID, b.Attempt), Command: deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry}})
		return refused(err)
	}
	if b.Uses != mails.Name || b.Status != deployer.StepInterrupted {
		return fmt.Errorf("%s is %s: %s", b.ID, b.Status, b.Why)
	}
	a := deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceSkip, Comment: "all were sent"}
	for _, member := range b.Each {
		switch sent := slices.ContainsFunc(lines(p.dir, "mails"), func(l string) bool { return strings.HasPrefix(l, member+" ") }); {
		case sent:
		case b.Attempt < triesMax:
			a.Choice, a.Comment = deployer.ChoiceRetry, ""
		default:
			if err := once(p.dir, "mails", member+" by hand"); err != nil {
				return err
			}
		}
	}
	_, err := p.e.Do(ctx, deployer.Order{Deployment: d.ID, By: ana, Nonce: fmt.Sprint("decide ", b.ID, b.Attempt), Command: a})
	return refused(err)
}

// refused drops a refusal: the world moves meanwhile.
func refused(err error) error {
	if _, ok := errors.AsType[*deployer.Refusal](err); ok {
		return nil
	}
	return err
}

// report writes down what the record says at the end.
func report(ctx context.Context, dir string, s *store.Store) error {
	for _, id := range []string{"tangerine-1", "tangerine-2", "tangerine-3", "tangerine-4"} {
		d, err := s.Load(ctx, id)
		if err != nil {
			return err
		}
		for _, p := range d.Problems {
			if err := once(dir, "problems", fmt.Sprint(id, " ", p.Key(), " ", p.Step, " ", p.Fails, " ", p.Ended > 0, " ", p.Post.TS != "")); err != nil {
				return err
			}
		}
		for _, step := range d.Steps {
			line := fmt.Sprint(id, " ", step.ID, " ", step.Status)
			for _, e := range step.Effects {
				if e.Aged {
					line += " rests on what was found before the last answer"
				}
				if out := e.Outcome.Outputs; len(out) > 0 {
					line += fmt.Sprintf(" number=%d id=%s outcome=%s", out["number"].Number, out["id"].Text, out["outcome"].Text)
				}
			}
			if err := once(dir, "report", line); err != nil {
				return err
			}
		}
	}
	return nil
}
