package deployer_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// checking is a deployment whose rollout is out, and whose step after it, which the
// change makes what it is, has failed as often as it may.
func checking(t *testing.T, change func(*deployer.Procedure)) *play {
	t.Helper()
	p := deployer.Procedure{
		ID: "p", Kinds: []deployer.Kind{proves, builds, mails}, Messages: map[string]string{"failed": "{why}", "stopped": "{why}", "starting": "{what}", "over": "{why}"},
		Steps: []deployer.Step{
			{ID: "starting", Title: "Told", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}}},
			{ID: "rollout", Title: "Rolled out", Uses: deployer.KindRollout, Needs: []string{"starting"}},
			{ID: "pods", Title: "Pods run it", Uses: proves.Name, Needs: []string{"rollout"}},
			{ID: "done", Title: "Closed", Uses: deployer.KindConfirm, Needs: []string{"pods"}},
		},
		Rollback: []deployer.Step{{ID: "back", Title: "Back", Uses: deployer.KindRollout}},
		Failure:  deployer.Failure{Decide: "tech-lead", Message: "failed", Over: "over", Stopped: "stopped", To: []string{"deploys"}},
	}
	change(&p)
	return begins(t, p)
}

// A play gives orders to a deployment, each a second after the one before.
type play struct {
	t      *testing.T
	d      deployer.Deployment
	now    time.Time
	told   []deployer.Message
	events []deployer.Event
}

func begins(t *testing.T, p deployer.Procedure) *play {
	t.Helper()
	w := &play{t: t, now: dawn}
	w.does(ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
		Channels: map[string]string{"deploys": "C1"},
	})
	w.does(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: deployer.State{Version: "v1", Image: "v1"}, After: deployer.State{Version: "v2", Image: "v2"}}}})
	w.posts()
	return w
}

func (w *play) does(by deployer.Actor, c deployer.Command) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	o := deployer.Order{By: by, Command: c}
	events, messages, err := telling.Decide(w.d, o, deployer.Facts{Now: w.now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}})
	if err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
	w.d = deployer.Fold(w.d, events...)
	w.told, w.events = append(w.told, messages...), append(w.events, events...)
}

