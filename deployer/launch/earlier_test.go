package launch

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// approvedBefore is the n-th deployment of web, stopped after Bob had approved it.
func approvedBefore(n int, change func(*deployer.Deployment)) deployer.Deployment {
	at := noon.Add(-time.Hour * time.Duration(10-n))
	d := deployer.Deployment{
		ID: "tangerine-" + string(rune('0'+n)), Site: place, Status: deployer.Stopped, Created: at, Ended: at.Add(time.Minute),
		Procedure: carrying(), Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Inputs: map[string]string{},
		Targets: []deployer.Target{{Service: "web", After: deployer.State{Image: "web:v2@sha256:2"}}},
		Steps: []deployer.StepState{{
			Step: carrying().Steps[0], Status: deployer.Done, Approvals: []deployer.Approval{{By: deployer.Actor{ID: "UBOB", Name: "Bob"}, At: at}},
		}},
	}
	if change != nil {
		change(&d)
	}
	return d
}

func carrying() deployer.Procedure {
	return deployer.Procedure{ID: "carrying", SHA: "sha", Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "carry_over": {Duration: 24 * time.Hour}}},
	}}
}

// Approvals of the same are found, but for what was rejected, rolled back or is not the
// same, and for people who may not approve any more, or who ask now.
func TestApprovalsOfEarlierDeploymentsAreFound(t *testing.T) {
	t.Parallel()
	with := func(change func(*deployer.Deployment)) past { return past{approvedBefore(1, change)} }
	for name, c := range map[string]struct {
		past past
		by   string
		want []string // the deployments that they are of
	}{
		"the same":              {with(nil), "UANA", []string{"tangerine-1"}},
		"two, the newest first": {past{approvedBefore(2, nil), approvedBefore(1, nil)}, "UANA", []string{"tangerine-2", "tangerine-1"}},
		"carried over itself":   {with(func(d *deployer.Deployment) { d.Steps[0].Approvals[0].From = "tangerine-0" }), "UANA", []string{"tangerine-0"}},
		"who asks now":          {with(nil), "UBOB", nil},
		"their other account":   {with(nil), "UBOB2", nil},
		"who holds no role now": {with(func(d *deployer.Deployment) { d.Steps[0].Approvals[0].By.ID = "UEVE" }), "UANA", nil},
		"rejected":              {with(func(d *deployer.Deployment) { d.Rejected = true }), "UANA", nil},
		"rejected since": {past{approvedBefore(2, func(d *deployer.Deployment) {
			d.Rejected, d.Procedure.ID, d.Steps = true, "other", nil
		}), approvedBefore(1, nil)}, "UANA", nil},
		"rejected before":     {past{approvedBefore(2, nil), approvedBefore(1, func(d *deployer.Deployment) { d.Rejected = true })}, "UANA", []string{"tangerine-2"}},
		"rolled back":         {with(func(d *deployer.Deployment) { d.Status, d.Part = deployer.RolledBack, deployer.PartRollback }), "UANA", nil},
		"changes asked for":   {with(func(d *deployer.Deployment) { d.Steps[0].Requests = []deployer.ChangeRequest{{}} }), "UANA", nil},
		"other inputs":        {with(func(d *deployer.Deployment) { d.Inputs = map[string]string{"risk": "high"} }), "UANA", nil},
		"another procedure":   {with(func(d *deployer.Deployment) { d.Procedure.ID = "other" }), "UANA", nil},
		"the procedure's old": {with(func(d *deployer.Deployment) { d.Procedure.SHA = "old" }), "UANA", nil},
		"more services": {with(func(d *deployer.Deployment) {
			d.Releases = append(d.Releases, deployer.Release{Service: "api", Tag: "v1"})
		}), "UANA", nil},
		"elsewhere":        {with(func(d *deployer.Deployment) { d.Site.Environment = "staging" }), "UANA", nil},
		"too long ago":     {with(func(d *deployer.Deployment) { d.Ended = noon.Add(-24 * time.Hour) }), "UANA", nil},
		"a drill":          {with(func(d *deployer.Deployment) { d.Drill.On = true }), "UANA", nil},
		"not over":         {with(func(d *deployer.Deployment) { d.Status = deployer.Running }), "UANA", nil},
		"can’t be read":    {with(func(d *deployer.Deployment) { d.Reason = "unreadable" }), "UANA", nil},
		"not pinned":       {with(func(d *deployer.Deployment) { d.Targets[0].After.Image = "web:v2" }), "UANA", nil},
		"of the rollback":  {with(func(d *deployer.Deployment) { d.Steps[0].Part = deployer.PartRollback }), "UANA", nil},
		"of no deployment": {nil, "UANA", nil},
	} {
		cfg := settings()
		cfg.Services["web"] = "carrying"
		cfg.Procedures["carrying"] = carrying()
		l := New(cfg, Ports{
			Lacks:       func(context.Context, string, string) []string { return nil },
			Channel:     func(_ context.Context, name string) (string, error) { return name, nil },
			Deployments: c.past,
			Holders: func(role string) deployer.Holders {
				return deployer.Holders{People: map[string][][]string{"tech-lead": {{"UBOB", "UBOB2"}, {"UROSA"}}}[role]}
			},
		})
		start, err := l.Start(t.Context(), Request{By: c.by, Site: "tangerine", Channel: "C1", Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Asked: noon})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, e := range start.Earlier {
			got = append(got, e.Deployment)
			if e.Images["web"] != "web:v2@sha256:2 " || e.Step != "approve" || e.By.ID != "UBOB" {
				t.Errorf("%s: it is %+v", name, e)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: of %v, want %v", name, got, c.want)
		}
	}
}
