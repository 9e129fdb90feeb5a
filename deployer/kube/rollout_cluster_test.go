package kube

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestClusterRolloutCompletes(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4)
	in := f.intent("tangerine-1", "web", "2.0")
	o := f.do(f.rollout(), in, deployer.OK)
	if o.State.Version != "2.0" || o.State.Revision != "2" {
		t.Errorf("outcome %+v", o)
	}
	f.do(f.rollout(), in, deployer.OK)
	if n := f.revisions("web"); n != 2 {
		t.Errorf("a repeat made revision %d", n)
	}
	in.With = deployer.Values{"for": {Duration: 2 * time.Second}}
	f.do(f.verify(), in, deployer.OK)
	if target, err := f.Resolve(t.Context(), f.want("web", "2.0")); err != nil || !target.Live {
		t.Errorf("a version that runs is live: %+v, %v", target, err)
	}
}

func TestClusterRolloutFailsWithWhatPodsSuffer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ tag, why, detail string }{
		{"2.0-crash", "pods crashes: app, exit 1 (CrashLoopBackOff)", "panic: cannot reach the database"},
		{"2.0-missing", "pods can't get its image: app, " + repository + ":2.0-missing: not found (", "failed to pull"},
	} {
		t.Run(test.tag, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 4)
			o := f.do(f.rollout(), f.intent("tangerine-1", "web", test.tag), deployer.Failed)
			if !strings.Contains(o.Why, test.why) || !strings.Contains(o.Detail, test.detail) {
				t.Errorf("why %q, detail %q", o.Why, o.Detail)
			}
		})
	}
}

func TestClusterRolloutFailsWhenTheQuotaIsUsedUp(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2, func(d *appsv1.Deployment) { d.Spec.Strategy.RollingUpdate = surge(1, 0) })
	f.quota("2")
	o := f.do(f.rollout(), f.intent("tangerine-1", "web", "2.0"), deployer.Failed)
	if !strings.Contains(o.Why, "New pods can't be made: ") || !strings.Contains(o.Why, "exceeded quota: few") {
		t.Errorf("why %q", o.Why)
	}
}

func TestClusterRolloutFailsWhenPodsFitOnNoNode(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0")
	in.From.Template = "" // as of a deployment from before templates were approved
	// The node that the template asks for does not exist; our change is what
	// makes the first pods of it.
	f.patchAs("web", fieldManager, `[{"op":"add","path":"/spec/paused","value":true},
		{"op":"add","path":"/spec/template/spec/nodeSelector","value":{"disk":"gone"}},
		{"op":"add","path":"/metadata/annotations/stationmaster.dev~1paused-by","value":"tangerine-0"}]`)
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.Contains(o.Why, "fits on no node: 0/2 nodes are available") {
		t.Errorf("why %q", o.Why)
	}
}

func TestClusterRolloutFailsAtItsProgressDeadline(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2, func(d *appsv1.Deployment) { d.Spec.ProgressDeadlineSeconds = new(int32(4)) })
	in := f.intent("tangerine-1", "web", "2.0-hang")
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "There was no progress for 4s. 1 of 2 pods is not ready: app in web-") {
		t.Errorf("why %q", o.Why)
	}
	// The controller repeats what it said before; a second attempt has its own
	// time all the same.
	f.do(f.pause(), in, deployer.OK)
	in = nextAttempt(in)
	began := time.Now()
	f.do(f.rollout(), in, deployer.Failed)
	if took := time.Since(began); took < 3*time.Second {
		t.Errorf("the retry failed after %s by what was there before it", took)
	}
	if n := f.revisions("web"); n != 2 {
		t.Errorf("the retry made revision %d", n)
	}
}

