package deployer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

var pages = deployer.Kind{Name: "page.send", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatDeduplicated}

// The steps of a failure are done once for each, beside the decision, and what becomes
// of them changes nothing.
func TestFailureStepsAreDoneOnceForEachFailure(t *testing.T) {
	t.Parallel()
	w := checking(t, func(p *deployer.Procedure) {
		p.Kinds = append(p.Kinds, pages)
		p.Steps = slices.Insert(p.Steps, 3, deployer.Step{ID: "health", Title: "Health", Uses: proves.Name, Needs: []string{"rollout"}})
		p.Failure.Steps = []deployer.Step{
			{ID: "page", Title: "On-call is paged", Uses: pages.Name},
			{ID: "tell", Title: "Everybody is told", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "failed"}, "to": {List: []string{"deploys"}}}},
		}
	})
	w.well("rollout/web")
	if s := w.d.Step("page"); s.Status != deployer.Pending || len(w.d.Failures) > 0 {
		t.Fatalf("before any failure: %+v", s)
	}
	w.does(deployer.Actor{}, deployer.Intend{Key: "health/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	w.badly("pods/web")
	w.wants("page", deployer.Active, deployer.Deciding)
	if f := deployer.FailureOf(w.d, "page"); f != (deployer.FailedStep{Step: "pods", Why: "it crashes", Kind: "crash-loop"}) {
		t.Errorf("it is for %+v", f)
	}
	first := deployer.Next(w.d, w.now).Effects
	w.does(deployer.Actor{}, deployer.Settle{Key: "health/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it is red"}}) // while the first is being told
	if f, last := deployer.FailureOf(w.d, "page"), deployer.FailureOf(w.d, ""); f.Step != "pods" || last.Step != "health" {
		t.Errorf("it is for %+v, the last is %+v", f, last)
	}
	if !slices.Contains(w.d.Options(), deployer.ChoiceRetry) {
		t.Errorf("while it is paged, the options are %v", w.d.Options())
	}
	w.badly("page")
	if s := w.d.Step("page"); s.Status != deployer.StepFailed || !s.Over() || w.d.Status != deployer.Deciding || len(w.d.Failures) != 2 {
		t.Errorf("a page that fails: %+v, %s", s, w.d.Status)
	}
	refused(t, w.d, ana, deployer.Answer{Step: "page", Attempt: 1, Choice: deployer.ChoiceRetry}, "nothing to decide")
	w.posts()
	w.wants("page", deployer.Active, deployer.Deciding) // for the second
	if f := deployer.FailureOf(w.d, "page"); f.Step != "health" || f.Why != "it is red" || len(w.d.Failures) != 1 {
		t.Errorf("it is for %+v", f)
	}
	again := deployer.Next(w.d, w.now).Effects
	mark := func(all []deployer.Wanted) string {
		i := slices.IndexFunc(all, func(w deployer.Wanted) bool { return w.Key == "page" })
		return all[i].Intent.Mark
	}
	if a, b := mark(first), mark(again); a == b || deployer.DeploymentOfMark(b) != "tangerine-1" {
		t.Errorf("the second page has the mark %q, the first %q", b, a)
	}
	w.posts()
	if n := noteKinds(w.told, "failed"); n != 4 { // two in words of the core, two announced
		t.Errorf("told are %d", n)
	}
	w.does(ana, deployer.Answer{Step: "pods", Attempt: 1, Choice: deployer.ChoiceRetry}) // does not touch the page
	w.wants("page", deployer.Active, deployer.Running)
	w.well("pods/web")
	w.well("health/web")
	w.confirms()
	if w.d.Status != deployer.Complete || !deployer.Lives(w.d) {
		t.Fatalf("it is %s, and lives: %t", w.d.Status, deployer.Lives(w.d))
	}
	w.well("page")
	if deployer.Lives(w.d) || w.d.Wakeup() != (deployer.Wakeup{}) {
		t.Errorf("it lives, %+v", w.d.Step("page"))
	}
}

