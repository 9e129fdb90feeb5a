package deployer_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// Whom the tests of those who don't come know besides: a deputy, and who may break the
// glass.
var (
	dora = deployer.Actor{Kind: deployer.ActorPerson, ID: "UDORA", Name: "Dora"}
	otto = deployer.Actor{Kind: deployer.ActorPerson, ID: "UOTTO", Name: "Otto"}
)

// A night is a deployment at a time, and what it has sent.
type night struct {
	t    testing.TB
	d    deployer.Deployment
	now  time.Time
	sent []deployer.Message
}

// standing are the roles of those who may come on such a night.
func standing(id string) []string {
	switch id {
	case dora.ID:
		return []string{deployer.DeputyRole("tech-lead")}
	case otto.ID:
		return []string{"sre"}
	}
	return roles[id]
}

var patient = deployer.Escalate{Deputies: 20 * time.Minute, Page: 45 * time.Minute, BreakGlass: 2 * time.Hour}

// newNight is a deployment that has begun its procedure.
func newNight(t testing.TB, p deployer.Procedure) *night {
	t.Helper()
	p.ID, p.SHA, p.OnCall, p.BreakGlass = "p", "sha", "sre", "sre"
	n := &night{t: t, now: dawn}
	n.must(ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
		Channels: map[string]string{"deploys": "C1"},
	})
	n.must(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", After: deployer.State{Version: "v2"}}}})
	return n
}

func (n *night) give(by deployer.Actor, cmd deployer.Command) error {
	n.t.Helper()
	events, messages, err := telling.Decide(n.d, deployer.Order{By: by, Command: cmd}, deployer.Facts{Now: n.now, ID: "tangerine-1", Person: deployer.Person{Roles: standing(by.ID)}})
	n.d, n.sent = deployer.Fold(n.d, events...), append(n.sent, messages...)
	return err
}

func (n *night) must(by deployer.Actor, cmd deployer.Command) {
	n.t.Helper()
	if err := n.give(by, cmd); err != nil {
		n.t.Fatalf("%#v: %v", cmd, err)
	}
}

// passes lets time pass until a moment after the beginning, and carries out what is due
// by then, each when it is.
func (n *night) passes(until time.Duration) {
	n.t.Helper()
	for end := dawn.Add(until); ; {
		p := deployer.Next(n.d, n.now)
		for _, cmd := range p.Due {
			if e, ok := cmd.(deployer.EscalateTo); ok && e.Level == deployer.LevelPage {
				e.People = []deployer.Actor{otto}
				cmd = e
			}
			n.must(deployer.Actor{}, cmd)
		}
		switch {
		case len(p.Due) > 0:
		case p.Wake.IsZero() || p.Wake.After(end):
			n.now = end
			return
		default:
			n.now = p.Wake
		}
	}
}

// told are the kinds of what was sent to the thread or to somebody since the last call,
// with the roles, but for cards and notes.
func (n *night) told() []string {
	var out []string
	for _, m := range n.sent {
		if m.Kind != deployer.MessageCard && m.Kind != deployer.MessageNote && m.Kind != deployer.MessageAsk {
			words := m.Kind
			for _, more := range []string{m.Args[deployer.EscalatedLevel], m.Role} {
				if more != "" {
					words += " " + more
				}
			}
			if !m.Thread {
				words += " in " + m.Channel
			}
			out = append(out, words)
		}
	}
	n.sent = nil
	return out
}

func approving() deployer.Procedure {
	return deployer.Procedure{Steps: []deployer.Step{{
		ID: "s", Title: "Tech lead approves", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}},
		Remind: []time.Duration{10 * time.Minute}, Escalate: patient,
	}}}
}

func (n *night) yes() deployer.Answer {
	return deployer.Answer{Step: "s", Attempt: 1, Subject: n.d.Subject().Hash(), Choice: deployer.ChoiceApprove}
}

func (n *night) refused(by deployer.Actor, a deployer.Answer, why string) {
	n.t.Helper()
	err := n.give(by, a)
	var r *deployer.Refusal
	if !errors.As(err, &r) || !strings.Contains(r.Why, why) {
		n.t.Errorf("%s at %s: %v, want %q", by.Name, n.now.Sub(dawn), err, why)
	}
}

