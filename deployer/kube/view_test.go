package kube

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A pod belongs to a workload by the UID of its ReplicaSet: one of that name may
// have been deleted and made anew. Where the ReplicaSet is gone, the name tells.
func TestPodBelongsToItsWorkloadByReplicaSet(t *testing.T) {
	t.Parallel()
	v := viewOf(markedTemplate("web:1", ""))
	v.sets[0].UID = "one"
	of := func(change func(*corev1.Pod)) *corev1.Pod {
		p := podOf(v.sets[0], "a")
		change(p)
		return p
	}
	for _, test := range []struct {
		name string
		pod  *corev1.Pod
		want bool
	}{
		{"its own", of(func(*corev1.Pod) {}), true},
		{"of a namesake", of(func(p *corev1.Pod) { p.OwnerReferences[0].UID = "another" }), false},
		{"of a Job", of(func(p *corev1.Pod) { p.OwnerReferences[0].Kind = "Job" }), false},
		{"nobody's", of(func(p *corev1.Pod) { p.OwnerReferences = nil }), false},
		{"of a ReplicaSet that is gone", of(func(p *corev1.Pod) {
			p.OwnerReferences[0].Name, p.OwnerReferences[0].UID, p.Labels = "web-5d4c", "gone", map[string]string{hashKey: "5d4c"}
		}), true},
		{"of another's that is gone", of(func(p *corev1.Pod) {
			p.OwnerReferences[0].Name, p.OwnerReferences[0].UID, p.Labels = "web-api-5d4c", "gone", map[string]string{hashKey: "5d4c"}
		}), false},
	} {
		if got := v.owns(test.pod); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// A workload that is being deleted, or is another one of the same name, is not the
// one that was resolved: nothing begins there, and nothing goes on.
func TestWorkloadThatIsNotTheOneResolvedIsAMismatch(t *testing.T) {
	t.Parallel()
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	for _, test := range []struct {
		name   string
		change func(*view)
		why    string
	}{
		{"the same", func(*view) {}, ""},
		{"gone", func(v *view) { v.deployment = nil }, "deployment/web was deleted."},
		{"made anew", func(v *view) { v.deployment.UID = "another" }, "deployment/web was deleted and made anew."},
		{"being deleted", func(v *view) { v.deployment.DeletionTimestamp = &metav1.Time{Time: time.Now()} }, "deployment/web is being deleted."},
		{"without the container", func(v *view) { v.deployment.Spec.Template.Spec.Containers[0].Name = "web" }, "deployment/web has no container app any more."},
	} {
		v := viewOf(markedTemplate("web:1", ""))
		test.change(&v)
		why := ""
		if err := v.mismatch(at); err != nil {
			why = err.Error()
		}
		if why != test.why {
			t.Errorf("%s: %q, want %q", test.name, why, test.why)
		}
	}
	v := viewOf(markedTemplate("web:1", ""))
	v.deployment.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	if r := mustRefuse(t, checkStartable(v, WorkloadSpec{Workload: "deployment/web"})); r.Why != "deployment/web is being deleted." {
		t.Errorf("%+v", r)
	}
}