// posts takes all announcements that wait.
func (w *play) posts() {
	w.t.Helper()
	for _, m := range slices.Clone(w.told) {
		if m.Receipt {
			w.does(deployer.Actor{}, deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1"}})
		}
	}
}

// settles has an effect come to an end that is wanted now.
func (w *play) settles(key string, out deployer.Outcome) {
	w.t.Helper()
	w.does(deployer.Actor{}, deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v1", Image: "v1"}}})
	w.does(deployer.Actor{}, deployer.Settle{Key: key, Outcome: out})
}

func (w *play) well(key string) { w.t.Helper(); w.settles(key, deployer.Outcome{Result: deployer.OK}) }
func (w *play) badly(key string) {
	w.t.Helper()
	w.settles(key, deployer.Outcome{Result: deployer.Failed, Why: "it crashes", Kind: "crash-loop"})
}

// later has time pass, and carries out what is due meanwhile.
func (w *play) later(d time.Duration) {
	w.t.Helper()
	for end := w.now.Add(d); ; {
		p := deployer.Next(w.d, w.now)
		switch {
		case len(p.Due) > 0:
			w.does(deployer.Actor{}, p.Due[0])
		case p.Wake.IsZero() || p.Wake.After(end):
			w.now = end
			return
		default:
			w.now = p.Wake
		}
	}
}

// notes are the kinds of notes in the thread, in order.
func (w *play) notes() []deployer.NoteKind {
	var out []deployer.NoteKind
	for _, m := range w.told {
		if m.Kind == deployer.MessageNote {
			out = append(out, m.Note.Kind)
		}
	}
	return out
}

func (w *play) wants(step string, status deployer.StepStatus, of deployer.Status) {
	w.t.Helper()
	if s := w.d.Step(step); s.Status != status || w.d.Status != of {
		w.t.Fatalf("%s is %s (%s), and the deployment %s (%s); want %s and %s", step, s.Status, s.Why, w.d.Status, w.d.Why, status, of)
	}
}

// Troubleshooting is found by the name of a failure, also where nobody can tell how it ended.
func TestWhatNobodyCanTellHasItsNameToo(t *testing.T) {
	t.Parallel()
	for kind, out := range map[string]deployer.Outcome{
		"replaced": {Result: deployer.Interrupted, Kind: "replaced", Why: "so"},
		"":         {Result: deployer.Interrupted, Why: "so"},
		"stalled":  {Result: deployer.Failed, Kind: "stalled", Why: "so"},
	} {
		w := checking(t, func(*deployer.Procedure) {})
		w.well("rollout/web")
		w.settles("pods/web", out)
		if got := w.d.Step("pods").Fault; got != kind || deployer.FailureOf(w.d, "").Kind != kind {
			t.Errorf("it is called %q, want %q", got, kind)
		}
	}
}

// What comes of a step that fails, the step says.
func TestStepSaysWhatComesOfItsFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		does     deployer.OnFailure
		rolled   bool // the rollout went before
		out      deployer.Outcome
		status   deployer.Status
		part     deployer.Part
		by       string
		told     bool // whom the procedure wants told of failures
		stopped  bool // and of a stop
		begins   string
		awaiting bool
	}{
		"somebody decides":              {"", true, deployer.Outcome{Result: deployer.Failed, Why: "so"}, deployer.Deciding, "", "", true, false, "", true},
		"it goes on":                    {deployer.FailureContinue, true, deployer.Outcome{Result: deployer.Failed, Why: "so"}, deployer.Running, "", "", false, false, "done", false},
		"it goes on, can't be told":     {deployer.FailureContinue, true, deployer.Outcome{Result: deployer.Interrupted, Why: "so"}, deployer.Running, "", "", false, false, "done", false},
		"it stops calmly":               {deployer.FailureStop, true, deployer.Outcome{Result: deployer.Failed, Why: "so"}, deployer.Stopped, "", "", false, true, "", false},
		"it stops only where it failed": {deployer.FailureStop, true, deployer.Outcome{Result: deployer.Interrupted, Why: "so"}, deployer.Deciding, "", "", true, false, "", true},
		"it goes back":                  {deployer.FailureRollBack, true, deployer.Outcome{Result: deployer.Failed, Why: "so"}, deployer.Running, deployer.PartRollback, "stationmaster", true, false, "back", false},
		"nothing to go back from":       {deployer.FailureRollBack, false, deployer.Outcome{Result: deployer.Failed, Why: "so"}, deployer.Stopped, "", "", true, true, "", false},
		"back only where it failed":     {deployer.FailureRollBack, true, deployer.Outcome{Result: deployer.Interrupted, Why: "so"}, deployer.Deciding, "", "", true, false, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := checking(t, func(p *deployer.Procedure) {
				p.Steps[2].OnFailure = c.does
				if !c.rolled {
					p.Steps[1].Needs, p.Steps[2].Needs = []string{"pods"}, []string{"starting"}
				}
			})
			if c.rolled {
				w.well("rollout/web")
			}
			w.settles("pods/web", c.out)
			told := slices.ContainsFunc(w.told, func(m deployer.Message) bool { return m.Kind == deployer.MessageFailed })
			stopped := slices.ContainsFunc(w.told, func(m deployer.Message) bool { return m.Kind == deployer.MessageStopped })
			if w.d.Status != c.status || w.d.Part != c.part || w.d.RolledBackBy.Name != c.by || told != c.told || stopped != c.stopped {
				t.Errorf("it is %s on part %q by %q; told of a failure %t, of a stop %t; why: %s", w.d.Status, w.d.Part, w.d.RolledBackBy.Name, told, stopped, w.d.Why)
			}
			if c.begins != "" && w.d.Step(c.begins).Status != deployer.Active {
				t.Errorf("%s is %s", c.begins, w.d.Step(c.begins).Status)
			}
			if deployer.AwaitsDecision(w.d) != c.awaiting {
				t.Errorf("somebody has to decide: %t", deployer.AwaitsDecision(w.d))
			}
		})
	}
}

// A failure that is only noted stays one, and says so at the end.
func TestNotedFailureStaysOne(t *testing.T) {
	t.Parallel()
	w := checking(t, func(p *deployer.Procedure) { p.Steps[2].OnFailure = deployer.FailureContinue })
	w.well("rollout/web")
	w.badly("pods/web")
	s := w.d.Step("pods")
	if s.Status != deployer.StepFailed || !s.Noted() || !s.Over() || s.Why != "it crashes" || s.Fault != "crash-loop" || !s.Failed {
		t.Errorf("the step is %+v", s)
	}
	if !slices.Contains(w.notes(), deployer.NoteStepNoted) || slices.Contains(w.notes(), deployer.NoteStepFailed) {
		t.Errorf("the notes are %v", w.notes())
	}
	refused(t, w.d, ana, deployer.Answer{Step: "pods", Attempt: 1, Choice: deployer.ChoiceRetry}, "nothing to decide")
	w.does(ana, deployer.Answer{Step: "done", Attempt: 1, Choice: deployer.ChoiceDone})
	if want := "Not proven: “Pods run it” failed."; w.d.Status != deployer.Complete || w.d.Why != want {
		t.Errorf("it ended %s: %s", w.d.Status, w.d.Why)
	}
}

// What is approved, and what deploys, is never done without.
func TestRolloutsAndApprovalsAreNeverOnlyNoted(t *testing.T) {
	t.Parallel()
	w := checking(t, func(p *deployer.Procedure) {
		p.Steps[1].OnFailure = deployer.FailureContinue
		p.Steps[2] = deployer.Step{ID: "pods", Title: "Approved", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}, Timeout: time.Minute, OnFailure: deployer.FailureContinue, Needs: []string{"rollout"}}
	})
	w.badly("rollout/web")
	w.wants("rollout", deployer.StepFailed, deployer.Deciding)
	w.does(ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceRetry})
	w.well("rollout/web")
	w.later(2 * time.Minute)
	w.wants("pods", deployer.StepFailed, deployer.Deciding)
	if s := w.d.Step("pods"); s.Fault != deployer.FaultTimeout {
		t.Errorf("it failed by %q", s.Fault)
	}
}

