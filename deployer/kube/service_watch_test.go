package kube

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// addService adds a Service that selects the pods of the workload of that name.
func (f *fixture) addService(name, workload string, ports ...corev1.ServicePort) {
	f.t.Helper()
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": workload}, Ports: ports},
	}
	if _, err := f.client.CoreV1().Services(f.namespace).Create(f.t.Context(), s, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

// addEndpoints adds ready endpoints of all pods there are to a Service in a simulated
// cluster, which has nobody who does it.
func (f *fixture) addEndpoints(service, port string) {
	f.t.Helper()
	list, err := f.client.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: service + "-1", Labels: map[string]string{discoveryv1.LabelServiceName: service}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: &port}},
	}
	for _, p := range list.Items {
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{p.Status.PodIP}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: p.Name, UID: p.UID},
		})
	}
	if _, err := f.client.DiscoveryV1().EndpointSlices(f.namespace).Create(f.t.Context(), slice, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

var http80 = corev1.ServicePort{Name: "http", Port: 80}

// verifyIntent is the intent to verify what runs now.
func (f *fixture) verifyIntent(name, tag string) deployer.Intent {
	f.t.Helper()
	in := f.intent("tangerine-1", name, tag)
	in.Step, in.With = "pods", deployer.Values{"for": {Duration: 200 * time.Millisecond}}
	return in
}

func TestVerifyFailsWhenAServiceHasNoEndpoints(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	f.addService("web", "web", http80)
	f.addService("others", "api", http80)
	in := f.verifyIntent("web", "v1")
	if o := f.do(f.verify(), in, deployer.Failed); o.Why != "Service web has no ready endpoints at its port http." || o.Kind != failNoEndpoints {
		t.Errorf("why %q", o.Why)
	}
	// A rollout is complete by what the cluster says of it; to be served is
	// verified afterwards.
	f.do(f.rollout(), f.intent("tangerine-2", "web", "v2"), deployer.OK)
}

func TestVerifyWaitsForEndpoints(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	f.cfg.Grace.Endpoints = f.timeout
	f.addService("web", "web", http80)
	in := f.verifyIntent("web", "v1")
	run := f.follow(f.verify(), in, f.act(f.verify(), in))
	run.await("it waits", func(p deployer.Progress) bool {
		return p.Note == "Service web has no ready endpoints at its port http."
	})
	f.addEndpoints("web", "http")
	if o := run.ends(deployer.OK); o.Why != "2 pods, healthy for 200ms" {
		t.Errorf("why %q", o.Why)
	}
}

// Who may not see Services is told so, and nothing more is asked of them.
func TestVerifySaysWhichEndpointsItMayNotSee(t *testing.T) {
	t.Parallel()
	var hidden atomic.Pointer[string]
	f, c := simFixture(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool {
		h := hidden.Load()
		return h == nil || a.Resource != *h || a.Verb == "create"
	}})
	f.run(c, "web", "v1", 2)
	in := f.verifyIntent("web", "v1")
	const unchecked = "2 pods, healthy for 200ms; whether Services lead to them was not checked, since stationmaster may not list and watch "
	hide := func(what string) { hidden.Store(&what) }
	hide("endpointslices")
	if o := f.do(f.verify(), in, deployer.OK); o.Why != "2 pods, healthy for 200ms" {
		t.Errorf("without a Service: %q", o.Why)
	}
	f.addService("web", "web", http80)
	if o := f.do(f.verify(), in, deployer.OK); o.Why != unchecked+"endpointslices" {
		t.Errorf("with a Service: %q", o.Why)
	}
	hide("services")
	p := f.proxied()
	if o := f.do(f.verify(), in, deployer.OK); o.Why != unchecked+"services" {
		t.Errorf("without Services: %q", o.Why)
	}
	if n := p.number(p.watches, "services") + p.number(p.sent, "GET services"); n > 2 {
		t.Errorf("asked %d times for what is forbidden", n)
	}
}

