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

// service adds a Service that selects the pods of the workload of that name.
func (y *yard) service(name, workload string, ports ...corev1.ServicePort) {
	y.t.Helper()
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": workload}, Ports: ports},
	}
	if _, err := y.client.CoreV1().Services(y.namespace).Create(y.t.Context(), s, metav1.CreateOptions{}); err != nil {
		y.t.Fatal(err)
	}
}

// serve adds ready endpoints of all pods there are to a Service in a simulated
// cluster, which has nobody who does it.
func (y *yard) serve(service, port string) {
	y.t.Helper()
	list, err := y.client.CoreV1().Pods(y.namespace).List(y.t.Context(), metav1.ListOptions{})
	if err != nil {
		y.t.Fatal(err)
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
	if _, err := y.client.DiscoveryV1().EndpointSlices(y.namespace).Create(y.t.Context(), slice, metav1.CreateOptions{}); err != nil {
		y.t.Fatal(err)
	}
}

var http80 = corev1.ServicePort{Name: "http", Port: 80}

// verified is the intent to verify what runs now.
func (y *yard) verified(name, tag string) deployer.Intent {
	y.t.Helper()
	in := y.intent("tangerine-1", name, tag)
	in.Step, in.Params = "pods", map[string]string{"for": "200ms"}
	return in
}

func TestNoEndpoints(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	y.service("web", "web", http80)
	y.service("others", "api", http80)
	in := y.verified("web", "v1")
	if o := y.do(y.verify(), in, deployer.Failed); o.Why != "Service web has no ready endpoints at its port http." {
		t.Errorf("why %q", o.Why)
	}
	// A rollout is complete by what the cluster says of it; to be served is
	// verified afterwards.
	y.do(y.rollout(), y.intent("tangerine-2", "web", "v2"), deployer.OK)
}

func TestEndpointsComeLater(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	y.cfg.Grace = y.patience
	y.service("web", "web", http80)
	in := y.verified("web", "v1")
	course := y.follow(y.verify(), in, y.act(y.verify(), in))
	course.await("it waits", func(p deployer.Progress) bool {
		return p.Note == "Service web has no ready endpoints at its port http."
	})
	y.serve("web", "http")
	if o := course.ends(deployer.OK); o.Why != "2 pods, healthy for 200ms" {
		t.Errorf("why %q", o.Why)
	}
}

// Who may not see Services is told so, and nothing more is asked of them.
func TestEndpointsThatMayNotBeSeen(t *testing.T) {
	var hidden atomic.Pointer[string]
	y, c := simYard(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool {
		h := hidden.Load()
		return h == nil || a.Resource != *h || a.Verb == "create"
	}})
	y.run(c, "web", "v1", 2)
	in := y.verified("web", "v1")
	const unchecked = "2 pods, healthy for 200ms; whether Services lead to them was not checked, since stationmaster may not list and watch "
	hide := func(what string) { hidden.Store(&what) }
	hide("endpointslices")
	if o := y.do(y.verify(), in, deployer.OK); o.Why != "2 pods, healthy for 200ms" {
		t.Errorf("without a Service: %q", o.Why)
	}
	y.service("web", "web", http80)
	if o := y.do(y.verify(), in, deployer.OK); o.Why != unchecked+"endpointslices" {
		t.Errorf("with a Service: %q", o.Why)
	}
	hide("services")
	p := y.proxied()
	if o := y.do(y.verify(), in, deployer.OK); o.Why != unchecked+"services" {
		t.Errorf("without Services: %q", o.Why)
	}
	if n := p.number(p.watches, "services") + p.number(p.sent, "GET services"); n > 2 {
		t.Errorf("asked %d times for what is forbidden", n)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Trouble is not an answer: it is told of, and waited for.
func TestEndpointsThatCannotBeSeenNow(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	y.run(c, "web", "v1", 2)
	y.service("web", "web", http80)
	y.serve("web", "http")
	var down atomic.Bool
	down.Store(true)
	y.reopen()
	y.wrap = func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if down.Load() && strings.HasSuffix(r.URL.Path, "/endpointslices") {
				return nil, fmt.Errorf("no route to host")
			}
			return next.RoundTrip(r)
		})
	}
	in := y.verified("web", "v1")
	course := y.follow(y.verify(), in, y.act(y.verify(), in))
	course.await("the trouble is told of", func(p deployer.Progress) bool { return strings.Contains(p.Note, "no route to host") })
	down.Store(false)
	course.ends(deployer.OK)

	down.Store(true)
	in.Deadline = time.Now().Add(lead + 5*time.Second)
	if o := y.do(y.verify(), in, deployer.Failed); o.Why != "It was not healthy in time. What the Services lead to is not seen yet." {
		t.Errorf("why %q", o.Why)
	}
}

