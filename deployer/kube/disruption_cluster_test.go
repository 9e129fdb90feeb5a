package kube

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// Each has a control plane of its own to stop, one after the other: after a
// second restart the controllers take minutes to come back.
func TestClusterRolloutSurvivesItsAPIServer(t *testing.T) {
	t.Parallel()
	t.Run("restarts during Follow", restartDuringFollow)
	t.Run("restarts during Act", restartDuringAct)
	t.Run("has forgotten what was watched", expiredWatch)
}

func restartDuringFollow(t *testing.T) {
	c := kubetest.Start(t)
	f := fixtureOn(t, c)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-slow")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	c.StopAPIServer(t)
	run.await("the silence is told of", func(p deployer.Progress) bool {
		return strings.Contains(p.Note, "Cluster prod-1 does not answer")
	})
	// A process that starts while the API server is away waits for it.
	later := f.follow(f.rollout(), in, "generation=2")
	later.await("the silence is told of", func(p deployer.Progress) bool {
		return strings.Contains(p.Note, "Cluster prod-1 does not answer")
	})
	if _, err := f.rollout().Look(t.Context(), in); err == nil {
		t.Error("a look without an API server has an answer")
	}
	c.StartAPIServer(t)
	run.ends(deployer.OK)
	later.ends(deployer.OK)
	if last := run.progress[len(run.progress)-1]; last.Note != "" {
		t.Errorf("the last note is %q", last.Note)
	}
}

// The patch takes effect, the API server is killed before it can answer.
func restartDuringAct(t *testing.T) {
	c := kubetest.Start(t)
	f := fixtureOn(t, c)
	f.deploy("web", "1.0", 2)
	p := f.proxied()
	in := f.intent("tangerine-1", "web", "2.0")
	stop := hook(func() { c.StopAPIServer(t) })
	p.instead.Store(&stop)
	p.lose.Store(1)
	if ref, err := f.rollout().Act(t.Context(), in); err == nil {
		t.Fatalf("a lost answer gave %q", ref)
	}
	if _, err := f.rollout().Act(t.Context(), in); err == nil {
		t.Fatal("no API server, no error")
	}
	c.StartAPIServer(t)
	f.reopen()
	s := f.look(f.rollout(), in)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("the patch took effect: %+v", s)
	}
	f.follow(f.rollout(), in, s.Ref).ends(deployer.OK)
	if n := f.revisions("web"); n != 2 {
		t.Errorf("revision %d", n)
	}
}

// The answer is lost after the patch took effect: however often it is tried
// again, there is exactly one revision more.
func TestClusterLostAnswersMakeNoSecondRevision(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	p := f.proxied()
	in := f.intent("tangerine-1", "web", "2.0")
	p.lose.Store(1)
	if ref, err := f.rollout().Act(t.Context(), in); err == nil {
		t.Fatalf("a lost answer gave %q", ref)
	}
	for range 3 {
		f.act(f.rollout(), in)
	}
	if n := p.number(p.sent, "PATCH deployments"); n != 1 {
		t.Errorf("%d patches were sent", n)
	}
	f.reopen()
	s := f.look(f.rollout(), in)
	f.follow(f.rollout(), in, s.Ref).ends(deployer.OK)
	if n := f.revisions("web"); n != 2 {
		t.Errorf("revision %d", n)
	}
	// The same for a pause and for a rollback.
	in = f.intent("tangerine-2", "web", "3.0-hang")
	f.act(f.rollout(), in)
	p.lose.Store(1)
	_, _ = f.pause().Act(t.Context(), in)
	if s := f.look(f.pause(), in); s.Kind != deployer.ObservedPresent || !f.get("web").Spec.Paused {
		t.Errorf("paused: %+v", s)
	}
	undo := rollbackOf(in)
	p.lose.Store(1)
	_, _ = f.rollout().Act(t.Context(), undo)
	f.do(f.rollout(), undo, deployer.OK)
	if n := f.revisions("web"); n != 4 {
		t.Errorf("revision %d, want 4", n)
	}
}

// A compaction leaves watches with a resource version that is gone (410).
func expiredWatch(t *testing.T) {
	c := kubetest.Start(t)
	f := fixtureOn(t, c)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-slow4s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	c.StopAPIServer(t)
	run.await("the silence is told of", func(p deployer.Progress) bool { return p.Note != "" })
	c.Compact(t) // and so restarts it; what the watches knew is gone
	run.ends(deployer.OK)
}