// duties is a deployment with a duty in the background and steps after its end, that
// has come to its last step.
func duties(t *testing.T, change func(*deployer.Procedure)) *play {
	t.Helper()
	w := checking(t, func(p *deployer.Procedure) {
		p.Kinds = append(p.Kinds, pages)
		p.Steps = slices.Insert(p.Steps, 2, deployer.Step{ID: "duty", Title: "Change control is told", Uses: deployer.KindConfirm, Background: true, Needs: []string{"rollout"}})
		p.Steps[3].Needs = []string{"rollout", "duty"}
		p.Failure.Steps = []deployer.Step{{ID: "page", Title: "On-call is paged", Uses: pages.Name}}
		p.After = []deployer.Step{
			{ID: "review", Title: "It is reviewed", Uses: deployer.KindConfirm, In: 48 * time.Hour},
			{ID: "watch", Title: "No alert", Uses: proves.Name, Every: 15 * time.Minute, Lasts: time.Hour},
		}
		if change != nil {
			change(p)
		}
	})
	w.well("rollout/web")
	return w
}

func (w *play) completes() {
	w.t.Helper()
	w.well("pods/web")
	w.confirms()
	if w.d.Status != deployer.Complete {
		w.t.Fatalf("it is %s: %+v", w.d.Status, w.d.Current())
	}
}

// confirms has the last step confirmed, and what was proven looked at once more.
func (w *play) confirms() {
	w.t.Helper()
	w.does(ana, deployer.Answer{Step: "done", Attempt: 1, Choice: deployer.ChoiceDone})
	for _, watch := range deployer.Next(w.d, w.now).Watches {
		w.does(deployer.Actor{}, deployer.Recheck{Key: watch.Key, Outcome: deployer.Outcome{Result: deployer.OK}})
	}
}

func (w *play) freed() (n int) {
	for _, e := range w.events {
		if _, ok := e.(deployer.PlacesFreed); ok {
			n++
		}
	}
	return n
}

// The end waits for no duty; the places are free by then, and what is due goes on.
func TestDeploymentLivesOnAfterItsEnd(t *testing.T) {
	t.Parallel()
	w := duties(t, nil)
	if s := w.d.Step("watch"); s.Status != deployer.Pending || !deployer.DueAt(w.d, *s).IsZero() {
		t.Errorf("before the end: %+v", s)
	}
	w.completes()
	end := w.now
	if !deployer.Lives(w.d) || w.freed() != 1 || w.d.Ended != end || w.d.Step("duty").Status != deployer.Active {
		t.Fatalf("it lives: %t; places were freed %d times", deployer.Lives(w.d), w.freed())
	}
	if wake := w.d.Wakeup(); wake.Now || wake.At != end.Add(15*time.Minute) {
		t.Errorf("it wakes at %+v", wake)
	}
	w.does(ana, deployer.Answer{Step: "duty", Attempt: 1, Choice: deployer.ChoiceDone})
	told := len(w.notes())
	for n := range 4 { // after 15, 30, 45 and 60 minutes
		w.later(end.Add(time.Duration(n+1) * 15 * time.Minute).Sub(w.now))
		w.wants("watch", deployer.Active, deployer.Complete)
		w.well("watch/web")
	}
	if notes := w.notes()[told:]; !slices.Equal(notes, []deployer.NoteKind{deployer.NoteStepDone}) {
		t.Errorf("while all is well it says %v", notes)
	}
	w.wants("watch", deployer.Done, deployer.Complete)
	w.later(47 * time.Hour)
	w.wants("review", deployer.Active, deployer.Complete)
	w.does(ana, deployer.Answer{Step: "review", Attempt: 1, Choice: deployer.ChoiceDone})
	if deployer.Lives(w.d) || w.d.Ended != end || w.freed() != 1 {
		t.Errorf("it lives on: %+v", w.d.Current())
	}
	refused(t, w.d, ana, deployer.Answer{Choice: deployer.ChoiceStop}, "has ended")
}

// What was not looked at while no process ran is looked at once, and then in time.
func TestMissedRoundsAreNotMadeUpFor(t *testing.T) {
	t.Parallel()
	w := duties(t, nil)
	w.completes()
	end := w.now
	w.now = end.Add(40 * time.Minute)
	w.does(deployer.Actor{}, deployer.Advance{})
	w.well("watch/web")
	if due := deployer.DueAt(w.d, *w.d.Step("watch")); due != end.Add(45*time.Minute) {
		t.Errorf("it is due %s after the end", due.Sub(end))
	}
	w.now = end.Add(3 * time.Hour)
	w.does(deployer.Actor{}, deployer.Advance{})
	w.well("watch/web")
	w.wants("watch", deployer.Done, deployer.Complete)
}