// One watch of Services, however many are verified, and none for rollouts or
// afterwards.
func TestFrontsEnd(t *testing.T) {
	y, c := simYard(t, sim.Config{})
	names := []string{"a", "b", "c"}
	for _, name := range names {
		y.run(c, name, "v1", 1)
	}
	p := y.proxied()
	in := y.intent("tangerine-1", "a", "slow")
	rollout := y.follow(y.rollout(), in, y.act(y.rollout(), in))
	rollout.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	if n := p.number(p.watches, "services"); n != 0 {
		t.Errorf("%d watches of Services for a rollout", n)
	}
	refs, intents, courses := map[string]string{}, map[string]deployer.Intent{}, map[string]*course{}
	for _, name := range names[1:] {
		intents[name] = y.verified(name, "v1")
		intents[name].Params["for"] = "5s" // so that they are at it together
		refs[name] = y.act(y.verify(), intents[name])
	}
	for name, in := range intents {
		courses[name] = y.follow(y.verify(), in, refs[name])
	}
	for _, course := range courses {
		course.ends(deployer.OK)
	}
	for _, kind := range []string{"services", "endpointslices"} {
		if n := p.number(p.watches, kind); n != 1 {
			t.Errorf("%d watches of %s", n, kind)
		}
	}
	y.mu.Lock()
	for _, f := range y.feeds {
		if f.front.Load() != nil {
			t.Error("a front is left")
		}
	}
	y.mu.Unlock()
	rollout.ends(deployer.OK)
}

// slice is an EndpointSlice with such a port, or none, that leads to the pods.
func slice(port string, ready *bool, pods ...string) *discoveryv1.EndpointSlice {
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

func TestUnserved(t *testing.T) {
	yes, no := new(true), new(false)
	for _, test := range []struct {
		name   string
		ports  []string
		slices []*discoveryv1.EndpointSlice
		why    string
	}{
		{"all", []string{""}, []*discoveryv1.EndpointSlice{slice("", yes, "a", "b")}, ""},
		{"in two slices", []string{""}, []*discoveryv1.EndpointSlice{slice("", yes, "a"), slice("", yes, "b")}, ""},
		{"readiness is not known, which is ready", []string{""}, []*discoveryv1.EndpointSlice{slice("", nil, "a", "b")}, ""},
		{"headless without ports", nil, []*discoveryv1.EndpointSlice{slice("none", yes, "a", "b")}, ""},
		{"none", []string{""}, nil, "Service web has no ready endpoints."},
		{"none is ready", []string{""}, []*discoveryv1.EndpointSlice{slice("", no, "a", "b")}, "Service web has no ready endpoints."},
		{"others", []string{""}, []*discoveryv1.EndpointSlice{slice("", yes, "c")}, "Service web has no ready endpoints."},
		{"one of two", []string{""}, []*discoveryv1.EndpointSlice{slice("", yes, "a", "c")}, "Service web has ready endpoints for 1 of 2 pods."},
		{"a port that no container has", []string{"http"}, []*discoveryv1.EndpointSlice{slice("none", yes, "a", "b")},
			"Service web has no ready endpoints at its port http."},
		{"one port of two", []string{"http", "grpc"}, []*discoveryv1.EndpointSlice{slice("http", yes, "a", "b"), slice("grpc", yes, "b")},
			"Service web has ready endpoints at its port grpc for 1 of 2 pods."},
	} {
		s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
		for _, name := range test.ports {
			s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: name})
		}
		e := &exposure{services: []*corev1.Service{s}, slices: map[string][]*discoveryv1.EndpointSlice{"web": test.slices}}
		pods := []*corev1.Pod{{ObjectMeta: metav1.ObjectMeta{UID: "a"}}, {ObjectMeta: metav1.ObjectMeta{UID: "b"}}}
		if why := e.unserved(pods); why != test.why {
			t.Errorf("%s: %q, want %q", test.name, why, test.why)
		}
	}
}

func TestSelects(t *testing.T) {
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

// An endpoint that goes away begins the time anew, and the time to be borne with.
func TestVerifyFront(t *testing.T) {
	j := verifier(noon)
	j.grace = 15 * time.Second
	v := healthy(noon.Add(-time.Hour))
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
	at := func(seconds int, slices ...*discoveryv1.EndpointSlice) verdict {
		v.exposure = &exposure{services: []*corev1.Service{service}, slices: map[string][]*discoveryv1.EndpointSlice{"web": slices}}
		return j.judge(v, noon.Add(time.Duration(seconds)*time.Second))
	}
	for _, p := range v.pods {
		p.UID = types.UID(p.Name)
	}
	all := slice("none", nil, v.pods[0].Name, v.pods[1].Name)
	if got := at(0); got.over || !got.again.Equal(noon.Add(15*time.Second)) {
		t.Errorf("none at first: %+v", got)
	}
	if got := at(10, all); got.over || !got.again.Equal(noon.Add(time.Minute)) {
		t.Errorf("then all: %+v", got)
	}
	if got := at(20); got.over || !got.again.Equal(noon.Add(35*time.Second)) {
		t.Errorf("none again: %+v", got)
	}
	if got := at(34, all); got.over || !got.again.Equal(noon.Add(80*time.Second)) {
		t.Errorf("all again: %+v", got)
	}
	if got := at(40); got.over {
		t.Errorf("none once more: %+v", got)
	}
	if got := at(55); !got.over || got.outcome.Result != deployer.Failed || got.outcome.Why != "Service web has no ready endpoints." {
		t.Errorf("for too long: %+v", got)
	}
}
