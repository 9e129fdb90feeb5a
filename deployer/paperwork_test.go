package deployer_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// papers is a deployment that is rolled out, proven and told of, and waits for a list.
func papers(t *testing.T, change func(*deployer.Procedure)) deployer.Deployment {
	t.Helper()
	p := deployer.Procedure{
		ID: "p", Kinds: []deployer.Kind{proves},
		Steps: []deployer.Step{
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
			{ID: "verify", Title: "It runs", Uses: proves.Name, Needs: []string{"rollout"}},
			{ID: "complete", Title: "Complete", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "complete"}, "to": {List: []string{"deploys"}}}, Needs: []string{"verify"}},
			{ID: "list", Title: "The list is closed", Uses: deployer.KindConfirm, Needs: []string{"complete"}},
		},
		Messages: map[string]string{"complete": "{what} is complete"},
		Rollback: []deployer.Step{{ID: "back", Title: "Back", Uses: deployer.KindRollout}},
	}
	if change != nil {
		change(&p)
	}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}})
	d = give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: runsV1, After: runsV2}}})
	d = give(t, d, deployer.Actor{}, look("rollout/web", deployer.ObservedAbsent, runsV1))
	if d.Freed {
		t.Error("its place is free while it rolls out")
	}
	d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK}})
	if d = settle(t, d, "verify/web", deployer.OK); d.Status != deployer.Running || d.Step("list").Status != deployer.Active {
		t.Fatalf("it is %s: %+v", d.Status, d.Current())
	}
	return d
}

// A list that nobody closed kept the next version away over the weekend.
func TestOpenPaperworkKeepsNoPlace(t *testing.T) {
	t.Parallel()
	d := papers(t, nil)
	if !d.Freed {
		t.Fatal("a list keeps its place")
	}
	if w := deployer.Next(d, dawn).Watches; len(w) > 0 {
		t.Errorf("what may run something else by now is watched: %+v", w)
	}
	if good := readout.RanWell(d, "web"); len(good) == 0 || good[0].State != runsV2 {
		t.Errorf("what it has proven is not known to have run well: %+v", good)
	}
	refused(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack}, "To go back from that, say: rollback tangerine-1")
	done := deployer.Answer{Step: "list", Attempt: 1, Choice: deployer.ChoiceDone}
	for name, a := range map[deployer.Status]deployer.Answer{deployer.Complete: done, deployer.Stopped: {Choice: deployer.ChoiceStop}} {
		events, err := orderOf(d, ana, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if _, again := e.(deployer.PlacesFreed); again {
				t.Errorf("%s: it gives back a place that may be somebody else's", name)
			}
		}
		if after := deployer.Fold(d, events...); after.Status != name {
			t.Errorf("it is %s, want %s", after.Status, name)
		}
	}
}

// What may still change what runs, prove it or tell of it keeps the place.
func TestWhatIsNoPaperworkKeepsThePlace(t *testing.T) {
	t.Parallel()
	then := func(s deployer.Step) func(*deployer.Procedure) {
		s.ID, s.Title, s.Needs = "then", "Then", []string{"list"}
		return func(p *deployer.Procedure) { p.Steps = append(p.Steps, s) }
	}
	tells := deployer.Values{"message": {Text: "m"}, "to": {List: []string{"deploys"}}}
	for name, c := range map[string]struct {
		change func(*deployer.Procedure)
		freed  bool
	}{
		"another proof":         {then(deployer.Step{Uses: proves.Name}), false},
		"a change":              {then(deployer.Step{Uses: builds.Name}), false},
		"a wait":                {then(deployer.Step{Uses: deployer.KindWait, With: deployer.Values{"for": {Duration: 1}}}), false},
		"an approval":           {then(deployer.Step{Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}}), false},
		"a list that goes back": {func(p *deployer.Procedure) { p.Steps[3].OnFailure = deployer.FailureRollBack }, false},
		"words that say what runs": {func(p *deployer.Procedure) {
			p.Messages["m"] = "{what} runs"
			then(deployer.Step{Uses: deployer.KindAnnounce, With: tells})(p)
		}, false},
		"words that do not": {func(p *deployer.Procedure) {
			p.Messages["m"] = "The list is closed"
			then(deployer.Step{Uses: deployer.KindAnnounce, With: tells})(p)
		}, true},
		"a list before it is told": {func(p *deployer.Procedure) { p.Steps[2].Needs, p.Steps[3].Needs = []string{"list"}, []string{"verify"} }, false},
		"another list":             {then(deployer.Step{Uses: deployer.KindConfirm}), true},
	} {
		d := papers(t, func(p *deployer.Procedure) { p.Kinds = append(p.Kinds, builds); c.change(p) })
		if d.Freed != c.freed {
			t.Errorf("%s: its place is free: %t, want %t", name, d.Freed, c.freed)
		}
	}
}

// orderOf decides without a word when it is refused.
func orderOf(d deployer.Deployment, by deployer.Actor, c deployer.Command) ([]deployer.Event, error) {
	events, _, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: dawn, Person: deployer.Person{Roles: roles[by.ID]}})
	return events, err
}