// What fails after the end is told and decided about as before it, by itself.
func TestFailureAfterTheEndIsDecidedAbout(t *testing.T) {
	t.Parallel()
	w := duties(t, nil)
	w.completes()
	w.later(15 * time.Minute)
	w.badly("watch/web")
	w.wants("watch", deployer.StepFailed, deployer.Complete)
	w.wants("page", deployer.Active, deployer.Complete)
	s := w.d.Step("watch")
	want := []deployer.Choice{deployer.ChoiceCheck, deployer.ChoiceRetry, deployer.ChoiceByHand, deployer.ChoiceSkip}
	if got := deployer.StepOptions(w.d, *s); !slices.Equal(got, want) || noteKinds(w.told, deployer.MessageFailed) != 1 || !deployer.AwaitsDecision(w.d) {
		t.Errorf("the options are %v", got)
	}
	refused(t, w.d, eve, deployer.Answer{Step: "watch", Attempt: 1, Choice: deployer.ChoiceRetry}, "Only Ana or tech-lead")
	refused(t, w.d, bob, deployer.Answer{Step: "pods", Attempt: 1, Choice: deployer.ChoiceRetry}, "has ended")
	refused(t, w.d, bob, deployer.Answer{Choice: deployer.ChoiceRollBack}, "has ended")
	w.does(bob, deployer.Answer{Step: "watch", Attempt: 1, Choice: deployer.ChoiceRetry})
	w.well("watch/web")
	w.wants("watch", deployer.Pending, deployer.Complete) // it looks on
	if n := noteKinds(w.told, deployer.MessageOver); n != 1 {
		t.Errorf("that it is over is told %d times", n)
	}
	w.later(15 * time.Minute)
	w.well("watch/web")
	if n := noteKinds(w.told, deployer.MessageOver); n != 1 {
		t.Errorf("of what was well it is told again: %d times", n)
	}
	w.later(15 * time.Minute)
	w.badly("watch/web")
	w.does(bob, deployer.Answer{Step: "watch", Attempt: 4, Comment: "a known alert", Choice: deployer.ChoiceSkip})
	w.later(24 * time.Hour)
	w.wants("watch", deployer.Done, deployer.Complete)
}

// Where it is only noted, it looks on, and each is a line in the thread.
func TestNotedFailureAfterTheEndLooksOn(t *testing.T) {
	t.Parallel()
	w := duties(t, func(p *deployer.Procedure) { p.After[1].OnFailure = deployer.FailureContinue })
	w.completes()
	w.later(15 * time.Minute)
	w.badly("watch/web")
	w.wants("watch", deployer.Pending, deployer.Complete)
	w.wants("page", deployer.Pending, deployer.Complete)
	w.later(45 * time.Minute)
	w.badly("watch/web")
	w.wants("watch", deployer.StepFailed, deployer.Complete)
	if n := strings.Count(joined(w.notes()), string(deployer.NoteStepNoted)); n != 2 || deployer.AwaitsDecision(w.d) {
		t.Errorf("it says %v", w.notes())
	}
}

func joined(kinds []deployer.NoteKind) string {
	var out []string
	for _, k := range kinds {
		out = append(out, string(k))
	}
	return strings.Join(out, " ")
}

