package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// To go back to a revision brings its whole template back, as kubectl rollout
// undo does, and not its image alone.
func TestRollbackToARevisionBringsItsWholeTemplateBack(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.kubectl(http.MethodPatch, "prod", "web", `{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"MODE","value":"new"}]}]}}}}`, &struct{}{})
	tw.upgrade("web v2")
	if said := tw.says("ana", "/deploy history web"); !strings.Contains(said, "`1` `v1`") || !strings.Contains(said, "`3` `v2`") {
		t.Errorf("the history is %s", said)
	}
	if said := tw.says("ana", "/deploy rollback web --to 7"); !strings.Contains(said, "no revision") {
		t.Errorf("a revision that does not exist: %s", said)
	}
	if said := tw.says("ana", "/deploy rollback web --to 1 --dry-run"); !strings.Contains(said, "*web* to revision `1`") {
		t.Errorf("rehearsed, it says %s", said)
	}
	tw.starts("ana", `/deploy rollback web --to 1 --reason "v2 is slow"`)
	tw.presses("ana", "Done")
	tw.shows("v2 → v1")
	tw.presses("bob", "Approve")
	tw.presses("ana", "Done")
	tw.presses("ana", "Done")
	tw.shows("Complete.")
	w := tw.runs("prod", "web")
	if w.tag() != "v1" || len(w.Spec.Template.Spec.Containers[0].Env) != 0 {
		t.Errorf("it runs %+v", w.Spec.Template.Spec.Containers)
	}
	d := tw.deployments()["tangerine-2"]
	if d.Status != deployer.Complete || d.Reason != "v2 is slow" || d.Targets[0].After.Revision != "1" {
		t.Errorf("it is %s, because of %q, with %+v", d.Status, d.Reason, d.Targets)
	}
}

// upgrade takes a deployment of web to prod to its end.
func (tw *appFixture) upgrade(what string) {
	tw.t.Helper()
	tw.starts("ana", "/deploy "+what)
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.presses("ana", "Done")
	tw.presses("ana", "Done")
	tw.shows("Complete.")
}

// Rollback chose a deploy that had failed (samson 2366).
func TestRollbackPassesOverWhatFailed(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.upgrade("web v2")
	tw.starts("ana", "/deploy web v3-crash")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.presses("bob", "Roll back")
	tw.presses("ana", "Done")
	tw.shows("Rolled back.")
	if said := tw.says("ana", "/deploy history web"); !strings.Contains(said, "tangerine-2 · did not complete") {
		t.Errorf("the history is %s", said)
	}
	if said := tw.says("ana", "/deploy rollback web --dry-run"); !strings.Contains(said, "to revision `1`") {
		t.Errorf("it would go back to %s", said)
	}
}

// What ran before was ill itself (samson 2366): to go back to it fails, which
// is said, and a person decides. It is not taken for a good end.
func TestRollbackToWhatWasIllFails(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{runs: map[string]string{"web": "v3-crash"}})
	tw.starts("ana", "/deploy web v4-missing")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.presses("bob", "Roll back")
	tw.shows("The rollback failed")
	tw.shows("CrashLoopBackOff")
	tw.presses("ana", "Stop")
	tw.shows("Stopped by ana.")
	if text := shown(tw.card()); !strings.Contains(text, "not rolled back") || strings.Contains(text, "runs v3-crash again") {
		t.Errorf("at its end the card says %s", text)
	}
	d := tw.deployments()["tangerine-1"]
	if s := d.Step("rollback"); d.Status != deployer.Stopped || s.Status != deployer.StepFailed {
		t.Errorf("it ended %s, the rollback is %s: %s", d.Status, s.Status, s.Why)
	}
}

// One of two services fails: it alone goes back, and the other keeps what it
// was given.
func TestFailedServiceAloneGoesBack(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.starts("ana", "/deploy web v3-crash api:v2")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.eventually("api has its version", func() bool { return tw.runs("prod", "api").tag() == "v2" })
	tw.presses("bob", "Roll back")
	tw.presses("ana", "Done")
	tw.shows("Rolled back.")
	if web, api := tw.runs("prod", "web"), tw.runs("prod", "api"); web.tag() != "v1" || api.tag() != "v2" || web.Spec.Paused || api.Spec.Paused {
		t.Errorf("web runs %s and api %s, paused %t and %t", web.tag(), api.tag(), web.Spec.Paused, api.Spec.Paused)
	}
	if said := tw.says("ana", "/deploy versions"); !strings.Contains(said, "*web* `v1` · 2 of 2 ready") || !strings.Contains(said, "*api* `v2` · 2 of 2 ready") {
		t.Errorf("what runs is %s", said)
	}
	if d := tw.deployments()["tangerine-1"]; d.Status != deployer.RolledBack || len(d.RollbackServices) != 1 || d.RollbackServices[0] != "web" {
		t.Errorf("it ended %s, and took back %v", d.Status, d.RollbackServices)
	}
}
