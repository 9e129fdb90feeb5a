package kube

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

func TestRolloutCompletesAndIsVerified(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 3)
	in := f.intent("tangerine-1", "web", "v2")
	if in.From.Version != "v1" || in.From.Revision != "1" || in.To.Version != "v2" {
		t.Errorf("from %+v to %+v", in.From, in.To)
	}
	before := in
	before.At = time.Time{}
	if s := f.look(f.rollout(), before); s.Kind != deployer.ObservedAbsent || s.State != in.From {
		t.Errorf("before it began: %+v", s)
	}
	ref := f.act(f.rollout(), in)
	run := f.follow(f.rollout(), in, ref)
	o := run.ends(deployer.OK)
	if o.State.Version != "v2" || o.State.Revision != "2" {
		t.Errorf("outcome %+v", o)
	}
	if !run.seen(func(p deployer.Progress) bool { return p.Total == 3 && p.Updated > 0 && p.Old > 0 }) {
		t.Errorf("no progress on the way: %+v", run.progress)
	}
	last := run.progress[len(run.progress)-1]
	if want := (deployer.Progress{Total: 3, Updated: 3, Ready: 3, Available: 3}); last != want {
		t.Errorf("the last progress is %+v, want %+v", last, want)
	}
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedPresent || s.Ref == "" {
		t.Errorf("after it was done: %+v", s)
	}
	f.do(f.rollout(), in, deployer.OK)
	if n := f.revisions("web"); n != 2 {
		t.Errorf("a repeat made revision %d", n)
	}
	in.Step, in.With = "pods", deployer.Values{"for": {Duration: 200 * time.Millisecond}}
	if o := f.do(f.verify(), in, deployer.OK); o.State.Version != "v2" || o.Why != "3 pods, healthy for 200ms" {
		t.Errorf("verified: %+v", o)
	}
	target, err := f.Resolve(t.Context(), f.want("web", "v2"))
	if err != nil || !target.Live {
		t.Errorf("a version that runs is live: %+v, %v", target, err)
	}
}

// A process dies while its patch is on its way, and it comes while the next one
// looks: after the workload was read, and before its history was. Then nobody has
// undone anything.
func TestPatchThatArrivesBetweenTwoReadsIsFound(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	dying := f.rollout()
	p := f.proxied()
	late := hook(func() {
		f.act(dying, in)
		f.awaitComplete("web")
	})
	p.listing.Store(&late)
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedPresent || s.State.Version != "v2" {
		t.Errorf("it came meanwhile: %+v", s)
	}
	f.patchAs("web", "kustomize-controller", `[{"op":"remove","path":"/spec/template/metadata/annotations"},`+setImage("v1")[1:])
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded || !strings.Contains(s.Why, "was put back to v1") {
		t.Errorf("it was undone: %+v", s)
	}
}

// The failures are found long before the progress deadline, are named, and
// leave the old pods serving.
func TestRolloutFailsWithWhatPodsSuffer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ tag, why, detail, kind string }{
		{"crash", "of 3 pods crashes: app, exit 1", "panic: runtime error", failCrashLoop},
		{"nopull", "of 3 pods can't get its image: app, " + repository + ":nopull: not found (", "failed to pull", failImagePull},
		{"quota", "New pods can't be made: ", "", failQuota},
		{"unschedulable", "of 3 pods fits on no node: 0/3 nodes are available: 3 Insufficient memory.", "", failUnschedulable},
	} {
		t.Run(test.tag, func(t *testing.T) {
			t.Parallel()
			f, c := simFixture(t, sim.Config{})
			f.run(c, "web", "v1", 3)
			in := f.intent("tangerine-1", "web", test.tag)
			o := f.do(f.rollout(), in, deployer.Failed)
			if !strings.Contains(o.Why, test.why) || !strings.Contains(o.Detail, test.detail) {
				t.Errorf("why %q, detail %q", o.Why, o.Detail)
			}
			if o.Kind != test.kind {
				t.Errorf("it is called %q, want %q", o.Kind, test.kind)
			}
			if n := f.get("web").Status.AvailableReplicas; n < 2 {
				t.Errorf("%d old pods serve", n)
			}
		})
	}
}

func TestRolloutFailsAtItsProgressDeadline(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Speed: 200})
	f.run(c, "web", "v1", 2)
	o := f.do(f.rollout(), f.intent("tangerine-1", "web", "hang"), deployer.Failed)
	if !strings.HasPrefix(o.Why, "There was no progress for 10m. 1 of 2 pods is not ready: app in web-") || o.Kind != failStalled {
		t.Errorf("%s: why %q", o.Kind, o.Why)
	}
	if !strings.Contains(o.Detail, "message broker") {
		t.Errorf("detail %q", o.Detail)
	}
}

