package launch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A past is what the tests of it know: deployments, the newest first.
type past []deployer.Deployment

func (p past) Load(_ context.Context, id string) (deployer.Deployment, error) {
	for _, d := range p {
		if d.ID == id && d.Reason == "unreadable" {
			return deployer.Deployment{}, fmt.Errorf("read %s: it is damaged", id)
		} else if d.ID == id {
			return d, nil
		}
	}
	return deployer.Deployment{}, deployer.ErrNotFound
}

func (p past) List(_ context.Context, q deployer.Query) ([]deployer.Summary, error) {
	var out []deployer.Summary
	for _, d := range p {
		if d.Site == q.Site {
			out = append(out, d.Summarize())
		}
	}
	return out, nil
}

var place = deployer.Site{Name: "tangerine", Environment: "prod"}

// ran is the n-th deployment, which brought a version and ended so; proven says that
// a step has looked.
func ran(n int, version string, status deployer.Status, proven bool, good deployer.Good) deployer.Deployment {
	at := noon.Add(time.Duration(n) * time.Hour)
	d := deployer.Deployment{
		ID: fmt.Sprint("tangerine-", n), Site: place, Status: status, Created: at, Ended: at.Add(time.Minute),
		Targets: []deployer.Target{{Service: "web", After: image(version), Good: good}},
		Steps: []deployer.StepState{{
			Step: deployer.Step{ID: "rollout", Uses: deployer.KindRollout}, Status: deployer.Done, Finished: at,
			Effects: []deployer.Effect{{Key: "rollout/web", Item: "web", At: at, Stage: deployer.Settled, Outcome: deployer.Outcome{Result: deployer.OK}}},
		}},
	}
	if proven {
		k := deployer.Kind{Name: "see", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
		d.Steps = append(d.Steps, deployer.StepState{
			Step: deployer.Step{ID: "see", Uses: k.Name, Kind: &k}, Status: deployer.Done, Began: at,
			Effects: []deployer.Effect{{Key: "see/web", Item: "web", Stage: deployer.Settled, Outcome: deployer.Outcome{Result: deployer.OK}}},
		})
	}
	return d
}

// drilled is a drill that has proven a version, and has found out that none ran before.
func drilled(n int, version string) deployer.Deployment {
	d := ran(n, version, deployer.Complete, true, deployer.Good{How: deployer.EvidenceNone})
	d.Drill.On = true
	return d
}

func image(version string) deployer.State {
	return deployer.State{Version: version, Image: "web:" + version}
}

// revisions are a system's history, the current one first, each a version and by
// whom.
func revisionsOf(entries ...[2]string) []deployer.Revision {
	var out []deployer.Revision
	for i, e := range entries {
		s := image(e[0])
		s.Revision = fmt.Sprint(len(entries) - i)
		out = append(out, deployer.Revision{State: s, By: e[1], Current: i == 0, Created: noon})
	}
	return out
}

func TestWhatARollbackGoesBackTo(t *testing.T) {
	t.Parallel()
	unsought, none := deployer.Good{}, deployer.Good{How: deployer.EvidenceNone}
	v2 := deployer.Good{State: image("v2"), How: deployer.EvidenceProven, By: "tangerine-1", Since: noon}
	proven2 := ran(1, "v2", deployer.Complete, true, unsought)
	staged := ran(7, "v2", deployer.Complete, true, unsought)
	staged.Site.Environment = "staging"
	for name, test := range map[string]struct {
		past      past
		revisions []deployer.Revision
		serves    bool // what runs is there for clients
		want      string
	}{
		"what runs was proven":                       {past{proven2}, revisionsOf([2]string{"v2", "tangerine-1"}, [2]string{"v1", ""}), false, "v2 2 proven"},
		"what runs was brought by hand":              {past{proven2}, revisionsOf([2]string{"v3", ""}, [2]string{"v2", "tangerine-1"}), true, "v3 2 seen"},
		"by hand, under our mark":                    {past{proven2}, revisionsOf([2]string{"v3", "tangerine-1"}, [2]string{"v2", "tangerine-1"}), true, "v3 2 seen"},
		"by hand, and it never came up":              {past{proven2}, revisionsOf([2]string{"v3", ""}, [2]string{"v2", "tangerine-1"}), false, "v2 1 proven"},
		"it was stopped, and seems to serve":         {past{ran(2, "v4", deployer.Stopped, false, v2), proven2}, revisionsOf([2]string{"v4", "tangerine-2"}, [2]string{"v2", "tangerine-1"}), true, "v2 1 proven"},
		"it was rolled back to by a stopped one":     {past{ran(2, "v4", deployer.Stopped, false, v2)}, revisionsOf([2]string{"v4", "tangerine-2"}, [2]string{"v1", ""}), true, "v2  proven"},
		"failed before goodness was looked for":      {past{ran(3, "v5", deployer.Stopped, false, unsought), ran(2, "v4", deployer.RolledBack, false, unsought), proven2}, revisionsOf([2]string{"v5", "tangerine-3"}, [2]string{"v4", "tangerine-2"}, [2]string{"v2", "tangerine-1"}), true, "v2 1 proven"},
		"complete, and never proven":                 {past{ran(1, "v2", deployer.Complete, false, unsought)}, revisionsOf([2]string{"v2", "tangerine-1"}, [2]string{"v1", ""}), true, "v2 2 seen"},
		"never proven, and does not serve":           {past{ran(1, "v2", deployer.Complete, false, unsought)}, revisionsOf([2]string{"v2", "tangerine-1"}, [2]string{"v1", ""}), false, "v1 1 listed"},
		"nothing is written down":                    {nil, revisionsOf([2]string{"v2", ""}, [2]string{"v1", ""}), false, "v1 1 listed"},
		"nothing is known":                           {nil, revisionsOf([2]string{"v1", ""}), false, "  none"},
		"nothing was known before either":            {past{ran(1, "v2", deployer.Stopped, false, none)}, revisionsOf([2]string{"v2", "tangerine-1"}, [2]string{"v1", ""}), true, "  none"},
		"of those, what is to come does not count":   {past{ran(2, "v9", deployer.Complete, true, v2)}, revisionsOf([2]string{"v4", ""}, [2]string{"v9", "tangerine-2"}), false, "v2  proven"},
		"a record that can't be read":                {past{{ID: "tangerine-2", Site: place, Status: deployer.Complete, Reason: "unreadable"}, proven2}, revisionsOf([2]string{"v4", "tangerine-2"}, [2]string{"v2", "tangerine-1"}), true, "v2 1 proven"},
		"proven elsewhere, and copied with its mark": {past{staged}, revisionsOf([2]string{"v2", "tangerine-7"}, [2]string{"v1", ""}), true, "v2 2 seen"},
		"a drill has brought nothing":                {past{drilled(2, "v3"), proven2}, revisionsOf([2]string{"v4", ""}, [2]string{"v2", "tangerine-1"}), false, "v2 1 proven"},
		"likewise, before what runs":                 {past{staged}, revisionsOf([2]string{"v4", ""}, [2]string{"v2", "tangerine-7"}), false, "v2 1 listed"},
	} {
		target := deployer.Target{Service: "web", Before: test.revisions[0].State, After: image("v9"), Good: none}
		if test.serves {
			target.Good = deployer.Good{How: deployer.EvidenceSeen, State: target.Before}
		}
		g, err := Past{test.past}.Good(t.Context(), deployer.Deployment{Site: place}, target, test.revisions)
		if got := fmt.Sprint(g.State.Version, " ", g.State.Revision, " ", g.How); err != nil || got != test.want {
			t.Errorf("%s: it is %q, %v, want %q", name, got, err, test.want)
		}
	}
}

// The mark of a deployment stays in the pod template when somebody changes its
// environment by hand: that revision is not the one that was proven.
func TestWhatWasChangedByHandSinceIsNotProven(t *testing.T) {
	t.Parallel()
	proven2 := ran(1, "v2", deployer.Complete, true, deployer.Good{})
	changed := revisionsOf([2]string{"v2", "tangerine-1"}, [2]string{"v2", "tangerine-1"}, [2]string{"v1", ""})
	changed[0].Created = proven2.Ended.Add(time.Minute)
	for serves, want := range map[bool]string{true: "v2 3 seen", false: "v2 2 proven"} {
		target := deployer.Target{Service: "web", Before: changed[0].State, After: image("v9"), Good: deployer.Good{How: deployer.EvidenceNone}}
		if serves {
			target.Good = deployer.Good{How: deployer.EvidenceSeen, State: target.Before}
		}
		g, err := Past{past{proven2}}.Good(t.Context(), deployer.Deployment{Site: place}, target, changed)
		if got := fmt.Sprint(g.State.Version, " ", g.State.Revision, " ", g.How); err != nil || got != want {
			t.Errorf("serves %v: it is %q, %v, want %q", serves, got, err, want)
		}
	}
}

// What somebody has brought by hand took the place of the version that ran well: it
// ran no longer than until then.
func TestAVersionRanWellUntilSomethingElseTookItsPlace(t *testing.T) {
	t.Parallel()
	proven2 := ran(1, "v2", deployer.Complete, true, deployer.Good{})
	failed := ran(72, "v4", deployer.Stopped, false, deployer.Good{})
	byHand := proven2.Ended.Add(time.Hour)
	history := revisionsOf([2]string{"v4", "tangerine-72"}, [2]string{"v3", ""}, [2]string{"v2", "tangerine-1"})
	history[0].Created, history[1].Created = failed.Ended, byHand
	target := deployer.Target{Service: "web", Before: history[0].State, After: image("v9"), Good: deployer.Good{How: deployer.EvidenceNone}}
	g, err := Past{past{failed, proven2}}.Good(t.Context(), deployer.Deployment{Site: place}, target, history)
	if err != nil || g.State.Version != "v2" || !g.Since.Equal(proven2.Ended) || !g.Until.Equal(byHand) {
		t.Errorf("%s ran well from %v until %v, %v; want until %v", g.State.Version, g.Since, g.Until, err, byHand)
	}
}

// The command goes where the button of the failed deployment went.
func TestTheCommandGoesWhereTheButtonDoes(t *testing.T) {
	t.Parallel()
	v2 := deployer.Good{State: image("v2"), How: deployer.EvidenceProven, By: "tangerine-1", Since: noon}
	all := past{ran(3, "v3-crash", deployer.Stopped, false, v2), ran(2, "v4-missing", deployer.Stopped, false, v2), ran(1, "v2", deployer.Complete, true, deployer.Good{})}
	history := revisionsOf([2]string{"v3-crash", "tangerine-3"}, [2]string{"v4-missing", "tangerine-2"}, [2]string{"v2", "tangerine-1"}, [2]string{"v1", ""})
	l := New(Config{}, Ports{Deployments: all})
	if r, err := l.Revision(t.Context(), place, history, "web", ""); err != nil || r.State.Version != "v2" {
		t.Errorf("it goes to %+v, %v", r, err)
	}
	if r, err := l.Revision(t.Context(), place, history[:2], "web", ""); err == nil || err.Error() != "web ran v2 well before, and its system has forgotten that revision. To deploy it anew: deploy web v2" {
		t.Errorf("it goes to %+v, %v", r, err)
	}
}
