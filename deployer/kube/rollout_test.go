package kube

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

func TestRollout(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 3)
	in := y.intent("tangerine-1", "web", "v2")
	if in.From.Version != "v1" || in.From.Revision != "1" || in.To.Version != "v2" {
		t.Errorf("from %+v to %+v", in.From, in.To)
	}
	before := in
	before.At = time.Time{}
	if s := y.look(y.rollout(), before); s.Kind != deployer.ObservedAbsent || s.State != in.From {
		t.Errorf("before it began: %+v", s)
	}
	ref := y.act(y.rollout(), in)
	course := y.follow(y.rollout(), in, ref)
	o := course.ends(deployer.OK)
	if o.State.Version != "v2" || o.State.Revision != "2" {
		t.Errorf("outcome %+v", o)
	}
	if !course.seen(func(p deployer.Progress) bool { return p.Total == 3 && p.Updated > 0 && p.Old > 0 }) {
		t.Errorf("no progress on the way: %+v", course.progress)
	}
	last := course.progress[len(course.progress)-1]
	if want := (deployer.Progress{Total: 3, Updated: 3, Ready: 3, Available: 3}); last != want {
		t.Errorf("the last progress is %+v, want %+v", last, want)
	}
	if s := y.look(y.rollout(), in); s.Kind != deployer.ObservedPresent || s.Ref == "" {
		t.Errorf("after it was done: %+v", s)
	}
	y.do(y.rollout(), in, deployer.OK)
	if n := y.revisions("web"); n != 2 {
		t.Errorf("a repeat made revision %d", n)
	}
	in.Step, in.Params = "pods", map[string]string{"for": "200ms"}
	if o := y.do(y.verify(), in, deployer.OK); o.State.Version != "v2" || o.Why != "3 pods, healthy for 200ms" {
		t.Errorf("verified: %+v", o)
	}
	target, err := y.Resolve(t.Context(), y.want("web", "v2"))
	if err != nil || !target.Live {
		t.Errorf("a version that runs is live: %+v, %v", target, err)
	}
}

// A process dies while its patch is on its way, and it comes while the next one
// looks: after the workload was read, and before its history was. Then nobody has
// undone anything.
func TestChangeBetweenTwoReads(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	in := y.intent("tangerine-1", "web", "v2")
	dying := y.rollout()
	p := y.proxied()
	late := afterFor(func() {
		y.act(dying, in)
		y.settled("web")
	})
	p.listing.Store(&late)
	if s := y.look(y.rollout(), in); s.Kind != deployer.ObservedPresent || s.State.Version != "v2" {
		t.Errorf("it came meanwhile: %+v", s)
	}
	y.elsewhere("web", "kustomize-controller", `[{"op":"remove","path":"/spec/template/metadata/annotations"},`+setImage("v1")[1:])
	if s := y.look(y.rollout(), in); s.Kind != deployer.ObservedSuperseded || !strings.Contains(s.Why, "was put back to v1") {
		t.Errorf("it was undone: %+v", s)
	}
}

// The failures are found long before the progress deadline, are named, and
// leave the old pods serving.
func TestFailures(t *testing.T) {
	for _, test := range []struct{ tag, why, detail string }{
		{"crash", "of 3 pods crashes: app, exit 1", "panic: runtime error"},
		{"nopull", "of 3 pods can't get its image: app, " + repository + ":nopull: not found (", "failed to pull"},
		{"quota", "New pods can't be made: ", ""},
		{"unschedulable", "of 3 pods fits on no node: 0/3 nodes are available: 3 Insufficient memory.", ""},
	} {
		t.Run(test.tag, func(t *testing.T) {
			t.Parallel()
			y, c := simYard(t, sim.Config{})
			y.run(c, "web", "v1", 3)
			in := y.intent("tangerine-1", "web", test.tag)
			o := y.do(y.rollout(), in, deployer.Failed)
			if !strings.Contains(o.Why, test.why) || !strings.Contains(o.Detail, test.detail) {
				t.Errorf("why %q, detail %q", o.Why, o.Detail)
			}
			if n := y.get("web").Status.AvailableReplicas; n < 2 {
				t.Errorf("%d old pods serve", n)
			}
		})
	}
}

