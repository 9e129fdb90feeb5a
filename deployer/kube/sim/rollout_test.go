package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestRolloutCompletes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Digests: func(image string) string { return "sha256:" + strings.Repeat("ab", 32) }})
	before := f.addWeb("registry.example/web:v1", 4)
	if before.Annotations[annRevision] != "1" || before.Generation != 1 {
		t.Errorf("a new deployment has revision %q and generation %d, want 1 and 1", before.Annotations[annRevision], before.Generation)
	}

	f.setImage("registry.example/web:v2")
	least, most := int32(4), int32(4)
	d := f.await("complete", func(d *appsv1.Deployment) bool {
		least, most = min(least, d.Status.AvailableReplicas), max(most, d.Status.Replicas)
		return d.Generation == 2 && complete(d)
	})

	if least < 3 || most > 5 {
		t.Errorf("between %d available and %d in all during the rollout, want 3 and 5: a quarter either way", least, most)
	}
	if c := condition(d.Status, appsv1.DeploymentProgressing); c.Reason != reasonAvailable || c.Status != corev1.ConditionTrue {
		t.Errorf("Progressing is %s %s, want True %s", c.Status, c.Reason, reasonAvailable)
	}
	if d.Annotations[annRevision] != "2" {
		t.Errorf("revision is %q, want 2", d.Annotations[annRevision])
	}
	f.await("without terminating pods", func(d *appsv1.Deployment) bool { return *d.Status.TerminatingReplicas == 0 })
	ps := f.podsOf(d)
	if len(ps) != 4 {
		t.Fatalf("%d pods are left, want 4", len(ps))
	}
	for _, p := range ps {
		s := p.Status.ContainerStatuses[0]
		if s.Image != "registry.example/web:v2" || s.ImageID != "registry.example/web@sha256:"+strings.Repeat("ab", 32) {
			t.Errorf("pod %s runs %s %s", p.Name, s.Image, s.ImageID)
		}
		if !s.Ready || s.RestartCount != 0 || s.State.Running == nil || p.Status.Phase != corev1.PodRunning || p.Status.PodIP == "" {
			t.Errorf("pod %s is %+v", p.Name, p.Status)
		}
		if p.Labels[hashLabel] == "" || metav1.GetControllerOf(&p).Name != "web-"+p.Labels[hashLabel] {
			t.Errorf("pod %s has hash %q and owner %v", p.Name, p.Labels[hashLabel], p.OwnerReferences)
		}
	}
}

func TestPodsPassThroughTheirPhases(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Speed: 20})
	before, err := f.CoreV1().Pods("prod").List(f.ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.AddDeployment("prod", "web", "app", "web:v1", 1); err != nil {
		t.Fatal(err)
	}
	// Everything since before it was there, however late it is read.
	pods, err := f.CoreV1().Pods("prod").Watch(f.ctx, metav1.ListOptions{ResourceVersion: before.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer pods.Stop()
	var seen []string
	for ready := false; !ready; {
		e, ok := <-pods.ResultChan()
		p, isPod := e.Object.(*corev1.Pod)
		if !ok || !isPod {
			t.Fatalf("the watch has ended: %+v", e)
		}
		if s := phase(p); !slices.Contains(seen, s) {
			seen = append(seen, s)
		}
		ready = len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].Ready
	}
	if got := strings.Join(seen, " "); got != "Pending ContainerCreating Running" {
		t.Errorf("the pod was %s", got)
	}
	for _, reason := range []string{"ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulling", "Pulled", "Created", "Started"} {
		f.hasEvent(reason)
	}
}

func TestUndoUsesTheOldReplicaSetAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	first := f.replicaSets()[0]
	f.setImage("web:v2")
	f.await("is at v2", func(d *appsv1.Deployment) bool { return d.Generation == 2 && complete(d) })
	f.setImage("web:v1")
	d := f.await("is back", func(d *appsv1.Deployment) bool { return d.Generation == 3 && complete(d) })

	sets := f.replicaSets()
	i := slices.IndexFunc(sets, func(rs appsv1.ReplicaSet) bool { return rs.UID == first.UID })
	if len(sets) != 2 || i < 0 || *sets[i].Spec.Replicas != 2 {
		t.Fatalf("the first ReplicaSet was not used again: %+v", sets)
	}
	if sets[i].Annotations[annRevision] != "3" || sets[i].Annotations[annHistory] != "1" || d.Annotations[annRevision] != "3" {
		t.Errorf("annotations are %v and %v, want revision 3 with history 1", sets[i].Annotations, d.Annotations)
	}
}

func TestHistoryIsLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 1)
	if err := f.patch(types.MergePatchType, `{"spec":{"revisionHistoryLimit":1}}`); err != nil {
		t.Fatal(err)
	}
	for i, image := range []string{"web:v2", "web:v3", "web:v4"} {
		f.setImage(image)
		f.await("has "+image, func(d *appsv1.Deployment) bool { return d.Generation == int64(i+3) && complete(d) })
	}
	for deadline := time.Now().Add(2 * time.Minute); len(f.replicaSets()) != 2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d ReplicaSets are left, want the current and one old", len(f.replicaSets()))
		}
	}
}

func TestPauseStopsARollout(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 3)
	if err := f.patch(types.StrategicMergePatchType, `{"spec":{"paused":true}}`); err != nil {
		t.Fatal(err)
	}
	f.await("is paused", hasReason(appsv1.DeploymentProgressing, "DeploymentPaused"))
	f.setImage("web:v2")
	d := f.await("has seen the new image", func(d *appsv1.Deployment) bool { return d.Status.ObservedGeneration == 3 })
	if sets := f.replicaSets(); len(sets) != 1 || d.Status.UpdatedReplicas != 0 {
		t.Errorf("a paused deployment went on: %d ReplicaSets, %d updated", len(sets), d.Status.UpdatedReplicas)
	}
	if err := f.patch(types.MergePatchType, `{"spec":{"paused":null}}`); err != nil {
		t.Fatal(err)
	}
	f.await("completes", func(d *appsv1.Deployment) bool { return d.Generation == 4 && complete(d) })
	f.await("says so", hasReason(appsv1.DeploymentProgressing, reasonAvailable))
}

func TestDeploymentIsScaledWithoutARevision(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	scale, err := f.AppsV1().Deployments("prod").GetScale(f.ctx, "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int32{6, 1, 0} {
		scale.Spec.Replicas = n
		if scale, err = f.AppsV1().Deployments("prod").UpdateScale(f.ctx, "web", scale, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		scale.ResourceVersion = "" // whatever the version is by then
		d := f.await("is scaled", func(d *appsv1.Deployment) bool { return *d.Spec.Replicas == n && complete(d) })
		if d.Annotations[annRevision] != "1" {
			t.Errorf("scaling made revision %s", d.Annotations[annRevision])
		}
	}
}

func TestScaleCanBePatched(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 1)
	if _, err := f.AppsV1().Deployments("prod").Patch(f.ctx, "web", types.MergePatchType,
		[]byte(`{"spec":{"replicas":3}}`), metav1.PatchOptions{}, "scale"); err != nil {
		t.Fatal(err)
	}
	f.await("has three", func(d *appsv1.Deployment) bool { return d.Status.AvailableReplicas == 3 && complete(d) })
}

// Somebody, or an autoscaler, scales in the middle of a rollout: it grows as far
// as maxSurge allows, and completes.
func TestRolloutThatIsScaledCompletes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 8)
	f.setImage("web:v2-hang")
	f.await("is stuck", func(d *appsv1.Deployment) bool {
		return d.Status.UpdatedReplicas == 4 && d.Status.Replicas == 10
	})
	if err := f.patch(types.MergePatchType, `{"spec":{"replicas":16}}`); err != nil {
		t.Fatal(err)
	}
	f.await("has grown", func(d *appsv1.Deployment) bool {
		return d.Status.UpdatedReplicas == 14 && d.Status.Replicas == 20 && d.Status.AvailableReplicas == 6
	})
	f.setImage("web:v3")
	f.await("completes", func(d *appsv1.Deployment) bool { return d.Generation == 4 && complete(d) })
}

