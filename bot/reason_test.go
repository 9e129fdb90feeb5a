package bot

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// because gives a reason in the form that somebody has open, and returns what
// the form says against it.
func (r *fixture) because(user, reason string) string {
	r.t.Helper()
	invalid, err := r.Submit(r.ctx(), user, r.view(user), map[string]any{"reason": map[string]any{"text": map[string]any{"value": reason}}})
	r.must(err)
	return invalid["reason"]
}

// atBrokenCheck brings a deployment of ana's to a check that has failed after
// the rollout.
func atBrokenCheck(t *testing.T) *fixture {
	t.Helper()
	r := newFixture(t, checks)
	r.toBrokenCheck()
	return r
}

// checks is a procedure with a check, which the tech lead may skip.
func checks(s *setup) {
	p := standard()
	p.Steps = []deployer.Step{
		{ID: "pods", Title: "Pods run it", Uses: "kubernetes.verify"},
		{ID: "ready", Title: "All is well", Uses: deployer.KindConfirm, Needs: []string{"pods"}},
	}
	p.Failure.Decide = "tech-lead"
	s.bot.Procedures["deployment"] = p
}

// toBrokenCheck starts a deployment of ana's and lets its check fail.
func (r *fixture) toBrokenCheck() {
	r.t.Helper()
	r.types("ana", "/deploy web v2")
	r.fails("pods")
	r.card("Skip")
}

// fails lets a step's effect fail.
func (r *fixture) fails(step string) {
	r.t.Helper()
	for _, c := range []deployer.Command{
		deployer.Intend{Key: step + "/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}},
		deployer.Settle{Key: step + "/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "1 of 3 pods restarts"}},
	} {
		_, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: "tangerine-1", Command: c})
		r.must(err)
	}
}

// Skipping takes a reason, which everybody reads in the thread.
func TestSkipNeedsAReasonThatEverybodyReads(t *testing.T) {
	t.Parallel()
	r := atBrokenCheck(t)
	r.clicks("bob", "Skip")
	bottest.Contains(t, r.form("bob"), "Pods run it", "1 of 3 pods restarts", "counts it as done")
	bottest.Contains(t, r.because("bob", " "), "Say in a few words why it can be done without.")
	if d := r.engine.all()[0]; d.Status != deployer.Deciding {
		t.Fatalf("it is %s", d.Status)
	}
	if said := r.because("bob", "log noise"); said != "" {
		t.Fatalf("it said %q", said)
	}
	d := r.engine.all()[0]
	if s := d.Step("pods"); d.Status != deployer.Running || s.Skipped.By.ID != "UBOB" || s.Skipped.Reason != "log noise" {
		t.Errorf("it is %s, skipped %+v", d.Status, s.Skipped)
	}
	r.card("Done")
	r.eventually("the thread says who skipped it and why", func() bool {
		for _, m := range r.Messages(deploys) {
			if strings.Contains(m.Text, "bob skipped *Pods run it*. log noise.") {
				return true
			}
		}
		return false
	})
}

// For whoever may not, no form opens, and what has moved on meanwhile is said in it:
// nobody types a reason for nothing.
func TestSkipThatCameTooLateIsRefusedInTheForm(t *testing.T) {
	t.Parallel()
	r := atBrokenCheck(t)
	m := r.card("Skip")
	r.clicks("eve", "Skip")
	r.clicks("bob", "Skip")
	r.clicks("rosa", "Skip")
	r.hears("eve", "Only tech-lead can skip or roll back")
	if form := r.form("eve"); form != "[]" {
		t.Errorf("somebody who may not skip has a form: %s", form)
	}
	if said := r.because("bob", "log noise"); said != "" {
		t.Fatalf("it said %q", said)
	}
	bottest.Contains(t, r.because("rosa", "the same"), "“Pods run it” is done already: bob skipped it.")
	r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", Channel: deploys, MessageTS: m.TS, Button: "Skip", Stale: true}))
	r.hears("rosa", "“Pods run it” is done already: bob skipped it.")
}