func TestProgressDeadline(t *testing.T) {
	y, c := simYard(t, sim.Config{Speed: 200})
	y.run(c, "web", "v1", 2)
	o := y.do(y.rollout(), y.intent("tangerine-1", "web", "hang"), deployer.Failed)
	if !strings.HasPrefix(o.Why, "There was no progress for 10m. 1 of 2 pods is not ready: app in web-") {
		t.Errorf("why %q", o.Why)
	}
	if !strings.Contains(o.Detail, "message broker") {
		t.Errorf("detail %q", o.Detail)
	}
}

// A step's time-out ends a rollout with what is wrong, not with "time is up".
func TestDeadlineOfTheStep(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	in := y.intent("tangerine-1", "web", "hang")
	in.Deadline = time.Now().Add(lead + 5*time.Second)
	o := y.do(y.rollout(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not done in time. 1 of 2 pods is not ready: app in web-") {
		t.Errorf("why %q", o.Why)
	}
}

// pipecd 3468, samson 1672: the rollback itself hangs. Here it is a rollout
// like any other, and brings back the whole template.
func TestPauseAndRollBack(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 3)
	in := y.intent("tangerine-1", "web", "crash")
	y.do(y.rollout(), in, deployer.Failed)

	if s := y.look(y.pause(), in); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("there is something to pause: %+v", s)
	}
	y.do(y.pause(), in, deployer.OK)
	if d := y.get("web"); !d.Spec.Paused || d.Annotations[PausedBy] != "tangerine-1" {
		t.Fatalf("paused %v by %v", d.Spec.Paused, d.Annotations)
	}
	if s := y.look(y.pause(), in); s.Kind != deployer.ObservedPresent {
		t.Errorf("it is paused: %+v", s)
	}
	// Check again, while it is held, ends with what is wrong instead of waiting
	// for a rollout that can't go on.
	s := y.look(y.rollout(), in)
	y.follow(y.rollout(), in, s.Ref).ends(deployer.Failed)

	undo := back(in)
	if s := y.look(y.rollout(), undo); s.Kind != deployer.ObservedAbsent {
		t.Fatalf("there is something to roll back: %+v", s)
	}
	o := y.do(y.rollout(), undo, deployer.OK)
	if o.State.Version != "v1" {
		t.Errorf("rolled back to %+v", o.State)
	}
	d := y.get("web")
	if d.Spec.Paused || d.Annotations[PausedBy] != "" || d.Spec.Template.Annotations[Annotation] != "tangerine-1/rollback" {
		t.Errorf("after the rollback: paused %v, %v, %v", d.Spec.Paused, d.Annotations, d.Spec.Template.Annotations)
	}
	y.do(y.rollout(), undo, deployer.OK)
	if n := y.revisions("web"); n != 3 {
		t.Errorf("revision %d, want 3: v1, crash, v1", n)
	}
	if s := y.look(y.rollout(), in); s.Kind != deployer.ObservedSuperseded {
		t.Errorf("what was rolled back is superseded: %+v", s)
	}
}

// What somebody else has rolled out meanwhile is not held, and a Deployment that
// is complete has nothing to hold.
func TestPauseHoldsOnlyOurs(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	in := y.intent("tangerine-1", "web", "v2-hang")
	y.act(y.rollout(), in)
	other := in
	other.Deployment, other.Mark = "tangerine-2", "tangerine-2"
	other.From, other.To = in.To, deployer.State{Version: "v3", Image: repository + ":v3-hang"}
	y.act(y.rollout(), other)
	if ref := y.act(y.pause(), in); ref != nothing || y.get("web").Spec.Paused {
		t.Errorf("another deployment's rollout is held: %s", ref)
	}
	third := other
	third.Deployment, third.Mark = "tangerine-3", "tangerine-3"
	third.From, third.To = other.To, deployer.State{Version: "v4", Image: repository + ":v4"}
	y.do(y.rollout(), third, deployer.OK)
	if ref := y.act(y.pause(), third); ref != nothing || y.get("web").Spec.Paused {
		t.Errorf("a complete rollout is held: %s", ref)
	}
}

// Retry lets go of our own pause and makes no new revision.
func TestRetryAfterOurPause(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 3)
	in := y.intent("tangerine-1", "web", "crash")
	y.do(y.rollout(), in, deployer.Failed)
	y.do(y.pause(), in, deployer.OK)
	in = again(in)
	y.do(y.rollout(), in, deployer.Failed)
	if d := y.get("web"); d.Spec.Paused || d.Annotations[PausedBy] != "" {
		t.Errorf("still paused: %v", d.Annotations)
	}
	if n := y.revisions("web"); n != 2 {
		t.Errorf("the retry made revision %d", n)
	}
}

