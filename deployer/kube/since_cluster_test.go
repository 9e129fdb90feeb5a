package kube

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A proof has an age: after it somebody undoes the rollout by hand, while people are
// awaited. “Done” said “Complete” of what did not run any more.
func TestClusterProofIsOverWhenTheRolloutIsUndone(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	in, ref, known := f.proven("2.0", 3)
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.OK || o.Why != known.Why || o.Remark != "" {
		t.Errorf("untouched it is %+v, not %+v", o, known)
	}
	run := f.watch(f.verify(), in, ref, known)
	f.undo("web", "1")
	want := regexp.MustCompile(`^deployment/web runs 1\.0 now, not 2\.0\. It was changed by kubectl-rollout at \d\d:\d\d:\d\d UTC\.$`)
	if o := run.ends(deployer.Failed); !want.MatchString(o.Why) {
		t.Errorf("watched: %q", o.Why)
	}
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.Failed || !want.MatchString(o.Why) {
		t.Errorf("looked at once more: %+v", o)
	}
	f.patchAs("web", "kubectl-set", setImage("2.0"))
	f.patchAs("web", "kubectl-scale", `[{"op":"replace","path":"/spec/replicas","value":0}]`)
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.Failed || !strings.Contains(o.Why, "is scaled to 0") {
		t.Errorf("scaled to 0: %+v", o)
	}
}

// Pods that are not ready any more, and stay so: the waiting card shows it, and then
// the proof is over, in the words of the verification.
func TestClusterProofIsOverWhenPodsStayUnready(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	in, ref, known := f.proven("2.0", 3)
	f.cfg.Grace.Unready = 2 * time.Second
	run := f.watch(f.verify(), in, ref, known)
	const some, all = "1 of 3 pods is not ready: app in web-", "3 of 3 pods are not ready: app in web-"
	for i, p := range f.standing("web") {
		f.setReady(p, false)
		if i == 0 {
			run.await("it is noted", func(p deployer.Progress) bool { return strings.HasPrefix(p.Note, some) })
			f.setReady(p, true)
			run.await("it is over", func(p deployer.Progress) bool { return p.Note == "" })
			f.setReady(p, false)
		}
	}
	if o := run.ends(deployer.Failed); !strings.HasPrefix(o.Why, all) {
		t.Errorf("watched: %q", o.Why)
	}
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.Failed || !strings.HasPrefix(o.Why, all) {
		t.Errorf("looked at once more: %+v", o)
	}
}

