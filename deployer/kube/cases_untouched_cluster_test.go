package kube

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// The way back when no new pod can come: kubernetes 50021, 116891, AKS 1919 and the
// like. The old pods were never touched, and kubectl rollout undo touches none of them.
func TestClusterCasesOfTheWayBackWithoutRoom(t *testing.T) {
	t.Parallel()
	onePort := func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "node-1"}
		d.Spec.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 8089}}
		strategy(1, 0)(d)
	}
	limited := func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Resources = limitsOfCPU }
	for _, test := range []struct {
		name, tag string
		pods      int32
		change    func(*appsv1.Deployment)
		rule      func(*fixture) error // from before the rollout on
	}{
		{"pod security", "2.0", 2, limited, (*fixture).restrictPods},
		{"limit range", "2.0", 2, limited, (*fixture).limitRange},
		{"quota of memory", "2.0", 2, limited, (*fixture).quotaOfMemory},
		{"policy", "2.0", 2, limited, (*fixture).policy},
		{"host port", "2.0", 1, onePort, nil},
		{"missing image", "2.0-missing", 4, strategy(1, 0), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", test.pods, test.change)
			before := f.podsOf("web")["1.0"]
			if test.rule != nil {
				if err := test.rule(f); err != nil {
					t.Fatal(err)
				}
				f.awaitRefusalOfPods()
			}
			in := f.intent("tangerine-1", "web", test.tag)
			f.do(f.rollout(), in, deployer.Failed)
			f.do(f.pause(), in, deployer.OK)
			f.do(f.rollout(), rollbackOf(in), deployer.OK)
			if after := f.podsOf("web"); !slices.Equal(after["1.0"], before) || len(after) != 1 {
				t.Errorf("pods %v, want %v", after, before)
			}
		})
	}
}
