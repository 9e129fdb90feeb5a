package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// To go back to a revision brings its whole template back, as kubectl rollout
// undo does, and not its image alone.
func TestRollbackToARevisionBringsItsWholeTemplateBack(t *testing.T) {
	slowtest.Only(t, "it plays three whole deployments")
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
	if said := tw.says("bob", "/deploy rollback web --to 1 --dry-run"); !strings.Contains(said, "*web* `v2` → revision `1`") {
		t.Errorf("rehearsed, it says %s", said)
	}
	if said := tw.says("ana", "/deploy rollback web --to 1"); !strings.Contains(said, "Only tech-lead can roll back what tangerine-1 has brought.") {
		t.Errorf("whoever does not decide is told %s", said)
	}
	tw.starts("bob", `/deploy rollback web --to 1 --reason "v2 is slow"`)
	tw.shows("v2 → v1")
	tw.presses("bob", "Done")
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
	slowtest.Only(t, "three deployments one after the other")
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
	if said := tw.says("bob", "/deploy rollback web --dry-run"); !strings.Contains(said, "→ revision `1`") {
		t.Errorf("it would go back to %s", said)
	}
}

// What ran before was ill itself (samson 2366), and nothing else is known to have
// run: it is not gone back to by a button, which the card says, but by name.
func TestWhatWasIllIsNotGoneBackTo(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{runs: map[string]string{"web": "v3-crash"}})
	tw.starts("ana", "/deploy web v4-missing")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("No version of web is known to have run well. To choose one: stop this, then /deploy history web and /deploy rollback web --to REVISION")
	for _, b := range tw.buttons() {
		if strings.HasPrefix(b.Text.Text, "Roll back") {
			t.Errorf("there is a button %s", b.Text.Text)
		}
	}
	if said := tw.says("bob", "/deploy rollback tangerine-1"); !strings.Contains(said, "no version of web is known to have run well") {
		t.Errorf("it says %s", said)
	}
	tw.presses("ana", "Stop")
	tw.shows("Left as it is")
	tw.shows("No version of web is known to have run well.")
	if said := tw.says("ana", "/deploy rollback web"); !strings.Contains(said, "nothing to go back to") {
		t.Errorf("it says %s", said)
	}
	if said := tw.says("bob", "/deploy rollback web --to 1 --dry-run"); !strings.Contains(said, "→ revision `1`") {
		t.Errorf("by name, it says %s", said)
	}
}

// A deployment of v4-missing failed and was stopped, and left that behind. The
// next one failed too, and “Roll back” put back v4-missing, which had never run.
// The card, the dialog, the rollback itself and the command mean the version that
// was proven last, also after a second one was stopped.
func TestRollbackGoesToWhatRanWell(t *testing.T) {
	slowtest.Only(t, "it plays four whole deployments")
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.upgrade("web v2")
	fails := func(tag string) {
		tw.starts("ana", "/deploy web "+tag)
		tw.presses("ana", "Done")
		tw.presses("bob", "Approve")
		tw.shows("The rollout failed.")
	}
	fails("v4-missing")
	tw.shows("Roll back to v2")
	tw.presses("ana", "Stop")
	tw.shows("To go back to v2: /deploy rollback web")
	if said := tw.says("bob", "/deploy rollback web --dry-run"); !strings.Contains(said, "→ revision `2`") {
		t.Errorf("it would go back to %s", said)
	}
	fails("v3-crash")
	tw.shows("Roll back to v2")
	tw.shows("Back to v2, which ran well")
	tw.shows("Back means v2, which ran well: v4-missing, which was there, is not known to have run well.")
	tw.presses("bob", "Roll back")
	tw.presses("ana", "Done")
	tw.shows("Rolled back. v2 runs again.")
	if w := tw.runs("prod", "web"); w.tag() != "v2" || w.Spec.Paused {
		t.Errorf("it runs %s", w.tag())
	}
	if told := strings.Join(tw.told("change"), " "); !strings.Contains(told, "tangerine prod runs web v2 again.") {
		t.Errorf("it is told that %s", told)
	}
	if said := tw.says("bob", "/deploy rollback web --dry-run"); !strings.Contains(said, "→ revision `1`") {
		t.Errorf("it would go back to %s", said)
	}
	d := tw.deployments()["tangerine-3"]
	if g := d.Targets[0].Good; d.Targets[0].Before.Version != "v4-missing" || g.State.Version != "v2" || g.State.Revision != "2" || g.How != deployer.EvidenceProven || g.By != "tangerine-1" {
		t.Errorf("it began with %+v", d.Targets[0])
	}
}

