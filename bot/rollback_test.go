package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// Rollback chose a deploy that had failed (samson 2366): a version whose
// deployment did not complete is gone back to only by name, and the history
// says so.
func TestRollbackPassesOverWhatFailed(t *testing.T) {
	t.Parallel()
	image := func(tag string) string { return "registry.example/web:" + tag }
	r := newFixture(t, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "4", Version: "v1", Image: image("v1")}, Current: true, By: "tangerine-1"},
			{State: deployer.State{Revision: "3", Version: "v2", Image: image("v2")}, By: "tangerine-1"},
			{State: deployer.State{Revision: "2", Version: "v1", Image: image("v1")}},
			{State: deployer.State{Revision: "1", Version: "v0", Image: image("v0")}, By: "elsewhere-7"},
		}
	})
	r.types("ana", "/deploy web v2")
	if said := r.types("ana", "/deploy history web"); strings.Contains(said, "did not complete") {
		t.Errorf("of a deployment that is under way it says how it ended: %s", said)
	}
	r.types("ana", "/deploy stop tangerine-1")
	said := r.types("ana", "/deploy history web")
	bottest.Contains(t, said, "`3` `v2` · ", "tangerine-1 · did not complete", "tangerine-1 · *runs now*\n")
	if said := r.types("ana", "/deploy rollback web"); said != "" {
		t.Errorf("it said %q", said)
	}
	if w := r.engine.all()[1].Releases[0]; w.Revision != "1" {
		t.Errorf("it goes back to revision %s, want 1: 3 failed, and 2 is what runs", w.Revision)
	}
	r.types("ana", "/deploy stop tangerine-2")
	if said := r.types("ana", "/deploy rollback web --to 3"); said != "" {
		t.Errorf("by name, it said %q", said)
	}
	if w := r.engine.all()[2].Releases[0]; w.Revision != "3" {
		t.Errorf("by name, it goes to revision %s, want 3", w.Revision)
	}
}

func TestRollbackGoesToTheRevisionBefore(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "8", Version: "v2", Image: "web:v2"}, Current: true},
			{State: deployer.State{Revision: "7", Version: "v1", Image: "web:v1"}}, {State: deployer.State{Revision: "5", Version: "v0", Image: "web:v0"}},
		}
	})
	bottest.Contains(t, r.types("ana", "/deploy rollback web --to 8"), "runs revision 8 already")
	bottest.Contains(t, r.types("ana", "/deploy rollback web --to 6"), "no revision", "It has: 8, 7 and 5.")
	if said := r.types("ana", "/deploy rollback web"); said != "" {
		t.Errorf("it said %q", said)
	}
	all := r.engine.all()
	if len(all) != 1 || all[0].Releases[0] != (deployer.Release{Service: "web", Revision: "7"}) {
		t.Fatalf("there are %+v", all)
	}
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "can't be rolled back now")
	bottest.Contains(t, r.types("eve", "/deploy stop tangerine-1"), "or tech-lead can decide that")
	r.eventually("its card is there", func() bool { return r.engine.all()[0].Card.TS != "" }) // else stopping says so
	if said := r.types("ana", "/deploy stop tangerine-1 --reason 'wrong one'"); said != "" {
		t.Errorf("it said %q", said)
	}
	if d := r.engine.all()[0]; d.Status != deployer.Stopped || !strings.Contains(d.Why, "wrong one") {
		t.Errorf("it is %s: %s", d.Status, d.Why)
	}
	bottest.Contains(t, r.types("ana", "/deploy stop tangerine-1"), "has ended")
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "has ended", "/deploy rollback web")
}