// A step's time-out ends a rollout with what is wrong, not with "time is up".
func TestRolloutFailsBeforeTheDeadlineOfItsStep(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "hang")
	in.Deadline = time.Now().Add(deadlineMargin + 2*time.Second)
	o := f.do(f.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not done in time. 1 of 2 pods is not ready: app in web-") || o.Kind != failStalled {
		t.Errorf("%s: why %q", o.Kind, o.Why)
	}
}

// pipecd 3468, samson 1672: the rollback itself hangs. Here it is a rollout
// like any other, and brings back the whole template.
func TestFailedRolloutIsPausedAndRolledBack(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 3)
	in := f.intent("tangerine-1", "web", "crash")
	f.do(f.rollout(), in, deployer.Failed)

	if s := f.look(f.pause(), in); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("there is something to pause: %+v", s)
	}
	f.do(f.pause(), in, deployer.OK)
	if d := f.get("web"); !d.Spec.Paused || d.Annotations[PausedBy] != "tangerine-1 at generation 3" {
		t.Fatalf("paused %v by %v", d.Spec.Paused, d.Annotations)
	}
	if s := f.look(f.pause(), in); s.Kind != deployer.ObservedPresent {
		t.Errorf("it is paused: %+v", s)
	}
	// Check again, while it is held, ends with what is wrong instead of waiting
	// for a rollout that can't go on.
	s := f.look(f.rollout(), in)
	f.follow(f.rollout(), in, s.Ref).ends(deployer.Failed)

	undo, stood := rollbackOf(in), f.pods("web", "v1")
	if s := f.look(f.rollout(), undo); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("there is something to roll back: %+v", s)
	}
	o := f.do(f.rollout(), undo, deployer.OK)
	if o.State.Version != "v1" {
		t.Errorf("rolled back to %+v", o.State)
	}
	if n := f.replaced(stood, "web", "v1"); n > 0 || len(stood) < 2 {
		t.Errorf("%d of the %d pods that stood were replaced", n, len(stood))
	}
	d := f.get("web")
	if d.Spec.Paused || d.Annotations[PausedBy] != "" || !strings.HasPrefix(d.Annotations[RolledBackBy], "tangerine-1/rollback at generation ") {
		t.Errorf("after the rollback: paused %v, %v, %v", d.Spec.Paused, d.Annotations, d.Spec.Template.Annotations)
	}
	f.do(f.rollout(), undo, deployer.OK)
	if n := len(f.sets("web")); f.revisions("web") != 3 || n != 2 {
		t.Errorf("revision %d of %d ReplicaSets, want 3: v1, crash, v1", f.revisions("web"), n)
	}
	if s := f.look(f.rollout(), in); s.Kind != deployer.ObservedSuperseded {
		t.Errorf("what was rolled back is superseded: %+v", s)
	}
}

// What somebody else has rolled out meanwhile is not held, and a Deployment that
// is complete has nothing to hold.
func TestPauseHoldsOnlyOurs(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2-hang")
	f.act(f.rollout(), in)
	other := in
	other.Deployment, other.Mark = "tangerine-2", "tangerine-2"
	other.From, other.To = in.To, deployer.State{Version: "v3", Image: repository + ":v3-hang"}
	f.act(f.rollout(), other)
	if ref := f.act(f.pause(), in); ref != deployer.NothingToPause || f.get("web").Spec.Paused {
		t.Errorf("another deployment's rollout is held: %s", ref)
	}
	third := other
	third.Deployment, third.Mark = "tangerine-3", "tangerine-3"
	third.From, third.To = other.To, deployer.State{Version: "v4", Image: repository + ":v4"}
	f.do(f.rollout(), third, deployer.OK)
	if ref := f.act(f.pause(), third); ref != deployer.NothingToPause || f.get("web").Spec.Paused {
		t.Errorf("a complete rollout is held: %s", ref)
	}
}

// Retry lets go of our own pause and makes no new revision.
func TestRetryEndsOurPauseAndMakesNoRevision(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 3)
	in := f.intent("tangerine-1", "web", "crash")
	f.do(f.rollout(), in, deployer.Failed)
	f.do(f.pause(), in, deployer.OK)
	in = nextAttempt(in)
	f.do(f.rollout(), in, deployer.Failed)
	if d := f.get("web"); d.Spec.Paused || d.Annotations[PausedBy] != "" {
		t.Errorf("still paused: %v", d.Annotations)
	}
	if n := f.revisions("web"); n != 2 {
		t.Errorf("the retry made revision %d", n)
	}
}