// Stop ends what goes on after the end, and skips it by its name; an effect that is
// under way is settled first.
func TestStopEndsWhatGoesOnAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := duties(t, nil)
	w.completes()
	w.later(15 * time.Minute)
	w.does(deployer.Actor{}, deployer.Intend{Key: "watch/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	refused(t, w.d, eve, deployer.Answer{Choice: deployer.ChoiceStop}, "Only Ana or tech-lead")
	w.does(bob, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "enough"})
	for _, id := range []string{"duty", "review", "watch"} {
		if s := w.d.Step(id); s.Status != deployer.Done || s.Skipped.By != bob || s.Skipped.Reason != "Stopped by Bob: enough" {
			t.Errorf("%s is %s, skipped by %+v", id, s.Status, s.Skipped)
		}
	}
	p := deployer.Next(w.d, w.now)
	if w.d.Status != deployer.Complete || !deployer.Lives(w.d) || len(p.Effects) != 1 || p.Effects[0].Halt == "" {
		t.Fatalf("it is %s, to be done %+v", w.d.Status, p)
	}
	w.does(deployer.Actor{}, deployer.Settle{Key: "watch/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "stopped"}})
	if deployer.Lives(w.d) || w.d.Step("watch").Status != deployer.Done {
		t.Error("it lives on")
	}
}

// A stop half way ends the duties; what comes after the end begins where anything may
// have been changed.
func TestStopBeginsWhatComesAfterWhereSomethingWasTouched(t *testing.T) {
	t.Parallel()
	w := duties(t, nil)
	w.does(ana, deployer.Answer{Choice: deployer.ChoiceStop})
	if w.d.Status != deployer.Stopped || !deployer.Lives(w.d) {
		t.Fatalf("it is %s", w.d.Status)
	}
	refused(t, w.d, ana, deployer.Answer{Step: "duty", Attempt: 1, Choice: deployer.ChoiceDone}, "has ended")
	w.later(15 * time.Minute)
	w.wants("watch", deployer.Active, deployer.Stopped)
	w = checking(t, func(p *deployer.Procedure) {
		p.After = []deployer.Step{{ID: "review", Uses: deployer.KindConfirm}}
	})
	w.does(ana, deployer.Answer{Choice: deployer.ChoiceStop})
	if w.d.Status != deployer.Stopped || deployer.Lives(w.d) {
		t.Errorf("where nothing was touched it is %s and lives: %t", w.d.Status, deployer.Lives(w.d))
	}
}

// A duty in the background holds up nothing when it fails, and goes on while it is
// gone back.
func TestBackgroundDutyGoesOnBesideARollback(t *testing.T) {
	t.Parallel()
	w := duties(t, func(p *deployer.Procedure) {
		p.Steps[2] = deployer.Step{ID: "duty", Title: "Change control is told", Uses: pages.Name, Background: true, Needs: []string{"rollout"}}
		p.Steps[3].OnFailure = deployer.FailureRollBack
	})
	w.badly("duty")
	w.wants("duty", deployer.StepFailed, deployer.Running)
	if got := deployer.StepOptions(w.d, *w.d.Step("duty")); !slices.Contains(got, deployer.ChoiceRetry) {
		t.Errorf("the options are %v", got)
	}
	w.does(ana, deployer.Answer{Step: "duty", Attempt: 1, Choice: deployer.ChoiceRetry})
	w.does(deployer.Actor{}, deployer.Intend{Key: "duty", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	w.badly("pods/web")
	if w.d.Part != deployer.PartRollback || w.d.Step("back").Status != deployer.Active {
		t.Fatalf("it is %s: %s", w.d.Status, w.d.Why)
	}
	w.settles("back/web", deployer.Outcome{Result: deployer.OK})
	if w.d.Status != deployer.RolledBack || !deployer.Lives(w.d) || w.d.Step("duty").Status != deployer.Active {
		t.Fatalf("it is %s, the duty %s", w.d.Status, w.d.Step("duty").Status)
	}
	w.does(deployer.Actor{}, deployer.Settle{Key: "duty", Outcome: deployer.Outcome{Result: deployer.OK}})
	w.wants("duty", deployer.Done, deployer.RolledBack)
}

// A watch of what a deployment has brought asked for a decision when the next one had
// brought something else: it ends then, of itself, with a word of what runs.
func TestAWatchEndsWhereTheNextHasTakenItsPlace(t *testing.T) {
	t.Parallel()
	w := duties(t, nil)
	w.completes()
	round := func(o deployer.Outcome) deployer.StepState {
		t.Helper()
		w.later(15 * time.Minute)
		w.does(deployer.Actor{}, look("watch/web", deployer.ObservedAbsent, deployer.State{}))
		w.does(deployer.Actor{}, deployer.Settle{Key: "watch/web", Outcome: o})
		return *w.d.Step("watch")
	}
	if s := round(deployer.Outcome{Result: deployer.OK}); s.Status != deployer.Pending {
		t.Fatalf("after the first round it is %s", s.Status)
	}
	s := round(deployer.Outcome{Result: deployer.Interrupted, Kind: deployer.FaultReplaced, Why: "deployment/web runs v3 of tangerine-5 now."})
	if s.Status != deployer.StepNotNeeded || s.Why != "A later deployment has taken its place: deployment/web runs v3 of tangerine-5 now." {
		t.Errorf("it is %s: %s", s.Status, s.Why)
	}
	if deployer.AwaitsDecision(w.d) || !deployer.DueAt(w.d, s).IsZero() || len(w.d.Failures) > 0 {
		t.Errorf("somebody has to decide, or it is due again: %+v", w.d.Failures)
	}
}