// The whole way of an approval that nobody gives: each level is told once, at its time.
func TestEachLevelIsToldOnceAtItsTime(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.told()
	for _, at := range []struct {
		after time.Duration
		told  []string
	}{
		{10*time.Minute - 1, nil},
		{10 * time.Minute, []string{"remind tech-lead"}},
		{20*time.Minute - 1, nil},
		{20 * time.Minute, []string{"escalated deputies deputies of tech-lead"}},
		{45 * time.Minute, []string{"escalated page sre", "paged page in UOTTO"}},
		{2 * time.Hour, []string{"escalated break-glass sre"}},
		{72 * time.Hour, nil},
	} {
		n.passes(at.after)
		if got := n.told(); !slices.Equal(got, at.told) {
			t.Errorf("by %s it told %q, want %q", at.after, got, at.told)
		}
	}
	if p := deployer.Next(n.d, n.now.Add(1000*time.Hour)); len(p.Due) > 0 || !p.Wake.IsZero() {
		t.Errorf("after all that it plans %+v", p)
	}
}

// A process that was away tells each level that has passed, in order, and no more than
// once.
func TestLevelsThatPassedWhileNobodyRanAreToldLate(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.told()
	n.now = dawn.Add(3 * time.Hour)
	n.passes(3 * time.Hour)
	want := []string{"remind tech-lead", "escalated deputies deputies of tech-lead", "escalated page sre", "paged page in UOTTO", "escalated break-glass sre"}
	if got := n.told(); !slices.Equal(got, want) {
		t.Errorf("it told %q, want %q", got, want)
	}
	if err := n.give(deployer.Actor{}, deployer.EscalateTo{Step: "s", Attempt: 1, Level: deployer.LevelPage}); !errors.Is(err, deployer.ErrStale) {
		t.Errorf("a second engine that says so too gets %v", err)
	}
}

// While an approver waits for a reply it is the requester who is reminded. The clocks of
// the approvers stand still, and begin anew at the reply.
func TestWhoRepliesIsRemindedWhileChangesAreRequested(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.passes(5 * time.Minute)
	changes := deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "The ticket is missing"}
	reply := deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceReply, Comment: "It is CC-1"}
	n.must(bob, changes)
	n.told()
	for _, at := range []struct {
		after time.Duration
		do    func()
		told  []string
	}{
		{15*time.Minute - 1, nil, nil},
		{15 * time.Minute, nil, []string{"remind"}},
		{3 * time.Hour, func() { n.must(ana, reply) }, nil},
		{3*time.Hour + 10*time.Minute - 1, nil, nil},
		{3*time.Hour + 10*time.Minute, nil, []string{"remind tech-lead"}},
		{3*time.Hour + 20*time.Minute, func() { n.must(dora, changes) }, []string{"escalated deputies deputies of tech-lead"}},
		{4 * time.Hour, func() { n.must(ana, reply) }, []string{"remind"}},
		{4*time.Hour + 45*time.Minute, func() { n.must(dora, n.yes()) }, []string{"remind tech-lead", "escalated page sre", "paged page in UOTTO"}},
	} {
		n.passes(at.after)
		if got := n.told(); !slices.Equal(got, at.told) {
			t.Errorf("by %s it told %q, want %q", at.after, got, at.told)
		}
		if at.do != nil {
			at.do()
			n.told()
		}
	}
	if s := n.d.Step("s"); s.Status != deployer.Done {
		t.Errorf("a deputy, who stays one, has approved, and the step is %s", s.Status)
	}
}

// A deputy who has asked for changes may approve before anybody has replied.
func TestDeputiesWhoAskedForChangesMayApprove(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.passes(20 * time.Minute)
	n.must(dora, deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "Why now?"})
	if q, ok := deployer.AwaitingAt(n.d, *n.d.Step("s")); !ok || len(q.Roles)+len(deployer.StandIns(n.d, q)) > 0 || !q.Since.Equal(n.now) {
		t.Errorf("awaited is %+v", q)
	}
	n.must(dora, n.yes())
	if s := n.d.Step("s"); s.Status != deployer.Done {
		t.Errorf("it is %s", s.Status)
	}
}

func TestDeputiesAnswerOnceTheirTimeHasCome(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.passes(20*time.Minute - 1)
	n.refused(dora, n.yes(), "Only tech-lead can decide")
	n.passes(20 * time.Minute)
	n.refused(ana, n.yes(), "Nobody approves their own")
	n.refused(otto, n.yes(), "Only tech-lead can decide")
	n.must(dora, n.yes())
	if s := n.d.Step("s"); s.Status != deployer.Done || len(n.d.Glass) > 0 {
		t.Errorf("the step is %s, with %v", s.Status, n.d.Glass)
	}
}

