package kube

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A workload without pods, which no controller takes up.
func TestAWorkloadScaledToNothingHasNoPodsThatAreNotAvailable(t *testing.T) {
	t.Parallel()
	r := newRolling()
	r.deployment.Generation++
	r.deployment.Spec.Replicas, r.deployment.Spec.MinReadySeconds = new(int32(0)), 5
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	in := deployer.Intent{Mark: "t-1", Where: at.where(), To: deployer.State{Version: "2", Image: "web:2"}}
	j := &rolloutJudge{in: in, at: at, grace: r.g}
	r.sets = r.sets[:1]
	j.judge(r.view, noon)
	got := j.judge(r.view, noon.Add(time.Hour))
	if got.outcome.Result != deployer.Failed || !strings.HasPrefix(got.outcome.Why, "The cluster's controllers have not taken up the change for 10 min") {
		t.Errorf("%+v", got.outcome)
	}
}
