package kube

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// withPort gives the container a port of that name.
func withPort(port string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{Name: port, ContainerPort: 8080}}
	}
}

// servicePort is a port of a Service that leads to the container's port of that name.
func servicePort(name string, number int32, to string) corev1.ServicePort {
	return corev1.ServicePort{Name: name, Port: number, TargetPort: intstr.FromString(to)}
}

// Services that lead to the pods are proven after a rollout, while their
// endpoints change with the pods.
func TestClusterVerifyFindsTheEndpointsOfAllServices(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 3, withPort("http"))
	f.deploy("api", "1.0", 1)
	f.addService("web", "web", servicePort("http", 80, "http"))
	f.addService("numbered", "web", corev1.ServicePort{Port: 80, TargetPort: intstr.FromInt32(8080)})
	f.addService("api", "api", servicePort("grpc", 80, "no-such-port"))
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: 2 * time.Second}}
	if o := f.do(f.verify(), in, deployer.OK); o.Why != "3 pods, healthy for 2s" {
		t.Errorf("why %q", o.Why)
	}
}

// The Service asks for a port by a name that the new pods don't have: they are
// ready, and nobody reaches them.
func TestClusterVerifyFailsWhenAServiceHasNoEndpoints(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2, withPort("http"))
	f.addService("web", "web", servicePort("http", 80, "web"), servicePort("metrics", 9090, "http"))
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: time.Second}}
	if o := f.do(f.verify(), in, deployer.Failed); o.Why != "Service web has no ready endpoints at its port http." {
		t.Errorf("why %q", o.Why)
	}
}

// A role without Services still verifies, and says what it did not see.
func TestClusterVerifySaysWhichEndpointsItMayNotSee(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	f := fixtureOn(t, c)
	f.deploy("web", "1.0", 1)
	f.addService("web", "web", servicePort("http", 80, "no-such-port"))
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	in.With = deployer.Values{"for": {Duration: time.Second}}
	seeing := []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: []string{"list", "watch"}},
		{APIGroups: []string{"discovery.k8s.io"}, Resources: []string{"endpointslices"}, Verbs: []string{"list", "watch"}},
	}
	for i, unseen := range []string{"services", "endpointslices"} {
		f.kubeconfig = c.User(t, "blind-to-"+unseen, append(append([]rbacv1.PolicyRule{}, botRules...), seeing[:i]...)...)
		f.reopen()
		o := f.do(f.verify(), in, deployer.OK)
		if !strings.HasSuffix(o.Why, "was not checked, since stationmaster may not list and watch "+unseen) {
			t.Errorf("why %q", o.Why)
		}
	}
	f.kubeconfig = c.User(t, "seeing", append(append([]rbacv1.PolicyRule{}, botRules...), seeing...)...)
	f.reopen()
	f.do(f.verify(), in, deployer.Failed)
}

func TestClusterVerifySearchesTheLogs(t *testing.T) {
	t.Parallel()
	f := clusterFixture(t)
	f.deploy("web", "1.0", 2)
	in := f.intent("tangerine-1", "web", "2.0")
	f.do(f.rollout(), in, deployer.OK)
	// What the container of before has written, a panic, doesn't count.
	in.With = deployer.Values{"for": {Duration: time.Second}, "errors": {Text: `panic|ERROR`}}
	if o := f.do(f.verify(), in, deployer.OK); o.Why != "2 pods, healthy for 1s; no errors in the logs" {
		t.Errorf("why %q", o.Why)
	}
	in.With["errors"] = deployer.Value{Text: `listening on :\d+`}
	o := f.do(f.verify(), in, deployer.Failed)
	if o.Why != "2 of 2 pods log errors." || strings.Count(o.Detail, ": listening on :8080") != 2 {
		t.Errorf("why %q, detail %q", o.Why, o.Detail)
	}
}