func TestBreakingTheGlassTakesAReasonAndIsReviewed(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.passes(2*time.Hour - 1)
	n.refused(otto, n.yes(), "Only tech-lead can decide")
	n.passes(2 * time.Hour)
	if err := n.give(otto, n.yes()); !reasonAsked(err) {
		t.Errorf("without a reason: %v", err)
	}
	n.told()
	yes := n.yes()
	yes.Comment = "the shop is down"
	n.refused(ana, yes, "Nobody approves their own")
	n.must(otto, yes)
	if got := n.told(); !slices.Equal(got, []string{"glass-broken in C1"}) {
		t.Errorf("it told %q", got)
	}
	if n.d.Status != deployer.Complete || !deployer.Lives(n.d) || len(deployer.ReviewsOwed(n.d)) != 1 || deployer.ReviewsOwed(n.d)[0].Reason != "the shop is down" {
		t.Fatalf("it is %s and owes %+v", n.d.Status, deployer.ReviewsOwed(n.d))
	}
	reviewed := deployer.Answer{Choice: deployer.ChoiceReviewed}
	n.refused(otto, reviewed, "Only somebody else")
	n.refused(ana, reviewed, "Only somebody else")
	n.refused(dora, reviewed, "Only somebody else")
	n.must(bob, reviewed)
	if deployer.Lives(n.d) || n.d.Glass[0].Reviewed.ID != bob.ID {
		t.Errorf("after the review: %+v", n.d.Glass)
	}
	n.refused(bob, reviewed, "has ended")
}

func reasonAsked(err error) bool {
	var r *deployer.Refusal
	return errors.As(err, &r) && r.Reason
}

// Whoever may answer anyway breaks no glass, however late they come.
func TestWhoeverIsAwaitedBreaksNoGlass(t *testing.T) {
	t.Parallel()
	n := newNight(t, approving())
	n.passes(3 * time.Hour)
	n.must(bob, n.yes())
	if len(n.d.Glass) > 0 {
		t.Errorf("%+v", n.d.Glass)
	}
}

// Every kind of question has deputies, and its glass can be broken; one that asks the
// requester alone has those who decide.
func TestEveryQuestionHasAWayOn(t *testing.T) {
	t.Parallel()
	decide := deployer.Failure{Decide: "tech-lead", Escalate: patient}
	for name, step := range map[string]deployer.Step{
		"confirm":  {Uses: deployer.KindConfirm},
		"of role":  {Uses: deployer.KindConfirm, With: deployer.Values{"role": {Text: "tech-lead"}}},
		"announce": {Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "m"}, "to": {List: []string{"deploys"}}, "review": {Text: "tech-lead"}}},
		"retried":  {Uses: deployer.KindCheck, With: deployer.Values{"that": {Flag: false}}},
		"failed":   {Uses: deployer.KindCheck, With: deployer.Values{"that": {Flag: false}}},
	} {
		for _, who := range []struct {
			by    deployer.Actor
			after time.Duration
		}{{dora, patient.Deputies}, {otto, patient.BreakGlass}} {
			step.ID, step.Title, step.Escalate = "s", "S", patient
			n := newNight(t, deployer.Procedure{Steps: []deployer.Step{step}, Failure: decide, Messages: map[string]string{"m": "M"}})
			a := deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceDone, Comment: "it burns"}
			switch name {
			case "announce":
				a.Choice, a.Values = deployer.ChoiceSend, deployer.ClientWords("Words.")
			case "failed":
				a.Choice = deployer.ChoiceSkip
			case "retried":
				a.Choice = deployer.ChoiceRetry
			}
			n.passes(who.after - 1)
			var r *deployer.Refusal
			if err := n.give(who.by, a); !errors.As(err, &r) {
				t.Errorf("%s: %s before their time: %v", name, who.by.Name, err)
			}
			n.passes(who.after)
			if err := n.give(who.by, a); err != nil {
				t.Errorf("%s: %s after %s: %v", name, who.by.Name, who.after, err)
			}
			if broke := len(n.d.Glass) > 0; broke != (who.by == otto) || broke && n.d.Glass[0].Reason != "it burns" {
				t.Errorf("%s: %s: glass %+v", name, who.by.Name, n.d.Glass)
			}
		}
	}
}

// failing is a deployment whose check is not so, with what is done then by default.
func failing(t testing.TB, choice deployer.Choice, more ...deployer.Step) *night {
	p := deployer.Procedure{
		Steps:   append(more, deployer.Step{ID: "s", Title: "All is well", Uses: deployer.KindCheck, With: deployer.Values{"that": {Flag: false}}}),
		Failure: deployer.Failure{Decide: "tech-lead", Timeout: 15 * time.Minute, Default: choice, Remind: []time.Duration{5 * time.Minute}, Prefer: deployer.ChoiceSkip},
	}
	return newNight(t, p)
}

