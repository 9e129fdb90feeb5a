package kube

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/podtemplate"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// The simulated cluster keeps no account of who has changed what.
func TestProofAndPauseAreWatched(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: 50 * time.Millisecond}}
	ref := f.act(f.verify(), in)
	known := f.follow(f.verify(), in, ref).ends(deployer.OK)
	if o := f.recheck(f.verify(), in, ref, known); o.Result != deployer.OK || o.Why != known.Why {
		t.Errorf("untouched it is %+v", o)
	}
	run := f.watch(f.verify(), in, ref, known)
	f.undo("web", "1")
	if o := run.ends(deployer.Failed); o.Why != "deployment/web runs v1 now, not v2." {
		t.Errorf("the proof: %q", o.Why)
	}
	f.awaitComplete("web")

	in = f.intent("tangerine-2", "web", "crash")
	f.do(f.rollout(), in, deployer.Failed)
	ref = f.act(f.pause(), in)
	known = f.follow(f.pause(), in, ref).ends(deployer.OK)
	run = f.watch(f.pause(), in, ref, known)
	f.patchAs("web", "kubectl-set", setEnv)
	o := run.ends(deployer.OK)
	if o.Detail != "The environment of app was changed." || o.Why != known.Why {
		t.Errorf("what is held: %+v", o)
	}
	run = f.watch(f.pause(), in, ref, o)
	if err := f.client.AppsV1().Deployments(f.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if o := run.ends(deployer.Absent); o.Why != "deployment/web does not exist any more in namespace prod of cluster prod-1." {
		t.Errorf("what is gone: %q", o.Why)
	}
}

// An init container that was ahead of the service has the image that is rolled out: it
// was not changed by that.
func TestAnInitContainerThatWasAheadIsNotChanged(t *testing.T) {
	t.Parallel()
	before := markedTemplate("web:1", "")
	before.Spec.InitContainers = append(before.Spec.InitContainers, before.Spec.Containers[0])
	before.Spec.InitContainers[0].Name, before.Spec.InitContainers[0].Image = "migrate", "web:2"
	after := *before.DeepCopy()
	after.Spec.Containers[0].Image = "web:2"
	in := deployer.Intent{
		Where: map[string]string{whereContainer: "app"}, To: deployer.State{Image: "web:2"},
		From: deployer.State{Image: "web:1", Template: templateOf(before, "app")},
	}
	if d := viewOf(after).changed(in); d.Subject() != "" {
		t.Errorf("%s", d.Subject())
	}
	after.Spec.InitContainers[0].Image = "web:3"
	if d := viewOf(after).changed(in); d.Subject() != "the image of migrate" {
		t.Errorf("it is another one now: %q", d.Subject())
	}
}

func TestReferenceKeepsWhatIsLost(t *testing.T) {
	t.Parallel()
	r := followRef{generation: 7, lost: podtemplate.Difference{Changed: []string{"environment of app", "labels", "volumes"}}.Subject()}
	if got := parseFollowRef(r.String()); got != r {
		t.Errorf("%q is %+v", r.String(), got)
	}
}

// Somebody changes it between what the watch has shown last and the end: that rests on
// pods of the template as it is then.
func TestTheEndIsOfTheTemplateThatIsThere(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v1")
	var from, seen int64
	judge := func(v view, _ time.Time) verdict {
		out := verdict{done: v.deployment.Generation >= from, outcome: deployer.Outcome{Result: deployer.OK}}
		if seen = v.deployment.Generation; out.done && from == 0 {
			f.patchAs("web", "kubectl-set", setEnv)
		}
		return out
	}
	o, err := f.followThrough(t.Context(), in, judge, &from, false, nil)
	if err != nil || o.Remark != "The environment of app was changed meanwhile." {
		t.Errorf("%+v, %v", o, err)
	}
	if now := f.get("web").Generation; seen != now {
		t.Errorf("generation %d was judged, %d is there", seen, now)
	}
}
