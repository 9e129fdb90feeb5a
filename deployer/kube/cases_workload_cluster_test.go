package kube

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// scaleTo sets how many pods there should be, as an autoscaler does.
func (f *fixture) scaleTo(name string, n int32) {
	f.t.Helper()
	s := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: f.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: n}}
	if _, err := f.client.AppsV1().Deployments(f.namespace).UpdateScale(f.t.Context(), name, s, metav1.UpdateOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

func strategy(more, fewer int) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Strategy.RollingUpdate = surge(more, fewer) }
}

func historyLimit(n int32) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = &n }
}

// Settings of a Deployment with which other tools had trouble: forward, verified, and
// back again.
func TestClusterCasesOfSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		from   string
		change func(*appsv1.Deployment)
	}{
		// kubernetes 27362, 58814: with Recreate the old pods go first, here slowly.
		{"recreate", "1.0-linger2s", recreate},
		// krane 213: a rollback with Recreate was taken for one that had failed.
		{"recreate with a deadline", "1.0", func(d *appsv1.Deployment) { recreate(d); deadlineOf(6)(d) }},
		// kubernetes 26081, 49701: no history to go back to.
		{"no history", "1.0", historyLimit(0)},
		// kubernetes 18463, gravitee 298: the only pod goes before another comes.
		{"one pod less", "1.0", strategy(0, 1)},
		// kubernetes 44070: ready is not available yet.
		{"minReadySeconds", "1.0", func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 1 }},
		// kubernetes 106054: a Deployment without a progress deadline has no condition of that name.
		{"no progress deadline", "1.0", deadlineOf(1<<31 - 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", test.from, 1, test.change)
			in := f.intent("tangerine-1", "web", "2.0")
			f.do(f.rollout(), in, deployer.OK)
			if got := f.podsOf("web"); len(got["2.0"]) != 1 || len(got) != 1 {
				t.Errorf("pods %v", got)
			}
			in.With = deployer.Values{"for": {Duration: time.Second}}
			f.do(f.verify(), in, deployer.OK)
			f.do(f.rollout(), rollbackOf(in), deployer.OK)
			if got := f.podsOf("web"); len(got[test.from]) != 1 || len(got) != 1 {
				t.Errorf("pods after the rollback %v", got)
			}
		})
	}
}

// kubernetes 25236 and 25238, helm 7090: how many pods there are is the autoscaler's
// business, also while a rollout is held (kubernetes 87199), and on the way back.
func TestClusterCaseOfAnAutoscalerWhileARolloutIsHeld(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4)
	in := f.intent("tangerine-1", "web", "2.0-missing")
	f.do(f.rollout(), in, deployer.Failed)
	f.do(f.pause(), in, deployer.OK)
	f.scaleTo("web", 6)
	f.eventually("the pods are six", func() bool { return f.get("web").Status.ReadyReplicas >= 4 && f.get("web").Status.Replicas >= 6 })
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	if n := len(f.podsOf("web")["1.0"]); n != 6 {
		t.Errorf("%d pods", n)
	}
}

// argo-rollouts 4047, 3256: the total is what is wanted now, not what it was.
func TestClusterCasesOfFewerPodsMeanwhile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		to  int32
		why string
	}{
		{2, ""},
		// An autoscaler of events goes down to none.
		{0, "deployment/web is scaled to 0, so nothing runs that shows it."},
	} {
		t.Run(fmt.Sprint(test.to), func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 5)
			in := f.intent("tangerine-1", "web", "2.0-slow2s")
			run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
			run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
			f.scaleTo("web", test.to)
			if o := run.ends(deployer.OK); o.Why != test.why {
				t.Errorf("why %q, want %q", o.Why, test.why)
			}
			want := int(test.to)
			if last := run.progress[len(run.progress)-1]; last != (deployer.Progress{Total: want, Updated: want, Ready: want, Available: want}) {
				t.Errorf("the last progress is %+v", last)
			}
		})
	}
}

