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
func TestClusterAPIServer(t *testing.T) {
	t.Parallel()
	t.Run("restarts during Follow", restartDuringFollow)
	t.Run("restarts during Act", restartDuringAct)
	t.Run("has forgotten what was watched", expiredWatch)
}

func restartDuringFollow(t *testing.T) {
	c := kubetest.Start(t)
	y := yardOn(t, c)
	y.deploy("web", "1.0", 3)
	in := y.intent("tangerine-1", "web", "2.0-slow")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	c.StopAPIServer(t)
	course.await("the silence is told of", func(p deployer.Progress) bool {
		return strings.Contains(p.Note, "Cluster prod-1 does not answer")
	})
	// A process that starts while the API server is away waits for it.
	later := y.follow(y.rollout(), in, "generation=2")
	later.await("the silence is told of", func(p deployer.Progress) bool {
		return strings.Contains(p.Note, "Cluster prod-1 does not answer")
	})
	if _, err := y.rollout().Look(t.Context(), in); err == nil {
		t.Error("a look without an API server has an answer")
	}
	c.StartAPIServer(t)
	course.ends(deployer.OK)
	later.ends(deployer.OK)
	if last := course.progress[len(course.progress)-1]; last.Note != "" {
		t.Errorf("the last note is %q", last.Note)
	}
}

// The patch takes effect, the API server is killed before it can answer.
func restartDuringAct(t *testing.T) {
	c := kubetest.Start(t)
	y := yardOn(t, c)
	y.deploy("web", "1.0", 2)
	p := y.proxied()
	in := y.intent("tangerine-1", "web", "2.0")
	stop := afterFor(func() { c.StopAPIServer(t) })
	p.instead.Store(&stop)
	p.lose.Store(1)
	if ref, err := y.rollout().Act(t.Context(), in); err == nil {
		t.Fatalf("a lost answer gave %q", ref)
	}
	if _, err := y.rollout().Act(t.Context(), in); err == nil {
		t.Fatal("no API server, no error")
	}
	c.StartAPIServer(t)
	y.reopen()
	s := y.look(y.rollout(), in)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("the patch took effect: %+v", s)
	}
	y.follow(y.rollout(), in, s.Ref).ends(deployer.OK)
	if n := y.revisions("web"); n != 2 {
		t.Errorf("revision %d", n)
	}
}

// The answer is lost after the patch took effect: however often it is tried
// again, there is exactly one revision more.
func TestClusterLostAnswers(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 2)
	p := y.proxied()
	in := y.intent("tangerine-1", "web", "2.0")
	p.lose.Store(1)
	if ref, err := y.rollout().Act(t.Context(), in); err == nil {
		t.Fatalf("a lost answer gave %q", ref)
	}
	for range 3 {
		y.act(y.rollout(), in)
	}
	if n := p.number(p.sent, "PATCH deployments"); n != 1 {
		t.Errorf("%d patches were sent", n)
	}
	y.reopen()
	s := y.look(y.rollout(), in)
	y.follow(y.rollout(), in, s.Ref).ends(deployer.OK)
	if n := y.revisions("web"); n != 2 {
		t.Errorf("revision %d", n)
	}
	// The same for a pause and for a rollback.
	in = y.intent("tangerine-2", "web", "3.0-hang")
	y.act(y.rollout(), in)
	p.lose.Store(1)
	_, _ = y.pause().Act(t.Context(), in)
	if s := y.look(y.pause(), in); s.Kind != deployer.ObservedPresent || !y.get("web").Spec.Paused {
		t.Errorf("paused: %+v", s)
	}
	undo := back(in)
	p.lose.Store(1)
	_, _ = y.rollout().Act(t.Context(), undo)
	y.do(y.rollout(), undo, deployer.OK)
	if n := y.revisions("web"); n != 4 {
		t.Errorf("revision %d, want 4", n)
	}
}

