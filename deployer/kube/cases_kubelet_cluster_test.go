package kube

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// A kubelet is the test itself, in the place of the nodes: it writes the status of
// every pod that is played.
type kubelet struct {
	f      *fixture
	status func(p *corev1.Pod, s *corev1.PodStatus) // changes that of a healthy pod
}

// played makes a Deployment's pods ones of which a kubelet says how they are.
func played(d *appsv1.Deployment) {
	if d.Spec.Template.Annotations == nil {
		d.Spec.Template.Annotations = map[string]string{}
	}
	d.Spec.Template.Annotations[kubetest.Behave] = "played"
}

// play begins to write statuses, until the test ends. A pod of 1.0 is healthy.
func (f *fixture) play(status func(p *corev1.Pod, s *corev1.PodStatus)) {
	f.t.Helper()
	k := kubelet{f, status}
	f.watchPods(func(p *corev1.Pod) { k.write(f.t.Context(), p) })
}

// watchPods shows each state of each pod of the namespace, from one goroutine, until
// the test ends.
func (f *fixture) watchPods(show func(*corev1.Pod)) {
	f.t.Helper()
	w, err := f.client.CoreV1().Pods(f.namespace).Watch(f.t.Context(), metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range w.ResultChan() {
			if p, ok := e.Object.(*corev1.Pod); ok {
				show(p)
			}
		}
	}()
	f.t.Cleanup(func() { w.Stop(); <-done })
}

// write gives a pod its status, if it has another one.
func (k kubelet) write(ctx context.Context, p *corev1.Pod) {
	if p.Spec.NodeName == "" || p.DeletionTimestamp != nil || over(p) || p.Annotations[kubetest.Behave] != "played" {
		return
	}
	s := healthy(p)
	if version(p.Spec.Containers[0].Image) != "1.0" {
		k.status(p, &s)
	}
	if s.Phase == "" { // nobody starts it
		return
	}
	k.conditions(p, &s)
	was, is := p.Status.DeepCopy(), s.DeepCopy()
	for _, t := range []*corev1.PodStatus{was, is} { // what makes no difference
		t.QOSClass, t.ObservedGeneration = "", 0
		for i := range t.Conditions {
			t.Conditions[i].ObservedGeneration = 0
		}
	}
	if was.String() == is.String() {
		return
	}
	p = p.DeepCopy()
	p.Status = s
	_, err := k.f.client.CoreV1().Pods(k.f.namespace).UpdateStatus(ctx, p, metav1.UpdateOptions{})
	if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
		k.f.t.Errorf("play %s: %v", p.Name, err)
	}
}

// healthy is a status in which all containers run and are ready.
func healthy(p *corev1.Pod) corev1.PodStatus {
	s := corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &p.CreationTimestamp, PodIP: "10.0.0.1", PodIPs: []corev1.PodIP{{IP: "10.0.0.1"}}}
	for _, c := range p.Spec.InitContainers {
		run := container0(c, p)
		if c.RestartPolicy == nil {
			run.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				Reason: "Completed", StartedAt: p.CreationTimestamp, FinishedAt: p.CreationTimestamp,
			}}
		}
		s.InitContainerStatuses = append(s.InitContainerStatuses, run)
	}
	for _, c := range p.Spec.Containers {
		s.ContainerStatuses = append(s.ContainerStatuses, container0(c, p))
	}
	return s
}

// container0 is a container that runs and has not been restarted.
func container0(c corev1.Container, p *corev1.Pod) corev1.ContainerStatus {
	return corev1.ContainerStatus{
		Name: c.Name, Image: c.Image, ImageID: repository + "@" + sumA, Ready: true, Started: new(true),
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: p.CreationTimestamp}},
	}
}

// conditions follow from the containers and the gates, as with a kubelet.
func (k kubelet) conditions(p *corev1.Pod, s *corev1.PodStatus) {
	s.Conditions = slices.Clone(p.Status.Conditions)
	if s.Phase == corev1.PodFailed {
		return
	}
	all := !slices.ContainsFunc(s.ContainerStatuses, func(c corev1.ContainerStatus) bool { return !c.Ready })
	set := func(t corev1.PodConditionType, ok bool, reason, message string) {
		is := corev1.PodCondition{Type: t, Status: corev1.ConditionFalse, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}
		if ok {
			is.Status, is.Reason, is.Message = corev1.ConditionTrue, "", ""
		}
		i := slices.IndexFunc(s.Conditions, func(c corev1.PodCondition) bool { return c.Type == t })
		switch {
		case i < 0:
			s.Conditions = append(s.Conditions, is)
		case s.Conditions[i].Status != is.Status:
			s.Conditions[i] = is
		}
	}
	set(corev1.ContainersReady, all, "ContainersNotReady", "containers with unready status")
	for _, g := range p.Spec.ReadinessGates {
		if c := condition(p, g.ConditionType); all && (c == nil || c.Status != corev1.ConditionTrue) {
			set(corev1.PodReady, false, "ReadinessGatesNotReady", `corresponding condition of pod readiness gate "`+string(g.ConditionType)+`" does not exist.`)
			return
		}
	}
	set(corev1.PodReady, all, "ContainersNotReady", "containers with unready status")
}

// keepWaiting has a container wait, for that reason.
func keepWaiting(c *corev1.ContainerStatus, reason, message string) {
	c.Ready, c.Started, c.ImageID = false, new(false), ""
	c.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

// crashLoops has a container wait after its n-th end.
func crashLoops(c *corev1.ContainerStatus, n int32, reason string, code int32, at metav1.Time) {
	keepWaiting(c, "CrashLoopBackOff", "back-off restarting failed container")
	c.RestartCount = n
	c.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{Reason: reason, ExitCode: code, StartedAt: at, FinishedAt: at}
}

// notYet has the containers wait for the init containers.
func notYet(s *corev1.PodStatus) {
	s.Phase = corev1.PodPending
	for i := range s.ContainerStatuses {
		keepWaiting(&s.ContainerStatuses[i], "PodInitializing", "")
	}
}

// podsOf returns the UIDs of the workload's pods that are not stopping, by image tag.
func (f *fixture) podsOf(name string) map[string][]types.UID {
	f.t.Helper()
	list, err := f.client.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		f.t.Fatal(err)
	}
	all := map[string][]types.UID{}
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil && !over(&p) {
			tag := version(p.Spec.Containers[0].Image)
			all[tag] = append(all[tag], p.UID)
		}
	}
	for _, uids := range all {
		slices.Sort(uids)
	}
	return all
}