// kubernetes 116891, 56539, 121388: with maxUnavailable 0 and no node without an old
// pod no new one can come. kubectl waits for ten minutes and says nothing of it.
func TestClusterCaseOfNoRoomBesideTheOldPods(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1, strategy(1, 0), func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "node-1"}
		d.Spec.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 8088}}
	})
	before := f.podsOf("web")["1.0"]
	in := f.intent("tangerine-1", "web", "2.0")
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "1 of 1 pod fits on no node: 0/2 nodes are available: ") || !strings.Contains(o.Why, "didn't have free ports") {
		t.Errorf("why %q", o.Why)
	}
	f.do(f.pause(), in, deployer.OK)
	if after := f.podsOf("web")["1.0"]; !slices.Equal(after, before) {
		t.Errorf("old pods %v, want %v", after, before)
	}
}

// argo-rollouts 1774, kubedog 284, kubernetes 18435: what runs is broken, and what is
// rolled out is the remedy.
func TestClusterCaseOfARemedyForPodsThatCrash(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "0.9", 2, deadlineOf(4))
	f.patchAs("web", "kubectl-set", setImage("1.0-crash"))
	f.eventually("it crashes for too long", func() bool { return stalled(view{deployment: f.get("web")}, nil, time.Time{}, time.Now()) != nil })
	f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.OK)
	if got := f.podsOf("web"); len(got["2.0"]) != 2 || len(got) != 1 {
		t.Errorf("pods %v", got)
	}
}

// argo-rollouts 3331: a second rollout over the first, which is stuck.
func TestClusterCaseOfARolloutOverOneThatIsStuck(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	first := f.intent("tangerine-1", "web", "2.0-hang")
	run := f.follow(f.rollout(), first, f.act(f.rollout(), first))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.do(f.rollout(), f.intent("tangerine-2", "web", "3.0"), deployer.OK)
	if o := run.ends(deployer.Interrupted); o.Why != "deployment/web runs 3.0 of tangerine-2 now." {
		t.Errorf("why %q", o.Why)
	}
	if got := f.podsOf("web"); len(got["3.0"]) != 3 || len(got) != 1 {
		t.Errorf("pods %v", got)
	}
}

// kubectl rollout restart in the middle of it: another ReplicaSet under our mark, and
// it is the newest that counts.
func TestClusterCaseOfARestartMeanwhile(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-slow2s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.patchAs("web", "kubectl-rollout", `[{"op":"add","path":"/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt","value":"now"}]`)
	run.ends(deployer.OK)
	if n := f.revisions("web"); n != 3 {
		t.Errorf("revision %d", n)
	}
	f.awaitComplete("web")
}

// argo-rollouts 1292: an abort with nothing under way scaled the stable pods to 0.
func TestClusterCaseOfAStopWhenAllIsDone(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	was := f.get("web").Generation
	if ref := f.act(f.pause(), in); ref != deployer.NothingToPause {
		t.Errorf("paused: %s", ref)
	}
	if d := f.get("web"); d.Generation != was || d.Spec.Paused {
		t.Errorf("it was touched: %+v", d.Spec)
	}
}

// A drain, with a disruption budget, in the middle of it: an evicted pod is made
// again.
func TestClusterCaseOfADrainMeanwhile(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-slow2s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Ready > 0 })
	list, err := f.client.CoreV1().Pods(f.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	evicted := 0
	for _, p := range list.Items {
		if version(p.Spec.Containers[0].Image) == "2.0-slow2s" && ready(&p) && p.DeletionTimestamp == nil {
			e := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: f.namespace}}
			if err := f.client.PolicyV1().Evictions(f.namespace).Evict(t.Context(), e); err == nil {
				evicted++
			}
		}
	}
	if evicted == 0 {
		t.Error("no pod was evicted")
	}
	run.ends(deployer.OK)
	if got := f.podsOf("web"); len(got["2.0-slow2s"]) != 3 || len(got) != 1 {
		t.Errorf("pods %v", got)
	}
}