// Two people send their reasons at once, each delivered three times: one is
// heard.
func TestSkipByTwoAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toBrokenCheck()
		r.clicks("bob", "Skip")
		r.clicks("rosa", "Skip")
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "interactive", Copies: 2, NewID: true})
		var people sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for _, who := range []string{"bob", "rosa"} {
			people.Go(func() {
				if said := r.because(who, "log noise"); said != "" {
					mu.Lock()
					defer mu.Unlock()
					refused++
					bottest.Contains(t, said, "is done already")
				}
			})
		}
		people.Wait()
		time.Sleep(time.Minute) // the copies
		n := 0
		for _, e := range r.engine.Events("tangerine-1") {
			if e, ok := e.(deployer.Answered); ok && e.Choice == deployer.ChoiceSkip {
				n++
			}
		}
		if n != 1 || refused != 1 {
			t.Errorf("skipped %d times, refused %d times", n, refused)
		}
	}, checks)
}

// A rejection that comes after somebody else's approval is said in the form.
func TestRejectThatCameTooLateIsRefusedInTheForm(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.clicks("rosa", "Reject")
	bottest.Contains(t, r.form("rosa"), "*Ana* asks to deploy web", "Nothing was rolled out yet, and nothing will be.")
	r.clicks("bob", "Approve")
	bottest.Contains(t, r.because("rosa", "no"), "“Tech lead approves” is done already")
	if d := r.engine.all()[0]; d.Status != deployer.Running {
		t.Errorf("it is %s", d.Status)
	}
}

// The buttons of a copy that only one person sees do what those of the card do,
// and decide nothing once somebody else has decided.
func TestCopyOfTheCardSkipsAsTheCardDoes(t *testing.T) {
	t.Parallel()
	r := atBrokenCheck(t)
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy status", ""))
	r.must(r.Type(r.ctx(), "rosa", deploys, "/deploy status", ""))
	press := func(who, button string) {
		t.Helper()
		m, err := r.WaitEphemeral(r.ctx(), who, func(m emulator.Message) bool { return strings.Contains(string(m.Blocks), `"Skip"`) })
		r.must(err)
		r.must(r.Act(r.ctx(), emulator.Action{User: who, Channel: deploys, MessageTS: m.TS, Button: button}))
	}
	press("bob", "Skip")
	if said := r.because("bob", "log noise"); said != "" {
		t.Fatalf("it said %q", said)
	}
	press("rosa", "Skip")
	r.hears("rosa", "“Pods run it” is done already: bob skipped it.")
	r.eventually("the copy that was used is gone", func() bool {
		for _, m := range r.Ephemerals("rosa") {
			if strings.Contains(string(m.Blocks), `"Skip"`) {
				return false
			}
		}
		return true
	})
	d := r.only()
	if s := d.Step("pods"); s.Attempt != 1 || s.Skipped.By.ID != "UBOB" {
		t.Errorf("it is tried %d times, skipped by %s", s.Attempt, s.Skipped.By.Name)
	}
}

// Deciding is one person's: whoever skips while another retries is told.
func TestOfSkipAndRetryAtOnceOneIsHeard(t *testing.T) {
	t.Parallel()
	r := atBrokenCheck(t)
	m := r.card("Skip")
	r.clicks("bob", "Skip")
	var people sync.WaitGroup
	said := ""
	people.Go(func() { said = r.because("bob", "log noise") })
	people.Go(func() {
		r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", Channel: deploys, MessageTS: m.TS, Button: "Retry", Stale: true}))
	})
	people.Wait()
	d := r.only()
	s := d.Step("pods")
	if skipped := s.Skipped.By.ID != ""; skipped == (s.Attempt == 2) || skipped == (said != "") {
		t.Errorf("skipped by %q, tried %d times, and bob was told %q", s.Skipped.By.ID, s.Attempt, said)
	}
}
