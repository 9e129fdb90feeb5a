package kube

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A container that has restarted while it came up, on a node whose clock is ahead of
// ours, has not restarted while it was verified. Its count tells.
func TestVerifyDoesNotTakeAClockThatIsAheadForARestart(t *testing.T) {
	t.Parallel()
	v := healthyView(noon.Add(-time.Hour))
	c := &v.pods[0].Status.ContainerStatuses[0]
	c.RestartCount = 1
	c.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, FinishedAt: metav1.NewTime(noon.Add(30 * time.Second))}
	j := verifier(noon)
	if got := j.judge(v, noon.Add(time.Second)); got.done {
		t.Errorf("at the beginning: %+v", got)
	}
	if got := j.judge(v, noon.Add(time.Minute)); got.outcome.Result != deployer.OK {
		t.Errorf("after a minute: %+v", got)
	}
	c.RestartCount = 2
	if got := j.judge(v, noon.Add(time.Minute)); got.outcome.Result != deployer.Failed {
		t.Errorf("after a restart: %+v", got)
	}
}
