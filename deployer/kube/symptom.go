package kube

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// A symptom is what is wrong with a pod, or with several in the same way.
type symptom struct {
	kind    string // which symptoms are the same
	verb    string // what one such pod does; "" where the words are not about pods
	verbs   string // what several do
	words   string // the particulars
	detail  string
	pods    int // 0: it is not about pods
	cause   cause
	of      types.UID // what suffers from it
	began   time.Time // when at the earliest, as the cluster says; zero: it says nothing
	until   time.Time // until then it may pass by itself; zero: it will not
	culprit *culprit
	fixed   bool // no end of a pod ends it
}

// The names of failures, for troubleshooting: of a rollout, of it and a proof, of a proof.
const (
	failUnschedulable = "unschedulable"
	failQuota         = "quota"
	failStalled       = "stalled"
	failReplaced      = deployer.FaultReplaced

	failCrashLoop = "crash-loop"
	failImagePull = "image-pull"

	failWrongVersion = "wrong-version"
	failNotReady     = "not-ready"
	failRestarted    = "restarted"
	failNoEndpoints  = "no-endpoints"
	failErrors       = "errors-in-logs"
)

// name is which failure it is of those that have a name; "": none.
func (s symptom) name() string {
	switch {
	case s.kind == "crash":
		return failCrashLoop
	case s.kind == "pull":
		return failImagePull
	case s.kind == "schedule":
		return failUnschedulable
	case s.cause == causeQuota, s.kind == "set" && strings.Contains(s.words, "exceeded quota"):
		return failQuota
	case s.cause == causeRefused:
		return deployer.FaultRefused
	}
	return ""
}

// wantsRoom reports whether the end of an old pod may end it.
func (s symptom) wantsRoom() bool {
	return !s.fixed && (s.cause == causeQuota || s.cause == causeSchedule)
}

// diagnosePod finds what is wrong with a pod, or nil. What it suffered before
// since doesn't count, where it was there then.
func diagnosePod(p *corev1.Pod, since, now time.Time) *symptom {
	if !p.CreationTimestamp.Time.Before(since.Truncate(time.Second)) { // which is written to the second
		since = time.Time{}
	}
	for _, list := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for _, c := range list {
			if s := diagnoseContainer(c, since, now); s != nil {
				s.pods, s.of, s.began = 1, p.UID, couldBegin(p, c)
				s.culprit.pod = p
				return s
			}
		}
	}
	if c := condition(p, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
		return &symptom{kind: "schedule", verb: "fits on no node", verbs: "fit on no node", words: c.Message, pods: 1,
			cause: causeSchedule, of: p.UID, began: c.LastTransitionTime.Time, fixed: nowhere(c.Message)}
	}
	return nil
}

// couldBegin is since when the container could be in trouble, at the earliest: since the
// pod has a node, its init containers are over, and the container itself has last ended.
func couldBegin(p *corev1.Pod, c corev1.ContainerStatus) time.Time {
	began := p.CreationTimestamp.Time
	if s := condition(p, corev1.PodScheduled); s != nil && s.Status == corev1.ConditionTrue {
		began = later(began, s.LastTransitionTime.Time)
	}
	for _, before := range p.Status.InitContainerStatuses {
		if end := before.State.Terminated; end != nil {
			began = later(began, end.FinishedAt.Time)
		}
	}
	if end := c.LastTerminationState.Terminated; end != nil {
		began = later(began, end.FinishedAt.Time)
	}
	return began
}

// diagnoseContainer finds what is wrong with a container, or nil.
func diagnoseContainer(c corev1.ContainerStatus, since, now time.Time) *symptom {
	wait := c.State.Waiting
	if wait == nil {
		// Between two crashes it runs, or has just ended.
		if end := c.State.Terminated; end != nil && end.ExitCode != 0 && c.RestartCount >= 2 && end.FinishedAt.After(since) {
			return crash(c, end, "", false)
		}
		return nil
	}
	switch wait.Reason {
	case "CrashLoopBackOff":
		if end := c.LastTerminationState.Terminated; end == nil || end.FinishedAt.After(since) {
			return crash(c, end, wait.Reason, true)
		}
	case "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable":
		if wait.Reason != "ImagePullBackOff" || since.IsZero() || now.After(since.Add(pullCycle)) {
			return pull(c, wait)
		}
	case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
		return &symptom{
			kind: "start", verb: "can't start", verbs: "can't start", words: fmt.Sprintf("%s, %s (%s)", c.Name, wait.Message, wait.Reason),
			cause: causeStart, culprit: &culprit{events: true},
		}
	}
	return nil
}

