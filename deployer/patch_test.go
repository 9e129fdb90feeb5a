package deployer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

var runsV3 = deployer.State{Version: "v3", Image: "v3"}

// patched is what somebody answers who patches services forward.
func patched(d deployer.Deployment, to map[string]string) deployer.Answer {
	b := d.Broken()
	return deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoicePatch, Values: to, Comment: "v3 mends it"}
}

// targetOf is a service that runs one state and is to run another.
func targetOf(service string, before, after deployer.State) deployer.Target {
	return deployer.Target{Service: service, Runner: "kubernetes", Before: before, After: after, Pauses: true}
}

// failedRollout is a deployment of which v2 was approved, and failed with web.
func failedRollout(t *testing.T, services ...string) deployer.Deployment {
	t.Helper()
	d := asked(t, 1, services...)
	d = give(t, d, bob, yes(d))
	for _, s := range services {
		d = give(t, d, deployer.Actor{}, look("rollout/"+s, deployer.ObservedAbsent, runsV1))
		if s != "web" {
			d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/" + s, Outcome: deployer.Outcome{Result: deployer.OK}})
		}
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	d = settle(t, d, "rollout/web/pause", deployer.OK)
	if d.Status != deployer.Deciding || !slices.Contains(d.Options(), deployer.ChoicePatch) {
		t.Fatalf("it is %s: %v", d.Status, d.Options())
	}
	return d
}

// Another version takes over the same deployment: it is approved anew, by nobody who
// asked for it, and rolled out under a mark of its own, so that what is left of the old
// one is never taken for it.
func TestPatchingForwardBeginsAnewAtTheApproval(t *testing.T) {
	t.Parallel()
	d := failedRollout(t, "web")
	places, old := d.Places(), d.Mark(false)
	d = give(t, d, rosa, patched(d, map[string]string{"web": "v3"}))
	if p := deployer.Next(d, dawn); !p.Resolve || d.Status != deployer.Deciding || d.Target("web").After != runsV2 || deployer.AwaitsDecision(d) {
		t.Fatalf("while it is looked up it is %s, %+v", d.Status, p)
	}
	if got := d.Options(); !slices.Equal(got, []deployer.Choice{deployer.ChoiceTakeOver, deployer.ChoiceStop}) {
		t.Errorf("while it is looked up the options are %v", got)
	}
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{targetOf("web", runsV2, runsV3)}, Releases: deployer.Unresolved(d)})
	web := d.Target("web")
	if d.Status != deployer.Running || web.Before != runsV1 || web.After != runsV3 || !slices.Equal(d.Places(), places) || d.Releases[0].Tag != "v3" {
		t.Fatalf("it is %s, with %+v", d.Status, web)
	}
	if s := d.Step("approve"); s.Status != deployer.Active || len(s.Approvals) != 0 || s.Attempt != 2 {
		t.Fatalf("the approval is %+v", s)
	}
	refused(t, d, rosa, yes(d), "Nobody approves what they patched forward to.")
	refused(t, d, ana, yes(d), "Nobody approves their own deployment.")
	d = give(t, d, tina, yes(d))
	w := deployer.Next(d, dawn).Effects
	if len(w) != 1 || w[0].Intent.Mark == old || w[0].Intent.From != runsV2 || w[0].Intent.To != runsV3 {
		t.Fatalf("wanted is %+v", w)
	}
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV2))
	if e := d.Effect("rollout/web"); e == nil || e.Stage != deployer.Intended || e.Before != runsV2 {
		t.Fatalf("begun is %+v", e)
	}
	if d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK}}); d.Status != deployer.Complete {
		t.Errorf("it ends %s: %s", d.Status, d.Why)
	}
}

