package kube

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// kubernetes 24152, 30028, 108372: two Deployments that select each other's pods, and
// a pod that somebody has made by hand. Only those of the own ReplicaSets count.
func TestClusterCaseOfADeploymentThatSelectsOthersPods(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	f.deploy("web-canary", "1.0-linger30s", 3, func(d *appsv1.Deployment) {
		d.Spec.Selector.MatchLabels = map[string]string{"app": "web"}
		d.Spec.Template.Labels = map[string]string{"app": "web"}
	})
	bare := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web-debug", Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: repository + ":1.0-crash"}}},
	}
	if _, err := f.client.CoreV1().Pods(f.namespace).Create(t.Context(), bare, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.addService("web", "web", corev1.ServicePort{Port: 80})
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: time.Second}}
	if o := f.do(f.verify(), in, deployer.OK); o.Why != "2 pods, healthy for 1s" {
		t.Errorf("why %q", o.Why)
	}
	if n := f.revisions("web-canary"); n != 1 {
		t.Errorf("the other one was touched: revision %d", n)
	}
	serving, err := f.Versions(t.Context(), []WorkloadSpec{f.want("web", "")})
	if err != nil || serving[0].Ready != 2 || len(serving[0].Pods) != 1 {
		t.Errorf("versions %+v, %v", serving, err)
	}
}

// kubernetes 45770, 24137: a selector can't be changed, so the Deployment is deleted
// without its pods and made anew. The old ReplicaSet stays, and is nobody's.
func TestClusterCaseOfAReplicaSetThatIsNobodys(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	err := f.client.AppsV1().Deployments(f.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationOrphan)})
	if err != nil {
		t.Fatal(err)
	}
	f.eventually("the Deployment is gone", func() bool {
		_, err := f.client.AppsV1().Deployments(f.namespace).Get(t.Context(), "web", metav1.GetOptions{})
		return err != nil
	})
	f.deploy("web", "1.0", 2, func(d *appsv1.Deployment) {
		d.Spec.Selector.MatchLabels = map[string]string{"app": "web", "tier": "front"}
		d.Spec.Template.Labels = map[string]string{"app": "web", "tier": "front"}
	})
	in := f.intent("tangerine-1", "web", "2.0")
	in.Deadline = time.Now().Add(10 * time.Second)
	f.do(f.rollout(), in, deployer.OK)
	in.With, in.Deadline = deployer.Values{"for": {Duration: time.Second}}, time.Now().Add(10*time.Second)
	f.do(f.verify(), in, deployer.OK)
}

// kubernetes 29735, 43948: the name that the new ReplicaSet would have is taken.
func TestClusterCaseOfAReplicaSetNameThatIsTaken(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1)
	f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.OK)
	name := ""
	for _, s := range f.setsOf("web") {
		if version(s.Spec.Template.Spec.Containers[0].Image) == "2.0" {
			name = s.Name
		}
	}

	f = clusterFixture(t) // the name follows from the template alone, so it is the same
	labels := map[string]string{"app": "squatter"}
	_, err := f.client.AppsV1().ReplicaSets(f.namespace).Create(t.Context(), &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: new(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: repository + ":0.1"}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.deploy("web", "1.0", 1)
	f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.OK)
	if n := f.get("web").Status.CollisionCount; n == nil || *n != 1 {
		t.Errorf("the name was not taken: %v", n)
	}
}

// The new ReplicaSet is deleted by hand in the middle of it: the controller makes one
// of the same name.
func TestClusterCaseOfAReplicaSetThatIsDeleted(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-slow2s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	for _, s := range f.setsOf("web") {
		if version(s.Spec.Template.Spec.Containers[0].Image) == "2.0-slow2s" {
			if err := f.client.AppsV1().ReplicaSets(f.namespace).Delete(t.Context(), s.Name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	run.ends(deployer.OK)
	f.awaitComplete("web")
	if got := f.podsOf("web"); len(got["2.0-slow2s"]) != 2 || len(got) != 1 {
		t.Errorf("pods %v", got)
	}
}

// setsOf lists the ReplicaSets of the workload.
func (f *fixture) setsOf(name string) []appsv1.ReplicaSet {
	f.t.Helper()
	list, err := f.client.AppsV1().ReplicaSets(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		f.t.Fatal(err)
	}
	return list.Items
}

// A pod that somebody has taken out of the workload to look at it, by its label: it
// runs the old version, and is none of the workload's.
func TestClusterCaseOfAPodThatWasTakenOut(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	list, err := f.client.CoreV1().Pods(f.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"metadata":{"labels":{"app":"web-quarantine"}}}`)
	if _, err := f.client.CoreV1().Pods(f.namespace).Patch(t.Context(), list.Items[0].Name, types.MergePatchType, body, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	f.eventually("it is replaced", func() bool { return len(f.podsOf("web")["1.0"]) == 2 && view{deployment: f.get("web")}.complete() })
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: time.Second}}
	f.do(f.verify(), in, deployer.OK)
}

// The namespace is deleted in the middle of it: flux2 717 spoke of a health check that
// timed out.
func TestClusterCaseOfANamespaceThatIsDeleted(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-hang")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	if err := f.client.CoreV1().Namespaces().Delete(t.Context(), f.namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if o := run.ends(deployer.Interrupted); o.Why != "deployment/web was deleted." {
		t.Errorf("why %q", o.Why)
	}
}
