package kube

import (
	"context"
	"slices"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// New pods that the cluster does not let in, while those that are there may stay:
// kubedog 153 hung until its time-out, and kubernetes 125507 says nothing of it on the
// Deployment.
func TestClusterCasesOfPodsThatAreNotLetIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		rule func(f *fixture) error
		says string
	}{
		{"pod security", (*fixture).restrictPods, `violates PodSecurity "restricted:latest"`},
		{"limit range", (*fixture).limitRange, "maximum cpu usage per Container is 100m, but limit is 200m"},
		{"quota of memory", (*fixture).quotaOfMemory, "must specify requests.memory for: app"},
		{"policy", (*fixture).policy, "denied request: nobody starts pods on a Saturday"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 2, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Resources = limitsOfCPU })
			before := f.podsOf("web")["1.0"]
			if err := test.rule(f); err != nil {
				t.Fatal(err)
			}
			f.awaitRefusalOfPods()
			in := f.intent("tangerine-1", "web", "2.0")
			o := f.do(f.rollout(), in, deployer.Failed)
			if !strings.HasPrefix(o.Why, "New pods can't be made: ") || !strings.Contains(o.Why, test.says) {
				t.Errorf("why %q", o.Why)
			}
			f.do(f.pause(), in, deployer.OK)
			if after := f.podsOf("web")["1.0"]; !slices.Equal(after, before) {
				t.Errorf("old pods %v, want %v", after, before)
			}
		})
	}
}

// A policy of the cluster says no to the change itself, with a code that it chooses. The
// change is neither invalid for that, nor a matter of our rights, nor to be tried again.
func TestClusterCasesOfAChangeThatAPolicyDenies(t *testing.T) {
	t.Parallel()
	for _, reason := range []metav1.StatusReason{"", metav1.StatusReasonForbidden, metav1.StatusReasonRequestEntityTooLarge} {
		t.Run("reason "+string(reason), func(t *testing.T) {
			t.Parallel()
			f := clusterFixture(t)
			f.deploy("web", "1.0", 1)
			in := f.intent("tangerine-1", "web", "2.0")
			no := admissionregistrationv1.Validation{Message: "nobody deploys on a Saturday"}
			if reason != "" {
				no.Reason = &reason
			}
			if err := f.refuseBy(admissionregistrationv1.Update, "apps", "deployments", no); err != nil {
				t.Fatal(err)
			}
			f.eventually("changes are refused", func() bool { _, err := f.dryRun(); return err != nil })
			_, err := f.rollout().Act(t.Context(), in)
			r := mustRefuse(t, err)
			if !strings.HasPrefix(r.Why, "Cluster prod-1 refuses to roll out 2.0: ") || !strings.Contains(r.Why, "denied request: nobody deploys on a Saturday") {
				t.Errorf("%+v", r)
			}
			if n := f.revisions("web"); n != 1 {
				t.Errorf("revision %d", n)
			}
		})
	}
}

// limitsOfCPU are what a container here may use.
var limitsOfCPU = corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("200m")}}

// awaitRefusalOfPods waits until a rule that was made is known to the API server.
func (f *fixture) awaitRefusalOfPods() {
	f.t.Helper()
	bare := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "bare-"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: repository + ":1.0", Resources: limitsOfCPU}}},
	}
	f.eventually("pods are refused", func() bool {
		_, err := f.client.CoreV1().Pods(f.namespace).Create(f.t.Context(), bare, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err != nil
	})
}

// restrictPods has the namespace let in only pods of the profile "restricted".
func (f *fixture) restrictPods() error {
	_, err := f.client.CoreV1().Namespaces().Patch(f.t.Context(), f.namespace, types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}`), metav1.PatchOptions{})
	return err
}

// limitRange allows less cpu than the Deployment's containers may use.
func (f *fixture) limitRange() error {
	_, err := f.client.CoreV1().LimitRanges(f.namespace).Create(f.t.Context(), &corev1.LimitRange{
		ObjectMeta: metav1.ObjectMeta{Name: "cpu"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer, Max: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m")},
		}}},
	}, metav1.CreateOptions{})
	return err
}

// quotaOfMemory has every pod say how much it needs.
func (f *fixture) quotaOfMemory() error {
	_, err := f.client.CoreV1().ResourceQuotas(f.namespace).Create(f.t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "memory"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceRequestsMemory: resource.MustParse("4Gi")}},
	}, metav1.CreateOptions{})
	return err
}

// policy has the cluster refuse every new pod of the namespace.
func (f *fixture) policy() error {
	return f.refuseBy(admissionregistrationv1.Create, "", "pods", admissionregistrationv1.Validation{Message: "nobody starts pods on a Saturday"})
}

// refuseBy has a policy refuse that operation in the namespace.
func (f *fixture) refuseBy(op admissionregistrationv1.OperationType, group, resources string, no admissionregistrationv1.Validation) error {
	ctx, api := f.t.Context(), f.client.AdmissionregistrationV1()
	meta := metav1.ObjectMeta{Name: f.namespace}
	no.Expression = "false"
	f.t.Cleanup(func() {
		_ = api.ValidatingAdmissionPolicyBindings().Delete(context.Background(), f.namespace, metav1.DeleteOptions{})
		_ = api.ValidatingAdmissionPolicies().Delete(context.Background(), f.namespace, metav1.DeleteOptions{})
	})
	_, err := api.ValidatingAdmissionPolicies().Create(ctx, &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: meta,
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": f.namespace}},
				ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: admissionregistrationv1.RuleWithOperations{
					Operations: []admissionregistrationv1.OperationType{op},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{group}, APIVersions: []string{"v1"}, Resources: []string{resources}},
				}}},
			},
			Validations: []admissionregistrationv1.Validation{no},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, err = api.ValidatingAdmissionPolicyBindings().Create(ctx, &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: meta,
		Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: f.namespace, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		},
	}, metav1.CreateOptions{})
	return err
}
