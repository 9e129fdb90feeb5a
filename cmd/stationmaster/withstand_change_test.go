package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// Somebody changes the image between the question and the answer: the approval is void, is asked for again, and says
// why. Guards samson 593 and branch-deploy 315.
func TestImageChangedUnderAnApprovalIsAskedAgain(t *testing.T) {
	slowtest.Only(t, "two rounds of approvals in a process of its own")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.cluster.elsewhere(t, "web", w.image+":v6")
	w.press("bob", "Approve")
	w.eventually("it is asked again, and says why", func() bool {
		return strings.Contains(w.scene(), "has to be approved again. web runs v6 now; it ran v1 when this was approved.")
	})
	w.cluster.settled(t, "web")
	if n := w.cluster.revision(t, "web"); n != 2 {
		t.Errorf("revision %d, want 2: the other person's", n)
	}
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	if n := w.cluster.revision(t, "web"); n != 3 {
		t.Errorf("revision %d, want 3", n)
	}
	d := w.deployments()[0]
	if s := d.Step("approve"); s.Attempt != 2 || len(s.Approvals) != 1 || d.Targets[0].Before.Version != "v6" {
		t.Errorf("approved in attempt %d by %+v; it ran %+v", s.Attempt, s.Approvals, d.Targets[0].Before)
	}
	for _, words := range []string{"*Deploy is starting:*", "*The deploy waits:*", "*The deploy starts now:*", "*Deploy is complete:*"} {
		if n := strings.Count(w.scene(), "#"+deploys+" "+words); n != 1 {
			t.Errorf("%d times %s, want once", n, words)
		}
	}
}

// Somebody changes the environment or the command between the question and the answer: what would run is not what was
// approved, though the image is.
func TestTemplateChangedUnderAnApprovalIsAskedAgain(t *testing.T) {
	slowtest.Only(t, "it plays a whole deployment")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.cluster.set(t, "web", `"env":[{"name":"DB","value":"elsewhere"}],"command":["sh"]`)
	w.press("bob", "Approve")
	const why = "web is not as it was when this was approved: the command of app changed, the environment of app changed."
	w.eventually("it is asked again, and says why in the thread", func() bool {
		return strings.Contains(w.scene(), "has to be approved again. "+why)
	})
	w.eventually("it says why on the card", func() bool { return strings.Contains(string(w.card().Blocks), "Asked again: "+why) })
	w.cluster.settled(t, "web")
	if n := w.cluster.revision(t, "web"); n != 2 {
		t.Errorf("revision %d, want 2: the other person's", n)
	}
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	d := w.deployments()[0]
	if s := d.Step("approve"); s.Attempt != 2 || len(s.Approvals) != 1 {
		t.Errorf("approved in attempt %d by %+v", s.Attempt, s.Approvals)
	}
	if env := w.cluster.get(t, "web").Spec.Template.Spec.Containers[0].Env; len(env) != 1 || env[0].Value != "elsewhere" {
		t.Errorf("what was approved again runs with %v", env)
	}
}

// The config's context is pointed elsewhere while the process is down: to a cluster with the same names in it. What
// was begun is interrupted, and nothing is touched there.
func TestAnotherClusterAfterARestartIsNotTouched(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]func(*binaryFixture){
		"before the rollout": func(w *binaryFixture) {
			w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
		},
		"in the rollout": func(w *binaryFixture) {
			w.pressed(upgrade, "Approve")
			w.eventually("it is under way", func() bool { return w.cluster.revision(w.t, "web") == 2 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := up(t, nil)
			other := simulated(t)
			other.deploy(t, "web", w.image+":v1")
			tap := newTap()
			w.typed("ana", "/deploy web v5-hang") // it is not over before the next process comes, however long that takes
			w.pressed(upgrade, "Done")
			until(w)
			revision := w.cluster.revision(t, "web")
			w.stop()
			w.write("kubeconfig", other.kubeconfig(t, tap))
			w.begin()
			if w.has("Approve") {
				w.press("bob", "Approve")
			}
			w.eventually("a person has to look", func() bool {
				return strings.Contains(w.scene(), "Cluster prod-1 is another one now")
			})
			w.eventually("the card asks what is to become of it", func() bool { return w.has("Retry") })
			w.press("ana", "Stop")
			w.eventually("it has ended", func() bool { return len(w.buttons()) == 0 })
			for _, moment := range tap.moments() {
				if strings.HasPrefix(moment, "PATCH") {
					t.Errorf("the other cluster got a %s", moment)
				}
			}
			if a, b := other.revision(t, "web"), w.cluster.revision(t, "web"); a != 1 || b != revision {
				t.Errorf("revisions %d there and %d here, want 1 and %d", a, b, revision)
			}
			if d := w.deployments()[0]; d.Status != deployer.Stopped || d.Step("rollout").Status != deployer.StepInterrupted {
				t.Errorf("it ended %s; the rollout is %s: %s", d.Status, d.Step("rollout").Status, d.Step("rollout").Why)
			}
		})
	}
}

// The procedure's file changes while a deployment follows it. Guards superplane 6081.
func TestChangedProcedureDoesNotReachWhatRuns(t *testing.T) {
	slowtest.Only(t, "a deployment over two processes")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.stop()
	w.write("procedures/deployment.yaml", `
id: deployment
title: Another one
phases: [{id: go, title: Go, steps: [{id: other, title: Something else, uses: confirm}]}]
`)
	w.begin()
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	w.sound(w.record(upgrade.services...), upgrade)
}

// The service goes out of the config while its deployment runs: what was begun is brought to its end all the same.
func TestServiceThatLeavesTheConfigIsBroughtToItsEnd(t *testing.T) {
	slowtest.Only(t, "a deployment over two processes")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.stop()
	w.write("config.yaml", strings.ReplaceAll(w.config(), "  web: {", "  other: {"))
	w.begin()
	w.answer(upgrade, func(string) bool { return true })
	w.eventually("it has ended", func() bool { return strings.Contains(w.scene(), "*Complete.* Took") })
	if d := w.deployments()[0]; d.Status != deployer.Complete {
		t.Errorf("it is %s: %s", d.Status, d.Why)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "stationmaster.db")); err != nil {
		t.Error(err)
	}
}
