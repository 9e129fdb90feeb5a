package kube

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// What kubectl rollout pause and kubectl rollout resume do.
func (f *fixture) freeze(name string) {
	f.patchAs(name, "kubectl-rollout", `[{"op":"add","path":"/spec/paused","value":true}]`)
}

func (f *fixture) resume(name string) {
	f.patchAs(name, "kubectl-rollout", `[{"op":"remove","path":"/spec/paused"}]`)
}

// note is what versions says of the workload.
func (f *fixture) note(name string) string {
	f.t.Helper()
	all, err := f.Versions(f.t.Context(), []WorkloadSpec{f.want(name, "")})
	if err != nil {
		f.t.Fatal(err)
	}
	return all[0].Note
}

func TestPauseIsOursByItsManagerOrItsGeneration(t *testing.T) {
	t.Parallel()
	const holds = `{"f:spec":{"f:paused":{}}}`
	entry := func(manager, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	for _, test := range []struct {
		name, note string
		account    []metav1.ManagedFieldsEntry
		ours       bool
	}{
		{"no note", "", []metav1.ManagedFieldsEntry{entry(fieldManager, holds)}, false},
		{"ours", "t-1 at generation 7", []metav1.ManagedFieldsEntry{entry("helm", `{"f:spec":{"f:replicas":{}}}`), entry(fieldManager, holds)}, true},
		{"ours, and scaled since", "t-1 at generation 5", []metav1.ManagedFieldsEntry{entry(fieldManager, holds)}, true},
		{"noted by an older version", "t-1", []metav1.ManagedFieldsEntry{entry(fieldManager, holds)}, true},
		{"another pause", "t-1 at generation 7", []metav1.ManagedFieldsEntry{entry(fieldManager, `{"f:spec":{"f:replicas":{}}}`), entry("kubectl-rollout", holds)}, false},
		{"applied by somebody else too", "t-1 at generation 7", []metav1.ManagedFieldsEntry{entry(fieldManager, holds), entry("argocd", holds)}, false},
		{"no account, ours", "t-1 at generation 7", nil, true},
		{"no account, another pause", "t-1 at generation 5", nil, false},
		{"no account, noted by an older version", "t-1", nil, true},
	} {
		v := viewOf(markedTemplate("web:1", "t-1"))
		v.deployment.Spec.Paused = true
		if test.note != "" {
			v.deployment.Annotations[PausedBy] = test.note
		}
		v.deployment.ManagedFields = test.account
		trimmed := view{deployment: trimDeployment(trimDeployment(v.deployment)).(*appsv1.Deployment)}
		for _, v := range []view{v, trimmed} {
			if paused, ours := v.paused(); !paused || ours != test.ours {
				t.Errorf("%s: paused %v, ours %v", test.name, paused, ours)
			}
		}
		v.deployment.Spec.Paused = false
		if paused, ours := v.paused(); paused || ours {
			t.Errorf("%s: let go on, it is paused %v, ours %v", test.name, paused, ours)
		}
	}
}

// A held rollout is resumed and repaired by hand; what is paused later is a freeze,
// and the next patch of ours drops our note.
func TestFreezeAfterARepairByHandIsNotOurs(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 3)
	f.failAndHold(f.intent("tangerine-1", "web", "crash"))
	f.patchAs("web", "autoscaler", `[{"op":"replace","path":"/spec/replicas","value":4}]`)
	if note := f.note("web"); note != "Paused by tangerine-1." {
		t.Errorf("held: %q", note)
	}
	f.resume("web")
	f.patchAs("web", "kubectl-set", setImage("v1"))
	f.awaitComplete("web")
	in := f.intent("tangerine-2", "web", "v3")
	f.freeze("web")
	if note := f.note("web"); note != "Paused, and not by stationmaster." {
		t.Errorf("frozen: %q", note)
	}
	_, err := f.Resolve(t.Context(), f.want("web", "v3"))
	mustRefuse(t, err)
	_, err = f.rollout().Act(t.Context(), in)
	mustRefuse(t, err)
	f.resume("web")
	f.do(f.rollout(), in, deployer.OK)
	if by := f.get("web").Annotations[PausedBy]; by != "" {
		t.Errorf("paused by %s", by)
	}
}
