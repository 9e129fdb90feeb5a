package kube

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// krane 765, kubernetes 49637: the condition of a rollout that was stuck is still there
// when the way back begins, which takes up a ReplicaSet that is there: the controller
// makes it anew only once something has come through.
func TestClusterCaseOfTheDeadlineOfWhatIsRolledBack(t *testing.T) {
	t.Parallel()
	for range 3 {
		f := clusterFixture(t)
		f.deploy("web", "1.0", 4, strategy(0, 2), deadlineOf(3))
		in := f.intent("tangerine-1", "web", "2.0-hang")
		f.do(f.rollout(), in, deployer.Failed)
		f.do(f.pause(), in, deployer.OK)
		f.do(f.rollout(), rollbackOf(in), deployer.OK)
		if got := f.podsOf("web"); len(got["1.0"]) != 4 || len(got) != 1 {
			t.Errorf("pods %v", got)
		}
	}
}