func TestClusterChangeBySomebodyElseInterruptsTheRollout(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, who, patch, why string }{
		{"image", "kubectl-set", setImage("9.9"), "deployment/web was changed to 9.9 meanwhile. It was changed by kubectl-set at "},
		{"another deployment", "stationmaster", `[{"op":"replace","path":"/spec/template/metadata/annotations/stationmaster.dev~1deployment","value":"tangerine-7"},
			{"op":"replace","path":"` + imagePath + `","value":"` + repository + `:7.0"}]`, "deployment/web runs 7.0 of tangerine-7 now."},
		{"a controller that reverts", "kustomize-controller", `[{"op":"remove","path":"/spec/template/metadata/annotations"},
			{"op":"replace","path":"` + imagePath + `","value":"` + repository + `:1.0"}]`,
			"deployment/web was put back to 1.0 by somebody else, or by a controller that undoes changes. It was changed by kustomize-controller at "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 3)
			in := f.intent("tangerine-1", "web", "2.0-hang")
			run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
			run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
			f.patchAs("web", test.who, test.patch)
			o := run.ends(deployer.Interrupted)
			if !strings.HasPrefix(o.Why, test.why) {
				t.Errorf("why %q", o.Why)
			}
			if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded {
				t.Errorf("sight %+v", s)
			}
			if s := f.look(f.pause(), in); test.name != "image" && s.Kind != deployer.ObservedPresent {
				t.Errorf("there is nothing of ours to pause: %+v", s)
			}
		})
	}
}

// An autoscaler's change is no failure, and the total follows it.
func TestClusterRolloutFollowsAScaleMeanwhile(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-slow")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	scale := &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: f.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: 5},
	}
	if _, err := f.client.AppsV1().Deployments(f.namespace).UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	run.ends(deployer.OK)
	want := deployer.Progress{Total: 5, Updated: 5, Ready: 5, Available: 5}
	if last := run.progress[len(run.progress)-1]; last != want {
		t.Errorf("the last progress is %+v", last)
	}
}

func TestClusterRolloutWaitsWhileAPersonPausesIt(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-slow6s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.patchAs("web", "kubectl", `[{"op":"add","path":"/spec/paused","value":true}]`)
	run.await("the pause is told of", func(p deployer.Progress) bool {
		return p.Note == "The rollout is paused, and not by stationmaster."
	})
	_, err := f.Resolve(t.Context(), f.want("web", "3.0"))
	if r := mustRefuse(t, err); !strings.Contains(r.Why, "is paused, and not by stationmaster") {
		t.Errorf("%+v", r)
	}
	f.patchAs("web", "kubectl", `[{"op":"replace","path":"/spec/paused","value":false}]`)
	run.ends(deployer.OK)
}

func TestClusterDeletedDeploymentInterruptsTheRollout(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-hang")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	if err := f.client.AppsV1().Deployments(f.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if o := run.ends(deployer.Interrupted); o.Why != "deployment/web was deleted." {
		t.Errorf("why %q", o.Why)
	}
	f.deploy("web", "1.0", 2)
	_, err := f.rollout().Look(t.Context(), in)
	if r := mustRefuse(t, err); r.Why != "deployment/web was deleted and made anew." {
		t.Errorf("%+v", r)
	}
	_, err = f.rollout().Act(t.Context(), in)
	mustRefuse(t, err)
	o := f.follow(f.rollout(), in, "generation=2").ends(deployer.Interrupted)
	if o.Why != "deployment/web was deleted and made anew." {
		t.Errorf("why %q", o.Why)
	}
	if n := f.revisions("web"); n != 1 {
		t.Errorf("the new one was touched: revision %d", n)
	}
}

// The config's context is pointed elsewhere during a restart: nothing there is
// touched, and it is said.
func TestClusterThatIsAnotherOneIsNotTouched(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1)
	in := f.intent("tangerine-1", "web", "2.0")
	in.Where[whereClusterUID] = "0c0ffee0-0000-4000-8000-000000000000"
	const why = "Cluster prod-1 is another one now than when this began"
	for name, r := range f.Runners() {
		_, err := r.Look(t.Context(), in)
		if got := mustRefuse(t, err); !strings.HasPrefix(got.Why, why) {
			t.Errorf("%s: %+v", name, got)
		}
		_, err = r.Act(t.Context(), in)
		if got := mustRefuse(t, err); !strings.HasPrefix(got.Why, why) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, r := range []deployer.Runner{f.rollout(), f.verify()} {
		if o := f.follow(r, in, "generation=1").ends(deployer.Interrupted); !strings.HasPrefix(o.Why, why) {
			t.Errorf("why %q", o.Why)
		}
	}
	if g := f.get("web").Generation; g != 1 {
		t.Errorf("it was touched: generation %d", g)
	}
}

