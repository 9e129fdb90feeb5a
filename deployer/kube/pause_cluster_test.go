package kube

import (
	"strings"
	"testing"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

const notOurs = "Paused, and not by stationmaster."

// A held rollout is resumed and repaired by hand; what is paused later is a freeze.
func TestClusterPauseIsOursOnlyWhileItLasts(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	f.failAndHold(f.intent("tangerine-1", "web", "2.0-crash"))
	if note := f.note("web"); note != "Paused by tangerine-1." {
		t.Errorf("held: %q", note)
	}
	f.resume("web")
	f.patchAs("web", "kubectl-set", setImage("1.0"))
	f.awaitComplete("web")
	in := f.intent("tangerine-2", "web", "3.0")
	f.freeze("web")
	if note := f.note("web"); note != notOurs {
		t.Errorf("frozen: %q", note)
	}
	_, err := f.Resolve(t.Context(), f.want("web", "3.0"))
	if r := mustRefuse(t, err); r.Why != "deployment/web is paused, and not by stationmaster." {
		t.Errorf("%+v", r)
	}
	_, err = f.rollout().Act(t.Context(), in)
	mustRefuse(t, err)
	if !f.get("web").Spec.Paused {
		t.Error("the freeze is over")
	}
	f.resume("web")
	f.do(f.rollout(), in, deployer.OK)
	if by := f.get("web").Annotations[PausedBy]; by != "" {
		t.Errorf("paused by %s", by)
	}
}

// An autoscaler's change of the spec is no end of the pause.
func TestClusterPauseOutlastsAScaling(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.failAndHold(in)
	scale := &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: f.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: 6},
	}
	o := metav1.UpdateOptions{FieldManager: "kube-controller-manager"}
	if _, err := f.client.AppsV1().Deployments(f.namespace).UpdateScale(t.Context(), "web", scale, o); err != nil {
		t.Fatal(err)
	}
	if note := f.note("web"); note != "Paused by tangerine-1." {
		t.Errorf("held: %q", note)
	}
	s := f.look(f.rollout(), in)
	if !s.PausedByUs {
		t.Errorf("held: %+v", s)
	}
	// What follows it sees that too, by the watch.
	if o := f.follow(f.rollout(), in, s.Ref).ends(deployer.Failed); o.Why == "" || f.note("web") == notOurs {
		t.Errorf("followed: %+v", o)
	}
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
}

// Resumed and paused again between our read and our patch: that is another pause.
func TestClusterPatchDoesNotEndAnotherPause(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4)
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.failAndHold(in)
	p := f.proxied()
	meanwhile := hook(func() {
		f.resume("web")
		f.freeze("web")
	})
	again := nextAttempt(in)
	p.sending.Store(&meanwhile)
	if _, err := f.rollout().Act(t.Context(), again); err == nil || !strings.Contains(err.Error(), "has changed since it was looked at") {
		t.Errorf("retried: %v", err)
	}
	if !f.get("web").Spec.Paused {
		t.Fatal("the freeze is over")
	}
	if s := f.look(f.rollout(), again); s.Kind != deployer.ObservedPresent || s.PausedByUs {
		t.Errorf("somebody else holds it: %+v", s)
	}
	f.act(f.rollout(), again)
	if note := f.note("web"); note != notOurs || !f.get("web").Spec.Paused {
		t.Errorf("the freeze is over: %q", note)
	}
}

// Some clean the account of managers away: then the generation tells.
func TestClusterPauseWithoutAnAccountOfManagers(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4)
	strip := func() {
		f.patchAs("web", "cleaner", `[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]`)
	}
	f.failAndHold(f.intent("tangerine-1", "web", "2.0-crash"))
	strip()
	if d := f.get("web"); len(d.ManagedFields) > 0 {
		t.Fatalf("there is an account: %v", d.ManagedFields)
	}
	if note := f.note("web"); note != "Paused by tangerine-1." {
		t.Errorf("held: %q", note)
	}
	f.resume("web")
	f.freeze("web")
	strip()
	if note := f.note("web"); note != notOurs {
		t.Errorf("frozen: %q", note)
	}
}