func TestRollBackOfWhatNeverRanDoesNothing(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	undo := rollbackOf(f.intent("tangerine-1", "web", "v2"))
	s := f.look(f.rollout(), undo)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("v1 runs: %+v", s)
	}
	f.follow(f.rollout(), undo, s.Ref).ends(deployer.OK)
	if n := f.revisions("web"); n != 1 {
		t.Errorf("revision %d", n)
	}
}

// kargo 41: healthy for a moment only.
func TestVerifyFailsWhenAContainerRestarts(t *testing.T) {
	slowtest.Only(t, "a container that crashes after a while")
	t.Parallel()
	f, c := simFixture(t, sim.Config{Speed: 10, Behave: func(image string) sim.Behaviour {
		b := sim.Normal()
		if strings.HasSuffix(image, ":v2") {
			b.Crash, b.ExitCode = time.Minute, 3 // long after the rollout, on any machine
		}
		return b
	}})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "v2")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: time.Minute}}
	o := f.do(f.verify(), in, deployer.Failed)
	if !strings.Contains(o.Why, "has restarted while it was verified: exit 3") || !strings.Contains(o.Detail, "listening") || o.Kind != failRestarted {
		t.Errorf("why %q, detail %q", o.Why, o.Detail)
	}
}

func TestVerifyFailsWhenPodsDoNotBecomeReady(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	in := f.intent("tangerine-1", "web", "hang")
	f.act(f.rollout(), in)
	in.Deadline = time.Now().Add(deadlineMargin + time.Second)
	o := f.do(f.verify(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not healthy in time. ") || o.Kind != failNotReady {
		t.Errorf("%s: why %q", o.Kind, o.Why)
	}
}

// The configuration has lost the cluster of a rollout that is under way: nobody
// can tell how it goes, so that a person decides. It was once waited for without
// an end.
func TestRolloutIsInterruptedWhenItsClusterLeavesTheConfiguration(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 1)
	in := f.intent("tangerine-1", "web", "v2-hang")
	ref := f.act(f.rollout(), in)
	f.System = New(Config{Clusters: map[string]Cluster{"prod-2": {Kubeconfig: f.kubeconfig}}})
	t.Cleanup(f.System.Close)
	o := f.follow(f.rollout(), in, ref).ends(deployer.Interrupted)
	if o.Why != "There is no cluster prod-1 in the configuration. Did you mean prod-2?" {
		t.Errorf("why %q", o.Why)
	}
}

// One watch for each kind, however many follow, and none afterwards.
func TestNamespaceIsWatchedOnceAndNotAfterwards(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Behave: func(image string) sim.Behaviour {
		b := sim.ByTag(image)
		if strings.HasSuffix(image, ":slow") {
			b.Ready = 150 * time.Second // three seconds here, in which both follow it
		}
		return b
	}})
	f.run(c, "web", "v1", 1)
	p := f.proxied()
	in := f.intent("tangerine-1", "web", "slow")
	ref := f.act(f.rollout(), in)
	a, b := f.follow(f.rollout(), in, ref), f.follow(f.rollout(), in, ref)
	a.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	b.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.mu.Lock()
	watching := len(f.watches)
	f.mu.Unlock()
	if watching != 1 {
		t.Errorf("%d watches of namespaces", watching)
	}
	a.stop()
	<-a.end
	b.ends(deployer.OK)
	for _, kind := range []string{"deployments", "replicasets", "pods"} {
		if n := p.number(p.watches, kind); n != 1 {
			t.Errorf("%d watches of %s", n, kind)
		}
	}
	f.mu.Lock()
	watching = len(f.watches)
	f.mu.Unlock()
	if watching != 0 {
		t.Errorf("%d watches of namespaces are left", watching)
	}
	f.eventually("no watch is left", func() bool { return p.watching() == 0 })
}

func TestCloseEndsWhatIsFollowed(t *testing.T) {
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	before := goleak.IgnoreCurrent()
	f.reopen()
	in := f.intent("tangerine-1", "web", "hang")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.Close()
	<-run.end
	if run.err == nil {
		t.Errorf("a closed System gave the outcome %+v", run.outcome)
	}
	if err := goleak.Find(before, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*conn).serve")); err != nil {
		t.Error(err)
	}
}