// What a rollback goes to is what ran before the first rollout, whichever version was
// rolled out last: also where the next one has failed as well, or has not begun.
func TestARollbackGoesBackBeyondAllVersions(t *testing.T) {
	t.Parallel()
	forward := func(t *testing.T) deployer.Deployment {
		d := failedRollout(t, "web")
		d = give(t, d, rosa, patched(d, map[string]string{"web": "v3"}))
		d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{targetOf("web", runsV2, runsV3)}})
		return give(t, d, tina, yes(d))
	}
	t.Run("the next one has failed", func(t *testing.T) {
		t.Parallel()
		d := forward(t)
		d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV2))
		d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
		d = settle(t, d, "rollout/web/pause", deployer.OK)
		d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Subject: d.Undo().Hash()})
		in := deployer.Next(d, dawn).Effects[0].Intent
		if in.From != runsV3 || in.To != runsV1 || in.Found != runsV2 || in.ForwardMark() == d.Mark(false) || deployer.DeploymentOfMark(in.Mark) != d.ID {
			t.Errorf("it goes back by %+v", in)
		}
	})
	t.Run("the next one is refused", func(t *testing.T) {
		t.Parallel()
		d := forward(t)
		d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV2))
		d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Absent, Why: "it was refused"}})
		if got := d.Touched(); !slices.Equal(got, []string{"web"}) {
			t.Fatalf("touched is %v", got)
		}
		d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Subject: d.Undo().Hash()})
		in := deployer.Next(d, dawn).Effects[0].Intent
		if in.From != runsV2 || in.To != runsV1 || in.Found != runsV1 || in.ForwardMark() != d.Mark(false) {
			t.Errorf("it goes back by %+v", in)
		}
	})
}

// A tag that nobody knows leaves everything as it was, and what is looked up of another
// one comes too late.
func TestAVersionThatIsNotThereLeavesTheDecision(t *testing.T) {
	t.Parallel()
	before := failedRollout(t, "web", "api")
	d := give(t, before, rosa, patched(before, map[string]string{"web": "v3"}))
	wantStale(t, d, deployer.Resolve{Targets: before.Targets, Releases: before.Releases})
	wantStale(t, d, deployer.RejectStart{Releases: before.Releases})
	d = give(t, d, deployer.Actor{}, deployer.RejectStart{Refusal: *deployer.Refuse("Type it anew.", "There is no tag v3."), Releases: deployer.Unresolved(d)})
	if d.Status != deployer.Deciding || !slices.Equal(d.Options(), before.Options()) || !slices.Equal(d.Releases, before.Releases) || d.Subject().Hash() != before.Subject().Hash() {
		t.Errorf("it is %s: %v", d.Status, d.Options())
	}
	if p := deployer.Unpatched(d); p == nil || p.Refused != "There is no tag v3. Type it anew." {
		t.Errorf("the patch is %+v", p)
	}
	if deployer.Next(d, dawn).Resolve {
		t.Error("it is looked up again")
	}
	d = give(t, d, rosa, patched(d, map[string]string{"web": "v3"}))
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop, Subject: deployer.LeftBy(d).Hash()})
	wantStale(t, d, deployer.Resolve{Targets: before.Targets, Releases: []deployer.Release{{Service: "web", Tag: "v3"}, {Service: "api", Tag: "v2"}}})
	if d.Status != deployer.Stopped {
		t.Errorf("stopped meanwhile, it is %s", d.Status)
	}
}

func TestWhoPatchesForwardAndToWhat(t *testing.T) {
	t.Parallel()
	d := failedRollout(t, "web", "api")
	refused(t, d, eve, patched(d, map[string]string{"web": "v3"}), "Only Ana or tech-lead can decide that.")
	refused(t, d, ana, patched(d, nil), "That is what it deploys already.")
	refused(t, d, ana, patched(d, map[string]string{"web": "v2", "api": " v2 "}), "That is what it deploys already.")
	refused(t, d, ana, patched(d, map[string]string{"pay": "v3"}), "pay is none of the services")
	refused(t, d, ana, patched(d, map[string]string{"web": "v3:x"}), "That is no tag of web.")
	refused(t, d, ana, patched(d, map[string]string{"web": "vЗ"}), "U+0417")
	silent := patched(d, map[string]string{"web": "v3"})
	silent.Comment = " "
	refused(t, d, ana, silent, "Patching forward needs a reason.")
	late := patched(d, map[string]string{"web": "v3"})
	late.Attempt++
	refused(t, d, ana, late, "There is nothing to decide about that now.")
	d.Procedure.Failure.Decide = "sre"
	refused(t, d, ana, patched(d, map[string]string{"web": "v3"}), "Only sre can patch forward.")
	running := asked(t, 1, "web")
	refused(t, running, ana, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoicePatch, Values: map[string]string{"web": "v3"}, Comment: "so"}, "nothing to decide")
}

