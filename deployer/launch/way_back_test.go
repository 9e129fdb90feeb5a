package launch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// undone is an ended deployment whose way back rests on what it has done.
func undone(change func(*deployer.Procedure)) deployer.Deployment {
	step := func(id, uses string, needs ...string) deployer.Step {
		return deployer.Step{ID: id, Title: "Title of " + id, Uses: uses, Needs: needs}
	}
	down := step("down", deployer.KindConfirm)
	down.When, down.How = "steps.migrate.done", "undo {steps.migrate.revision}"
	back := step("back", deployer.KindRollout, "down")
	back.OnFailure = deployer.FailureRollBack
	approve := step("approve", deployer.KindApprove)
	approve.With = deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}
	p := deployer.Procedure{
		ID: "deployment", Title: "Deployment", Steps: []deployer.Step{approve, step("migrate", deployer.KindConfirm), step("rollout", deployer.KindRollout)},
		Rollback: []deployer.Step{down, back, step("told", deployer.KindConfirm, "back")},
		Failure:  deployer.Failure{Prefer: deployer.ChoiceRollBack, Default: deployer.ChoiceRollBack, Timeout: time.Hour},
		After:    []deployer.Step{step("after", deployer.KindConfirm)},
	}
	if change != nil {
		change(&p)
	}
	p.Bind()
	start := deployer.Start{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"change": "CCHANGE"}, Procedure: p}
	return deployer.Fold(deployer.Deployment{}, deployer.Created{ID: "tangerine-1", Start: start})
}

func said(flag bool, text string) func(*deployer.Deployment) deployer.Value {
	return func(*deployer.Deployment) deployer.Value { return deployer.Value{Flag: flag, Text: text} }
}

// The way back needs no other deployment: what it says of the steps before is what they
// have come to.
func TestAWayBackStandsAlone(t *testing.T) {
	t.Parallel()
	ask := Request{Channel: "CDEPLOYS", Releases: []deployer.Release{{Service: "web", Revision: "1"}}}
	for name, c := range map[string]struct {
		change func(*deployer.Procedure)
		tongue tongue
		steps  string
		no     string
	}{
		"it was migrated": {nil, tongue{"steps.migrate.done": said(true, ""), "steps.migrate.revision": said(false, "r7")}, "down back told", ""},
		"it was not":      {nil, tongue{"steps.migrate.done": said(false, "")}, "back told", ""},
		"nobody knows":    {nil, tongue{}, "", "“Title of down”, on the way back of tangerine-1, rests on what that has done"},
		"what was left behind holds what would be filled again": {nil, tongue{"steps.migrate.done": said(true, ""), "steps.migrate.revision": said(false, "{reason}")}, "", "can't be told any more"},
		"words tell of it": {func(p *deployer.Procedure) {
			p.Messages = map[string]string{"m": "was {steps.rollout.url}"}
			p.Rollback = append(p.Rollback, deployer.Step{ID: "tell", Title: "Tell", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "m"}}})
		}, tongue{"steps.migrate.done": said(false, "")}, "", "“Tell”, on the way back"},
	} {
		l := New(Config{Settings: Settings{Language: c.tongue}}, Ports{})
		start, err := l.WayBack(ask, undone(c.change))
		if c.no != "" {
			if err == nil || !strings.Contains(err.Error(), c.no) {
				t.Errorf("%s: %v, want %q", name, err, c.no)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var ids []string
		for _, s := range start.Procedure.Steps {
			ids = append(ids, s.ID)
			if s.OnFailure == deployer.FailureRollBack || s.When != "" || strings.Contains(s.How, "{") {
				t.Errorf("%s: %+v does not stand alone", name, s)
			}
			for _, id := range s.Needs {
				if !slices.Contains(ids, id) {
					t.Errorf("%s: %s needs %s, which is not there", name, s.ID, id)
				}
			}
		}
		f := start.Procedure.Failure
		if got := strings.Join(ids, " "); got != c.steps || len(start.Procedure.Rollback)+len(start.Procedure.After) > 0 || f.Prefer != "" || f.Default != "" || f.Decide != "tech-lead" {
			t.Errorf("%s: its steps are %s, want %s; %+v", name, got, c.steps, f)
		}
		if start.Back != "tangerine-1" || start.Channels["change"] != "CCHANGE" || start.Channels[deployer.ChannelDeploys] != "CDEPLOYS" {
			t.Errorf("%s: it starts as %+v", name, start)
		}
	}
	other := undone(nil)
	other.ID, other.Procedure.ID = "tangerine-2", "hotfix"
	if _, err := New(Config{}, Ports{}).WayBack(ask, undone(nil), other); err == nil || !strings.Contains(err.Error(), "different procedures") {
		t.Errorf("two procedures in one: %v", err)
	}
}
