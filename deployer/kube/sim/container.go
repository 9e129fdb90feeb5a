package sim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A containerRun is one container of a pod, through all its restarts.
type containerRun struct {
	Behaviour
	name, image string

	imageID   string // once it was pulled
	id        string
	state     corev1.ContainerState            // empty: being created
	last      *corev1.ContainerStateTerminated // how the one before ended
	ready     bool
	restarts  int32
	startedAt time.Time // the latest start
	backoff   time.Duration
	logs      []logLine
	previous  []logLine
}

// pull fetches the image, unless the node has it, and starts the container.
func (k *kubelet) pull(run *podRun, ctr *containerRun) {
	here := nodeName(run.number) + " " + ctr.image
	if k.pulled[here] && ctr.PullError == "" {
		k.reportContainer(run, ctr, corev1.EventTypeNormal, "Pulled",
			fmt.Sprintf("Container image %q already present on machine", ctr.image))
		k.start(run, ctr)
		return
	}
	k.reportContainer(run, ctr, corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", ctr.image))
	begun := time.Now()
	k.later(run, ctr.Pull, func() {
		if ctr.PullError != "" {
			k.pullFailed(run, ctr)
			return
		}
		k.pulled[here] = true
		took := time.Since(begun).Round(time.Millisecond)
		k.reportContainer(run, ctr, corev1.EventTypeNormal, "Pulled", fmt.Sprintf(
			"Successfully pulled image %q in %v (%v including waiting). Image size: 48210944 bytes.", ctr.image, took, took))
		k.start(run, ctr)
	})
}

// pullFailed shows ErrImagePull, soon ImagePullBackOff, and pulls again after
// a while, longer each time.
func (k *kubelet) pullFailed(run *podRun, ctr *containerRun) {
	message := fmt.Sprintf("failed to pull image %q: %s", ctr.image, ctr.PullError)
	k.reportContainer(run, ctr, corev1.EventTypeWarning, "Failed", fmt.Sprintf("Failed to pull image %q: %s", ctr.image, ctr.PullError))
	k.reportContainer(run, ctr, corev1.EventTypeWarning, "Failed", "Error: ErrImagePull")
	ctr.wait("ErrImagePull", message)
	k.show(run)
	wait := ctr.nextBackoff()
	k.later(run, restartDelay, func() {
		k.reportContainer(run, ctr, corev1.EventTypeNormal, "BackOff", fmt.Sprintf("Back-off pulling image %q", ctr.image))
		k.reportContainer(run, ctr, corev1.EventTypeWarning, "Failed", "Error: ImagePullBackOff")
		ctr.wait("ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %s", ctr.image, message))
		k.show(run)
		k.later(run, wait, func() { k.pull(run, ctr) })
	})
}

func (ctr *containerRun) wait(reason, message string) {
	ctr.state = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

// nextBackoff is ten seconds, then twice as long each time, up to five minutes.
func (ctr *containerRun) nextBackoff() time.Duration {
	ctr.backoff = min(max(2*ctr.backoff, firstBackoff), backoffMax)
	return ctr.backoff
}

func (k *kubelet) start(run *podRun, ctr *containerRun) {
	k.reportContainer(run, ctr, corev1.EventTypeNormal, "Created", "Created container: "+ctr.name)
	k.reportContainer(run, ctr, corev1.EventTypeNormal, "Started", "Started container "+ctr.name)
	if ctr.last != nil {
		ctr.restarts++
	}
	ctr.id, ctr.imageID, ctr.startedAt = newContainerID(), k.imageID(ctr.image), time.Now()
	ctr.previous, ctr.logs = ctr.logs, nil
	ctr.print(ctr.Logs)
	ctr.state = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now()}}
	ctr.ready = ctr.Ready == 0
	k.show(run)
	switch {
	case ctr.Ready > 0:
		k.laterIfRunning(run, ctr, ctr.Ready, func() {
			ctr.ready = true
			k.show(run)
		})
	case ctr.Ready < 0 && ctr.Crash == 0:
		k.laterIfRunning(run, ctr, probePeriod, func() { k.probeFailed(run, ctr) })
	}
	if ctr.Crash > 0 {
		k.laterIfRunning(run, ctr, ctr.Crash, func() { k.crash(run, ctr) })
	}
}

// laterIfRunning lets do happen unless the container has ended by then.
func (k *kubelet) laterIfRunning(run *podRun, ctr *containerRun, d time.Duration, do func()) {
	id := ctr.id
	k.later(run, d, func() {
		if ctr.id == id && ctr.state.Running != nil {
			do()
		}
	})
}

func (k *kubelet) probeFailed(run *podRun, ctr *containerRun) {
	k.reportContainer(run, ctr, corev1.EventTypeWarning, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")
	k.laterIfRunning(run, ctr, probePeriod, func() { k.probeFailed(run, ctr) })
}

// crash ends the container. The first time it starts again at once, from then
// on after a back-off.
func (k *kubelet) crash(run *podRun, ctr *containerRun) {
	ctr.print(ctr.LastWords)
	reason := ctr.Reason
	switch {
	case reason != "":
	case ctr.ExitCode == 0:
		reason = "Completed"
	default:
		reason = "Error"
	}
	ended := &corev1.ContainerStateTerminated{
		ExitCode: ctr.ExitCode, Reason: reason, ContainerID: ctr.id,
		StartedAt: metav1.NewTime(ctr.startedAt).Rfc3339Copy(), FinishedAt: now(),
	}
	ctr.state, ctr.ready = corev1.ContainerState{Terminated: ended}, false
	k.show(run)
	again := func() {
		ctr.last = ended
		k.pull(run, ctr)
	}
	if ctr.last == nil {
		k.later(run, restartDelay, again)
		return
	}
	wait := ctr.nextBackoff()
	k.later(run, restartDelay, func() {
		p := k.pod(run)
		name := fmt.Sprintf("container %s in pod %s_%s(%s)", ctr.name, p.Name, p.Namespace, p.UID)
		k.reportContainer(run, ctr, corev1.EventTypeWarning, "BackOff", "Back-off restarting failed "+name)
		ctr.last = ended
		ctr.wait("CrashLoopBackOff", fmt.Sprintf("back-off %v restarting failed container=%s pod=%s_%s(%s)",
			wait, ctr.name, p.Name, p.Namespace, p.UID))
		k.show(run)
		k.later(run, wait, again)
	})
}

func newContainerID() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return "containerd://" + hex.EncodeToString(b[:])
}
