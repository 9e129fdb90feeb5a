package deployer_test

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// A rollback goes back to what ran before the first attempt, also when a later
// one could not see what is there: it was once taken for nothing, so that the
// rollback would have set an image without a name.
func TestARollbackGoesBackToWhatRanAlthoughALookSawNothing(t *testing.T) {
	t.Parallel()
	v1, v2 := deployer.State{Version: "v1", Image: "v1", Revision: "7"}, deployer.State{Version: "v2", Image: "v2"}
	p := deployer.Procedure{
		ID:       "p",
		Steps:    []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}},
		Rollback: []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}},
	}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
	})
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: v1, After: v2}}})
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, v1))
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	for _, kind := range []deployer.ObservationKind{deployer.ObservedUnknown, deployer.ObservedPresent, deployer.ObservedUnknown} {
		b := d.Broken()
		d = give(t, d, ana, deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry})
		d = give(t, d, deployer.Actor{}, look("rollout/web", kind, deployer.State{}))
		if e := d.Effect("rollout/web"); e.Open() {
			d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
		}
	}
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
	effects := deployer.Next(d, dawn).Effects
	if len(effects) != 1 || effects[0].Intent.To != v1 {
		t.Errorf("the rollback is %+v, want one to %+v", effects, v1)
	}
}

// checked rolls web and api out and then verifies them.
var checked = deployer.Procedure{
	Steps: []deployer.Step{
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
		{ID: "verify", Title: "Verify", Uses: "kubernetes.verify", Needs: []string{"rollout"}},
	},
	Rollback: []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}},
}

// webUnclear is a deployment whose rollout of web can't be told, while api's is
// done.
func webUnclear(t *testing.T) deployer.Deployment {
	t.Helper()
	d := begun(t, checked, "web", "api")
	for _, s := range []string{"web", "api"} {
		d = give(t, d, deployer.Actor{}, look("rollout/"+s, deployer.ObservedAbsent, runsV1))
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/api", Outcome: deployer.Outcome{Result: deployer.OK}})
	return give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "x"}})
}

// The dialog of Roll back named web, and the click rolled api back: in between,
// somebody had retried web, which went well, and the check of api had failed. What
// is typed rests on no dialog.
func TestRollBackIsBoundToWhatWasShown(t *testing.T) {
	t.Parallel()
	d := webUnclear(t)
	shown := deployer.Answer{Choice: deployer.ChoiceRollBack, Subject: d.Undo().Hash()}
	if got := d.FailedServices(); !slices.Equal(got, []string{"web"}) {
		t.Fatalf("shown is %v", got)
	}
	b := d.Broken()
	d = give(t, d, ana, deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry})
	refused(t, d, ana, shown, "it is under way")
	d = settle(t, d, "rollout/web", deployer.OK)
	for _, s := range []string{"web", "api"} {
		d = give(t, d, deployer.Actor{}, look("verify/"+s, deployer.ObservedAbsent, runsV2))
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "verify/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "verify/api", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "y"}})

	refused(t, d, ana, shown, "What would be rolled back has changed since that button was shown. Now it is api to v1.")
	shown.Subject = d.Undo().Hash()
	for _, a := range []deployer.Answer{shown, {Choice: deployer.ChoiceRollBack}} {
		if back := give(t, d, ana, a); !slices.Equal(back.RollbackServices, []string{"api"}) {
			t.Errorf("rolled back is %v", back.RollbackServices)
		}
	}
}

