package kube

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// An exposure is what stands before the pods of one workload at one moment. A
// nil one is that nobody asked.
type exposure struct {
	pending  bool   // not everything that counts was seen yet
	denied   string // why it can't be told, in words; "": it can
	services []*corev1.Service
	slices   map[string][]*discoveryv1.EndpointSlice // by Service
}

// before is the exposure of pods with such labels.
func (fr *front) before(pod map[string]string) *exposure {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	e := &exposure{}
	if !e.knows(fr, kindServices) {
		return e
	}
	for _, obj := range fr.services.List() {
		if s := obj.(*corev1.Service); selects(s, pod) {
			e.services = append(e.services, s)
		}
	}
	if len(e.services) == 0 || !e.knows(fr, kindSlices) {
		return e
	}
	slices.SortFunc(e.services, func(a, b *corev1.Service) int { return strings.Compare(a.Name, b.Name) })
	e.slices = map[string][]*discoveryv1.EndpointSlice{}
	for _, s := range e.services {
		found, _ := fr.slices.ByIndex(byService, s.Name) // an index that exists has no error
		for _, obj := range found {
			e.slices[s.Name] = append(e.slices[s.Name], obj.(*discoveryv1.EndpointSlice))
		}
	}
	return e
}

// knows reports whether all of the kind was seen, and notes it otherwise. The
// caller holds fr.mu.
func (e *exposure) knows(fr *front, what string) bool {
	e.denied = fr.denied[what]
	e.pending = e.denied == "" && !fr.seen[what]
	return e.denied == "" && !e.pending
}

// selects reports whether the cluster keeps endpoints of such pods for the
// Service. One without a selector has endpoints of somebody else's making.
func selects(s *corev1.Service, pod map[string]string) bool {
	return len(s.Spec.Selector) > 0 && s.Spec.Type != corev1.ServiceTypeExternalName &&
		labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(pod))
}

// unserved says which Service does not lead to all of the pods, which are
// ready, or "".
func (e *exposure) unserved(pods []*corev1.Pod) string {
	if e == nil || e.denied != "" || e.pending {
		return ""
	}
	for _, s := range e.services {
		ports := s.Spec.Ports
		if len(ports) == 0 { // a headless one may do without
			ports = []corev1.ServicePort{{}}
		}
		for _, port := range ports {
			n := e.reached(s, port.Name, pods)
			if n == len(pods) {
				continue
			}
			at := ""
			if port.Name != "" {
				at = " at its port " + port.Name
			}
			if n == 0 {
				return fmt.Sprintf("Service %s has no ready endpoints%s.", s.Name, at)
			}
			return fmt.Sprintf("Service %s has ready endpoints%s for %d of %s.", s.Name, at, n, deployer.Count(len(pods), "pod"))
		}
	}
	return ""
}

// waits reports whether more is about to be seen.
func (e *exposure) waits() bool { return e != nil && e.pending }

// words say, behind an outcome, what was not proven, or "".
func (e *exposure) words() string {
	if e == nil || e.denied == "" {
		return ""
	}
	return "; whether Services lead to them was not checked, since " + e.denied
}

// reached counts the pods that the Service leads to at the port. A pod without
// a port of the name that the Service asks for has an endpoint without ports.
func (e *exposure) reached(s *corev1.Service, port string, pods []*corev1.Pod) int {
	ready := map[string]bool{}
	for _, slice := range e.slices[s.Name] {
		if len(s.Spec.Ports) > 0 && !slices.ContainsFunc(slice.Ports, func(p discoveryv1.EndpointPort) bool {
			return port == "" && p.Name == nil || p.Name != nil && *p.Name == port
		}) {
			continue
		}
		for _, point := range slice.Endpoints {
			if point.TargetRef != nil && (point.Conditions.Ready == nil || *point.Conditions.Ready) {
				ready[string(point.TargetRef.UID)] = true
			}
		}
	}
	n := 0
	for _, p := range pods {
		if ready[string(p.UID)] {
			n++
		}
	}
	return n
}