// A compaction leaves watches with a resource version that is gone (410).
func expiredWatch(t *testing.T) {
	c := kubetest.Start(t)
	y := yardOn(t, c)
	y.deploy("web", "1.0", 2)
	in := y.intent("tangerine-1", "web", "2.0-slow4s")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	c.StopAPIServer(t)
	course.await("the silence is told of", func(p deployer.Progress) bool { return p.Note != "" })
	c.Compact(t) // and so restarts it; what the watches knew is gone
	course.ends(deployer.OK)
}

func TestClusterSomebodyElsesChange(t *testing.T) {
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
			y := clusterYard(t)
			y.deploy("web", "1.0", 3)
			in := y.intent("tangerine-1", "web", "2.0-hang")
			course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
			course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
			y.elsewhere("web", test.who, test.patch)
			o := course.ends(deployer.Interrupted)
			if !strings.HasPrefix(o.Why, test.why) {
				t.Errorf("why %q", o.Why)
			}
			if s := y.look(y.rollout(), in); s.Kind != deployer.ObservedSuperseded {
				t.Errorf("sight %+v", s)
			}
			if s := y.look(y.pause(), in); test.name != "image" && s.Kind != deployer.ObservedPresent {
				t.Errorf("there is nothing of ours to pause: %+v", s)
			}
		})
	}
}

// An autoscaler's change is no failure, and the total follows it.
func TestClusterScaledMeanwhile(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 2)
	in := y.intent("tangerine-1", "web", "2.0-slow")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	scale := &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: y.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: 5},
	}
	if _, err := y.client.AppsV1().Deployments(y.namespace).UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	course.ends(deployer.OK)
	want := deployer.Progress{Total: 5, Updated: 5, Ready: 5, Available: 5}
	if last := course.progress[len(course.progress)-1]; last != want {
		t.Errorf("the last progress is %+v", last)
	}
}

func TestClusterPausedByAPerson(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 3)
	in := y.intent("tangerine-1", "web", "2.0-slow6s")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	y.elsewhere("web", "kubectl", `[{"op":"add","path":"/spec/paused","value":true}]`)
	course.await("the pause is told of", func(p deployer.Progress) bool {
		return p.Note == "The rollout is paused, and not by stationmaster."
	})
	_, err := y.Resolve(t.Context(), y.want("web", "3.0"))
	if r := refused(t, err); !strings.Contains(r.Why, "is paused, and not by stationmaster") {
		t.Errorf("%+v", r)
	}
	y.elsewhere("web", "kubectl", `[{"op":"replace","path":"/spec/paused","value":false}]`)
	course.ends(deployer.OK)
}

func TestClusterDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 2)
	in := y.intent("tangerine-1", "web", "2.0-hang")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	if err := y.client.AppsV1().Deployments(y.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if o := course.ends(deployer.Interrupted); o.Why != "deployment/web was deleted." {
		t.Errorf("why %q", o.Why)
	}
	y.deploy("web", "1.0", 2)
	_, err := y.rollout().Look(t.Context(), in)
	if r := refused(t, err); r.Why != "deployment/web was deleted and made anew." {
		t.Errorf("%+v", r)
	}
	_, err = y.rollout().Act(t.Context(), in)
	refused(t, err)
	o := y.follow(y.rollout(), in, "generation=2").ends(deployer.Interrupted)
	if o.Why != "deployment/web was deleted and made anew." {
		t.Errorf("why %q", o.Why)
	}
	if n := y.revisions("web"); n != 1 {
		t.Errorf("the new one was touched: revision %d", n)
	}
}

// The config's context is pointed elsewhere during a restart: nothing there is
// touched, and it is said.
func TestClusterIsAnotherOne(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 1)
	in := y.intent("tangerine-1", "web", "2.0")
	in.Where[whereClusterUID] = "0c0ffee0-0000-4000-8000-000000000000"
	const why = "Cluster prod-1 is another one now than when this began"
	for name, r := range y.Runners() {
		_, err := r.Look(t.Context(), in)
		if got := refused(t, err); !strings.HasPrefix(got.Why, why) {
			t.Errorf("%s: %+v", name, got)
		}
		_, err = r.Act(t.Context(), in)
		if got := refused(t, err); !strings.HasPrefix(got.Why, why) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, r := range []deployer.Runner{y.rollout(), y.verify()} {
		if o := y.follow(r, in, "generation=1").ends(deployer.Interrupted); !strings.HasPrefix(o.Why, why) {
			t.Errorf("why %q", o.Why)
		}
	}
	if g := y.get("web").Generation; g != 1 {
		t.Errorf("it was touched: generation %d", g)
	}
}

