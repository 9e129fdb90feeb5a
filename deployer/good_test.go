package deployer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// proved rolls out and verifies, both ways.
var proved = deployer.Procedure{
	ID: "p", Kinds: []deployer.Kind{proves},
	Steps: []deployer.Step{
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
		{ID: "verify", Title: "Verify", Uses: proves.Name, Needs: []string{"rollout"}},
	},
	Rollback: []deployer.Step{
		{ID: "back", Title: "Roll back", Uses: deployer.KindRollout},
		{ID: "verify-back", Title: "Verify", Uses: proves.Name, Needs: []string{"back"}},
	},
}

var (
	version = func(v string) deployer.State { return deployer.State{Version: v, Image: "web:" + v} }
	engine  = deployer.Actor{}
)

// against is a deployment of v3 to services that run v4-missing, each with what is
// known to have run well there.
func against(t *testing.T, p deployer.Procedure, good map[string]deployer.Good) deployer.Deployment {
	t.Helper()
	start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p}
	var targets []deployer.Target
	for _, service := range []string{"web", "api", "db"} {
		if g, ok := good[service]; ok {
			start.Releases = append(start.Releases, deployer.Release{Service: service, Tag: "v3"})
			targets = append(targets, deployer.Target{Service: service, Runner: "kubernetes", Before: version("v4-missing"), After: version("v3"), Good: g})
		}
	}
	return give(t, give(t, deployer.Deployment{}, ana, start), engine, deployer.Resolve{Targets: targets})
}

// rolls has an effect begin and end.
func rolls(t *testing.T, d deployer.Deployment, key, runs string, result deployer.Result) deployer.Deployment {
	t.Helper()
	d = give(t, d, engine, look(key, deployer.ObservedAbsent, version(runs)))
	return give(t, d, engine, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: "so"}})
}

var goodV2 = deployer.Good{State: deployer.State{Version: "v2", Image: "web:v2", Revision: "2"}, How: deployer.EvidenceProven, By: "tangerine-0", Since: dawn.Add(-72 * time.Hour)}

// A rollback went back to whatever ran when the deployment began: to v4-missing,
// which had never run.
func TestARollbackGoesToWhatRanWell(t *testing.T) {
	t.Parallel()
	d := rolls(t, against(t, proved, map[string]deployer.Good{"web": goodV2}), "rollout/web", "v4-missing", deployer.Failed)
	if undo := d.Undo(); len(undo.Targets) != 1 || undo.Targets[0].Before != goodV2.State {
		t.Errorf("the dialog says %+v", undo)
	}
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Subject: d.Undo().Hash()})
	in := deployer.Next(d, dawn).Effects[0].Intent
	if !in.Back || in.To != goodV2.State || in.From != version("v3") || in.Found != version("v4-missing") {
		t.Errorf("it is rolled back by %+v", in)
	}
	if ran := readout.RanFor(d, d.Targets[0], dawn.Add(time.Hour)); ran != 72*time.Hour {
		t.Errorf("it ran well for %s", ran)
	}
}

// Where nothing is known to have run well, there is no button, and it is said why.
// Somebody has changed the environment by hand of the version that ran well: it is
// not put back with that.
func TestARollbackGoesToTheTemplateThatRanWell(t *testing.T) {
	t.Parallel()
	proven := deployer.Good{State: deployer.State{Version: "v2", Image: "web:v2", Revision: "2", Template: "good"}, How: deployer.EvidenceProven}
	for template, want := range map[string]string{"broken": "2", "good": "3", "": "3"} {
		target := deployer.Target{Service: "web", Before: deployer.State{Version: "v2", Image: "web:v2", Revision: "3", Template: template}, Good: proven}
		if back, ok := deployer.BackTo(deployer.Deployment{}, target); !ok || back.Revision != want {
			t.Errorf("with the template %q it goes to revision %s, want %s", template, back.Revision, want)
		}
	}
}

func TestNothingIsGoneBackToThatNobodyKnowsToHaveRunWell(t *testing.T) {
	t.Parallel()
	none := deployer.Good{How: deployer.EvidenceNone}
	d := rolls(t, against(t, proved, map[string]deployer.Good{"web": none}), "rollout/web", "v4-missing", deployer.Failed)
	if slices.Contains(d.Options(), deployer.ChoiceRollBack) {
		t.Errorf("it can be rolled back: %v", d.Options())
	}
	refused(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack}, "no version of web is known to have run well. What ran before, see: history web")
}

// Of several services the order is bound to which go back, to what, and which stay:
// those of which nothing is known do.
func TestTheRollbackOfSeveralSaysWhichStay(t *testing.T) {
	t.Parallel()
	d := against(t, proved, map[string]deployer.Good{"web": goodV2, "api": {How: deployer.EvidenceNone}, "db": goodV2})
	d = rolls(t, d, "rollout/db", "v4-missing", deployer.OK)
	d = rolls(t, d, "rollout/api", "v4-missing", deployer.Failed)
	d = rolls(t, d, "rollout/web", "v4-missing", deployer.Failed)
	undo := d.Undo()
	if len(undo.Targets) != 1 || undo.Targets[0].Service != "web" || !slices.Equal(undo.Stay, []string{"api", "db"}) {
		t.Fatalf("it would undo %+v", undo)
	}
	other := undo
	other.Stay = []string{"api"}
	if other.Hash() == undo.Hash() {
		t.Error("which stay is not part of it")
	}
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack, Subject: undo.Hash()})
	if !slices.Equal(d.RollbackServices, []string{"web"}) {
		t.Errorf("rolled back is %v", d.RollbackServices)
	}
}

