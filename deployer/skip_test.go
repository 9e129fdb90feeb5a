package deployer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// broken is a deployment whose rollout is out, and whose two checks, side by
// side, have failed.
func broken(t *testing.T) deployer.Deployment {
	t.Helper()
	p := deployer.Procedure{ID: "p", Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}},
		{ID: "pods", Title: "Pods run it", Uses: "kubernetes.verify", Needs: []string{"rollout"}},
		{ID: "health", Title: "Health is OK", Uses: "http.check", Needs: []string{"rollout"}},
		{ID: "soak", Title: "Let it run", Uses: deployer.KindWait, With: deployer.Values{"for": {Duration: time.Minute}}, Needs: []string{"pods", "health"}},
	}}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
	})
	v1, v2 := deployer.State{Version: "v1", Image: "v1"}, deployer.State{Version: "v2", Image: "v2"}
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: v1, After: v2}}})
	d = give(t, d, bob, deployer.Answer{Step: "approve", Attempt: 1, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove})
	d = settle(t, d, "rollout/web", deployer.OK)
	d = give(t, d, deployer.Actor{}, deployer.Intend{Key: "health/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	d = settle(t, d, "pods/web", deployer.Failed)
	if slices.Contains(d.Options(), deployer.ChoiceSkip) {
		t.Error("it can be skipped while another check is under way")
	}
	refused(t, d, bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: "log noise", Choice: deployer.ChoiceSkip}, "nothing to decide")
	return give(t, d, deployer.Actor{}, deployer.Settle{Key: "health/web", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "no answer"}})
}

func settle(t *testing.T, d deployer.Deployment, key string, r deployer.Result) deployer.Deployment {
	t.Helper()
	d = give(t, d, deployer.Actor{}, deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v1", Image: "v1"}}})
	return give(t, d, deployer.Actor{}, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: r, Why: "so"}})
}

func give(t *testing.T, d deployer.Deployment, by deployer.Actor, c deployer.Command) deployer.Deployment {
	t.Helper()
	events, _, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: dawn, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}})
	if err != nil {
		t.Fatalf("%T: %v", c, err)
	}
	return deployer.Fold(d, events...)
}

func refused(t *testing.T, d deployer.Deployment, by deployer.Actor, c deployer.Command, part string) {
	t.Helper()
	_, _, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: dawn, Person: deployer.Person{Roles: roles[by.ID]}})
	if _, ok := errors.AsType[*deployer.Refusal](err); !ok || !strings.Contains(err.Error(), part) {
		t.Errorf("%s giving %+v got %v, want a refusal with %q", by.Name, c, err, part)
	}
}

// Every broken step is decided by itself; what failed stays in the record, and
// the rest goes on.
func TestSkippedStepsCountAsDone(t *testing.T) {
	t.Parallel()
	d := broken(t)
	want := []deployer.Choice{deployer.ChoiceCheck, deployer.ChoiceRetry, deployer.ChoiceByHand, deployer.ChoiceSkip, deployer.ChoicePatch, deployer.ChoiceTakeOver, deployer.ChoiceStop}
	if got := d.Options(); !slices.Equal(got, want) {
		t.Errorf("the options are %v, want %v", got, want)
	}
	d = give(t, d, bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: " log noise ", Choice: deployer.ChoiceSkip})
	if d.Status != deployer.Deciding || d.Why != "no answer" || d.Broken().ID != "health" {
		t.Errorf("with one left it is %s: %s", d.Status, d.Why)
	}
	refused(t, d, bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: "again", Choice: deployer.ChoiceSkip}, "“Pods run it” is done already: Bob skipped it.")
	d = give(t, d, ana, deployer.Answer{Step: "health", Attempt: 1, Comment: "it is the probe", Choice: deployer.ChoiceSkip})
	if d.Status != deployer.Running || d.Why != "" || d.Step("soak").Status != deployer.Active {
		t.Errorf("after the last it is %s: %s", d.Status, d.Why)
	}
	s := d.Step("pods")
	if s.Status != deployer.Done || s.Why != "so" || s.Effects[0].Outcome.Result != deployer.Failed {
		t.Errorf("what failed is gone: %+v", s)
	}
	if s.Skipped != (deployer.Skipped{By: bob, At: dawn, Reason: "log noise"}) {
		t.Errorf("it was skipped %+v", s.Skipped)
	}
}