// A deploy created twice between check and create (shipit 528, 685); a stage
// deployed twice (samson 2694).
func TestClusterTwoAtOnce(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 2)
	a, b := y.intent("tangerine-1", "web", "2.0"), y.intent("tangerine-2", "web", "3.0")
	var mu sync.Mutex
	done := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		for _, in := range []deployer.Intent{a, b} {
			all.Go(func() {
				if _, err := y.rollout().Act(t.Context(), in); err == nil {
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
	y.settled("web")
	if n := y.revisions("web"); n != 2 {
		t.Errorf("revision %d", n)
	}
	if done["tangerine-2"] > 0 {
		a, b = b, a
	}
	if s := y.look(y.rollout(), a); s.Kind != deployer.ObservedPresent {
		t.Errorf("the first one: %+v", s)
	}
	if s := y.look(y.rollout(), b); s.Kind != deployer.ObservedSuperseded {
		t.Errorf("the second one: %+v", s)
	}
}

// A strategic merge patch would have added a container.
func TestClusterMistypedContainer(t *testing.T) {
	t.Parallel()
	y := clusterYard(t)
	y.deploy("web", "1.0", 1)
	want := y.want("web", "2.0")
	want.Container = "ap"
	_, err := y.Resolve(t.Context(), want)
	if r := refused(t, err); r.Why != "deployment/web has no container ap." || r.Advice() != "Did you mean app?" {
		t.Errorf("%+v", r)
	}
	in := y.intent("tangerine-1", "web", "2.0")
	in.Where[whereContainer] = "ap"
	_, err = y.rollout().Act(t.Context(), in)
	refused(t, err)
	if n := len(y.get("web").Spec.Template.Spec.Containers); n != 1 {
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

func TestClusterRights(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	y := yardOn(t, c)
	y.deploy("web", "1.0", 2)
	few := append([]rbacv1.PolicyRule{}, botRules...)
	few[1] = rbacv1.PolicyRule{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "list", "watch"}}
	y.kubeconfig = c.User(t, "reader", few[:4]...)
	y.reopen()
	_, err := y.Resolve(t.Context(), y.want("web", "2.0"))
	if r := refused(t, err); !strings.HasPrefix(r.Why, "Stationmaster may not patch deployments, get pods/log in namespace "+y.namespace) {
		t.Errorf("%+v", r)
	}

	y.kubeconfig = c.User(t, "bot", botRules...)
	y.reopen()
	in := y.intent("tangerine-1", "web", "2.0-slow6s")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })

	// A process that starts without its rights says so, and goes on when it has
	// them again.
	role, err := y.client.RbacV1().ClusterRoles().Get(t.Context(), "bot", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	set := func(rules string) {
		patch := fmt.Appendf(nil, `[{"op":"replace","path":"/rules","value":%s}]`, rules)
		if _, err := y.client.RbacV1().ClusterRoles().Patch(t.Context(), "bot", types.JSONPatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	set(`[{"apiGroups":[""],"resources":["namespaces"],"verbs":["get"]}]`)
	course.stop()
	<-course.end
	y.reopen()
	y.eventually("the rights are gone", func() bool { _, err := y.rollout().Look(t.Context(), in); return err != nil })
	if _, err := y.rollout().Act(t.Context(), in); err == nil {
		t.Error("acted without the right to")
	}
	course = y.follow(y.rollout(), in, "generation=2")
	course.await("the lack is told of", func(p deployer.Progress) bool { return strings.Contains(p.Note, "is forbidden") })
	rules, err := json.Marshal(role.Rules)
	if err != nil {
		t.Fatal(err)
	}
	set(string(rules))
	course.ends(deployer.OK)
}
