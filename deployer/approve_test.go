package deployer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

var (
	runsV1 = deployer.State{Version: "v1", Image: "v1"}
	runsV2 = deployer.State{Version: "v2", Image: "v2"}
	runsV9 = deployer.State{Version: "v9", Image: "v9"}
)

// asked is a deployment that waits for so many approvals of what the services
// will run.
func asked(t *testing.T, count int, services ...string) deployer.Deployment {
	t.Helper()
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"},
		Procedure: deployer.Procedure{
			ID: "p",
			Steps: []deployer.Step{
				{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: count}}},
				{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}, Timeout: time.Hour},
			},
			Rollback: []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}},
		},
	}
	var targets []deployer.Target
	for _, s := range services {
		start.Releases = append(start.Releases, deployer.Release{Service: s, Tag: "v2"})
		targets = append(targets, deployer.Target{Service: s, Runner: "kubernetes", Before: runsV1, After: runsV2, Pauses: true})
	}
	d := give(t, deployer.Deployment{}, ana, start)
	return give(t, d, deployer.Actor{}, deployer.Resolve{Targets: targets})
}

// yes is somebody's approval of what the deployment is about now.
func yes(d deployer.Deployment) deployer.Answer {
	s := d.Step("approve")
	return deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}
}

// look is what a look has found before an effect is begun.
func look(key string, kind deployer.ObservationKind, state deployer.State) deployer.Intend {
	return deployer.Intend{Key: key, Observation: deployer.Observation{Kind: kind, State: state, Why: "so"}}
}

func wantStale(t *testing.T, d deployer.Deployment, c deployer.Command) {
	t.Helper()
	if _, _, err := telling.Decide(d, deployer.Order{Command: c}, deployer.Facts{Now: dawn}); !errors.Is(err, deployer.ErrStale) {
		t.Errorf("%+v: got %v, want that it is surplus", c, err)
	}
}

// Unlisted people could approve (pipecd 2550), the requester could, and nobody
// checked who clicked.
func TestOnlyTheRoleAndNotTheRequesterApproves(t *testing.T) {
	t.Parallel()
	d := asked(t, 2, "web")
	refused(t, d, ana, yes(d), "Nobody approves their own deployment.") // who holds the role, too
	refused(t, d, eve, yes(d), "Only tech-lead can decide")
	stale := yes(d)
	stale.Subject = "another"
	refused(t, d, bob, stale, "has changed since that button was shown")
	d = give(t, d, bob, yes(d))
	refused(t, d, bob, yes(d), "You have approved already.")
	if s := d.Step("approve"); s.Status != deployer.Active {
		t.Errorf("one of two approvals is enough: %s", s.Status)
	}
	d = give(t, d, rosa, yes(d))
	if s := d.Step("approve"); s.Status != deployer.Done {
		t.Errorf("with two approvals it is %s", s.Status)
	}
}

// An approval that was void stays so, also when what it was about is there
// again.
func TestAVoidApprovalStaysVoid(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV9))
	if s := d.Step("approve"); s.Status != deployer.Active || len(s.Approvals) != 0 {
		t.Fatalf("asked again, it is %s with %v", s.Status, s.Approvals)
	}
	d = give(t, d, rosa, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	if s := d.Step("approve"); s.Status != deployer.Active {
		t.Errorf("back at the first image, the approval is %s", s.Status)
	}
}

// Where one of two services is under way already, the approval can't be asked
// for again: the other one is for a person to decide.
func TestAChangeBesideARolloutInterrupts(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web", "api")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	d = give(t, d, deployer.Actor{}, look("rollout/api", deployer.ObservedAbsent, runsV9))
	if s := d.Step("approve"); s.Status != deployer.Done {
		t.Errorf("the approval is %s", s.Status)
	}
	if e := d.Effect("rollout/api"); e == nil || e.Outcome.Result != deployer.Interrupted {
		t.Errorf("the effect is %+v", e)
	}
}

// What an effect has come to is said once: a report that arrives late changes
// nothing.
func TestLateReportsAreStale(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	d = give(t, d, deployer.Actor{}, deployer.Act{Key: "rollout/web", Ref: "1"})
	wantStale(t, d, deployer.Act{Key: "rollout/web", Ref: "2"})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "so"}})
	wantStale(t, d, deployer.Act{Key: "rollout/web", Ref: "3"})
	wantStale(t, d, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	wantStale(t, d, look("rollout/web", deployer.ObservedAbsent, runsV1))
}

// A rollout that failed is held, whatever becomes of the deployment, and a
// retry lets it go on: the two are never wanted together.
func TestAFailedRolloutIsPausedWhateverIsDecided(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	d = give(t, d, deployer.Actor{}, look("rollout/web/pause", deployer.ObservedAbsent, runsV2))

	stopped := give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop})
	if p := deployer.Next(stopped, dawn); len(p.Effects) != 1 || p.Effects[0].Verb != deployer.VerbPause || p.Effects[0].Halt != "" {
		t.Errorf("while it is stopped: %+v", p.Effects)
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "no answer"}})
	b := d.Broken()
	if b == nil {
		t.Fatal("nobody has to decide")
	}
	d = give(t, d, ana, deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry})
	if p := deployer.Next(d, dawn); len(p.Effects) != 1 || p.Effects[0].Key != "rollout/web" {
		t.Errorf("for the retry: %+v", p.Effects)
	}
}

// The template is a part of what is approved: where it changes, the approval is void
// and says what has changed. Nothing is known of targets from before it was noted.
func TestAnApprovalIsAboutTheTemplate(t *testing.T) {
	t.Parallel()
	was, now := runsV1, runsV1
	was.Template, now.Template = "a", "b"
	seen := deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{
		Kind: deployer.ObservedAbsent, State: now, Why: "the environment of app changed",
	}}
	d := asked(t, 1, "web")
	without := d.Subject().Hash()
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, seen)
	if e := d.Effect("rollout/web"); e == nil || e.Stage != deployer.Intended {
		t.Errorf("where it was not noted, the effect is %+v", e)
	}

	d = asked(t, 1, "web")
	d.Targets[0].Before = was
	if d.Subject().Hash() == without {
		t.Error("the Subject does not tell templates apart")
	}
	d = give(t, d, bob, yes(d))
	d = give(t, d, deployer.Actor{}, seen)
	const why = "web is not as it was when this was approved: the environment of app changed."
	if s := d.Step("approve"); s.Status != deployer.Active || len(s.Approvals) != 0 || s.Why != why {
		t.Errorf("it is %s with %v: %s", s.Status, s.Approvals, s.Why)
	}
	d = give(t, d, rosa, yes(d))
	d = give(t, d, deployer.Actor{}, seen)
	if e := d.Effect("rollout/web"); e == nil || e.Before != now {
		t.Errorf("approved again, the effect is %+v", e)
	}
}
