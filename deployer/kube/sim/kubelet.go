package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A kubelet is the scheduler and the kubelets of all nodes in one: it runs the
// pods. The cluster's lock guards it.
type kubelet struct {
	cfg    Config
	store  *store
	queue  *queue
	events *recorder

	runs     map[types.UID]*podRun
	pulled   map[string]bool // "node image"
	podCount int             // pods ever run; gives addresses and nodes in turn
}

func newKubelet(cfg Config, s *store, q *queue, events *recorder) *kubelet {
	return &kubelet{cfg: cfg, store: s, queue: q, events: events,
		runs: map[types.UID]*podRun{}, pulled: map[string]bool{}}
}

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

func (run *podRun) isReady() bool { return !run.readySince.IsZero() }

func (run *podRun) container(name string) *containerRun {
	for _, ctr := range run.containers {
		if ctr.name == name {
			return ctr
		}
	}
	return nil
}

// later lets do happen after about d, if the pod is still wanted then.
func (k *kubelet) later(run *podRun, d time.Duration, do func()) {
	k.queue.after(vary(d), func() {
		if p := k.pod(run); p != nil && p.DeletionTimestamp == nil {
			do()
		}
	})
}

// pod is the run's pod as it is stored, nil when it is gone.
func (k *kubelet) pod(run *podRun) *corev1.Pod {
	it := k.store.all[pods].items[run.key]
	if it == nil || it.obj.GetUID() != run.uid {
		return nil
	}
	return it.obj.(*corev1.Pod)
}

// startPod schedules a new pod.
func (k *kubelet) startPod(p *corev1.Pod) {
	run := &podRun{uid: p.UID, key: keyOf(p), number: k.podCount}
	k.podCount++
	k.runs[p.UID] = run
	for _, ctr := range p.Spec.Containers {
		b := k.cfg.Behave(ctr.Image)
		run.containers = append(run.containers, &containerRun{name: ctr.Name, image: ctr.Image, Behaviour: b})
		if b.Unschedulable != "" {
			run.why = b.Unschedulable
		}
	}
	k.later(run, scheduleDelay, func() { k.schedule(run) })
}

func (k *kubelet) schedule(run *podRun) {
	p := k.pod(run)
	if run.why != "" {
		k.events.report(p, pods, corev1.EventTypeWarning, "FailedScheduling", corev1.DefaultSchedulerName, run.why)
		k.show(run)
		return
	}
	run.scheduled = true
	p = clone(p)
	p.Spec.NodeName = nodeName(run.number)
	k.store.put(pods, p)
	k.events.report(p, pods, corev1.EventTypeNormal, "Scheduled", corev1.DefaultSchedulerName,
		"Successfully assigned "+run.key+" to "+p.Spec.NodeName)
	k.show(run)
	k.later(run, scheduleDelay, func() { k.admitToNode(run) })
}

// admitToNode is the kubelet's first look at a pod.
func (k *kubelet) admitToNode(run *podRun) {
	run.startedAt = time.Now()
	k.show(run)
	k.later(run, createDelay, func() {
		for _, ctr := range run.containers {
			k.pull(run, ctr)
		}
	})
}

// stopPod ends the containers of a pod that was told to end, and then the pod.
func (k *kubelet) stopPod(p *corev1.Pod) {
	run := k.runs[p.UID]
	if run == nil {
		return
	}
	stop := time.Duration(0)
	for _, ctr := range run.containers {
		if ctr.state.Running != nil {
			k.reportContainer(run, ctr, corev1.EventTypeNormal, "Killing", "Stopping container "+ctr.name)
			stop = max(stop, ctr.Stop)
		}
	}
	if grace := p.DeletionGracePeriodSeconds; grace != nil {
		stop = min(stop, time.Duration(*grace)*time.Second)
	}
	k.queue.after(vary(stop), func() {
		if k.pod(run) != nil {
			k.store.remove(pods, k.store.all[pods].items[run.key])
		}
	})
}

// show writes what can be seen of a pod from outside, if that has changed.
func (k *kubelet) show(run *podRun) {
	old := k.pod(run)
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
	run.fillStatus(p)
	k.store.put(pods, p)
}

// reportContainer records an event about one container of a pod.
func (k *kubelet) reportContainer(run *podRun, ctr *containerRun, typ, reason, message string) {
	p := k.pod(run)
	if p == nil {
		return
	}
	k.events.record(corev1.Event{
		InvolvedObject: reference(p, pods, "spec.containers{"+ctr.name+"}"),
		Type:           typ, Reason: reason, Message: message,
		Source:              corev1.EventSource{Component: "kubelet", Host: p.Spec.NodeName},
		ReportingController: "kubelet", ReportingInstance: p.Spec.NodeName,
	})
}