// What a deployment that has ended knows to have run well: what it has brought or
// put back and proven, and what it would have gone back to.
func TestWhatRanWellByTheRecord(t *testing.T) {
	t.Parallel()
	fresh := against(t, proved, map[string]deployer.Good{"web": goodV2})
	out := rolls(t, fresh, "rollout/web", "v4-missing", deployer.OK)
	failed := rolls(t, fresh, "rollout/web", "v4-missing", deployer.Failed)
	broken := rolls(t, out, "verify/web", "v3", deployer.Failed)
	skip := deployer.Answer{Step: "verify", Attempt: 1, Choice: deployer.ChoiceSkip, Comment: "log noise"}
	back := give(t, failed, ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
	for _, test := range []struct {
		name string
		d    deployer.Deployment
		want string // versions, and by whom they are proven
		ends deployer.Status
		why  string
	}{
		{"proven", rolls(t, out, "verify/web", "v3", deployer.OK), "v3 , v2 tangerine-0", deployer.Complete, ""},
		{"its proof was skipped", give(t, broken, ana, skip), "v2 tangerine-0", deployer.Complete, "Not proven: “Verify” was skipped."},
		{"failed and stopped", give(t, failed, ana, deployer.Answer{Choice: deployer.ChoiceStop}), "v2 tangerine-0", deployer.Stopped, "Stopped by Ana."},
		{"stopped before anything", give(t, fresh, ana, deployer.Answer{Choice: deployer.ChoiceStop}), "v2 tangerine-0", deployer.Stopped, "Stopped by Ana."},
		{"rolled back", rolls(t, rolls(t, back, "back/web", "v3", deployer.OK), "verify-back/web", "v2", deployer.OK), "v2 , v2 tangerine-0", deployer.RolledBack, ""},
		{"the rollback stopped", give(t, rolls(t, back, "back/web", "v3", deployer.Failed), ana, deployer.Answer{Choice: deployer.ChoiceStop}), "v2 tangerine-0", deployer.Stopped, "Stopped by Ana."},
	} {
		var got []string
		for _, g := range readout.RanWell(test.d, "web") {
			got = append(got, g.State.Version+" "+g.By)
		}
		if all := strings.Join(got, ", "); strings.ReplaceAll(all, test.d.ID, "") != test.want || test.d.Status != test.ends || test.d.Why != test.why {
			t.Errorf("%s: it is %q, and %s: %q, want %q and %s: %q", test.name, all, test.d.Status, test.d.Why, test.want, test.ends, test.why)
		}
	}
}

// An approval waits, and somebody else brings what is wanted: it was asked for once
// more, from v3 to v3. Nothing is left to approve, the approval stands, and what
// was brought is verified. What changed in another way is asked for again.
func TestWhatSomebodyElseHasBroughtIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	p := proved
	p.Steps = append([]deployer.Step{{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}}}, proved.Steps...)
	p.Steps[1].Needs = []string{"approve"}
	d := against(t, p, map[string]deployer.Good{"web": goodV2, "api": goodV2})
	d = give(t, d, bob, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceApprove, Subject: d.Subject().Hash()})
	approved := d.Subject().Hash()

	other := give(t, d, engine, look("rollout/web", deployer.ObservedAbsent, version("v9")))
	if other.Step("approve").Status != deployer.Active {
		t.Error("another version is not approved again")
	}
	for name, seen := range map[string]deployer.Observation{
		"the same image":   {Kind: deployer.ObservedAbsent, State: version("v3")},
		"the system knows": {Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v3", Image: "web:v3@sha256:1"}, Live: true},
	} {
		d := give(t, d, engine, deployer.Intend{Key: "rollout/web", Observation: seen})
		if !slices.Equal(d.Arrived, []deployer.Arrival{{Service: "web"}}) || d.Subject().Hash() != approved || d.Step("approve").Status != deployer.Done || d.Effect("rollout/web") != nil {
			t.Fatalf("%s: it is %+v", name, d)
		}
		d = rolls(t, d, "rollout/api", "v4-missing", deployer.OK)
		if got := d.Touched(); !slices.Equal(got, []string{"api"}) || d.Step("verify").Status != deployer.Active {
			t.Errorf("%s: touched is %v, and the check %s", name, got, d.Step("verify").Status)
		}
	}
	d = give(t, d, engine, look("rollout/web", deployer.ObservedAbsent, version("v3")))
	d = give(t, d, engine, look("rollout/api", deployer.ObservedAbsent, version("v3")))
	if s := d.Step("rollout"); s.Status != deployer.StepNotNeeded || s.Why != "web has v3 already, api has v3 already." {
		t.Errorf("the rollout is %s: %s", s.Status, s.Why)
	}
	d = rolls(t, rolls(t, d, "verify/web", "v3", deployer.OK), "verify/api", "v3", deployer.OK)
	if diff := cmp.Diff("Nothing was rolled out: web has v3 already, api has v3 already.", d.Why); d.Status != deployer.Complete || diff != "" {
		t.Errorf("it is %s: %s", d.Status, diff)
	}
}