// Trouble is not an answer: it is told of, and waited for.
func TestVerifyWaitsWhileEndpointsCannotBeListed(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	f.addService("web", "web", http80)
	f.addEndpoints("web", "http")
	var down atomic.Bool
	down.Store(true)
	f.reopen()
	f.wrap = func(next http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if down.Load() && strings.HasSuffix(r.URL.Path, "/endpointslices") {
				return nil, fmt.Errorf("no route to host")
			}
			return next.RoundTrip(r)
		})
	}
	in := f.verifyIntent("web", "v1")
	run := f.follow(f.verify(), in, f.act(f.verify(), in))
	run.await("the trouble is told of", func(p deployer.Progress) bool { return strings.Contains(p.Note, "no route to host") })
	down.Store(false)
	run.ends(deployer.OK)

	down.Store(true)
	in.Deadline = time.Now().Add(deadlineMargin + 2*time.Second)
	if o := f.do(f.verify(), in, deployer.Failed); o.Why != "It was not healthy in time. What the Services lead to is not seen yet." {
		t.Errorf("why %q", o.Why)
	}
}

// One watch of Services, however many are verified, and none for rollouts or
// afterwards.
func TestServicesAreWatchedOnceAndNotAfterVerify(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	names := []string{"a", "b", "c"}
	for _, name := range names {
		f.run(c, name, "v1", 1)
	}
	p := f.proxied()
	in := f.intent("tangerine-1", "a", "slow")
	rollout := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	rollout.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	if n := p.number(p.watches, "services"); n != 0 {
		t.Errorf("%d watches of Services for a rollout", n)
	}
	refs, intents, runs := map[string]string{}, map[string]deployer.Intent{}, map[string]*followRun{}
	for _, name := range names[1:] {
		intents[name] = f.verifyIntent(name, "v1")
		intents[name].With["for"] = deployer.Value{Duration: 2 * time.Second} // so that they are at it together
		refs[name] = f.act(f.verify(), intents[name])
	}
	for name, in := range intents {
		runs[name] = f.follow(f.verify(), in, refs[name])
	}
	for _, run := range runs {
		run.ends(deployer.OK)
	}
	for _, kind := range []string{"services", "endpointslices"} {
		if n := p.number(p.watches, kind); n != 1 {
			t.Errorf("%d watches of %s", n, kind)
		}
	}
	f.mu.Lock()
	for _, w := range f.watches {
		if w.services.Load() != nil {
			t.Error("a watch of Services is left")
		}
	}
	f.mu.Unlock()
	rollout.ends(deployer.OK)
}

// endpointSlice is an EndpointSlice with such a port, or none, that leads to the pods.
func endpointSlice(port string, ready *bool, pods ...string) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{}
	if port != "none" {
		s.Ports = []discoveryv1.EndpointPort{{Name: &port}}
	}
	for _, uid := range pods {
		s.Endpoints = append(s.Endpoints, discoveryv1.Endpoint{
			TargetRef: &corev1.ObjectReference{UID: types.UID(uid)}, Conditions: discoveryv1.EndpointConditions{Ready: ready},
		})
	}
	return s
}

