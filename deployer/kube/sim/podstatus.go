package sim

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fillStatus gives p the status that its run has.
func (run *podRun) fillStatus(p *corev1.Pod) {
	s := &p.Status
	if !run.scheduled {
		setPodCondition(s, corev1.PodScheduled, false, corev1.PodReasonUnschedulable, run.why)
		return
	}
	setPodCondition(s, corev1.PodScheduled, true, "", "")
	if run.startedAt.IsZero() {
		return
	}
	started := metav1.NewTime(run.startedAt).Rfc3339Copy()
	s.StartTime = &started
	s.HostIP = nodeIP(run.number)
	s.HostIPs = []corev1.HostIP{{IP: s.HostIP}}
	s.ContainerStatuses = s.ContainerStatuses[:0:0]
	running := true
	var unready []string
	for _, ctr := range run.containers {
		s.ContainerStatuses = append(s.ContainerStatuses, ctr.status())
		running = running && !ctr.startedAt.IsZero()
		if !ctr.ready {
			unready = append(unready, ctr.name)
		}
	}
	if running {
		s.Phase = corev1.PodRunning
		s.PodIP = podIP(run.number)
		s.PodIPs = []corev1.PodIP{{IP: s.PodIP}}
	}
	reason, message := "", ""
	if len(unready) > 0 {
		reason, message = "ContainersNotReady", "containers with unready status: ["+strings.Join(unready, " ")+"]"
	}
	setPodCondition(s, corev1.PodReadyToStartContainers, true, "", "")
	setPodCondition(s, corev1.PodInitialized, true, "", "")
	setPodCondition(s, corev1.PodReady, len(unready) == 0, reason, message)
	setPodCondition(s, corev1.ContainersReady, len(unready) == 0, reason, message)
}

func setPodCondition(s *corev1.PodStatus, typ corev1.PodConditionType, is bool, reason, message string) {
	next := corev1.PodCondition{Type: typ, Status: corev1.ConditionFalse, Reason: reason, Message: message,
		LastTransitionTime: now()}
	if is {
		next.Status = corev1.ConditionTrue
	}
	for i, was := range s.Conditions {
		if was.Type == typ {
			if was.Status == next.Status {
				next.LastTransitionTime = was.LastTransitionTime
			}
			s.Conditions[i] = next
			return
		}
	}
	s.Conditions = append(s.Conditions, next)
}

// status is how the kubelet reports a container.
func (ctr *containerRun) status() corev1.ContainerStatus {
	s := corev1.ContainerStatus{
		Name: ctr.name, Image: ctr.image, Ready: ctr.ready, RestartCount: ctr.restarts,
		Started: new(ctr.state.Running != nil), State: *ctr.state.DeepCopy(),
	}
	if !ctr.startedAt.IsZero() {
		s.ContainerID, s.ImageID = ctr.id, ctr.imageID
	}
	if ctr.last != nil {
		s.LastTerminationState.Terminated = ctr.last.DeepCopy()
	}
	if s.State == (corev1.ContainerState{}) {
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	}
	return s
}
