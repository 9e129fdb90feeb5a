package deployer_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// What is about no service holds the place of its procedure, so that two of a kind do
// not go side by side, and is kept away by what locks everything.
func TestAStartWithoutServices(t *testing.T) {
	t.Parallel()
	train := deployer.Procedure{ID: "train", Title: "Release train", Services: deployer.ServicesNone, Steps: []deployer.Step{{ID: "go", Uses: deployer.KindConfirm}}}
	start := deployer.Start{Origin: "x", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: train}
	place := "tangerine/prod/:train"
	locked := func(f *deployer.Facts, service string) {
		f.Locks = deployer.Locks{Site: start.Site, All: []deployer.Lock{{Service: service, By: deployer.Actor{ID: "U9", Name: "Eve"}, Reason: "stocktaking", Until: f.Now.Add(1)}}}
	}
	for name, c := range map[string]struct {
		change func(*deployer.Start, *deployer.Facts)
		want   string // "": it begins
	}{
		"it begins": {func(*deployer.Start, *deployer.Facts) {}, ""},
		"one is under way": {func(_ *deployer.Start, f *deployer.Facts) {
			f.Holders = map[string]deployer.Deployment{place: {ID: "tangerine-4", Site: start.Site}}
		}, "Release train in tangerine prod is held by tangerine-4."},
		"everything locked": {func(_ *deployer.Start, f *deployer.Facts) { locked(f, "") }, "stocktaking"},
		"a service locked":  {func(_ *deployer.Start, f *deployer.Facts) { locked(f, "web") }, ""},
		"about services":    {func(s *deployer.Start, f *deployer.Facts) { s.Procedure.Services, f.Policy = "", nil }, "No service was named."},
		"not theirs":        {func(_ *deployer.Start, f *deployer.Facts) { f.Person = deployer.Person{} }, "Only driver can start the procedure train in tangerine prod."},
		"not of this place": {func(s *deployer.Start, _ *deployer.Facts) { s.Procedure.ID = "other" }, "The procedure other is not for tangerine prod."},
		"nobody may":        {func(_ *deployer.Start, f *deployer.Facts) { f.Policy.Site.Start = []string{"lead"} }, "Only lead can start a deployment in tangerine prod."},
	} {
		s, f := start, deployer.Facts{ID: "tangerine-5", Person: deployer.Person{Roles: []string{"driver"}}}
		f.Policy = &deployer.Policy{Site: deployer.ServicePolicy{Procedure: "deployment", Also: map[string]string{"train": "driver"}}}
		c.change(&s, &f)
		events, _, err := telling.Decide(deployer.Deployment{}, deployer.Order{By: deployer.Actor{ID: "U1"}, Command: s}, f)
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want == "":
			if got := deployer.Fold(deployer.Deployment{}, events...).Places(); len(got) != 1 || got[0] != place {
				t.Errorf("%s: it holds %q", name, got)
			}
		}
	}
}

// What is about no service begins what comes after it when it is stopped, once it may have
// changed anything: a lock, or what somebody has done by hand. A stop before that, or one
// after a look, leaves nothing to review.
func TestAStopWithoutServicesIsReviewed(t *testing.T) {
	t.Parallel()
	scales := deployer.Kind{Name: "scale.down", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional}
	looks := deployer.Kind{Name: "scale.look", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}
	stop := deployer.Answer{Choice: deployer.ChoiceStop}
	for name, c := range map[string]struct {
		step  deployer.Step
		does  []deployer.Command
		after bool
	}{
		"nothing was done yet": {deployer.Step{Uses: scales.Name}, nil, false},
		"it is under way":      {deployer.Step{Uses: scales.Name}, []deployer.Command{look("it", deployer.ObservedAbsent, deployer.State{})}, true},
		"it was there already": {deployer.Step{Uses: scales.Name}, []deployer.Command{look("it", deployer.ObservedAbsent, deployer.State{}), deployer.Settle{Key: "it", Outcome: deployer.Outcome{Result: deployer.Absent}}}, false},
		"it was looked at":     {deployer.Step{Uses: looks.Name}, []deployer.Command{look("it", deployer.ObservedAbsent, deployer.State{}), deployer.Settle{Key: "it", Outcome: deployer.Outcome{Result: deployer.OK}}}, false},
		"nobody has done it":   {deployer.Step{Uses: scales.Name, Hand: true}, nil, false},
		"it was done by hand":  {deployer.Step{Uses: scales.Name, Hand: true}, []deployer.Command{deployer.Answer{Step: "it", Attempt: 1, Choice: deployer.ChoiceDone}}, true},
	} {
		c.step.ID, c.step.Title = "it", "Writers are down"
		p := deployer.Procedure{
			ID: "loss", Services: deployer.ServicesNone, Kinds: []deployer.Kind{scales, looks},
			Steps: []deployer.Step{c.step, {ID: "more", Uses: deployer.KindConfirm, Needs: []string{"it"}}},
			After: []deployer.Step{{ID: "review", Title: "It is reviewed", Uses: deployer.KindConfirm}},
		}
		d := give(t, deployer.Deployment{}, ana, deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p})
		d = give(t, d, deployer.Actor{}, deployer.Resolve{})
		for _, o := range c.does {
			by := deployer.Actor{}
			if _, ok := o.(deployer.Answer); ok {
				by = ana
			}
			d = give(t, d, by, o)
		}
		if d = give(t, d, ana, stop); d.Status == deployer.Halting {
			d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "it", Outcome: deployer.Outcome{Result: deployer.OK}})
		}
		if got := d.Step("review").Status == deployer.Active; d.Status != deployer.Stopped || got != c.after {
			t.Errorf("%s: it is %s, and is reviewed: %t", name, d.Status, got)
		}
	}
}

// A look at what runs was taken for done where there are no services, without looking: it
// is one look at all that there is, and a person's where its system is not there.
func TestALookWithoutServicesIsOne(t *testing.T) {
	t.Parallel()
	looks := deployer.Kind{Name: "kubernetes.check", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
	for _, hand := range []bool{false, true} {
		p := deployer.Procedure{
			ID: "train", Services: deployer.ServicesNone, Kinds: []deployer.Kind{looks},
			Steps: []deployer.Step{{ID: "pods", Title: "What runs is healthy", Uses: looks.Name, Hand: hand, Kind: &looks}},
		}
		d := give(t, deployer.Deployment{}, ana, deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p})
		d = give(t, d, deployer.Actor{}, deployer.Resolve{})
		if s := d.Step("pods"); s.Status != deployer.Active || d.AwaitsPerson(*s) != hand {
			t.Fatalf("by hand: %t, and it is %s", hand, s.Status)
		}
		if hand {
			d = give(t, d, ana, deployer.Answer{Step: "pods", Attempt: 1, Choice: deployer.ChoiceDone})
		} else {
			d = give(t, d, deployer.Actor{}, look("pods", deployer.ObservedAbsent, deployer.State{}))
			d = give(t, d, deployer.Actor{}, deployer.Settle{Key: "pods", Outcome: deployer.Outcome{Result: deployer.OK}})
		}
		if d.Status != deployer.Complete {
			t.Errorf("by hand: %t, and it is %s", hand, d.Status)
		}
	}
}