func TestNothingToRollBack(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	undo := back(y.intent("tangerine-1", "web", "v2"))
	s := y.look(y.rollout(), undo)
	if s.Kind != deployer.ObservedPresent {
		t.Fatalf("v1 runs: %+v", s)
	}
	y.follow(y.rollout(), undo, s.Ref).ends(deployer.OK)
	if n := y.revisions("web"); n != 1 {
		t.Errorf("revision %d", n)
	}
}

// kargo 41: healthy for a moment only.
func TestVerifyRestart(t *testing.T) {
	y, c := simYard(t, sim.Config{Speed: 10, Behave: func(image string) sim.Behaviour {
		b := sim.Normal()
		if strings.HasSuffix(image, ":v2") {
			b.Crash, b.ExitCode = time.Minute, 3 // long after the rollout, on any machine
		}
		return b
	}})
	y.run(c, "web", "v1", 2)
	in := y.intent("tangerine-1", "web", "v2")
	y.do(y.rollout(), in, deployer.OK)
	in.Params = map[string]string{"for": "1m"}
	o := y.do(y.verify(), in, deployer.Failed)
	if !strings.Contains(o.Why, "has restarted while it was verified: exit 3") || !strings.Contains(o.Detail, "listening") {
		t.Errorf("why %q, detail %q", o.Why, o.Detail)
	}
}

func TestVerifyUnready(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	in := y.intent("tangerine-1", "web", "hang")
	y.act(y.rollout(), in)
	in.Deadline = time.Now().Add(lead + time.Second)
	o := y.do(y.verify(), in, deployer.Failed)
	if !strings.HasPrefix(o.Why, "It was not healthy in time. ") {
		t.Errorf("why %q", o.Why)
	}
}

// The configuration has lost the cluster of a rollout that is under way: nobody
// can tell how it goes, so that a person decides. It was once waited for without
// an end.
func TestTheClusterLeavesTheConfiguration(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 1)
	in := y.intent("tangerine-1", "web", "v2-hang")
	ref := y.act(y.rollout(), in)
	y.System = New(Config{Clusters: map[string]Cluster{"prod-2": {Kubeconfig: y.kubeconfig}}})
	t.Cleanup(y.System.Close)
	o := y.follow(y.rollout(), in, ref).ends(deployer.Interrupted)
	if o.Why != "There is no cluster prod-1 in the configuration. Did you mean prod-2?" {
		t.Errorf("why %q", o.Why)
	}
}

// One watch for each kind, however many follow, and none afterwards.
func TestFeedsEnd(t *testing.T) {
	y, c := simYard(t, sim.Config{Behave: func(image string) sim.Behaviour {
		b := sim.ByTag(image)
		if strings.HasSuffix(image, ":slow") {
			b.Ready = 5 * time.Minute // six seconds here, in which both follow it
		}
		return b
	}})
	y.run(c, "web", "v1", 1)
	p := y.proxied()
	in := y.intent("tangerine-1", "web", "slow")
	ref := y.act(y.rollout(), in)
	a, b := y.follow(y.rollout(), in, ref), y.follow(y.rollout(), in, ref)
	a.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	b.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	y.mu.Lock()
	feeds := len(y.feeds)
	y.mu.Unlock()
	if feeds != 1 {
		t.Errorf("%d feeds", feeds)
	}
	a.stop()
	<-a.end
	b.ends(deployer.OK)
	for _, kind := range []string{"deployments", "replicasets", "pods"} {
		if n := p.number(p.watches, kind); n != 1 {
			t.Errorf("%d watches of %s", n, kind)
		}
	}
	y.mu.Lock()
	feeds = len(y.feeds)
	y.mu.Unlock()
	if feeds != 0 {
		t.Errorf("%d feeds are left", feeds)
	}
	y.eventually("no watch is left", func() bool { return p.watching() == 0 })
}

func TestClose(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	before := goleak.IgnoreCurrent()
	y.reopen()
	in := y.intent("tangerine-1", "web", "hang")
	course := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	course.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	y.Close()
	<-course.end
	if course.err == nil {
		t.Errorf("a closed System gave the outcome %+v", course.outcome)
	}
	if err := goleak.Find(before, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*conn).serve")); err != nil {
		t.Error(err)
	}
}
