package kube

import (
	"context"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// Three pods run, and after the whole time-out it was said that none exists.
func TestClusterRolloutFailsWhenNoReplicaSetCanBeMade(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(*Grace) {})
	f.deploy("web", "1.0", 3)
	f.limit("count/replicasets.apps", "1")
	in := f.intent("tangerine-1", "web", "2.0")
	in.Deadline = time.Now().Add(15 * time.Second)
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "The cluster makes no new ReplicaSet: ") || !strings.Contains(o.Why, "exceeded quota: few") {
		t.Errorf("why %q", o.Why)
	}
}

func TestClusterRolloutSaysThatControllersDoNotAct(t *testing.T) {
	t.Parallel()
	c := kubetest.Start(t)
	f := fixtureOn(t, c)
	f.patient(func(*Grace) {})
	f.deploy("web", "1.0", 3)
	f.deploy("api", "1.0", 3, func(d *appsv1.Deployment) { d.Spec.ProgressDeadlineSeconds = new(int32(4)) })
	c.StopControllers(t)
	web, api := f.intent("tangerine-1", "web", "2.0"), f.intent("tangerine-2", "api", "2.0")
	run := f.follow(f.rollout(), web, f.act(f.rollout(), web))
	o := f.do(f.rollout(), api, deployer.Failed)
	if want := "The cluster's controllers have not taken up the change for 4 s, the progress deadline. 0 of 3 new pods exist, and 3 old pods run."; o.Why != want {
		t.Errorf("why %q, want %q", o.Why, want)
	}
	run.await("it is told", func(p deployer.Progress) bool {
		return strings.HasPrefix(p.Note, "The cluster's controllers have not taken up the change for ")
	})
	c.StartControllers(t)
	run.ends(deployer.OK)
}

// soon lets pods be stuck a second after they were to end.
func soon(d *appsv1.Deployment) { d.Spec.Template.Spec.TerminationGracePeriodSeconds = new(int64(1)) }

// Old pods that never end are no failure of the new ones.
func TestClusterRolloutIsDoneThoughAFinalizerHoldsOldPods(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(g *Grace) { g.Stopping = 2 * time.Second })
	f.deploy("web", "1.0", 2, soon)
	f.holdPods("example.com/drain")
	in := f.intent("tangerine-1", "web", "2.0")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("it waits", func(p deployer.Progress) bool {
		return strings.HasPrefix(p.Note, "Everything is new; 2 old pods have been stopping for ")
	})
	const why, held = "Everything is new; 2 old pods have been stopping for ", " (held by the finalizer example.com/drain)"
	if o := run.ends(deployer.OK); !strings.HasPrefix(o.Why, why) || !strings.HasSuffix(o.Why, held) {
		t.Errorf("why %q", o.Why)
	}
	if o := f.do(f.verify(), in, deployer.Failed); !strings.HasPrefix(o.Why, why) || !strings.HasSuffix(o.Why, held+".") {
		t.Errorf("verified: %q", o.Why)
	}
	s := f.look(f.pause(), in)
	if o := f.follow(f.pause(), in, s.Ref).ends(deployer.OK); s.Ref != deployer.NothingToPause || o.Why != "2.0 on 2: everything is new already" {
		t.Errorf("paused: %q, %q", s.Ref, o.Why)
	}
	// They have been stopping for long when the next one comes: it waits for nothing.
	f.patient(func(g *Grace) { g.Stopping = time.Second })
	f.do(f.rollout(), f.intent("tangerine-2", "web", "3.0"), deployer.OK)
}

// The step's own deadline is no failure of it either.
func TestClusterRolloutIsDoneAtItsDeadlineThoughOldPodsStay(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.patient(func(g *Grace) { g.Stopping = time.Minute })
	f.deploy("web", "1.0-linger60s", 1)
	in := f.intent("tangerine-1", "web", "2.0")
	in.Deadline = time.Now().Add(6 * time.Second)
	if o := f.do(f.rollout(), in, deployer.OK); !strings.HasPrefix(o.Why, "Everything is new; 1 old pod has been stopping for ") {
		t.Errorf("why %q", o.Why)
	}
}

// holdPods puts a finalizer on the pods there are, for as long as the test takes.
func (f *fixture) holdPods(finalizer string) {
	f.t.Helper()
	pods, err := f.client.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	patch := func(ctx context.Context, name, value string) error {
		_, err := f.client.CoreV1().Pods(f.namespace).Patch(ctx, name, types.MergePatchType, []byte(`{"metadata":{"finalizers":`+value+`}}`), metav1.PatchOptions{})
		return err
	}
	for _, p := range pods.Items {
		if err := patch(f.t.Context(), p.Name, `["`+finalizer+`"]`); err != nil {
			f.t.Fatal(err)
		}
		f.t.Cleanup(func() { _ = patch(context.Background(), p.Name, "null") })
	}
}

// A node is dead, and so the pod on it never ends.
func TestClusterRolloutNamesTheNodeThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	c := kubetest.Start(t)
	f := fixtureOn(t, c)
	f.patient(func(g *Grace) { g.Stopping = 4 * time.Second })
	f.deploy("web", "1.0-linger600s", 1, soon)
	pods, err := f.client.CoreV1().Pods(f.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 1 {
		t.Fatalf("%d pods, %v", len(pods.Items), err)
	}
	node := pods.Items[0].Spec.NodeName
	cordon := []byte(`{"spec":{"unschedulable":true}}`)
	if _, err := f.client.CoreV1().Nodes().Patch(t.Context(), node, types.MergePatchType, cordon, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	in := f.intent("tangerine-1", "web", "2.0")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	f.awaitComplete("web")
	c.StopNodes(t)
	silent := []byte(`{"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown"}]}}`)
	if _, err := f.client.CoreV1().Nodes().Patch(t.Context(), node, types.StrategicMergePatchType, silent, metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	if o := run.ends(deployer.OK); !strings.HasSuffix(o.Why, " ("+node+" does not answer)") {
		t.Errorf("why %q", o.Why)
	}
	// Who may not read nodes says which pod it is.
	f.kubeconfig = c.User(t, "bot", botRules...)
	f.reopen()
	if o := f.do(f.rollout(), in, deployer.OK); !strings.HasSuffix(o.Why, " ("+pods.Items[0].Name+")") {
		t.Errorf("without the right: %q", o.Why)
	}
}