// What was done before the approval stays done, what stands after it is told and asked
// anew, and of several services the way back of each stays.
func TestWhatIsDoneBeforeTheApprovalStaysDone(t *testing.T) {
	t.Parallel()
	p := deployer.Procedure{
		ID: "p",
		Steps: []deployer.Step{
			{ID: "ticket", Title: "Ticket", Uses: deployer.KindConfirm},
			{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}, Needs: []string{"ticket"}},
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}},
			{ID: "look", Title: "Look", Uses: deployer.KindConfirm, Needs: []string{"rollout"}},
		},
		Rollback: []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}},
	}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p,
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v2"}},
	})
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{targetOf("web", runsV1, runsV2), targetOf("api", runsV1, runsV2)}})
	d = give(t, d, ana, deployer.Answer{Step: "ticket", Attempt: 1, Choice: deployer.ChoiceDone})
	d = give(t, d, bob, yes(d))
	for _, s := range []string{"web", "api"} {
		d = give(t, d, deployer.Actor{}, look("rollout/"+s, deployer.ObservedAbsent, runsV1))
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/api", Outcome: deployer.Outcome{Result: deployer.OK}})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	d = settle(t, d, "rollout/web/pause", deployer.OK)
	d = give(t, d, bob, patched(d, map[string]string{"web": "v3"}))
	live := targetOf("api", runsV2, runsV2)
	live.Live = true
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{targetOf("web", runsV2, runsV3), live}})
	got := map[string]deployer.StepStatus{}
	for _, s := range d.Steps {
		got[s.ID] = s.Status
	}
	want := map[string]deployer.StepStatus{"ticket": deployer.Done, "approve": deployer.Active, "rollout": deployer.Pending, "look": deployer.Pending, "back": deployer.Pending}
	if !maps.Equal(got, want) {
		t.Errorf("the steps are %v, want %v", got, want)
	}
	if got := d.Touched(); !slices.Equal(got, []string{"web", "api"}) {
		t.Errorf("touched is %v", got)
	}
	if p := d.Problems[0]; p.Ended == 0 || p.Decided != deployer.ChoicePatch || p.By != bob {
		t.Errorf("the problem is %+v", p)
	}
	d = give(t, d, rosa, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV9)) // somebody has changed it
	if s := d.Step("approve"); s.Status != deployer.Active || len(s.Approvals) != 0 {
		t.Errorf("changed by somebody, the approval is %s with %v", s.Status, s.Approvals)
	}
	d = give(t, d, tina, yes(d))
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV9))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	d = settle(t, d, "rollout/web/pause", deployer.OK)
	for _, u := range d.Undo().Targets {
		if u.Before != runsV1 {
			t.Errorf("%s goes back to %+v", u.Service, u.Before)
		}
	}
}

// Nobody patches forward to what nobody but them, and who asked for it, could approve then:
// it would wait for ever.
func TestPatchingForwardLeavesSomebodyToApprove(t *testing.T) {
	t.Parallel()
	d := failedRollout(t, "web")
	two := d
	two.Steps = slices.Clone(d.Steps)
	two.Step("approve").With = deployer.Values{"roles": {Counts: map[string]int{"tech-lead": 1, "sre": 1}}}
	for _, test := range []struct {
		d          deployer.Deployment
		leads, sre []deployer.Actor
		why        string
	}{
		{d, []deployer.Actor{rosa, bob}, nil, ""},
		{d, []deployer.Actor{rosa}, nil, "Nobody else could approve it as tech-lead then."},
		{d, []deployer.Actor{rosa, d.Requester}, nil, "Nobody else could approve it as tech-lead then."},
		{two, []deployer.Actor{bob}, []deployer.Actor{eve}, ""},
		{two, []deployer.Actor{bob}, []deployer.Actor{bob}, "Nobody else could approve it as "}, // nobody counts for two roles
	} {
		d := test.d
		facts := deployer.Facts{Now: dawn, Person: deployer.Person{Roles: roles[rosa.ID]}, Members: func(role string) []deployer.Actor {
			return map[string][]deployer.Actor{"tech-lead": test.leads, "sre": test.sre}[role]
		}}
		_, _, err := telling.Decide(d, deployer.Order{By: rosa, Command: patched(d, map[string]string{"web": "v3"})}, facts)
		if (err == nil) != (test.why == "") || err != nil && !strings.Contains(err.Error(), test.why) {
			t.Errorf("of %v and %v: %v", test.leads, test.sre, err)
		}
	}
}