func TestOnlyDecidersSkipAndWithAReason(t *testing.T) {
	t.Parallel()
	d := broken(t)
	pods := deployer.Answer{Step: "pods", Attempt: 1, Comment: "log noise", Choice: deployer.ChoiceSkip}
	refused(t, d, eve, pods, "Only Ana or tech-lead can decide")
	stale := pods
	stale.Attempt = 0
	refused(t, d, bob, stale, "nothing to decide")
	refused(t, d, bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: " \t", Choice: deployer.ChoiceSkip}, "needs a reason")
	refused(t, d, bob, deployer.Answer{Step: "rollout", Attempt: 1, Comment: "it runs", Choice: deployer.ChoiceSkip}, "nothing to decide")

	d = give(t, d, ana, deployer.Answer{Step: "pods", Attempt: 1, Choice: deployer.ChoiceRetry})
	refused(t, d, bob, pods, "nothing to decide")
}

// Where several roles decide, each of them does.
func TestEachRoleThatDecidesMaySkip(t *testing.T) {
	t.Parallel()
	d := broken(t)
	d.Procedure.Failure.Decide, d.Procedure.Failure.Roles = "chief", []string{"tech-lead"}
	if got := d.Deciders(); !slices.Equal(got, []string{"chief", "tech-lead"}) {
		t.Errorf("it is decided by %v", got)
	}
	give(t, d, bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: "log noise", Choice: deployer.ChoiceSkip})
}

// Where the procedure says who decides, the requester alone may check again, retry and
// stop; to skip and to roll back is the role's, and the requester's who holds it.
func TestWhereARoleDecidesTheRequesterNeitherSkipsNorRollsBack(t *testing.T) {
	t.Parallel()
	d := broken(t)
	back := *d.Step("rollout")
	back.Step.ID, back.Part, back.Status, back.Effects, back.Needs = "back", deployer.PartRollback, deployer.Pending, nil, nil
	d.Steps = append(d.Steps, back)
	orders := []deployer.Answer{{Step: "pods", Attempt: 1, Comment: "log noise", Choice: deployer.ChoiceSkip}, {Choice: deployer.ChoiceRollBack}}

	d.Procedure.Failure.Decide, d.Requester = "tech-lead", eve
	for _, a := range orders {
		refused(t, d, eve, a, "Only tech-lead can skip or roll back.")
		give(t, d, bob, a)
	}
	for _, choice := range []deployer.Choice{deployer.ChoiceCheck, deployer.ChoiceRetry, deployer.ChoiceStop} {
		give(t, d, eve, deployer.Answer{Step: "pods", Attempt: 1, Choice: choice})
	}

	holds := d
	holds.Requester = ana
	asBefore := d
	asBefore.Procedure.Failure.Decide = ""
	for _, a := range orders {
		give(t, holds, ana, a)
		give(t, asBefore, eve, a)
	}
}

// A rollout and an approval can't be done without.
func TestARolloutIsNotSkipped(t *testing.T) {
	t.Parallel()
	p := deployer.Procedure{ID: "p", Steps: []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}}}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}})
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: deployer.State{Image: "v1"}, After: deployer.State{Image: "v2"}}}})
	d = give(t, d, deployer.Actor{}, deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Image: "v1"}}})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "so"}})
	if d.Skippable() != nil || slices.Contains(d.Options(), deployer.ChoiceSkip) {
		t.Errorf("a rollout can be skipped: %v", d.Options())
	}
	refused(t, d, ana, deployer.Answer{Step: "rollout", Attempt: 1, Comment: "it runs", Choice: deployer.ChoiceSkip}, "nothing to decide")
}