func TestWhatNobodyDecidesIsDecidedByDefault(t *testing.T) {
	t.Parallel()
	for choice, want := range map[deployer.Choice]deployer.Status{deployer.ChoiceSkip: deployer.Complete, deployer.ChoiceStop: deployer.Stopped, deployer.ChoiceRollBack: deployer.Stopped} {
		n := failing(t, choice)
		n.told()
		if n.passes(15*time.Minute - 1); n.d.Status != deployer.Deciding {
			t.Errorf("%s: it is %s before the time", choice, n.d.Status)
		}
		if got := n.told(); !slices.Equal(got, []string{"remind"}) {
			t.Errorf("%s: it told %q", choice, got)
		}
		if n.passes(15 * time.Minute); n.d.Status != want {
			t.Errorf("%s: it is %s, want %s", choice, n.d.Status, want)
		}
		if want == deployer.Complete && n.d.Step("s").Skipped.By != deployer.Itself {
			t.Errorf("it was skipped by %+v", n.d.Step("s").Skipped.By)
		}
	}
}

func TestHoldStopsTheClockAndTheQuestionStays(t *testing.T) {
	t.Parallel()
	n := failing(t, deployer.ChoiceStop)
	if got := n.d.Options(); !slices.Equal(got, []deployer.Choice{deployer.ChoiceSkip, deployer.ChoiceRetry, deployer.ChoiceHold, deployer.ChoiceTakeOver, deployer.ChoiceStop}) {
		t.Errorf("the options are %q", got)
	}
	hold := deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceHold}
	n.refused(otto, hold, "Only Ana or tech-lead can decide that")
	n.must(bob, hold)
	n.refused(ana, hold, "Bob holds it already")
	if n.passes(72 * time.Hour); n.d.Status != deployer.Deciding || n.d.Decision.Held != bob {
		t.Errorf("it is %s, held by %+v", n.d.Status, n.d.Decision.Held)
	}
	n.must(bob, deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceSkip, Comment: "fine"})
	if n.d.Status != deployer.Complete {
		t.Errorf("then it is %s", n.d.Status)
	}
	if _, _, ok := deployer.DefaultOf(n.d); ok {
		t.Error("a default is left")
	}
}

// A default that can't be taken is none: somebody has to decide.
func TestADefaultThatCanNotBeTakenWaits(t *testing.T) {
	t.Parallel()
	n := failing(t, deployer.ChoiceSkip)
	n.d.Step("s").MaySkip = deployer.MaySkipNobody
	if n.passes(72 * time.Hour); n.d.Status != deployer.Deciding {
		t.Errorf("it is %s", n.d.Status)
	}
}

// A time-out after which nothing is done by itself has somebody paged.
func TestATimeoutWithoutADefaultPages(t *testing.T) {
	t.Parallel()
	n := failing(t, "")
	n.told()
	n.passes(15 * time.Minute)
	if got := n.told(); !slices.Equal(got, []string{"remind", "escalated page sre", "paged page in UOTTO"}) {
		t.Errorf("it told %q", got)
	}
}

// Whenever somebody says something, it counts only if they were awaited or their time
// had come; nobody approves their own; and to fold the events again comes to the same.
func TestNobodyAnswersBeforeTheirTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := newNight(t, approving())
		created := n.d
		for range rapid.IntRange(1, 6).Draw(rt, "tries") {
			elapsed := n.now.Sub(dawn) + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "pause"))
			n.passes(elapsed)
			by := rapid.SampledFrom([]deployer.Actor{ana, bob, dora, otto}).Draw(rt, "who")
			a := n.yes()
			a.Comment = rapid.SampledFrom([]string{"", "it burns"}).Draw(rt, "why")
			before := n.d
			events, _, err := telling.Decide(n.d, deployer.Order{By: by, Command: a}, deployer.Facts{Now: n.now, Person: deployer.Person{Roles: standing(by.ID)}})
			n.d = deployer.Fold(n.d, events...)
			may := by == bob || by == dora && elapsed >= patient.Deputies || by == otto && elapsed >= patient.BreakGlass && a.Comment != ""
			if (err == nil) != may {
				rt.Fatalf("%s after %s with %q: %v", by.Name, elapsed, a.Comment, err)
			}
			if again := deployer.Fold(before, events...); !reflect.DeepEqual(again, n.d) {
				rt.Fatal("folding comes to something else")
			}
			if err == nil {
				if broke := len(n.d.Glass) > 0; broke != (by == otto) {
					rt.Fatalf("%s: glass %+v", by.Name, n.d.Glass)
				}
				break
			}
		}
		if created.Glass != nil || len(created.Step("s").Escalated) > 0 {
			rt.Fatal("folding has changed what it began with: " + fmt.Sprint(created.Step("s").Escalated))
		}
	})
}