// Pods that are replaced one after the other, more of them, and a restart of all: what
// passes by itself ends no proof, however long it takes.
func TestClusterProofOutlastsWhatPasses(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	in, ref, known := f.proven("2.0-slow1s", 3)
	f.cfg.Grace.Unready = 3 * time.Second
	run := f.watch(f.verify(), in, ref, known)
	for _, p := range f.standing("web") {
		if err := f.client.CoreV1().Pods(f.namespace).Delete(t.Context(), p.Name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		f.eventually("it is replaced", func() bool { return f.get("web").Status.ReadyReplicas == 3 && len(f.standing("web")) == 3 })
	}
	f.patchAs("web", "autoscaler", `[{"op":"replace","path":"/spec/replicas","value":4}]`)
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.OK || o.Why != known.Why {
		t.Errorf("after the pods were replaced: %+v", o)
	}
	f.patchAs("web", "kubectl-rollout", `[{"op":"add","path":"/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt","value":"now"}]`)
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.OK || o.Remark != "" {
		t.Errorf("after a restart: %+v", o)
	}
	f.patchAs("web", "kubectl-set", setEnv)
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.OK || !strings.HasPrefix(o.Remark, "The environment of app was changed meanwhile, by kubectl-set at ") {
		t.Errorf("after set env: %+v", o)
	}
	f.awaitComplete("web")
	f.goesOn(run)
}

// A rollout that was held is let go on by hand: nobody may read that it is paused.
func TestClusterPauseIsOverWhenSomebodyLetsItGoOn(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	_, in, ref, known := f.heldRollout()
	run := f.watch(f.pause(), in, ref, known)
	f.patchAs("web", "kubectl-set", setImage("1.0"))
	o := run.ends(deployer.OK)
	if !regexp.MustCompile(`^The image of app was changed by kubectl-set at \d\d:\d\d UTC\.$`).MatchString(o.Detail) || o.Why != known.Why {
		t.Errorf("with the version of before: %+v", o)
	}
	run = f.watch(f.pause(), in, ref, o)
	f.patchAs("web", "kubectl-rollout", `[{"op":"remove","path":"/spec/paused"}]`)
	if o := run.ends(deployer.Absent); !strings.HasPrefix(o.Why, "Somebody has let it go on: it runs ") {
		t.Errorf("why %q", o.Why)
	}
	f.awaitComplete("web")
	f.eventually("the pods that crashed are gone", func() bool { return len(f.standing("web")) == 3 })
	const want = "Somebody has let it go on: it runs 1.0 on 3 pods now."
	if o := f.recheck(f.pause(), in, ref, known); o.Result != deployer.Absent || o.Why != want {
		t.Errorf("looked at once more: %+v, want %q", o, want)
	}
}

// What somebody changes while it is held is lost by a rollback: that is said before,
// and once.
func TestClusterChangeOfWhatIsHeldIsSaidBeforeItIsLost(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	rollout, in, ref, known := f.heldRollout()
	run := f.watch(f.pause(), in, ref, known)
	f.patchAs("web", "autoscaler", `[{"op":"replace","path":"/spec/replicas","value":4}]`)
	f.goesOn(run)
	f.patchAs("web", "kubectl-set", setEnv)
	o := run.ends(deployer.OK)
	if !regexp.MustCompile(`^The environment of app was changed by kubectl-set at \d\d:\d\d UTC\.$`).MatchString(o.Detail) || o.Why != known.Why {
		t.Fatalf("%+v", o)
	}
	f.goesOn(f.watch(f.pause(), in, ref, o))
	f.reopen()
	f.goesOn(f.watch(f.pause(), in, ref, o))

	undo := rollbackOf(rollout)
	undo.Found = undo.To
	if o := f.do(f.rollout(), undo, deployer.OK); o.Remark != "With it went a change of the environment of app." {
		t.Errorf("the rollback says %q", o.Remark)
	}
	if env := f.get("web").Spec.Template.Spec.Containers[0].Env; len(env) > 0 {
		t.Errorf("it has %v", env)
	}
}

// kubectl set env while it rolls out goes out with it, and it is said, also by the
// verification, which proves the pods that have it.
func TestClusterChangeInMidRolloutIsSaid(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-slow1s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.patchAs("web", "kubectl-set", setEnv)
	const said = `^The environment of app was changed meanwhile, by kubectl-set at \d\d:\d\d UTC\.$`
	if o := run.ends(deployer.OK); !regexp.MustCompile(said).MatchString(o.Remark) {
		t.Errorf("the rollout says %q", o.Remark)
	}
	f.saysVerified(in, said)
}

// The same after the rollout, and so shortly before the end of the verification that
// its watch has not shown it.
func TestClusterChangeBeforeVerificationIsSaid(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0")
	if o := f.do(f.rollout(), in, deployer.OK); o.Remark != "" {
		t.Errorf("untouched, the rollout says %q", o.Remark)
	}
	f.patchAs("web", "kubectl-edit", `[{"op":"add","path":"/spec/template/metadata/labels/team","value":"tracks"}]`)
	f.saysVerified(in, `^The labels were changed meanwhile, by kubectl-edit at \d\d:\d\d UTC\.$`)
}

// saysVerified verifies, and expects those words and that all pods have the template.
func (f *fixture) saysVerified(in deployer.Intent, words string) {
	f.t.Helper()
	in.With, in.At = deployer.Values{"for": {Duration: time.Second}}, time.Now()
	if o := f.do(f.verify(), in, deployer.OK); !regexp.MustCompile(words).MatchString(o.Remark) {
		f.t.Errorf("the verification says %q", o.Remark)
	}
	d := f.get("web")
	for _, p := range f.standing("web") {
		if fmt.Sprint(p.Spec.Containers[0].Env) != fmt.Sprint(d.Spec.Template.Spec.Containers[0].Env) || p.Labels["team"] != d.Spec.Template.Labels["team"] {
			f.t.Errorf("it has verified %s, of another template", p.Name)
		}
	}
}

// kubectl set env between approval and rollout: what is about to begin is not what was
// approved, and the look says in which words that is to be asked again.
func TestClusterChangeBetweenApprovalAndRolloutIsSaid(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0")
	f.patchAs("web", "kubectl-set", setEnv)
	in.At = time.Time{}
	seen := f.look(f.rollout(), in)
	if seen.Kind != deployer.ObservedAbsent || seen.Why != "the environment of app changed" || in.From.Is(seen.State) {
		t.Errorf("%+v", seen)
	}
	in.At = time.Now()
	if _, err := f.rollout().Act(t.Context(), in); err == nil || f.revisions("web") != 2 {
		t.Errorf("it is rolled out over what nobody has approved: %v", err)
	}
}

// Other containers with the service's image keep the old version: said before anybody
// approves it.
func TestClusterContainersThatKeepTheOldVersionAreNamed(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1, func(d *appsv1.Deployment) {
		pod := &d.Spec.Template.Spec
		pod.Containers = append(pod.Containers, corev1.Container{Name: "worker", Image: repository + ":1.0"}, corev1.Container{Name: "proxy", Image: "proxy:1.0"})
		pod.InitContainers = []corev1.Container{{Name: "migrate", Image: repository + ":0.9"}, {Name: "warm", Image: repository + ":1.0"}}
	})
	target, err := f.Resolve(t.Context(), f.want("web", "2.0"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Init container migrate runs web:0.9, another version of the same image, and keeps it.",
		"Container worker runs web:1.0 too, and keeps it.",
	}
	if fmt.Sprint(target.Remarks) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", target.Remarks, want)
	}
	in := intentOf("tangerine-1", target)
	f.do(f.rollout(), in, deployer.OK)
	pod := f.get("web").Spec.Template.Spec
	if pod.Containers[1].Image != repository+":1.0" || pod.InitContainers[0].Image != repository+":0.9" || pod.InitContainers[1].Image != in.To.Image {
		t.Errorf("it runs %+v, %+v", pod.InitContainers, pod.Containers)
	}
}