// crash is a container that ends again and again.
func crash(c corev1.ContainerStatus, end *corev1.ContainerStateTerminated, reason string, previous bool) *symptom {
	words := c.Name
	if end != nil {
		words = fmt.Sprintf("%s, exit %d", c.Name, end.ExitCode)
		if end.Reason != "" && end.Reason != "Error" {
			words = fmt.Sprintf("%s, %s, exit %d", c.Name, end.Reason, end.ExitCode)
		}
	}
	if reason != "" {
		words += " (" + reason + ")"
	}
	return &symptom{kind: "crash", verb: "crashes", verbs: "crash", words: words, culprit: &culprit{container: c.Name, previous: previous}}
}

// named is the name of an image, or an address, in what a container runtime says.
var named = regexp.MustCompile(`"[^" ]*"|[^ ]*/[^ ]*`)

// pull is an image that does not come. Where the registry has said no for good,
// there is nothing to wait for.
func pull(c corev1.ContainerStatus, wait *corev1.ContainerStateWaiting) *symptom {
	s := &symptom{
		kind: "pull", verb: "can't get its image", verbs: "can't get their image", cause: causeImage,
		words: fmt.Sprintf("%s, %s (%s)", c.Name, causeIn(wait.Message), wait.Reason), detail: wait.Message, culprit: &culprit{},
	}
	said := strings.ToLower(named.ReplaceAllString(wait.Message, " "))
	for _, no := range []string{"not found", "manifest unknown", "denied", "unauthorized", "forbidden", "no match for platform", "invalid reference"} {
		if strings.Contains(said, no) {
			s.cause = causeFinal
		}
	}
	if wait.Reason == "InvalidImageName" || wait.Reason == "ErrImageNeverPull" {
		s.cause = causeFinal
	}
	return s
}

// notMade is why new pods, or their ReplicaSet, can't be made, or nil. What the
// Deployment says of a ReplicaSet that it can't make counts while there is none.
func notMade(v view, set *appsv1.ReplicaSet) *symptom {
	if set == nil {
		for _, c := range v.deployment.Status.Conditions {
			if c.Type != appsv1.DeploymentProgressing || c.Status != corev1.ConditionFalse || c.Reason != "ReplicaSetCreateError" && c.Reason != "FailedCreate" {
				continue
			}
			s := &symptom{kind: "set", words: "The cluster makes no new ReplicaSet: " + c.Message, of: v.deployment.UID, began: c.LastUpdateTime.Time}
			if s.cause = causeOf(c.Message); s.cause == causeQuota {
				s.cause = causeRefused // which no pod that ends frees
			}
			return s
		}
		return nil
	}
	for _, c := range set.Status.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
			return &symptom{kind: "create", words: "New pods can't be made: " + c.Message, cause: causeOf(c.Message),
				of: set.UID, began: c.LastTransitionTime.Time, fixed: tooLarge(c.Message)}
		}
	}
	return nil
}

// nowhere reports whether a pod fits on no node, going by the scheduler's words, however
// many others end. Of a volume for one pod alone it says so too.
func nowhere(message string) bool {
	return strings.Contains(message, "Preemption is not helpful for scheduling") &&
		!strings.Contains(message, "No preemption victims found") && !strings.Contains(message, "ReadWriteOnce")
}

// tooLarge reports whether one pod alone asks for more than a quota allows, going by the
// API server's words.
func tooLarge(message string) bool {
	_, rest, _ := strings.Cut(message, ", requested: ")
	requested, rest, _ := strings.Cut(rest, ", used: ")
	_, limited, _ := strings.Cut(rest, ", limited: ")
	limits := quantities(limited)
	for what, wants := range quantities(requested) {
		if limit, ok := limits[what]; ok && wants.Cmp(limit) > 0 {
			return true
		}
	}
	return false
}

// quantities reads a list such as "limits.memory=1Gi,pods=2".
func quantities(list string) map[string]resource.Quantity {
	all := map[string]resource.Quantity{}
	for _, part := range strings.Split(list, ",") {
		what, number, _ := strings.Cut(part, "=")
		if q, err := resource.ParseQuantity(number); err == nil {
			all[what] = q
		}
	}
	return all
}

// causeOf is why the API server does not make an object, going by its words.
func causeOf(message string) cause {
	switch {
	case strings.Contains(message, "failed calling webhook"):
		return causeWebhook
	case strings.Contains(message, "exceeded quota"):
		return causeQuota
	case strings.Contains(message, "error looking up service account"):
		return causeStart
	}
	return causeRefused
}

// causeIn is the end of a chain of errors, with the image that it is about: a
// container runtime says the same thing four times.
func causeIn(message string) string {
	parts := strings.Split(message, ": ")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) < 40 {
		last = strings.Trim(parts[len(parts)-2], `"`) + ": " + last
	}
	return clip(last, 200)
}

// clip cuts a text that is longer than n bytes, at a whole character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
