package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/stationmaster/stationmaster/deployer"
)

// An endpointCoverage is the Services that select the pods of one workload at one
// moment, and their EndpointSlices. It is nil where nobody asked for it.
type endpointCoverage struct {
	pending  bool   // not everything was listed yet
	denied   string // why stationmaster can't list it, in words; "": it can
	services []*corev1.Service
	slices   map[string][]*discoveryv1.EndpointSlice // by Service
}

// coverageOf is the coverage of pods with such labels.
func (sw *serviceWatch) coverageOf(pod map[string]string) *endpointCoverage {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	e := &endpointCoverage{}
	if !e.loaded(sw, kindServices) {
		return e
	}
	for _, obj := range sw.services.List() {
		if s := obj.(*corev1.Service); selects(s, pod) {
			e.services = append(e.services, s)
		}
	}
	if len(e.services) == 0 || !e.loaded(sw, kindSlices) {
		return e
	}
	slices.SortFunc(e.services, func(a, b *corev1.Service) int { return strings.Compare(a.Name, b.Name) })
	e.slices = map[string][]*discoveryv1.EndpointSlice{}
	for _, s := range e.services {
		found, _ := sw.slices.ByIndex(byService, s.Name) // an index that exists has no error
		for _, obj := range found {
			e.slices[s.Name] = append(e.slices[s.Name], obj.(*discoveryv1.EndpointSlice))
		}
	}
	return e
}

// loaded reports whether all objects of the kind were listed, and notes what is
// missing otherwise. The caller holds sw.mu.
func (e *endpointCoverage) loaded(sw *serviceWatch, what string) bool {
	e.denied = sw.denied[what]
	e.pending = e.denied == "" && !sw.listed[what]
	return e.denied == "" && !e.pending
}

// selects reports whether the cluster keeps endpoints of such pods for the
// Service. One without a selector has endpoints of somebody else's making.
func selects(s *corev1.Service, pod map[string]string) bool {
	return len(s.Spec.Selector) > 0 && s.Spec.Type != corev1.ServiceTypeExternalName &&
		labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(pod))
}

// uncovered says which Service lacks an endpoint of one of the pods, which
// are ready, or "".
func (e *endpointCoverage) uncovered(pods []*corev1.Pod) string {
	if e == nil || e.denied != "" || e.pending {
		return ""
	}
	for _, s := range e.services {
		ports := s.Spec.Ports
		if len(ports) == 0 { // a headless one may do without
			ports = []corev1.ServicePort{{}}
		}
		for _, port := range ports {
			n := e.readyEndpoints(s, port.Name, pods)
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

// incomplete reports whether Services or EndpointSlices were not all listed yet.
func (e *endpointCoverage) incomplete() bool { return e != nil && e.pending }

// caveat says, behind an outcome, what could not be checked, or "".
func (e *endpointCoverage) caveat() string {
	if e == nil || e.denied == "" {
		return ""
	}
	return "; whether Services lead to them was not checked, since " + e.denied
}

// readyEndpoints counts the pods that have a ready endpoint of the Service at the port. A pod without
// a port of the name that the Service asks for has an endpoint without ports.
func (e *endpointCoverage) readyEndpoints(s *corev1.Service, port string, pods []*corev1.Pod) int {
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