// A step that only looks is tried again by itself; people hear of it once, and
// whoever has it tried again has it tried as often.
func TestFailedLookIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := checking(t, func(p *deployer.Procedure) {
		p.Steps[2].Retries = deployer.Retries{Times: 2, Every: 10 * time.Second}
	})
	w.well("rollout/web")
	for n := 1; n <= 2; n++ {
		w.badly("pods/web")
		w.wants("pods", deployer.Active, deployer.Running)
		if s := w.d.Step("pods"); s.Tries != n || s.Attempt != n || s.RetryAt != w.now.Add(10*time.Second) || deployer.Next(w.d, w.now).Wake != s.RetryAt {
			t.Fatalf("after try %d: %+v", n, s)
		}
		if p := deployer.Next(w.d, w.now); len(p.Effects)+len(p.Due) > 0 {
			t.Fatalf("at once there is to do %+v", p)
		}
		w.later(10 * time.Second)
	}
	if notes := w.notes(); slices.ContainsFunc(notes, deployer.NoteKind.StepBroke) {
		t.Errorf("the notes are %v", notes)
	}
	w.badly("pods/web")
	w.wants("pods", deployer.StepFailed, deployer.Deciding)
	if s := w.d.Step("pods"); s.Why != "it crashes. It was tried 3 times." || s.Attempt != 3 {
		t.Errorf("it failed in attempt %d: %s", s.Attempt, s.Why)
	}
	w.does(ana, deployer.Answer{Step: "pods", Attempt: 3, Choice: deployer.ChoiceRetry})
	w.badly("pods/web")
	w.wants("pods", deployer.Active, deployer.Running)
	w.later(10 * time.Second)
	w.well("pods/web")
	w.wants("pods", deployer.Done, deployer.Running)
	if over := noteKinds(w.told, deployer.MessageOver); over != 1 {
		t.Errorf("that it is over was told %d times", over)
	}
}

func noteKinds(all []deployer.Message, kind string) (n int) {
	for _, m := range all {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

// Neither what acts nor what nobody can tell is tried again by itself.
func TestOnlyAFailedLookIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := checking(t, func(p *deployer.Procedure) {
		p.Steps[1].Retries, p.Steps[2].Retries = deployer.Retries{Times: 2}, deployer.Retries{Times: 2}
	})
	w.badly("rollout/web")
	w.wants("rollout", deployer.StepFailed, deployer.Deciding)
	w.does(ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceRetry})
	w.well("rollout/web")
	w.settles("pods/web", deployer.Outcome{Result: deployer.Interrupted, Why: "no answer"})
	w.wants("pods", deployer.StepInterrupted, deployer.Deciding)
}

// Who may go on without a step, the step says.
func TestStepSaysWhoMaySkipIt(t *testing.T) {
	t.Parallel()
	skip := deployer.Answer{Step: "pods", Attempt: 1, Comment: "log noise", Choice: deployer.ChoiceSkip}
	fails := func(may string) *play {
		w := checking(t, func(p *deployer.Procedure) { p.Steps[2].MaySkip = may })
		w.well("rollout/web")
		w.badly("pods/web")
		return w
	}
	w := fails("sre")
	refused(t, w.d, ana, skip, "Only sre can do without")
	refused(t, w.d, bob, skip, "Only sre can do without")
	w.does(rosa, skip)
	w.wants("pods", deployer.Done, deployer.Running)
	w = fails(deployer.MaySkipNobody)
	if slices.Contains(w.d.Options(), deployer.ChoiceSkip) {
		t.Error("it has a button to skip it")
	}
	refused(t, w.d, rosa, skip, "nothing to decide")
	w = fails("")
	w.does(ana, skip)
	w.wants("pods", deployer.Done, deployer.Running)
}

// Where a wait says who may skip it, they need not wait.
func TestWaitCanBeSkippedFromTheStart(t *testing.T) {
	t.Parallel()
	waits := func(may string) *play {
		w := checking(t, func(p *deployer.Procedure) {
			p.Steps[2] = deployer.Step{ID: "pods", Title: "It soaks", Uses: deployer.KindWait, With: deployer.Values{"for": {Duration: time.Hour}}, MaySkip: may, Needs: []string{"rollout"}}
		})
		w.well("rollout/web")
		return w
	}
	skip := deployer.Answer{Step: "pods", Attempt: 1, Comment: "it is quiet", Choice: deployer.ChoiceSkip}
	w := waits("")
	refused(t, w.d, rosa, skip, "nothing to decide")
	w = waits("sre")
	refused(t, w.d, bob, skip, "Only sre")
	w.does(rosa, skip)
	w.wants("done", deployer.Active, deployer.Running)
	if s := w.d.Step("pods"); s.Skipped.By != rosa || s.Skipped.Reason != "it is quiet" || s.Finished != w.now {
		t.Errorf("it was skipped: %+v", s.Skipped)
	}
}
