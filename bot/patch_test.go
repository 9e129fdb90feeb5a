package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// approvedFirst is a procedure that asks the tech lead, and then rolls out.
func approvedFirst(s *setup) {
	p := standard()
	p.Steps = []deployer.Step{p.Steps[1], p.Steps[3]}
	p.Steps[0].Needs, p.Steps[1].Needs = nil, []string{"approve"}
	p.Failure.Decide = "tech-lead"
	s.bot.Procedures["deployment"] = p
}

// patches fills in the form for another version, and returns what it says against it.
func (r *fixture) patches(user, tag, reason string) map[string]string {
	r.t.Helper()
	invalid, err := r.Submit(r.ctx(), user, r.view(user), map[string]any{
		"input/tag/web": map[string]any{"text": map[string]any{"value": tag}},
		"reason":        map[string]any{"text": map[string]any{"value": reason}},
	})
	r.must(err)
	return invalid
}

// Who may decides patches forward by a form that has the tag of now, and nothing of it is
// taken before a tag is another one. Then it is approved anew, by somebody else.
func TestPatchForwardAsksForTheTagAndIsApprovedAnew(t *testing.T) {
	t.Parallel()
	r := newFixture(t, approvedFirst)
	r.types("ana", "/deploy web v2")
	r.clicks("bob", "Approve")
	r.eventually("it is approved", func() bool { return r.engine.all()[0].Step("rollout").Status == deployer.Active })
	for _, c := range []deployer.Command{
		deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: r.engine.all()[0].Targets[0].Before}},
		deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "1 of 3 pods restarts"}},
	} {
		_, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: "tangerine-1", Command: c})
		r.must(err)
	}
	r.card("Patch forward")
	r.clicks("eve", "Patch forward")
	r.hears("eve", "Only tech-lead can patch forward.")
	r.clicks("rosa", "Patch forward")
	bottest.Contains(t, r.form("rosa"), "Tag of web", `"initial_value":"v2"`, "It is approved anew, by others than you.")
	if said := r.patches("rosa", "v3", " "); !strings.Contains(said["reason"], "Say in a few words what the new version mends.") {
		t.Errorf("without a reason the form says %v", said)
	}
	if said := r.patches("rosa", "v2", "it mends that"); !strings.Contains(said["reason"], "That is what it deploys already.") {
		t.Errorf("with the same tag the form says %v", said)
	}
	if said := r.patches("rosa", "v3", "it mends that"); len(said) > 0 {
		t.Fatalf("the form says %v", said)
	}
	d := r.engine.all()[0]
	d.Releases = deployer.Unresolved(d)
	if d.Status == deployer.Deciding {
		_, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: d.ID, Command: deployer.Resolve{Targets: deployertest.TargetsByTag(d)}})
		r.must(err)
	}
	m := r.card("Approve")
	bottest.Contains(t, string(m.Blocks), "*Patched forward* from web `v2` by rosa: it mends that.")
	r.clicks("rosa", "Approve")
	r.hears("rosa", "Nobody approves what they patched forward to.")
	r.eventually("a second approval of bob is no double tap", func() bool { return time.Since(d.Approved.At) > time.Second })
	r.clicks("bob", "Approve")
	r.eventually("the new version is approved by somebody else", func() bool {
		d := r.engine.all()[0]
		return d.Step("approve").Status == deployer.Done && d.Releases[0].Tag == "v3"
	})
	r.eventually("the thread says what it is patched forward to", func() bool {
		for _, m := range r.Messages(deploys) {
			if strings.Contains(m.Text, "rosa decided: *Patch forward* web from v2 to v3. it mends that.") {
				return true
			}
		}
		return false
	})
}
