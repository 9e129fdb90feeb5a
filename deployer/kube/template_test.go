package kube

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

const (
	setEnv  = `[{"op":"add","path":"/spec/template/spec/containers/0/env","value":[{"name":"DB","value":"test"}]}]`
	restart = `[{"op":"add","path":"/spec/template/metadata/annotations","value":{"kubectl.kubernetes.io/restartedAt":"2026-11-30T00:00:00Z"}}]`
	scale   = `[{"op":"replace","path":"/spec/replicas","value":3}]`
)

// kubectl set env between approval and rollout: the look says what has changed, and
// what was intended is not done.
func TestRolloutOfAnotherTemplateThanWasApprovedIsNotDone(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	f.patchAs("web", "kubectl-set", setEnv)
	f.awaitComplete("web")
	before := in
	before.At = time.Time{}
	const changed = "the environment of app changed"
	if s := f.look(f.rollout(), before); s.Kind != deployer.ObservedAbsent || s.Why != changed || in.From.Is(s.State) {
		t.Errorf("before it began: %+v", s)
	}
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded || s.Why != "deployment/web was changed meanwhile: "+changed+"." {
		t.Errorf("after it was intended: %+v", s)
	}
	if _, err := f.rollout().Act(t.Context(), in); err == nil {
		t.Error("it was rolled out")
	}
	if n := f.revisions("web"); n != 2 {
		t.Errorf("revision %d, want that of the other person", n)
	}
}

// It changes between the last read and the patch.
func TestPatchDoesNotMeetAnotherTemplate(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	p := f.proxied()
	meanwhile := hook(func() { f.patchAs("web", "kubectl-set", setEnv) })
	p.sending.Store(&meanwhile)
	if _, err := f.rollout().Act(t.Context(), in); err == nil || !strings.Contains(err.Error(), "has changed since it was looked at") {
		t.Errorf("it was rolled out over what came between: %v", err)
	}
}

// Neither a restart by hand nor more pods is another template, and what our own
// rollout has brought is ours in the next attempt.
func TestRestartScaleAndOurOwnRolloutAreTheSameTemplate(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "crash")
	f.patchAs("web", "kubectl-rollout", restart)
	f.patchAs("web", "autoscaler", scale)
	f.awaitComplete("web")
	before := in
	before.At = time.Time{}
	if s := f.look(f.rollout(), before); s.Kind != deployer.ObservedAbsent || s.Why != "" || !in.From.Is(s.State) {
		t.Errorf("after a restart: %+v", s)
	}
	f.do(f.rollout(), in, deployer.Failed)
	again := nextAttempt(in)
	if s := f.look(f.rollout(), again); s.Kind != deployer.ObservedPresent || !in.From.Is(deployer.State{Image: in.From.Image, Template: s.State.Template}) {
		t.Errorf("our own rollout: %+v", s)
	}
}

// Whoever approves going back to a revision approves its template.
func TestRevisionIsApprovedWithItsTemplate(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	f.patchAs("web", "kubectl-set", setEnv)
	f.awaitComplete("web")
	want := f.want("web", "v1")
	want.Image, want.Revision = "", "1"
	target, err := f.Resolve(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if target.After.Template == "" || target.After.Template == target.Before.Template {
		t.Errorf("from %+v to %+v", target.Before, target.After)
	}
	in := intentOf("tangerine-1", target)
	other := in
	other.To.Template = target.Before.Template
	_, err = f.rollout().Act(t.Context(), other)
	if r := mustRefuse(t, err); r.Why != "Revision 1 of deployment/web is not what it was." {
		t.Errorf("%+v", r)
	}
	f.do(f.rollout(), in, deployer.OK)
	if env := f.get("web").Spec.Template.Spec.Containers[0].Env; len(env) != 0 {
		t.Errorf("it has the environment of after: %v", env)
	}
}

// An init container that runs the service's own image, such as a migration, is
// rolled out with it; one with another image stays as it is.
func TestInitContainersOfTheSameImageAreRolledOutToo(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 1)
	f.patchAs("web", "kubectl", `[{"op":"add","path":"/spec/template/spec/initContainers","value":[`+
		`{"name":"wait","image":"busybox:1"},{"name":"migrate","image":"`+repository+`:v1"}]}]`)
	f.awaitComplete("web")
	images := func() string {
		var all []string
		for _, i := range f.get("web").Spec.Template.Spec.InitContainers {
			all = append(all, i.Image)
		}
		return strings.Join(all, " ")
	}
	in := f.intent("tangerine-1", "web", "v2")
	f.do(f.rollout(), in, deployer.OK)
	if got := images(); got != "busybox:1 "+repository+":v2" {
		t.Errorf("the init containers run %s", got)
	}
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	if got := images(); got != "busybox:1 "+repository+":v1" {
		t.Errorf("after the rollback the init containers run %s", got)
	}
}