// Of several services, those that are named go back, and each button is about what its
// own dialog says: the failed, or all.
func TestNamedServicesGoBack(t *testing.T) {
	t.Parallel()
	d := webUnclear(t)
	all := d.Undo("web", "api")
	if got := readout.MayGoBack(d); !slices.Equal(got, []string{"web", "api"}) || all.Hash() == d.Undo().Hash() {
		t.Fatalf("%v can go back, and its hash is that of the failed: %t", got, all.Hash() == d.Undo().Hash())
	}
	for name, c := range map[string]struct {
		named, want []string
		subject     string
	}{
		"the failed":          {nil, []string{"web"}, d.Undo().Hash()},
		"all":                 {[]string{"api", "web"}, []string{"web", "api"}, all.Hash()},
		"the one that is new": {[]string{"api"}, []string{"api"}, ""},
	} {
		a := deployer.Answer{Choice: deployer.ChoiceRollBack, Services: c.named, Subject: c.subject}
		if back := give(t, d, ana, a); !slices.Equal(back.RollbackServices, c.want) {
			t.Errorf("%s: rolled back is %v, want %v", name, back.RollbackServices, c.want)
		}
	}
	refused(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Services: []string{"web", "api"}, Subject: d.Undo().Hash()}, "Now it is web to v1, api to v1.")
	refused(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Services: []string{"web", "shop"}}, "has not rolled out shop")
	d.Target("api").Good.How = deployer.EvidenceNone
	if got := readout.MayGoBack(d); got != nil {
		t.Errorf("%v can go back, and of api no version is known to have run well", got)
	}
	refused(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Services: []string{"api"}}, "No version of api is known to have run well")
}

// What has ended is taken back where it is known to what, and where its procedure says
// how; a rollback never is.
func TestWhatHasEndedIsTakenBackToWhatRanWell(t *testing.T) {
	t.Parallel()
	seen := deployer.Good{How: deployer.EvidenceSeen, State: runsV1}
	for name, c := range map[string]struct {
		change func(*deployer.Deployment)
		want   bool
	}{
		"complete":                {func(d *deployer.Deployment) {}, true},
		"stopped":                 {func(d *deployer.Deployment) { d.Status = deployer.Stopped }, true},
		"only paperwork":          {func(d *deployer.Deployment) { d.Status, d.Freed = deployer.Running, true }, true},
		"under way":               {func(d *deployer.Deployment) { d.Status, d.Freed = deployer.Running, false }, false},
		"rolled back":             {func(d *deployer.Deployment) { d.Status, d.Part = deployer.RolledBack, deployer.PartRollback }, false},
		"a rollback of its own":   {func(d *deployer.Deployment) { d.Back = "tangerine-1" }, false},
		"a drill":                 {func(d *deployer.Deployment) { d.Drill.On = true }, false},
		"no way back":             {func(d *deployer.Deployment) { d.Procedure.Rollback = nil }, false},
		"nobody knows how it ran": {func(d *deployer.Deployment) { d.Target("web").Good.How = deployer.EvidenceListed }, false},
		"nothing ran well":        {func(d *deployer.Deployment) { d.Target("web").Good.How = deployer.EvidenceNone }, false},
	} {
		d := begun(t, deployer.Procedure{Steps: checked.Steps[:1], Rollback: checked.Rollback}, "web")
		d.Target("web").Good = seen
		if d = settle(t, d, "rollout/web", deployer.OK); d.Status != deployer.Complete {
			t.Fatalf("it is %s", d.Status)
		}
		c.change(&d)
		if undo, ok := readout.TakenBack(d); ok != c.want || ok && (len(undo.Targets) != 1 || undo.Targets[0].Before != runsV1) {
			t.Errorf("%s: it goes back: %t, to %+v", name, ok, undo.Targets)
		}
	}
}

// The dialog of Stop says what stays as it is: a click on one that says so no more
// is told what has changed.
func TestStopIsBoundToWhatWasShown(t *testing.T) {
	t.Parallel()
	d := begun(t, checked, "web")
	stop := func() deployer.Answer {
		return deployer.Answer{Choice: deployer.ChoiceStop, Subject: deployer.LeftBy(d).Hash()}
	}
	shown := stop()
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	refused(t, d, ana, shown, "What stopping would leave as it is has changed since that button was shown. Now that is web.")
	shown = stop()
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	d = settle(t, d, "rollout/web/pause", deployer.OK)
	if give(t, d, ana, shown).Status == deployer.Deciding {
		t.Error("it says the same still, and was not stopped")
	}
	shown = stop()
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
	refused(t, d, ana, shown, "Now it is being rolled back.")
	shown = stop()
	d = settle(t, d, "back/web", deployer.OK)
	if d.Status != deployer.RolledBack {
		t.Fatalf("it is %s", d.Status)
	}
	refused(t, d, ana, shown, "has ended")
	if d = give(t, begun(t, checked, "web"), ana, deployer.Answer{Choice: deployer.ChoiceStop}); d.Status != deployer.Stopped {
		t.Errorf("typed, it is %s", d.Status)
	}
}
