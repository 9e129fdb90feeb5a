package kube

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// clusterFixture is a fixture on the real control plane that the tests share.
func clusterFixture(t testing.TB) *fixture { return fixtureOn(t, kubetest.Shared(t)) }

// fixtureOn is a fixture in a namespace of its own.
func fixtureOn(t testing.TB, c *kubetest.Cluster) *fixture {
	t.Helper()
	f := &fixture{
		t: t, client: c.Client(), kubeconfig: c.Kubeconfig(), namespace: c.Namespace(t), timeout: time.Minute,
	}
	f.reopen()
	return f
}

// deploy creates a Deployment and waits until it runs.
func (f *fixture) deploy(name, tag string, replicas int32, change ...func(*appsv1.Deployment)) {
	f.t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: repository + ":" + tag}}},
			},
		},
	}
	for _, f := range change {
		f(d)
	}
	_, err := f.client.AppsV1().Deployments(f.namespace).Create(f.t.Context(), d, metav1.CreateOptions{FieldManager: "helm"})
	if err != nil {
		f.t.Fatal(err)
	}
	f.awaitComplete(name)
}

func surge(more, fewer int) *appsv1.RollingUpdateDeployment {
	return &appsv1.RollingUpdateDeployment{
		MaxSurge: new(intstr.FromInt(more)), MaxUnavailable: new(intstr.FromInt(fewer)),
	}
}

// quota limits how many pods the namespace may have, and waits until they are
// counted.
func (f *fixture) quota(pods string) {
	f.t.Helper()
	f.limit(corev1.ResourcePods, pods)
}

// limit makes a quota of the namespace, and waits until it is counted.
func (f *fixture) limit(what corev1.ResourceName, n string) {
	f.t.Helper()
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "few"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{what: resource.MustParse(n)}},
	}
	if _, err := f.client.CoreV1().ResourceQuotas(f.namespace).Create(f.t.Context(), quota, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
	f.eventually("the quota is counted", func() bool {
		q, err := f.client.CoreV1().ResourceQuotas(f.namespace).Get(f.t.Context(), "few", metav1.GetOptions{})
		if err != nil {
			return false
		}
		used := q.Status.Used[what]
		return !used.IsZero()
	})
}

// undo does what kubectl rollout undo does: it takes template and annotations from
// the ReplicaSet of the revision (k8s.io/kubectl, polymorphichelpers/rollback.go).
func (f *fixture) undo(name, revision string) {
	f.t.Helper()
	set := f.sets(name)[revision]
	if set == nil {
		f.t.Fatalf("there is no revision %s of %s", revision, name)
	}
	delete(set.Spec.Template.Labels, hashKey)
	annotations := maps.Clone(set.Annotations)
	for key := range annotations {
		if strings.HasPrefix(key, "deployment.kubernetes.io/") {
			delete(annotations, key)
		}
	}
	annotations[revisionKey] = f.get(name).Annotations[revisionKey]
	body, err := json.Marshal(patch{
		{"replace", "/spec/template", set.Spec.Template}, {"replace", "/metadata/annotations", annotations},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.patchAs(name, "kubectl-rollout", string(body))
}