// A deploy created twice between check and create (shipit 528, 685); a stage
// deployed twice (samson 2694).
func TestClusterTakesOneOfTwoRolloutsAtOnce(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	a, b := f.intent("tangerine-1", "web", "2.0"), f.intent("tangerine-2", "web", "3.0")
	var mu sync.Mutex
	done := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		for _, in := range []deployer.Intent{a, b} {
			all.Go(func() {
				if _, err := f.rollout().Act(t.Context(), in); err == nil {
					mu.Lock()
					defer mu.Unlock()
					done[in.Mark]++
				}
			})
		}
	}
	all.Wait()
	if len(done) != 1 {
		t.Errorf("done: %v, want one of them", done)
	}
	f.awaitComplete("web")
	if n := f.revisions("web"); n != 2 {
		t.Errorf("revision %d", n)
	}
	if done["tangerine-2"] > 0 {
		a, b = b, a
	}
	if s := f.look(f.rollout(), a); s.Kind != deployer.ObservedPresent {
		t.Errorf("the first one: %+v", s)
	}
	if s := f.look(f.rollout(), b); s.Kind != deployer.ObservedSuperseded {
		t.Errorf("the second one: %+v", s)
	}
}

// A strategic merge patch would have added a container.
func TestClusterMistypedContainerIsRefused(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1)
	want := f.want("web", "2.0")
	want.Container = "ap"
	_, err := f.Resolve(t.Context(), want)
	if r := mustRefuse(t, err); r.Why != "deployment/web has no container ap." || r.Advice() != "Did you mean app?" {
		t.Errorf("%+v", r)
	}
	in := f.intent("tangerine-1", "web", "2.0")
	in.Where[whereContainer] = "ap"
	_, err = f.rollout().Act(t.Context(), in)
	mustRefuse(t, err)
	if n := len(f.get("web").Spec.Template.Spec.Containers); n != 1 {
		t.Errorf("%d containers", n)
	}
}

// botRules are what README tells people to grant.
var botRules = []rbacv1.PolicyRule{
	{APIGroups: []string{""}, Resources: []string{"namespaces"}, ResourceNames: []string{"kube-system"}, Verbs: []string{"get"}},
	{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "list", "watch", "patch"}},
	{APIGroups: []string{"apps"}, Resources: []string{"replicasets"}, Verbs: []string{"get", "list", "watch"}},
	{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list", "watch"}},
	{APIGroups: []string{""}, Resources: []string{"pods/log"}, Verbs: []string{"get"}},
}

func TestClusterRolloutNeedsItsRightsAndNoOthers(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	f := fixtureOn(t, c)
	f.deploy("web", "1.0", 2)
	few := append([]rbacv1.PolicyRule{}, botRules...)
	few[1] = rbacv1.PolicyRule{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "list", "watch"}}
	f.kubeconfig = c.User(t, "reader", few[:4]...)
	f.reopen()
	_, err := f.Resolve(t.Context(), f.want("web", "2.0"))
	if r := mustRefuse(t, err); !strings.HasPrefix(r.Why, "Stationmaster may not patch deployments, get pods/log in namespace "+f.namespace) {
		t.Errorf("%+v", r)
	}

	f.kubeconfig = c.User(t, "bot", botRules...)
	f.reopen()
	in := f.intent("tangerine-1", "web", "2.0-slow6s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })

	// A process that starts without its rights says so, and goes on when it has
	// them again.
	role, err := f.client.RbacV1().ClusterRoles().Get(t.Context(), "bot", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	set := func(rules string) {
		patch := fmt.Appendf(nil, `[{"op":"replace","path":"/rules","value":%s}]`, rules)
		if _, err := f.client.RbacV1().ClusterRoles().Patch(t.Context(), "bot", types.JSONPatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	set(`[{"apiGroups":[""],"resources":["namespaces"],"verbs":["get"]}]`)
	run.stop()
	<-run.end
	f.reopen()
	f.eventually("the rights are gone", func() bool { _, err := f.rollout().Look(t.Context(), in); return err != nil })
	if _, err := f.rollout().Act(t.Context(), in); err == nil {
		t.Error("acted without the right to")
	}
	run = f.follow(f.rollout(), in, "generation=2")
	run.await("the lack is told of", func(p deployer.Progress) bool { return strings.Contains(p.Note, "is forbidden") })
	rules, err := json.Marshal(role.Rules)
	if err != nil {
		t.Fatal(err)
	}
	set(string(rules))
	run.ends(deployer.OK)
}
