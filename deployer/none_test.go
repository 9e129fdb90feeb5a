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