func TestPausedDeploymentIsScaled(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 1)
	if err := f.patch(types.MergePatchType, `{"spec":{"paused":true}}`); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int32{3, 0, 2} {
		if err := f.patch(types.MergePatchType, fmt.Sprintf(`{"spec":{"replicas":%d}}`, n)); err != nil {
			t.Fatal(err)
		}
		d := f.await("is scaled", func(d *appsv1.Deployment) bool { return *d.Spec.Replicas == n && complete(d) })
		if !d.Spec.Paused || d.Annotations[annRevision] != "1" {
			t.Errorf("with %d replicas it is paused: %v, at revision %s", n, d.Spec.Paused, d.Annotations[annRevision])
		}
	}
}

func TestStuckRolloutExceedsItsProgressDeadline(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	if err := f.patch(types.MergePatchType, `{"spec":{"progressDeadlineSeconds":20}}`); err != nil {
		t.Fatal(err)
	}
	f.setImage("web:v2-unready")
	d := f.await("has exceeded its deadline", hasReason(appsv1.DeploymentProgressing, reasonTimedOut))
	if c := condition(d.Status, appsv1.DeploymentProgressing); c.Status != corev1.ConditionFalse || !strings.HasSuffix(c.Message, "has timed out progressing.") {
		t.Errorf("the condition is %+v", c)
	}
	if d.Status.AvailableReplicas != 2 {
		t.Errorf("%d old pods still work, want 2", d.Status.AvailableReplicas)
	}
	f.setImage("web:v3")
	f.await("recovers", hasReason(appsv1.DeploymentProgressing, reasonAvailable))
}

func TestPodIsAvailableAfterMinReadySeconds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Speed: 100})
	f.addWeb("web:v1", 1)
	if err := f.patch(types.MergePatchType, `{"spec":{"minReadySeconds":200}}`); err != nil {
		t.Fatal(err)
	}
	f.setImage("web:v2")
	var ready time.Time
	f.await("completes", func(d *appsv1.Deployment) bool {
		if ready.IsZero() && d.Status.ReadyReplicas == 2 {
			ready = time.Now()
		}
		return d.Generation == 3 && complete(d)
	})
	// It is seen to be ready somewhat late, on a busy machine.
	if soaked := time.Since(ready); ready.IsZero() || soaked < time.Second {
		t.Errorf("the new pod was available %v after it was ready, want 200 simulated seconds (2s)", soaked)
	}
}

func TestRecreateStopsOldPodsFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 2)
	if err := f.patch(types.StrategicMergePatchType, `{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}`); err != nil {
		t.Fatal(err)
	}
	f.setImage("web:v2")
	mixed := false
	f.await("completes", func(d *appsv1.Deployment) bool {
		mixed = mixed || d.Status.UpdatedReplicas > 0 && d.Status.Replicas > d.Status.UpdatedReplicas
		return d.Generation == 3 && complete(d)
	})
	if mixed {
		t.Error("old and new pods were there at once")
	}
}

func TestDeletedPodIsReplaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 1)
	gone := f.podsOf(d)[0]
	if err := f.CoreV1().Pods("prod").Delete(f.ctx, gone.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.awaitPod("was replaced", func(p *corev1.Pod) bool { return p.Name != gone.Name && phase(p) == "Running" })
}

func TestNamespaceTakesWhatIsInIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 2)
	if err := f.CoreV1().Namespaces().Delete(f.ctx, "prod", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := len(f.podsOf(d)) + len(f.replicaSets()); n != 0 {
		t.Errorf("%d objects outlive their namespace", n)
	}
	if err := f.AddDeployment("prod", "web", "app", "web:v2", 1); err != nil {
		t.Fatal(err)
	}
	if again := f.await("runs again", complete); again.UID == d.UID {
		t.Error("a new deployment has the UID of the one before")
	}
}

func TestDeletionTakesWhatIsOwned(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	d := f.addWeb("web:v1", 2)
	if err := f.AppsV1().Deployments("prod").Delete(f.ctx, "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); len(f.replicaSets())+len(f.podsOf(d)) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("ReplicaSets or pods outlive their deployment")
		}
	}
}
