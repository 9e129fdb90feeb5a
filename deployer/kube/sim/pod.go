package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A podRun is what the scheduler and a node know of one pod, from its creation
// until it is gone. What is shown of it is made by status.
type podRun struct {
	uid        types.UID
	key        string
	number     int // gives node and address
	scheduled  bool
	why        string // it is not scheduled
	startedAt  time.Time
	containers []*containerRun
	readySince time.Time // zero while it is not ready
}

func (r *podRun) isReady() bool { return !r.readySince.IsZero() }

func (r *podRun) container(name string) *containerRun {
	for _, ctr := range r.containers {
		if ctr.name == name {
			return ctr
		}
	}
	return nil
}

// later lets do happen after about d, if the pod is still wanted then.
func (c *Cluster) later(run *podRun, d time.Duration, do func()) {
	c.after(vary(d), func() {
		if p := c.pod(run); p != nil && p.DeletionTimestamp == nil {
			do()
		}
	})
}

// pod is the run's pod as it is stored, nil when it is gone.
func (c *Cluster) pod(run *podRun) *corev1.Pod {
	it := c.store.all[pods].items[run.key]
	if it == nil || it.obj.GetUID() != run.uid {
		return nil
	}
	return it.obj.(*corev1.Pod)
}

// startPod schedules a new pod.
func (c *Cluster) startPod(p *corev1.Pod) {
	run := &podRun{uid: p.UID, key: keyOf(p), number: c.podCount}
	c.podCount++
	c.runs[p.UID] = run
	for _, ctr := range p.Spec.Containers {
		b := c.cfg.Behave(ctr.Image)
		run.containers = append(run.containers, &containerRun{name: ctr.Name, image: ctr.Image, Behaviour: b})
		if b.Unschedulable != "" {
			run.why = b.Unschedulable
		}
	}
	c.later(run, scheduleDelay, func() { c.schedule(run) })
}

func (c *Cluster) schedule(run *podRun) {
	p := c.pod(run)
	if run.why != "" {
		c.report(p, pods, corev1.EventTypeWarning, "FailedScheduling", corev1.DefaultSchedulerName, run.why)
		c.show(run)
		return
	}
	run.scheduled = true
	p = clone(p)
	p.Spec.NodeName = nodeName(run.number)
	c.store.put(pods, p)
	c.report(p, pods, corev1.EventTypeNormal, "Scheduled", corev1.DefaultSchedulerName,
		"Successfully assigned "+run.key+" to "+p.Spec.NodeName)
	c.show(run)
	c.later(run, scheduleDelay, func() { c.admitToNode(run) })
}

// admitToNode is the kubelet's first look at a pod.
func (c *Cluster) admitToNode(run *podRun) {
	run.startedAt = time.Now()
	c.show(run)
	c.later(run, createDelay, func() {
		for _, ctr := range run.containers {
			c.pull(run, ctr)
		}
	})
}

// stopPod ends the containers of a pod that was told to end, and then the pod.
func (c *Cluster) stopPod(p *corev1.Pod) {
	run := c.runs[p.UID]
	if run == nil {
		return
	}
	stop := time.Duration(0)
	for _, ctr := range run.containers {
		if ctr.state.Running != nil {
			c.reportContainer(run, ctr, corev1.EventTypeNormal, "Killing", "Stopping container "+ctr.name)
			stop = max(stop, ctr.Stop)
		}
	}
	if grace := p.DeletionGracePeriodSeconds; grace != nil {
		stop = min(stop, time.Duration(*grace)*time.Second)
	}
	c.after(vary(stop), func() {
		if c.pod(run) != nil {
			c.store.remove(pods, c.store.all[pods].items[run.key])
		}
	})
}

// show writes what can be seen of a pod from outside, if that has changed.
func (c *Cluster) show(run *podRun) {
	old := c.pod(run)
	if old == nil {
		return
	}
	ready := run.scheduled
	for _, ctr := range run.containers {
		ready = ready && ctr.ready
	}
	switch {
	case !ready:
		run.readySince = time.Time{}
	case !run.isReady():
		run.readySince = time.Now()
	}
	p := clone(old)
	c.fillStatus(run, p)
	c.store.put(pods, p)
}