// proven rolls the tag out and verifies it.
func (f *fixture) proven(tag string, replicas int32) (deployer.Intent, string, deployer.Outcome) {
	f.t.Helper()
	f.deploy("web", "1.0", replicas)
	in := f.intent("tangerine-1", "web", tag)
	f.do(f.rollout(), in, deployer.OK)
	in.With, in.At = deployer.Values{"for": {Duration: time.Second}}, time.Now()
	ref := f.act(f.verify(), in)
	return in, ref, f.follow(f.verify(), in, ref).ends(deployer.OK)
}

// heldRollout is a rollout that has failed, and was paused.
func (f *fixture) heldRollout() (rollout, held deployer.Intent, ref string, known deployer.Outcome) {
	f.t.Helper()
	f.deploy("web", "1.0", 3)
	rollout = f.intent("tangerine-1", "web", "2.0-crash")
	f.do(f.rollout(), rollout, deployer.Failed)
	held = rollout
	held.Verb, held.At = deployer.VerbPause, time.Now()
	ref = f.act(f.pause(), held)
	return rollout, held, ref, f.follow(f.pause(), held, ref).ends(deployer.OK)
}

func (f *fixture) watcher(r deployer.Runner) deployer.Watcher {
	f.t.Helper()
	w, ok := r.(deployer.Watcher)
	if !ok {
		f.t.Fatalf("%T can't tell whether it is so still", r)
	}
	return w
}

func (f *fixture) recheck(r deployer.Runner, in deployer.Intent, ref string, known deployer.Outcome) deployer.Outcome {
	f.t.Helper()
	ctx, stop := context.WithTimeout(f.t.Context(), 2*f.timeout)
	defer stop()
	o, err := f.watcher(r).Recheck(ctx, in, ref, known)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// A watchedRunner has what is known of an outcome watched by Follow.
type watchedRunner struct {
	deployer.Runner
	known deployer.Outcome
}

func (w watchedRunner) Follow(ctx context.Context, in deployer.Intent, ref string, report func(deployer.Progress)) (deployer.Outcome, error) {
	return w.Runner.(deployer.Watcher).Watch(ctx, in, ref, w.known, report)
}

func (f *fixture) watch(r deployer.Runner, in deployer.Intent, ref string, known deployer.Outcome) *followRun {
	f.t.Helper()
	f.watcher(r)
	return f.follow(watchedRunner{r, known}, in, ref)
}

// goesOn expects that what is watched is so still: once the watch has met what is there,
// it is not over.
func (f *fixture) goesOn(run *followRun) {
	f.t.Helper()
	select {
	case <-run.end:
		f.t.Errorf("it is over: %+v, %v", run.outcome, run.err)
	case <-time.After(time.Second):
	}
}

// standing are the Deployment's pods that are not stopping.
func (f *fixture) standing(name string) []corev1.Pod {
	f.t.Helper()
	list, err := f.client.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		f.t.Fatal(err)
	}
	var pods []corev1.Pod
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil {
			pods = append(pods, p)
		}
	}
	return pods
}

// setReady says of a pod, as its node would, whether it is ready.
func (f *fixture) setReady(p corev1.Pod, is bool) {
	f.t.Helper()
	f.eventually(p.Name+" has changed", func() bool {
		p, err := f.client.CoreV1().Pods(f.namespace).Get(f.t.Context(), p.Name, metav1.GetOptions{})
		if err != nil {
			f.t.Fatal(err)
		}
		for i := range p.Status.Conditions {
			if c := &p.Status.Conditions[i]; c.Type == corev1.PodReady || c.Type == corev1.ContainersReady {
				c.Status, c.LastTransitionTime = corev1.ConditionFalse, metav1.Now()
				if is {
					c.Status = corev1.ConditionTrue
				}
			}
		}
		for i := range p.Status.ContainerStatuses {
			p.Status.ContainerStatuses[i].Ready = is
		}
		_, err = f.client.CoreV1().Pods(f.namespace).UpdateStatus(f.t.Context(), p, metav1.UpdateOptions{})
		return err == nil
	})
}