// One of two services fails: it alone goes back, and the other keeps what it
// was given.
func TestFailedServiceAloneGoesBack(t *testing.T) {
	slowtest.Only(t, "a deployment of two services, and the way back of one")
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

// An approval waits, and somebody brings the wanted version by hand: it was asked
// for again, from v2 to v2. Nobody is asked anything more about the rollout; it is
// verified, and the end says that nothing was rolled out.
func TestWhatSomebodyElseHasBroughtIsNotApprovedAgain(t *testing.T) {
	slowtest.Only(t, "it plays a whole deployment")
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.starts("eve", "/deploy web v2 --env staging --procedure short --input risk=low")
	tw.presses("eve", "Done")
	tw.shows("Complete")
	image := tw.runs("staging", "web").Spec.Template.Spec.Containers[0].Image
	tw.starts("ana", "/deploy web v2")
	tw.presses("ana", "Done")
	tw.shows("Waiting for bob or rosa to approve")
	tw.kubectl(http.MethodPatch, "prod", "web", `{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"`+image+`"}]}}}}`, &struct{}{})
	tw.eventually("v2 is there", func() bool {
		return strings.Contains(tw.says("eve", "/deploy versions web"), "*web* `v2` · 2 of 2 ready")
	})
	tw.presses("bob", "Approve")
	tw.shows("Waiting for ana: It is healthy")
	tw.shows("Roll out · not needed\nweb has v2 already.")
	tw.presses("ana", "Done")
	tw.presses("ana", "Done")
	tw.shows("Done. Nothing was rolled out.")
	tw.shows("web has v2 already.")
	if w := tw.runs("prod", "web"); w.tag() != "v2" || w.Metadata.Annotations["deployment.kubernetes.io/revision"] != "2" {
		t.Errorf("it was rolled out once more: %+v", w)
	}
	told := strings.Join(tw.told("tangerine-deploys"), "\n")
	if !strings.Contains(told, "*Deploy is complete:* web v2 in tangerine prod.\nNothing was rolled out: web has v2 already.") || strings.Contains(told, "has to be approved again") {
		t.Errorf("it is told that %s", told)
	}
	d := tw.deployments()["tangerine-2"]
	if a := d.Step("approve"); a.Attempt != 1 || len(a.Approvals) != 1 || d.Status != deployer.Complete || len(d.Touched()) != 0 {
		t.Errorf("it was approved %d times, in attempt %d: %s, %v", len(a.Approvals), a.Attempt, d.Status, d.Touched())
	}
}

// A procedure that rolls nothing out ended with a green “v1 → v2 Complete” while v1
// ran. The card, the list and what is announced say what is so.
func TestAProcedureThatRollsNothingOutSaysSo(t *testing.T) {
	t.Parallel()
	also := func(text string) string {
		return strings.Replace(text, "{short: developers}", "{pause: developers}", 1)
	}
	tw := newAppFixture(t, plan{config: also, files: map[string]string{"procedures/pause.yaml": `
id: pause
title: A pause
phases:
  - id: go
    steps:
      - {id: wait, uses: wait, with: {for: 10ms}}
      - {id: complete, uses: announce, with: {message: complete, to: [deploys]}}
messages:
  complete: "*Deploy is complete:* {what}."
`}})
	tw.starts("ana", "/deploy web v2 --procedure pause")
	tw.shows("⚪ Done. Nothing was rolled out.")
	tw.shows("web ran v1 when this began.")
	text := shown(tw.card())
	if strings.Contains(text, "→") || strings.Contains(text, "Complete.") || strings.Contains(text, "🟢") {
		t.Errorf("the card says %s", text)
	}
	if said := tw.says("ana", "/deploy history"); !strings.Contains(said, "⚪ web `v2`") || !strings.Contains(said, "Nothing was rolled out: web ran v1 when this began.") {
		t.Errorf("the list says %s", said)
	}
	if told := strings.Join(tw.told("tangerine-deploys"), "\n"); !strings.Contains(told, "*Deploy is complete:* web v1.\nNothing was rolled out: web ran v1 when this began.") {
		t.Errorf("it is told that %s", told)
	}
}