func TestCoverageNamesTheServiceThatLacksEndpoints(t *testing.T) {
	t.Parallel()
	yes, no := new(true), new(false)
	for _, test := range []struct {
		name   string
		ports  []string
		slices []*discoveryv1.EndpointSlice
		why    string
	}{
		{"all", []string{""}, []*discoveryv1.EndpointSlice{endpointSlice("", yes, "a", "b")}, ""},
		{"in two slices", []string{""}, []*discoveryv1.EndpointSlice{endpointSlice("", yes, "a"), endpointSlice("", yes, "b")}, ""},
		{"readiness is not known, which is ready", []string{""}, []*discoveryv1.EndpointSlice{endpointSlice("", nil, "a", "b")}, ""},
		{"headless without ports", nil, []*discoveryv1.EndpointSlice{endpointSlice("none", yes, "a", "b")}, ""},
		{"none", []string{""}, nil, "Service web has no ready endpoints."},
		{"none is ready", []string{""}, []*discoveryv1.EndpointSlice{endpointSlice("", no, "a", "b")}, "Service web has no ready endpoints."},
		{"others", []string{""}, []*discoveryv1.EndpointSlice{endpointSlice("", yes, "c")}, "Service web has no ready endpoints."},
		{"one of two", []string{""}, []*discoveryv1.EndpointSlice{endpointSlice("", yes, "a", "c")}, "Service web has ready endpoints for 1 of 2 pods."},
		{"a port that no container has", []string{"http"}, []*discoveryv1.EndpointSlice{endpointSlice("none", yes, "a", "b")},
			"Service web has no ready endpoints at its port http."},
		{"one port of two", []string{"http", "grpc"}, []*discoveryv1.EndpointSlice{endpointSlice("http", yes, "a", "b"), endpointSlice("grpc", yes, "b")},
			"Service web has ready endpoints at its port grpc for 1 of 2 pods."},
	} {
		s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
		for _, name := range test.ports {
			s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: name})
		}
		e := &endpointCoverage{services: []*corev1.Service{s}, slices: map[string][]*discoveryv1.EndpointSlice{"web": test.slices}}
		pods := []*corev1.Pod{{ObjectMeta: metav1.ObjectMeta{UID: "a"}}, {ObjectMeta: metav1.ObjectMeta{UID: "b"}}}
		if why := e.uncovered(pods); why != test.why {
			t.Errorf("%s: %q, want %q", test.name, why, test.why)
		}
	}
}

func TestServiceSelectsPodsByItsSelector(t *testing.T) {
	t.Parallel()
	pod := map[string]string{"app": "web", "tier": "front"}
	for _, test := range []struct {
		spec corev1.ServiceSpec
		want bool
	}{
		{corev1.ServiceSpec{Selector: map[string]string{"app": "web"}}, true},
		{corev1.ServiceSpec{Selector: pod}, true},
		{corev1.ServiceSpec{Selector: map[string]string{"app": "web", "track": "canary"}}, false},
		{corev1.ServiceSpec{}, false},
		{corev1.ServiceSpec{Selector: pod, Type: corev1.ServiceTypeExternalName}, false},
	} {
		if got := selects(&corev1.Service{Spec: test.spec}, pod); got != test.want {
			t.Errorf("%+v: %t", test.spec, got)
		}
	}
}

// An endpoint that goes away begins the time anew, and its grace too.
func TestEndpointThatGoesAwayBeginsTheTimeAnew(t *testing.T) {
	t.Parallel()
	j := verifier(noon)
	j.grace.grace.Endpoints = 15 * time.Second
	v := healthyView(noon.Add(-time.Hour))
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
	at := func(seconds int, slices ...*discoveryv1.EndpointSlice) verdict {
		v.endpoints = &endpointCoverage{services: []*corev1.Service{service}, slices: map[string][]*discoveryv1.EndpointSlice{"web": slices}}
		return j.judge(v, noon.Add(time.Duration(seconds)*time.Second))
	}
	for _, p := range v.pods {
		p.UID = types.UID(p.Name)
	}
	all := endpointSlice("none", nil, v.pods[0].Name, v.pods[1].Name)
	if got := at(0); got.done || !got.recheckAt.Equal(noon.Add(15*time.Second)) {
		t.Errorf("none at first: %+v", got)
	}
	if got := at(10, all); got.done || !got.recheckAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("then all: %+v", got)
	}
	if got := at(20); got.done || !got.recheckAt.Equal(noon.Add(35*time.Second)) {
		t.Errorf("none again: %+v", got)
	}
	if got := at(34, all); got.done || !got.recheckAt.Equal(noon.Add(80*time.Second)) {
		t.Errorf("all again: %+v", got)
	}
	if got := at(40); got.done {
		t.Errorf("none once more: %+v", got)
	}
	if got := at(55); !got.done || got.outcome.Result != deployer.Failed || got.outcome.Why != "Service web has no ready endpoints." {
		t.Errorf("for too long: %+v", got)
	}
}