// Rollback to a branch deployed its head (gitploy 476); rollback chose a deploy
// that had failed (samson 2366). Ours brings back exactly the template that the
// rollout found.
func TestClusterRollBackRestoresTheTemplate(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3, func(d *appsv1.Deployment) {
		d.Spec.Template.Annotations = map[string]string{"team": "tracks"}
		d.Spec.Template.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "GAUGE", Value: "1435"}}
	})
	before := f.get("web").Spec.Template
	in := f.intent("tangerine-1", "web", "2.0-crash")
	f.do(f.rollout(), in, deployer.Failed)
	f.do(f.pause(), in, deployer.OK)
	// Somebody tries to help, which leaves image and mark alone.
	f.patchAs("web", "kubectl-set", `[{"op":"add","path":"/spec/template/spec/containers/0/env/-","value":{"name":"DEBUG","value":"1"}}]`)

	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	after := f.get("web").Spec.Template
	if got := f.get("web").Annotations[RolledBackBy]; !strings.HasPrefix(got, "tangerine-1/rollback at generation ") {
		t.Errorf("rolled back by %q", got)
	}
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("the template is not what it was (-was +is):\n%s", d)
	}
}

func TestClusterHistoryGrowsByEachRevision(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	for i, tag := range []string{"2.0", "3.0"} {
		f.do(f.rollout(), f.intent(fmt.Sprint("tangerine-", i+1), "web", tag), deployer.OK)
	}
	want := f.want("web", "")
	want.Image, want.Revision = "", "1"
	target, err := f.Resolve(t.Context(), want)
	if err != nil || target.After.Version != "1.0" {
		t.Fatalf("resolve revision 1: %+v, %v", target, err)
	}
	f.do(f.rollout(), intentOf("tangerine-3", target), deployer.OK)

	history, err := f.History(t.Context(), f.want("web", ""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range history {
		got = append(got, fmt.Sprintf("%s %s %s %v", r.State.Revision, r.State.Version, r.By, r.Current))
	}
	if want := "[4 1.0  true 3 3.0 tangerine-2 false 2 2.0 tangerine-1 false]"; fmt.Sprint(got) != want {
		t.Errorf("history %v, want %s", got, want)
	}
	want.Revision = "9"
	_, err = f.Resolve(t.Context(), want)
	if r := mustRefuse(t, err); !strings.Contains(r.Why, "no revision 9") || !strings.HasPrefix(r.Advice(), "There are 4 (1.0), 3 (3.0)") {
		t.Errorf("%+v", r)
	}
	serving, err := f.Versions(t.Context(), []WorkloadSpec{f.want("web", ""), f.want("wbe", "")})
	if err != nil || serving[0].State.Version != "1.0" || serving[0].Ready != 2 || serving[0].Total != 2 {
		t.Errorf("versions %+v, %v", serving, err)
	}
	if !strings.Contains(serving[1].Note, "Did you mean web?") {
		t.Errorf("note %q", serving[1].Note)
	}
}

// kubectl 1284: done while old pods still served.
func TestClusterRolloutWaitsUntilOldPodsAreGone(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0-linger10s", 2)
	in := f.intent("tangerine-1", "web", "2.0")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	f.awaitComplete("web")
	run.await("old pods are told of", func(p deployer.Progress) bool {
		return p.Updated == 2 && p.Available == 2 && p.Old > 0 && strings.HasPrefix(p.Note, "Everything is new; ")
	})
	run.ends(deployer.OK)
	pods, err := f.client.CoreV1().Pods(f.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 2 {
		t.Errorf("%d pods, %v", len(pods.Items), err)
	}
}

// kargo 41: healthy for a moment only.
func TestClusterVerifyFailsWhenPodsBecomeUnready(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-unready10s")
	f.act(f.rollout(), in)
	in.With, in.Deadline = deployer.Values{"for": {Duration: 30 * time.Second}}, time.Now().Add(25*time.Second)
	o := f.do(f.verify(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not healthy in time. 2 of 2 pods are not ready") {
		t.Errorf("why %q", o.Why)
	}
	if !strings.Contains(o.Detail, "Readiness probe failed") {
		t.Errorf("detail %q", o.Detail)
	}
}
