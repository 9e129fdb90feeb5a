package kube

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// kubernetes 51835, 72226: with Recreate an old pod that never ends (a finalizer, a dead node) keeps every
// new one away, and the progress deadline never passes: the controller says that it is
// complete. The old pod is named, and not only that no new pod exists.
func TestClusterCaseOfRecreateBehindAPodThatNeverEnds(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 1, recreate)
	pods := f.client.CoreV1().Pods(f.namespace)
	list, err := pods.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := list.Items[0].Name
	finalizers := func(patch string) {
		if _, err := pods.Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	finalizers(`{"metadata":{"finalizers":["example.com/drain"]}}`)
	in := f.intent("tangerine-1", "web", "2.0")
	in.Deadline = time.Now().Add(8 * time.Second)
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("the old pod is told of", func(p deployer.Progress) bool { return strings.Contains(p.Note, "old pod") })
	if o := run.ends(deployer.Failed); !strings.HasPrefix(o.Why, "It was not done in time. ") || !strings.Contains(o.Why, "old pod") {
		t.Errorf("why %q", o.Why)
	}
	finalizers(`{"metadata":{"finalizers":null}}`)
	in = nextAttempt(in)
	in.Deadline = time.Now().Add(20 * time.Second)
	f.do(f.rollout(), in, deployer.OK)
}
