package kube

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// kubectl replace of the whole object, with the image that we have set, takes our mark away: it runs
// what was wanted, and the words say what has happened.
func TestClusterCaseOfAReplacementWithTheSameImage(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0-slow3s")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	f.eventually("it is replaced", func() bool {
		d := f.get("web")
		delete(d.Spec.Template.Annotations, Annotation)
		_, err := f.client.AppsV1().Deployments(f.namespace).Update(t.Context(), d, metav1.UpdateOptions{FieldManager: "kubectl-replace"})
		return err == nil
	})
	if o := run.ends(deployer.Interrupted); !strings.Contains(o.Why, "mark") {
		t.Errorf("why %q", o.Why)
	}
}
