package kube

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// krane 765, kubernetes 49637: the condition of a rollout that was stuck is still there
// when the way back begins, which takes up a ReplicaSet that is there: the controller
// makes it anew only once something has come through.
func TestClusterCaseOfTheDeadlineOfWhatIsRolledBack(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 4, strategy(0, 2), deadlineOf(4))
	in := f.intent("tangerine-1", "web", "2.0-hang")
	f.do(f.rollout(), in, deployer.Failed)
	f.do(f.pause(), in, deployer.OK)
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	// Nor does one that was over longer ago than the deadline is long.
	f.eventually("the deadline is over", func() bool {
		c := f.progressing("web")
		return c.Reason == "NewReplicaSetAvailable" && time.Since(c.LastUpdateTime.Time) > 4*time.Second
	})
	f.do(f.rollout(), f.intent("tangerine-2", "web", "3.0"), deployer.OK)
	f.do(f.rollout(), f.intent("tangerine-3", "web", "1.0"), deployer.OK)
	if got := f.podsOf("web"); len(got["1.0"]) != 4 || len(got) != 1 {
		t.Errorf("pods %v", got)
	}
}

// progressing is what the controller says of how it goes.
func (f *fixture) progressing(name string) appsv1.DeploymentCondition {
	f.t.Helper()
	for _, c := range f.get(name).Status.Conditions {
		if c.Type == appsv1.DeploymentProgressing {
			return c
		}
	}
	return appsv1.DeploymentCondition{}
}

// With Recreate the failed pods are there for a moment after the way back has begun, and
// the Deployment's revision is theirs until they are gone: what they suffer is not what
// is brought back (krane 213).
func TestClusterCaseOfTheWayBackWithRecreate(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.play(func(_ *corev1.Pod, s *corev1.PodStatus) {
		s.Phase = corev1.PodPending
		keepWaiting(&s.ContainerStatuses[0], "ErrImageNeverPull", "not present with pull policy of Never")
	})
	f.deploy("web", "1.0", 3, recreate, played)
	for _, id := range []string{"tangerine-1", "tangerine-2", "tangerine-3"} {
		in := f.intent(id, "web", "2.0")
		f.do(f.rollout(), in, deployer.Failed)
		f.do(f.pause(), in, deployer.OK)
		f.do(f.rollout(), rollbackOf(in), deployer.OK)
		if got := f.podsOf("web"); len(got["1.0"]) != 3 || len(got) != 1 {
			t.Errorf("pods %v", got)
		}
	}
}

// kubernetes 23022 and 111794: what somebody has paused is not rolled back, and the
// command that lets it go on works as it is written there.
func TestClusterCaseOfTheWayBackBelowSomebodysPause(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3)
	in := f.intent("tangerine-1", "web", "2.0-hang")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.patchAs("web", "kubectl", `[{"op":"add","path":"/spec/paused","value":true}]`)
	_, err := f.rollout().Act(t.Context(), rollbackOf(in))
	r := mustRefuse(t, err)
	if !strings.Contains(r.Why, "is paused, and not by stationmaster") || !strings.Contains(r.Advice(), "kubectl -n "+f.namespace+" rollout resume deployment/web") {
		t.Errorf("%+v", r)
	}
	f.patchAs("web", "kubectl", `[{"op":"replace","path":"/spec/paused","value":false}]`)
	f.do(f.rollout(), rollbackOf(in), deployer.OK)
	run.ends(deployer.Interrupted)
}
